"""What is done once has the result that it has when done over and over."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench_evals.qa.mmlu import MMLU
from vibench_evals.qa.plugin import QA
from vibench_evals.qa.truthfulqa import TruthfulQA


def aggregated(texts: int) -> Any:
    """ROUGE's low, mean and high of some made-up scores."""
    import numpy as np
    from rouge_score.scoring import BootstrapAggregator, Score

    np.random.seed(1)
    chance = random.Random(texts)
    aggregator = BootstrapAggregator()
    for _ in range(texts):
        scores = Score(*(chance.random() for _ in range(3)))
        aggregator.add_scores({"rouge1": scores})
    return aggregator.aggregate()


@pytest.mark.parametrize("texts", [1, 5])
def test_scores_of_texts_are_what_rouge_draws(texts: int) -> None:
    from vibench_evals.qa.once import once

    expected = aggregated(texts)
    with once():
        assert aggregated(texts) == expected
    assert aggregated(texts) == expected


def test_a_single_written_answer_is_not_drawn_from(
    alone: Any, data: DataFiles, build: Callable[..., QA], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rouge_score.scoring import BootstrapAggregator

    def drawn(self: Any, matrix: Any) -> Any:
        raise AssertionError(f"{len(matrix)} scores are drawn from")

    monkeypatch.setattr(BootstrapAggregator, "_bootstrap_resample", drawn)
    (transcript,) = build(TruthfulQA, parts=["gen"], max_gen_toks=8).measure(alone, data, 1)
    assert "rougeL_max" in transcript.sample.data["metrics"]
    assert BootstrapAggregator._bootstrap_resample is drawn


def test_a_template_is_compiled_once_for_all_questions(
    alone: Any, data: DataFiles, build: Callable[..., QA], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lm_eval.utils import env

    compiled: list[str] = []
    original = type(env).from_string

    def noted(self: Any, source: str, *more: Any) -> Any:
        compiled.append(source)
        return original(self, source, *more)

    monkeypatch.setattr(type(env), "from_string", noted)
    found = list(build(MMLU, subjects=["anatomy"]).measure(alone, data, 4))
    assert len(found) == 4
    assert len(compiled) == len(set(compiled))
    assert "from_string" not in vars(env)
