"""Keys of questions and seeds of requests, as stores have had them since 0.2.0.

An answer that was paid for is found by its question's key, and the same draws need the same
seeds: whatever gives another value here makes stores ask again.
"""

from __future__ import annotations

import pytest

from vibench.engines.transformers.token_draws import draws
from vibench.judging.rubrics import closed_rubric, values_rubric
from vibench.records import Message, Rubric
from vibench.sessions.dialogues import request_seed
from vibench.sessions.question_stream import question_seed

MESSAGES = (
    Message("user", "Can you help me?"),
    Message("assistant", "Of course. <answer>none</answer>"),
)


@pytest.mark.parametrize(
    ("rubric", "key"),
    [
        (values_rubric(MESSAGES), "add28974fc1a32ba8c5ce311c505b30a"),
        (closed_rubric(MESSAGES), "797d605b5d1e6b4be18b51f8b1b99de6"),
        (closed_rubric(MESSAGES, ("candor",)), "c898d4d51d3de90d686179ca524ac357"),
        (
            Rubric("behaviour/humor", "Is it? TRANSCRIPT", MESSAGES, ("yes", "no"), False, 3),
            "781a4218d2eba099a00f168c370124a5",
        ),
    ],
)
def test_the_key_of_a_question(rubric: Rubric, key: str) -> None:
    assert rubric.key == key


def test_the_seeds_of_requests() -> None:
    assert request_seed(0, "ab-1", 0) == 7306744516158245324
    assert request_seed(7, "ab-1", 3) == 7700922034742999434
    assert question_seed("add28974fc1a32ba8c5ce311c505b30a") == 8183968498309696365


def test_the_draws_of_a_seed() -> None:
    expected = [0.733745955445, 0.590520644573, 0.207808940662, 0.443363092154]
    assert draws(5, 4).tolist() == pytest.approx(expected, abs=1e-12)
