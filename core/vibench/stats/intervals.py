"""Shares and their means over values, with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["MeanOverValues", "Share", "mean_share", "share"]


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `rows`, with Wilson's interval; all None where there are no rows."""

    hits: int
    rows: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class MeanOverValues:
    """The mean of `values` shares, those without rows left out; None if there are none.

    The interval is built from the shares' own (Zou & Donner, 2008, "Construction of
    confidence limits about effect measures: a general approach", Statistics in Medicine
    27), so it does not vanish where a share is 0 or 1.
    """

    values: int
    mean: float | None
    low: float | None
    high: float | None


def share(hits: int, rows: int) -> Share:
    """A share with its Wilson interval."""
    from scipy.stats import binomtest

    if not rows:
        return Share(hits, rows, None, None, None)
    interval = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
    return Share(hits, rows, hits / rows, float(interval.low), float(interval.high))


def mean_share(shares: Sequence[Share]) -> MeanOverValues:
    """The mean of shares over disjoint rows."""
    means, below, above = [], [], []
    for one in shares:
        if one.value is not None and one.low is not None and one.high is not None:
            means.append(one.value)
            below.append(one.value - one.low)
            above.append(one.high - one.value)
    if not means:
        return MeanOverValues(0, None, None, None)
    mean = math.fsum(means) / len(means)
    low = mean - math.hypot(*below) / len(means)
    high = mean + math.hypot(*above) / len(means)
    return MeanOverValues(len(means), mean, max(0.0, low), min(1.0, high))
