"""Several training seeds: how much of a difference's variance is the seed's.

All seeds are asked the same samples, so that their contrasts err together: a meta-analysis
that takes them as independent studies would find too narrow an interval for their mean, and
too little variance between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.stats.clusters import LEVEL, cluster_sums, number, side_by_side, spans
from vibench.stats.contrasts import Contrast, contrasts
from vibench.stats.student import quantile

if TYPE_CHECKING:
    from vibench.stats.clusters import Codes, Floats, ScoreRange

__all__ = ["SeedEffects", "each_seed_effects", "seed_effects"]


NOTHING = 1e-24
"""A variance that is 0 but for rounding."""


@dataclass(frozen=True, slots=True)
class SeedEffects:
    """The mean contrast over training seeds, and how far seeds differ.

    `tau` is the standard deviation of the true difference from seed to seed, `share` the
    seed's part of the variance of one seed's measured difference (the rest is which samples
    were asked and how answers were drawn). What is None has its cause in `reason`.
    """

    seeds: int
    mean: float | None
    se: float | None
    low: float | None
    high: float | None
    p: float | None
    each: tuple[Contrast, ...]
    tau: float | None = None
    tau_low: float | None = None
    tau_high: float | None = None
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None
    reason: str = ""


def seed_effects(treated: Floats, vanilla: Floats, clusters: Codes) -> SeedEffects:
    """Random effects over training seeds: one column for each seed, rows as in `contrasts`.

    The contrasts y of S seeds have the known covariance V, cluster-robust as their errors are,
    and the variance tau ** 2 between seeds beside it. tau ** 2 is found by moments: the
    variance of y, less what V makes of it (Hedges & Olkin, 1985, Statistical Methods for
    Meta-Analysis, chapter 9; DerSimonian & Kacker, 2007, Contemporary Clinical Trials 28; here
    with correlated errors). Its interval and the share's (I squared; Higgins & Thompson, 2002,
    Statistics in Medicine 21) are Q profiles (Viechtbauer, 2007, Statistics in Medicine 26).
    As in Hartung & Knapp (2001, Statistics in Medicine 20) the contrasts' own spread, with
    Student's t of S - 1 degrees of freedom, says how far their mean may be off; where they agree
    exactly, as few yes/no answers do by chance, their known error stands in for it. The error
    that they share has a t interval of its own, and the two add up as MOVER has it (Zou & Donner,
    2008, Statistics in Medicine 27). Differences of values within [0, 1] have intervals within
    [-1, 1]. Where no sample differs from another in any seed the bounds are those of the seeds'
    contrasts.
    """
    return each_seed_effects(treated[:, None], vanilla[:, None], clusters)[0]


def each_seed_effects(treated: Floats, vanilla: Floats, clusters: Codes) -> list[SeedEffects]:
    """Return `seed_effects` of each metric, of samples x metrics x seeds, to the last bit."""
    import numpy as np

    _, metrics, seeds = treated.shape
    after = side_by_side([treated[:, m] for m in range(metrics)])
    before = side_by_side([vanilla[:, m] for m in range(metrics)])
    all_contrasts = contrasts(after, before, clusters)
    # Column by column, as of one metric's seeds that are picked out of others.
    with np.errstate(invalid="ignore"):  # a seed without a score, which is then left out
        _, sums, sizes = cluster_sums(np.asfortranarray(after - before), clusters)
    effects = []
    for m, scale in enumerate(spans(treated, vanilla)):
        each = all_contrasts[m * seeds : (m + 1) * seeds]
        usable = [s for s, contrast in enumerate(each) if contrast.se is not None]
        if len(usable) < 2:
            effects.append(_alone(tuple(each), usable))
            continue
        columns = [m * seeds + s for s in usable]
        v = _covariance(*(np.ascontiguousarray(table[:, columns]) for table in (sums, sizes)))
        effects.append(_over(each, usable, v, scale.differences()))
    return effects


def _over(
    each: Sequence[Contrast], usable: Sequence[int], v: Floats, scale: ScoreRange
) -> SeedEffects:
    """Return what the contrasts of the `usable` seeds come to, whose covariance is `v` and
    which can lie within `scale`."""
    import numpy as np

    y = np.array([each[m].difference for m in usable])
    df = np.array([each[m].df for m in usable], dtype=float)
    n = len(usable)
    # All seeds answer the same samples. The mean covariance of two seeds is the error that
    # averaging over seeds does not remove.
    shared = max(0.0, float((v.sum() - np.trace(v)) / (n * (n - 1))))
    unshared = max(0.0, float(np.trace(v) / n) - shared)
    spread, mean = float(y.var(ddof=1)), float(y.mean())
    # Seeds that agree exactly, as few yes/no answers do by chance, would claim no error at all: the
    # error known from the samples stands in.
    apart_by = spread if spread > NOTHING else unshared
    # The two parts of the error have their own degrees of freedom: seeds, and clusters.
    parts = ((apart_by / n, n - 1.0), (shared, float(np.nanmean(df))))
    if apart_by / n + shared <= NOTHING:
        return _all_alike(mean, [each[m] for m in usable], tuple(each))
    # By moments: what seeds spread beyond the error that they have from samples anyway.
    between = max(0.0, spread - unshared)
    half = _half(parts, 1 - LEVEL)
    # Differences within a range cannot have a larger variance than half at each end.
    limit = ((scale.high - scale.low) / 2) ** 2 if scale.sure else math.inf
    low, high = (min(tau2, limit) for tau2 in _profile(apart_by, unshared, n))
    shares = [_share(tau2, unshared + shared) for tau2 in (between, low, high)]
    return SeedEffects(
        seeds=n,
        mean=mean,
        se=math.sqrt(apart_by / n + shared),
        low=max(mean - half, scale.low) if scale.sure else mean - half,
        high=min(mean + half, scale.high) if scale.sure else mean + half,
        p=_p(abs(mean), parts),
        tau=math.sqrt(between),
        tau_low=math.sqrt(low),
        tau_high=math.sqrt(high),
        share=shares[0],
        share_low=shares[1],
        share_high=shares[2],
        each=tuple(each),
    )


def _all_alike(mean: float, alike: Sequence[Contrast], each: tuple[Contrast, ...]) -> SeedEffects:
    """Without any variance the error is not 0, but what could have gone unseen."""
    # The seeds' own bounds hold what may have gone unseen: take the outermost of them.
    lows = [contrast.low for contrast in alike if contrast.low is not None]
    highs = [contrast.high for contrast in alike if contrast.high is not None]
    ps = [contrast.p for contrast in alike if contrast.p is not None]
    bounded = len(lows) == len(highs) == len(alike)
    return SeedEffects(
        seeds=len(alike),
        mean=mean,
        se=0.0,
        low=min(lows) if bounded else None,
        high=max(highs) if bounded else None,
        p=max(ps) if bounded else None,
        each=each,
        reason="no sample differs from another in any seed, so how far seeds differ is unknown",
    )


def _covariance(sums: Floats, sizes: Floats) -> Floats:
    """Cluster-robust (CR2) covariance of the columns' means, out of `cluster_sums`."""
    import numpy as np

    n = sizes.sum(axis=0)
    scaled = sums / np.sqrt(1 - sizes / n) / n
    covariance: Floats = scaled.T @ scaled
    return covariance


