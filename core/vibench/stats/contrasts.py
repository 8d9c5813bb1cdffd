"""Paired differences: treated minus vanilla over the same samples, with clustered errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.stats.clusters import (
    LEVEL,
    ColumnMean,
    ScoreRange,
    cluster_codes,
    clustered,
    column_sums,
    degenerate,
    number,
    spans,
    unseen,
)
from vibench.stats.student import quantile, two_sided

if TYPE_CHECKING:
    from vibench.stats.clusters import Codes, Floats

__all__ = ["Contrast", "contrast", "contrasts"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """A paired difference, treated minus vanilla, over the samples scored in both.

    `p` is two-sided, for no difference. `only_treated` and `only_vanilla` count samples
    that are scored on one side alone and so left out. `df` are the degrees of freedom of
    `se`. `moved` is the mean squared difference: of scores that are 0 or 1, the share of
    samples that changed. `gained` and `lost` count those that went from 0 to 1 and from 1 to
    0, which is what McNemar's test is of (`mcnemar_p`); None where scores are not 0 and 1.
    None as in `Estimate`.
    """

    difference: float | None
    se: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int
    clusters: int
    vanilla_mean: float | None
    treated_mean: float | None
    only_treated: int = 0
    only_vanilla: int = 0
    df: float | None = None
    moved: float | None = None
    gained: int | None = None
    lost: int | None = None

    @property
    def excludes_zero(self) -> bool:
        """True if the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def contrast(
    treated: Mapping[str, float | None],
    vanilla: Mapping[str, float | None],
    clusters: Mapping[str, str],
) -> Contrast:
    """Return the paired difference of one metric; the keys of the maps are samples."""
    import numpy as np

    samples = sorted(treated.keys() | vanilla.keys())

    def column(scores: Mapping[str, float | None]) -> Floats:
        values = (scores.get(s) for s in samples)
        return np.array([np.nan if v is None else v for v in values], dtype=float)[:, None]

    codes = cluster_codes([clusters[s] for s in samples])
    return contrasts(column(treated), column(vanilla), codes)[0]


def contrasts(treated: Floats, vanilla: Floats, clusters: Codes) -> list[Contrast]:
    """Return the paired difference of each column (samples x metrics, NaN where unscored).

    Rows of `treated`, `vanilla` and `clusters` are the same samples. Intervals are
    difference ± t se with the errors of `clusters.py`; differences of values within [0, 1]
    have intervals within [-1, 1]. Where no cluster differs from the mean the interval is what
    the difference would be if the share of clusters that may have gone unseen took the worst
    value, and `p` is a sign test over clusters.
    """
    import numpy as np

    # NaN on either side makes the difference NaN: only samples scored on both sides count.
    apart = treated - vanilla
    estimates = clustered(apart, clusters)
    scored = ~np.isnan(apart)
    with np.errstate(invalid="ignore", divide="ignore"):
        before = column_sums(np.where(scored, vanilla, 0.0), treated) / estimates.n
        after = column_sums(np.where(scored, treated, 0.0), treated) / estimates.n
        moved = column_sums(np.where(scored, apart**2, 0.0), treated) / estimates.n
    # Of 0 and 1 alone is it true that each is its own square.
    yes_no = (~scored | (treated * treated == treated) & (vanilla * vanilla == vanilla)).all(axis=0)
    gained, lost = (apart == 1).sum(axis=0), (apart == -1).sum(axis=0)
    only_treated = (~np.isnan(treated) & np.isnan(vanilla)).sum(axis=0)
    only_vanilla = (np.isnan(treated) & ~np.isnan(vanilla)).sum(axis=0)
    yes_no &= estimates.n > 0
    arrays = (before, after, moved, yes_no, gained, lost, only_treated, only_vanilla)
    columns = zip(*(array.tolist() for array in arrays), strict=True)
    rows = []
    for estimate, scale, column in zip(
        estimates.columns(), spans(treated, vanilla), columns, strict=True
    ):
        low, high = _interval(estimate, scale.differences())
        vanilla_mean, treated_mean, square, pairs, ups, downs, one_sided, other_sided = column
        rows.append(
            Contrast(
                difference=number(estimate.mean),
                se=number(estimate.se),
                low=low,
                high=high,
                p=_p(estimate),
                n=estimate.n,
                clusters=estimate.clusters,
                vanilla_mean=number(vanilla_mean),
                treated_mean=number(treated_mean),
                only_treated=one_sided,
                only_vanilla=other_sided,
                df=number(estimate.df),
                moved=number(square),
                gained=ups if pairs else None,
                lost=downs if pairs else None,
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
        # No cluster deviates. The ends are what the mean would be if as many clusters as could have
        # gone unseen had the worst difference possible.
        gap = unseen(groups)
        return mean - gap * (mean - scale.low), mean + gap * (scale.high - mean)
    # A difference of two shares is less skewed than a share near 0 or 1: no Wilson interval here.
    half = quantile((1 + LEVEL) / 2, estimate.df) * se
    if scale.sure:
        return max(mean - half, scale.low), min(mean + half, scale.high)
    return mean - half, mean + half


def _p(estimate: ColumnMean) -> float | None:
    """Two-sided p-value for a mean of 0: a t test, or without variance a sign test."""
    groups, mean, se = estimate.clusters, estimate.mean, estimate.se
    if groups < 2:
        return None
    if degenerate(se, mean):
        # All clusters agree exactly, so there is no t. Under no difference each would be as likely
        # to go the other way: a sign test over clusters.
        return 1.0 if abs(mean) < 1e-12 else min(1.0, 2.0 ** (1 - groups))
    return two_sided(mean / se, estimate.df)
