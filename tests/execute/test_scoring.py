"""What an eval makes of a transcript, as it is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from vibench import Message, Outcome, Sample, Transcript, Verdict
from vibench.boundary import Breach
from vibench.stages.outcomes import score

ASK = Message("user", "How sure are you?")
ANSWERED = Transcript(Sample("s", (ASK,), "c"), (ASK, Message("assistant", "Very.")), "stop")


def scoring(value: float | None, unscored: str | None = None) -> Outcome:
    def outcomes(transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        yield Outcome(transcript.sample.id, "c", "perplexity", value, unscored)

    evaluation = SimpleNamespace(outcomes=outcomes, metrics=("perplexity",))
    (found,) = score(cast(Any, evaluation), ANSWERED, ())
    return found


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_score_that_is_no_finite_number_is_unscored_and_spoils_no_mean(value: float) -> None:
    found = scoring(value)
    assert found.value is None
    assert found.unscored == f"not a finite number: {value}"
    assert scoring(2.5) == Outcome("s", "c", "perplexity", 2.5)


def test_a_score_is_a_number_or_unscored_with_a_cause() -> None:
    for value, unscored in ((None, None), (1.0, "no answer")):
        with pytest.raises(Breach, match="neither a number nor unscored"):
            scoring(value, unscored)
