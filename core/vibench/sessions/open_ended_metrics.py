"""Values that judges name freely: one spelling for each in verdicts and metrics
(`expression/VALUE`), and no score for a value that the judge cannot find."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from vibench.judging.repeats import OPEN_ENDED
from vibench.preferences.values import normalise
from vibench.records import UNKNOWN_VALUE, Outcome, Verdict

__all__ = ["in_one_spelling", "labels_in_one_spelling", "without_unknown"]

VALUES = "values"
"""The name of the question for values (paper, Listing 2)."""


def labels_in_one_spelling(verdict: Verdict) -> Verdict:
    """Return a verdict on which values there are with each of them once, in its normal form, so
    that an eval that counts them counts no spelling twice; another verdict as it is."""
    if verdict.rubric != VALUES:
        return verdict
    labels = tuple(dict.fromkeys(normalise(label) or label for label in verdict.labels))
    return verdict if labels == verdict.labels else replace(verdict, labels=labels)


def in_one_spelling(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return a sample's outcomes with each value in its normal form, in which reports look for
    it: "open mindedness" is "open-mindedness". Of several spellings the highest score counts."""
    merged: dict[tuple[str, int], Outcome] = {}
    for outcome in outcomes:
        metric = _normal(outcome.metric)
        previous = merged.get((metric, outcome.turn))
        if previous is None or _exceeds(outcome.value, previous.value):
            merged[metric, outcome.turn] = replace(outcome, metric=metric)
    return list(merged.values())


@lru_cache(maxsize=65_536)
def _normal(metric: str) -> str:
    if not metric.startswith(OPEN_ENDED):
        return metric
    value = metric.removeprefix(OPEN_ENDED)
    return OPEN_ENDED + (normalise(value) or value)


def _exceeds(value: float | None, highest: float | None) -> bool:
    return value is not None and (highest is None or value > highest)


def without_unknown(
    outcomes: Iterable[Outcome], labels: Collection[str] | None
) -> Iterator[Outcome]:
    """Yield outcomes, unscored in the expression of values that are not `labels`, the only ones
    that the judge can find (any, if None): that it did not find another one says nothing."""
    for outcome in outcomes:
        value = outcome.metric.removeprefix(OPEN_ENDED)
        if labels is None or outcome.value is None or value == outcome.metric or value in labels:
            yield outcome
        else:
            yield replace(outcome, value=None, unscored=UNKNOWN_VALUE)
