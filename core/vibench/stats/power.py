"""The power of a paired contrast, the smallest difference it can detect, and the samples needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.stats.clusters import LEVEL, cluster_sums, freedom
from vibench.stats.student import quantile

if TYPE_CHECKING:
    from vibench.stats.clusters import Codes, Floats

__all__ = [
    "ASSUMED",
    "POWER",
    "Spread",
    "detectable",
    "pooled",
    "power",
    "spread_of",
    "standard_error",
]

POWER = 0.8
"""The default probability of detecting a difference that exists."""
FAR = 6.0
"""Standard errors from which a difference is not seen as one in the other direction."""
FEWEST = 10
"""Clusters below which their spread is not estimated from the data."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of paired differences: the standard deviation over samples, and the correlation
    of two samples of one cluster (0 to 1). `contrasts` is the number of contrasts that it was
    estimated from; 0: assumed."""

    sd: float
    correlation: float
    contrasts: int = 0


ASSUMED = Spread(math.sqrt(0.5), 0.1)
"""For a share of which nothing is known. Two answers at 50 %, drawn independently, have
differences of variance 1/2, the most there is unless the answers of the two subjects go against
each other. A correlation of 0.1 is at the upper end of what cluster trials report (Adams et al.,
2004, "Patterns of intra-cluster correlation", Journal of Clinical Epidemiology 57)."""


def spread_of(differences: Floats, clusters: Codes) -> Spread | None:
    """The spread of one or more contrasts (samples x contrasts, NaN where not scored in both).

    The correlation is the analysis-of-variance estimate, not below 0 (Donner & Koval, 1980,
    "The estimation of intraclass correlation", Biometrics 36), over all contrasts with at least
    10 clusters that differ at all. None if there is none; the correlation is `ASSUMED`'s where
    every cluster has one sample.
    """
    import numpy as np

    scored = ~np.isnan(differences)
    scored_columns = scored.any(axis=0)
    if not scored_columns.any():
        return None
    values = differences[:, scored_columns]
    mean, sums, sizes = cluster_sums(values, clusters)
    n, groups = sizes.sum(axis=0), (sizes > 0).sum(axis=0)
    usable = groups >= FEWEST
    if not usable.any():
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        total = (np.where(scored[:, scored_columns], values - mean, 0.0) ** 2).sum(axis=0)
        between = np.where(sizes > 0, sums**2 / sizes, 0.0).sum(axis=0)
        across = between / (groups - 1)
        within = np.where(n > groups, (total - between) / (n - groups), np.nan)
        # The cluster size that stands for unequal ones in the analysis of variance (n0 of Donner &
        # Koval).
        usual = (n - (sizes**2).sum(axis=0) / n) / (groups - 1)
        # Negative estimates are noise around 0, and would promise too much power.
        alike = np.maximum(0.0, (across - within) / usual)
    # With one sample to a cluster nothing tells the correlation within clusters.
    several = usable & (n > groups)
    columns = several if several.any() else usable
    if not several.any():
        sd, correlation = math.sqrt(float(across[columns].mean())), ASSUMED.correlation
    else:
        a, w = float(alike[columns].mean()), float(within[columns].mean())
        sd, correlation = math.sqrt(a + w), a / (a + w) if a + w > 0 else 0.0
    return Spread(sd, correlation, int(columns.sum())) if sd > 1e-12 else None


def pooled(spreads: Sequence[Spread]) -> Spread | None:
    """Of several contrasts together: the mean variance, within clusters and between."""
    if not spreads:
        return None
    total = sum(s.sd**2 for s in spreads)
    between = sum(s.sd**2 * s.correlation for s in spreads)
    seen = sum(s.contrasts for s in spreads)
    return Spread(math.sqrt(total / len(spreads)), between / total, seen)


def standard_error(sizes: Sequence[int], spread: Spread) -> float:
    """Of the mean over clusters of these sizes: sd sqrt(deff / n), with the design effect
    1 + (sum of squared sizes / n - 1) x correlation (Kish, 1965, Survey Sampling)."""
    n = sum(sizes)
    effect = 1 + (sum(m * m for m in sizes) / n - 1) * spread.correlation
    return spread.sd * math.sqrt(effect / n)


def power(difference: float, se: float, df: float, sides: int = 2) -> float:
    """The probability that a t test at 5 % sees a true `difference`, which is not below 0; with
    `sides` 1, that it is above 0 (Cohen, 1988, Statistical Power Analysis; noncentral t)."""
    from scipy.special import nctdtr

    critical = quantile(1 - (1 - LEVEL) / sides, df)
    away = difference / se
    seen = 1 - float(nctdtr(df, away, critical))
    if math.isnan(seen):  # far out the lower tail is NaN in scipy 1.17, and the upper is not
        from scipy.stats import nct

        seen = float(nct.sf(critical, df, away))
    if sides == 2 and away < FAR:  # beyond, the other tail is nothing, or NaN in scipy 1.17
        seen += float(nctdtr(df, away, -critical))
    return seen


def detectable(sizes: Sequence[int], spread: Spread) -> float | None:
    """The smallest difference that a contrast over clusters of these sizes sees with 80 %
    power at 5 % (two-sided), in the scores' units; None with fewer than two clusters."""
    import numpy as np

    if len(sizes) < 2:
        return None
    # The design's degrees of freedom depend on the cluster sizes alone.
    df = float(freedom(np.array(sizes, dtype=float)[:, None])[0])
    return _away(df) * standard_error(sizes, spread)


def _away(df: float) -> float:
    """The difference in standard errors that is seen with `POWER`."""
    from scipy.optimize import brentq

    return float(brentq(lambda away: power(away, 1.0, df) - POWER, 0.1, 200.0))
