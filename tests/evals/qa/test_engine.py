"""QA evals on an engine: in batches the scores are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from vibench import (
    Adapter,
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Measuring,
    Model,
    Outcome,
    Session,
    Subject,
    Tokens,
)
from vibench.data import DataFiles
from vibench.engines.transformers.engine import TransformersEngine
from vibench_evals.qa.gsm8k import GSM8K
from vibench_evals.qa.mmlu import MMLU
from vibench_evals.qa.plugin import QA
from vibench_evals.qa.truthfulqa import TruthfulQA

Build = Callable[..., QA]
Scores = Callable[..., dict[tuple[str, str], Outcome]]


class OnSession(Measuring):
    """A subject on an engine's session, in batches."""

    def __init__(self, session: Session, subject: Subject) -> None:
        assert session.context is not None
        self.session, self.subject = session, subject
        self.tokenizer, self.context = session.tokenizer, session.context

    def loglikelihoods(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Loglikelihood]:
        asked = [LoglikelihoodRequest(str(n), self.subject, *p) for n, p in enumerate(pairs)]
        return [a for a in self.answers(asked) if isinstance(a, Loglikelihood)]

    def generate(self, prompts: Sequence[Any]) -> list[Completion]:
        asked = [
            ChatRequest(str(n), self.subject, prompt, sampling, 0, None, stops)
            for n, (prompt, stops, sampling) in enumerate(prompts)
        ]
        return [a for a in self.answers(asked) if isinstance(a, Completion)]

    def answers(self, asked: Sequence[Any]) -> list[Completion | Loglikelihood]:
        return sorted(self.session.run(asked), key=lambda answer: int(answer.id))

    def progress(self, done: int, total: int, note: str) -> None:
        pass


@pytest.fixture(scope="module")
def session(instruct: Model) -> Iterator[Session]:
    properties = TransformersEngine.parameters["properties"]
    defaults = {name: entry["default"] for name, entry in properties.items()}
    opened = TransformersEngine(**{**defaults, "device": "cpu", "batch_size": 8}).open(instruct)
    yield opened
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("adapted", [False, True])
def test_the_engine_in_batches_scores_as_one_request_at_a_time_does(
    adapted: bool,
    session: Session,
    measure_alone: Callable[[Subject], Any],
    instruct: Model,
    adapter: Adapter,
    data: DataFiles,
    build: Build,
    scores: Scores,
) -> None:
    """The comparison with lm-eval's command line is made one request at a time; this closes
    the gap to what runs are made with."""
    subject = Subject(instruct, adapter if adapted else None)
    one, other = measure_alone(subject), OnSession(session, subject)
    evals = [
        build(MMLU, subjects=["anatomy"], num_fewshot=3, max_length=256),
        build(TruthfulQA, parts=["mc2"], max_length=256),
        build(GSM8K, max_gen_toks=24, max_length=256),
    ]
    for evaluation in evals:
        expected = scores(evaluation, list(evaluation.measure(one, data, 4)))
        found = scores(evaluation, list(evaluation.measure(other, data, 4)))
        assert found.keys() == expected.keys()
        for at, outcome in found.items():
            assert outcome.value == pytest.approx(expected[at].value, abs=1e-4), at
