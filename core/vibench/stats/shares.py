"""Shares of yes/no answers and means of scores from 0 to 1, with their 95 % intervals.

- A share has Wilson's interval at the effective number of answers: their number over the
  design effect (not taken below 1), times (t(n - 1) / t(G - 1)) ** 2 for the few clusters
  (Korn & Graubard, 1998, Survey Methodology 24; Dean & Pagano, 2015, Journal of Survey
  Statistics and Methodology 3). With one answer to a cluster that is Wilson's own interval.
  Where all answers are equal, each cluster counts as one.
- The interval of a mean of shares is built from the shares' own (MOVER: Zou & Donner, 2008,
  "Construction of confidence limits about effect measures: a general approach", Statistics in
  Medicine 27), so it does not vanish where a share is 0 or 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.stats.clusters import LEVEL

if TYPE_CHECKING:
    from vibench.stats.clusters import Floats

__all__ = [
    "Interval",
    "MeanShare",
    "Share",
    "cluster_share",
    "mean_score",
    "mean_share",
    "score_interval",
    "share",
    "wilson",
]

ROUNDING = 1e-12
"""A variance below this is nothing but rounding."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of` answers in `clusters` clusters, with the interval of the share. Of no
    answers the value is None and the interval is everything, 0 to 1."""

    value: float | None
    low: float
    high: float
    hits: float
    of: int
    clusters: int

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The interval's ends, for tables that show nothing where there are no answers."""
        return (self.low, self.high) if self.value is not None else (None, None)


@dataclass(frozen=True, slots=True)
class MeanShare:
    """The mean of `shares` shares; those of no answers are left out. None if there are none."""

    shares: int
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with its interval; the number is None where no answer tells it."""

    value: float | None
    low: float
    high: float


def score_interval(
    p: float, variance: float, inverse: float, critical: float
) -> tuple[float, float]:
    """Return Wilson's interval of a share `p` with this variance.

    `inverse` is 1 / n for n answers, or for an effective number of them; `critical` is the
    quantile of the normal distribution, or of Student's t where n was estimated.
    """
    # n comes as its inverse, since the effective number of answers of a share without variance
    # would be infinite.
    widened = 1 + critical**2 * inverse
    centre = (p + critical**2 * inverse / 2) / widened
    half = critical / widened * math.sqrt(variance + (critical * inverse / 2) ** 2)
    return centre - half, centre + half


def wilson(p: float, n: float) -> tuple[float, float]:
    """Return Wilson's interval of a share `p` of `n` answers, which need not be a whole number."""
    from scipy.special import ndtri

    return score_interval(p, p * (1 - p) / n, 1 / n, float(ndtri((1 + LEVEL) / 2)))


def share(hits: int, total: int) -> Share:
    """Return the share of `total` independent answers that are `hits`."""
    return _share(float(hits), total, total, float(total)) if total else _share(0.0, 0, 0, 0.0)


def cluster_share(hits: Floats, total: Floats) -> Share:
    """Return the share of `total` answers that are `hits`; both by cluster."""
    n, all_hits = float(total.sum()), float(hits.sum())
    groups = int((total > 0).sum())
    effective = _effective(all_hits / n, n, groups, hits - all_hits / n * total) if n else 0.0
    return _share(all_hits, int(n), groups, effective)


def _share(hits: float, total: int, clusters: int, effective: float) -> Share:
    if not total:
        return Share(None, 0.0, 1.0, 0.0, 0, 0)
    p = hits / total
    low, high = wilson(p, effective)
    # Rounding may put an end on the wrong side of the share, or outside of 0 to 1.
    return Share(p, min(p, max(0.0, low)), max(p, min(1.0, high)), hits, total, clusters)


def _effective(p: float, n: float, groups: int, residuals: Floats) -> float:
    """Return the number of independent answers that would tell the share as exactly."""
    from scipy.stats import t

    squares = float((residuals**2).sum())
    if groups < 2 or squares <= ROUNDING:
        # Nothing varies, so that the design effect is unknown: assume it at its worst.
        return float(groups)
    variance = groups / (groups - 1) * squares / n**2
    independent = p * (1 - p) / (n - 1)
    tail = (1 + LEVEL) / 2
    few = float(t.ppf(tail, n - 1) / t.ppf(tail, groups - 1)) ** 2
    return n / max(1.0, variance / independent) * few


def mean_score(sums: Floats, total: Floats) -> Interval:
    """Return the mean of scores from 0 to 1, given their sums and numbers by cluster."""
    from scipy.stats import t

    n, groups = float(total.sum()), int((total > 0).sum())
    if not n:
        return Interval(None, 0.0, 1.0)
    value = min(1.0, float(sums.sum()) / n)
    squares = float(((sums - value * total) ** 2).sum())
    if groups < 2 or squares <= ROUNDING:
        low, high = wilson(value, groups)
        return Interval(value, min(value, low), max(value, high))
    half = float(t.ppf((1 + LEVEL) / 2, groups - 1))
    half *= math.sqrt(groups / (groups - 1) * squares) / n
    return Interval(value, max(0.0, value - half), min(1.0, value + half))


def mean_share(shares: Sequence[Share]) -> MeanShare:
    """Return the mean of shares over disjoint answers, every share with the same weight."""
    means, below, above = [], [], []
    for part in shares:
        if part.value is not None:
            means.append(part.value)
            below.append(part.value - part.low)
            above.append(part.high - part.value)
    if not means:
        return MeanShare(0, None, None, None)
    mean = math.fsum(means) / len(means)
    # The shares are independent: the distances to their limits add as squares.
    low = mean - math.hypot(*below) / len(means)
    high = mean + math.hypot(*above) / len(means)
    return MeanShare(len(means), mean, max(0.0, low), min(1.0, high))
