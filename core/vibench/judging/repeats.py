"""A question that is put several times: what tells its repeats apart, and what they come to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from vibench.records import Outcome, Rubric, Verdict

__all__ = ["NO_MAJORITY", "averaged", "combined", "keys_asked"]

OPEN_ENDED = "expression/"
"""Metrics of which an eval may record only what was found (`Eval.metrics`)."""

NO_MAJORITY = "no majority"
"""Why a question with one answer is unscored whose repeats hold none more often than not."""


def keys_asked(key: str, repeats: int = 1, repeat: int = 0) -> tuple[str, ...]:
    """Return the keys of the repeats of a question that a stage asks: of all `repeats`, or of
    the one whose index is `repeat`. The first has the key of the question asked once, so that
    it is shared with a run without repeats."""
    if repeat:
        return (f"{key}#{repeat}",)
    return (key, *(f"{key}#{i}" for i in range(1, repeats)))


def combined(rubric: Rubric, verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict out of a question's repeats.

    It holds each label that more than half of the scored repeats hold (half is not enough),
    in the order in which they first come, with the explanation of the first of them. It is
    unscored if none is scored, with the cause of the first; and with `NO_MAJORITY` if the
    question has exactly one answer and none is held by more than half.
    """
    scored = [v for v in verdicts if v.unscored is None]
    if not scored:
        return verdicts[0]
    held = Counter(label for v in scored for label in dict.fromkeys(v.labels))
    labels = tuple(label for label, n in held.items() if 2 * n > len(scored))
    cause = None if labels or rubric.several else NO_MAJORITY
    return Verdict(rubric.name, rubric.turn, labels, cause, scored[0].explanation)


def averaged(repeats: Sequence[Sequence[Outcome]]) -> list[Outcome]:
    """One sample's outcomes out of those of each repeat: the mean of each metric and turn over
    the repeats that scored it; unscored, with the first cause, where none did. A repeat that
    scored open-ended metrics of a turn counts 0 in those it did not find there."""
    grouped: dict[tuple[str, int], list[Outcome]] = {}
    for outcomes in repeats:
        for outcome in outcomes:
            grouped.setdefault((outcome.metric, outcome.turn), []).append(outcome)
    searched = Counter(
        turn
        for outcomes in repeats
        for turn in {
            o.turn for o in outcomes if o.metric.startswith(OPEN_ENDED) and o.value is not None
        }
    )
    means = []
    for (metric, turn), outcomes in grouped.items():
        scores = [o.value for o in outcomes if o.value is not None]
        first = outcomes[0]
        if not scores:
            means.append(first)
            continue
        repeated = searched[turn] if metric.startswith(OPEN_ENDED) else len(scores)
        means.append(replace(first, value=math.fsum(scores) / repeated, unscored=None))
    return means