def _half(parts: Sequence[tuple[float, float]], p: float) -> float:
    """Half the width of the interval at 1 - p: of parts (variance, degrees of freedom)."""
    return math.sqrt(sum(variance * quantile(p / 2, df) ** 2 for variance, df in parts))


def _p(mean: float, parts: Sequence[tuple[float, float]]) -> float:
    """The p at which the interval just reaches zero."""
    from scipy.optimize import brentq

    least = 1e-15
    if _half(parts, least) <= mean:
        return least
    # The half width falls as p rises, so there is one root between the ends.
    return float(brentq(lambda p: _half(parts, p) - mean, least, 1.0))


def _profile(spread: float, unshared: float, n: int) -> tuple[float, float]:
    """Bounds of tau ** 2: (n - 1) spread / (tau ** 2 + own) is a chi-square of n - 1."""
    from scipy.special import gammaincinv

    quantiles = (2 * gammaincinv((n - 1) / 2, q) for q in ((1 + LEVEL) / 2, (1 - LEVEL) / 2))
    low, high = (max(0.0, float((n - 1) * spread / q) - unshared) for q in quantiles)
    return low, high


def _share(between: float, within: float) -> float | None:
    return number(between / (between + within)) if between + within > 0 else None


def _alone(each: tuple[Contrast, ...], usable: list[int]) -> SeedEffects:
    """Of one seed (or none with an interval) its contrast is all there is."""
    reason = "no seed has a contrast with an interval"
    contrast = None
    if usable:
        contrast = each[usable[0]]
        reason = (
            "one training seed: how far another seed's difference would be from this one is "
            "unknown, and the interval does not hold it. Train with --seed 0,1,2 or more."
        )
    return SeedEffects(
        seeds=len(usable),
        mean=contrast.difference if contrast else None,
        se=contrast.se if contrast else None,
        low=contrast.low if contrast else None,
        high=contrast.high if contrast else None,
        p=contrast.p if contrast else None,
        each=each,
        reason=reason,
    )
