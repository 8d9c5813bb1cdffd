"""Yes/no scores in pairs: McNemar's test, and score intervals for their difference."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from vibench.stats.clusters import LEVEL

__all__ = ["McNemar", "mcnemar", "mcnemar_p", "score_bounds"]

FEW = 25
"""Below so many pairs that differ the test is exact."""


@dataclass(frozen=True, slots=True)
class McNemar:
    """Samples that are 0 or 1 on both sides: `gained` went from 0 to 1, `lost` from 1 to 0.

    `difference` is (gained - lost) / n, `odds_ratio` gained / lost (infinite if none was lost,
    None if none changed). `p` is two-sided. `clusters` counts the samples' clusters, `largest`
    is the size of the largest. `caution` says why `p` and the intervals are not to be gone
    by; "" where every sample is a cluster by itself.
    """

    n: int
    gained: int
    lost: int
    exact: bool
    p: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    odds_ratio: float | None
    odds_low: float | None
    odds_high: float | None
    clusters: int
    largest: int
    caution: str


def mcnemar(
    treated: Mapping[str, float | None],
    vanilla: Mapping[str, float | None],
    clusters: Mapping[str, str],
) -> McNemar:
    """Return McNemar's test over the samples scored in both; the keys of the maps are samples.

    The p-value is `mcnemar_p`'s. The difference has Tango's score interval
    (`score_bounds`), the odds ratio that of the exact binomial (Clopper & Pearson; Breslow &
    Day, 1980, Statistical Methods in Cancer Research 1, section 5.2).
    The test takes samples as independent. Where several share a cluster the result says so:
    then use the clustered contrast.
    Raises ValueError for a score that is neither 0 nor 1.
    """
    pairs = {s: (a, b) for s, a in treated.items() if a is not None
             and (b := vanilla.get(s)) is not None}  # fmt: skip
    for sample, scores in pairs.items():
        if not {*scores} <= {0.0, 1.0}:
            raise ValueError(f"sample {sample!r} scores {scores}: McNemar's test is for 0 and 1")
    counts = Counter(pairs.values())
    gained, lost, n = counts[1.0, 0.0], counts[0.0, 1.0], len(pairs)
    sizes = Counter(clusters[s] for s in pairs)
    largest = max(sizes.values(), default=0)
    odds, odds_low, odds_high = _odds(gained, lost)
    low, high = score_bounds(gained, lost, n, _normal((1 + LEVEL) / 2)) if n else (None, None)
    return McNemar(
        n=n,
        gained=gained,
        lost=lost,
        exact=gained + lost < FEW,
        p=mcnemar_p(gained, lost) if n else None,
        difference=(gained - lost) / n if n else None,
        difference_low=low,
        difference_high=high,
        odds_ratio=odds,
        odds_low=odds_low,
        odds_high=odds_high,
        clusters=len(sizes),
        largest=largest,
        caution=_caution(n, len(sizes), largest),
    )


def mcnemar_p(gained: int, lost: int) -> float:
    """The two-sided p-value of McNemar's test, which takes pairs as independent.

    Below 25 pairs that differ it is the exact binomial one, else McNemar's chi-square without
    continuity correction (McNemar, 1947, Psychometrika 12; Fagerland, Lydersen & Laake, 2013,
    BMC Medical Research Methodology 13).
    """
    from scipy.special import bdtr, chdtrc

    changed = gained + lost
    # The chi-square is too liberal for few pairs.
    if changed < FEW:
        return min(1.0, 2 * float(bdtr(min(gained, lost), changed, 0.5)))
    return float(chdtrc(1, (gained - lost) ** 2 / changed))


def score_bounds(gained: float, lost: float, n: float, critical: float) -> tuple[float, float]:
    """Tango's score interval for (gained - lost) / n, at any normal (or t) quantile.

    Counts may be fractions (effective numbers of clustered samples). Tango, 1998, "Equivalence
    test and confidence interval for the difference in proportions for the paired-sample
    design", Statistics in Medicine 17.
    """
    from scipy.optimize import brentq

    def apart(difference: float) -> float:
        """Return the distance of the pairs from `difference` in standard errors, less the
        quantile's."""
        # Under this difference the likeliest probability of losing is the root of a quadratic,
        # `losing`.
        linear = (2 * n - gained + lost) * difference - gained - lost
        constant = -lost * difference * (1 - difference)
        losing = (math.sqrt(max(0.0, linear**2 - 8 * n * constant)) - linear) / (4 * n)
        variance = n * (2 * losing + difference * (1 - difference))
        return float((gained - lost - n * difference) ** 2 - critical**2 * max(variance, 0.0))

    def bound(end: float) -> float:
        """Return the point between the estimate and an end of the scale from which on the pairs
        are too unlikely."""
        estimate = (gained - lost) / n
        # At the estimate and at the ends of the scale the variance may be 0, where the sign of the
        # distance is rounding: stay off both.
        near, far = estimate + (end - estimate) * 1e-9, end * (1 - 1e-12)
        if apart(far) <= 0:
            return end
        return estimate if apart(near) >= 0 else float(brentq(apart, near, far))

    return bound(-1.0), bound(1.0)


def _odds(gained: int, lost: int) -> tuple[float | None, float | None, float | None]:
    from scipy.stats import binomtest

    if not gained + lost:
        return None, None, None
    # Of the pairs that changed, the gained ones are binomial; odds are p / (1 - p) of that.
    interval = binomtest(gained, gained + lost).proportion_ci(LEVEL, method="exact")
    odds = [math.inf if p >= 1 else float(p / (1 - p)) for p in (interval.low, interval.high)]
    return gained / lost if lost else math.inf, odds[0], odds[1]


def _normal(quantile: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(quantile))


def _caution(n: int, clusters: int, largest: int) -> str:
    if largest < 2:
        return ""
    return (
        f"McNemar's test takes the {n:,} samples as independent, but they lie in {clusters:,} "
        f"clusters of up to {largest:,}: where those of a cluster go together its p-value is too "
        "small and its intervals are too narrow. Go by the clustered contrast."
    )
