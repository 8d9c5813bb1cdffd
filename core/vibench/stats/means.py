"""Means of scores, with errors clustered (by issue, ...).

A missing score (None or NaN: unscored) is left out of the means and counted by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.stats.clusters import (
    LEVEL,
    ColumnMean,
    ScoreRange,
    cluster_codes,
    clustered,
    degenerate,
    number,
    spans,
    unseen,
)
from vibench.stats.shares import score_interval
from vibench.stats.student import quantile

if TYPE_CHECKING:
    from vibench.stats.clusters import Codes, Floats

__all__ = ["MeanEstimate", "rate", "rates"]


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """A mean with its uncertainty.

    `n` samples were scored, in `clusters` clusters. `mean` is None if n is 0; `se`, `low`
    and `high` are None where the error is unknown (fewer than two clusters).
    """

    mean: float | None
    se: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int


def rate(values: Sequence[float | None], clusters: Sequence[str]) -> MeanEstimate:
    """Return the mean of one column; `values` and `clusters` are in the same order."""
    import numpy as np

    column = np.array([np.nan if v is None else v for v in values], dtype=float)
    return rates(column[:, None], cluster_codes(clusters))[0]


def rates(values: Floats, clusters: Codes) -> list[MeanEstimate]:
    """Return the mean of each column of `values` (samples x metrics, NaN where unscored).

    `clusters` has one code (0, 1, ...) per row. Standard errors as in `clusters.py`. Scores
    within [0, 1] have Wilson's interval at the effective number of samples, m (1 - m) / se ** 2
    for a mean m, with Student's t in the normal quantile's place (Korn & Graubard, 1998, Survey
    Methodology 24; Dean & Pagano, 2015, Journal of Survey Statistics and Methodology 3): shares
    near 0 or 1 are too skewed for mean ± t se. Other scores have mean ± t se.
    """
    rows = []
    for estimate, scale in zip(clustered(values, clusters).columns(), spans(values), strict=True):
        low, high = _interval(estimate, scale)
        rows.append(
            MeanEstimate(
                mean=number(estimate.mean),
                se=number(estimate.se),
                low=low,
                high=high,
                n=estimate.n,
                clusters=estimate.clusters,
            )
        )
    return rows


def _interval(estimate: ColumnMean, scale: ScoreRange) -> tuple[float | None, float | None]:
    groups, mean, se = estimate.clusters, estimate.mean, estimate.se
    if groups < 2:
        return None, None
    if degenerate(se, mean):
        if scale.low >= scale.high:  # one value only, on an unknown scale
            return None, None
        # No cluster deviates from the mean, which is not certainty: the ends are what the mean
        # would be if the share of clusters that may have gone unseen took the worst value.
        gap = unseen(groups)
        return mean - gap * (mean - scale.low), mean + gap * (scale.high - mean)
    critical = quantile((1 + LEVEL) / 2, estimate.df)
    if not scale.sure:
        return mean - critical * se, mean + critical * se
    # The effective number of samples is the number of independent ones with this error.
    inverse = se**2 / (mean * (1 - mean))  # of the effective number of samples
    low, high = score_interval(mean, se**2, inverse, critical)
    return max(0.0, low), min(1.0, high)
