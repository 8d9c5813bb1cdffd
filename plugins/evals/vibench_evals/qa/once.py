"""Caches for work that lm-eval and its parts repeat with the same result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

__all__ = ["once"]

TEMPLATES = 1024


@contextmanager
def once() -> Iterator[None]:
    """Within it a task's templates are compiled once, not for every question, and a ROUGE
    score of one text is taken as it is: rouge_score draws a single number 3,000 times from
    itself, which took nine tenths of TruthfulQA's time."""
    from lm_eval.utils import env

    env.from_string = lru_cache(TEMPLATES)(env.from_string)
    try:
        with _undrawn():
            yield
    finally:
        del env.from_string


@contextmanager
def _undrawn() -> Iterator[None]:
    import numpy as np
    from rouge_score.scoring import BootstrapAggregator

    draw = BootstrapAggregator._bootstrap_resample

    def resample(self: Any, matrix: Any) -> Any:
        """(scores, measures) -> (low, mean, high; measures)"""
        return np.repeat(matrix, 3, axis=0) if len(matrix) == 1 else draw(self, matrix)

    BootstrapAggregator._bootstrap_resample = resample
    try:
        yield
    finally:
        BootstrapAggregator._bootstrap_resample = draw
