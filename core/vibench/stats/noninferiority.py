"""Is a difference no worse than a margin? One-sided bounds, and what would settle it.

Non-inferiority is shown where the one-sided 95 % bound of the difference, which is an end of
its two-sided 90 % interval, lies on the good side of the margin (Blackwelder, 1982, "Proving
the null hypothesis in clinical trials", Controlled Clinical Trials 3; ICH E9, section 3.3.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vibench.stats.clusters import LEVEL, degenerate, unseen
from vibench.stats.contrasts import Contrast
from vibench.stats.pairs import score_bounds
from vibench.stats.power import POWER, power
from vibench.stats.student import quantile

__all__ = ["NonInferiority", "noninferiority", "samples_to_settle"]

MOST = 1e6
"""Times the samples there are: more is as good as never."""


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """A difference against a margin. A negative margin is how far it may fall, a positive one
    how far it may rise.

    `low` and `high` are its one-sided 95 % bounds. `proven`: no worse than the margin.
    `inferior`: worse than it. `worse`: on the bad side of zero. Each is established at 5 %;
    `proven` and `inferior` exclude each other.
    """

    margin: float
    low: float
    high: float
    proven: bool
    inferior: bool
    worse: bool


def noninferiority(contrast: Contrast, margin: float, share: bool = True) -> NonInferiority | None:
    """Hold a contrast against a margin in the scores' units; None if it has no interval.

    Bounds are difference ± t se and, for scores within [0, 1] (`share`), not inside Tango's score
    bounds at the effective number of samples (`score_bounds`; by the design effect as in Nam &
    Kwon, 2009, "Non-inferiority tests for clustered matched-pair data", Statistics in
    Medicine 28): where few samples changed, t bounds alone would pass too readily.
    Raises ValueError for a margin of 0, which has no bad side.
    """
    if not margin:
        raise ValueError("a margin of 0 has no bad side")
    bounds = _bounds(contrast, share)
    if bounds is None:
        return None
    low, high = bounds
    if margin < 0:
        return NonInferiority(margin, low, high, low >= margin, high < margin, high < 0)
    return NonInferiority(margin, low, high, high <= margin, low > margin, low > 0)


def _bounds(contrast: Contrast, share: bool) -> tuple[float, float] | None:
    d, se, df = contrast.difference, contrast.se, contrast.df
    if d is None or se is None or df is None or contrast.low is None or contrast.high is None:
        return None
    if degenerate(se, d):
        return contrast.low, contrast.high  # already a one-sided 95 % bound on either side
    critical = quantile(LEVEL, df)
    low, high = max(d - critical * se, contrast.low), min(d + critical * se, contrast.high)
    if not share:
        return low, high
    # Scores between 0 and 1 may move by less than a whole answer: then as if a few had changed.
    moved = max(contrast.moved or 0.0, abs(d))
    # The effective number of samples, from the variance that independent samples would have;
    # clusters that go together can only lower it.
    n = min(float(contrast.n), (moved - d * d) / se**2)
    below, above = score_bounds(n * (moved + d) / 2, n * (moved - d) / 2, n, critical)
    return min(low, below), max(high, above)


def samples_to_settle(contrast: Contrast, margin: float) -> int | None:
    """Return the number of samples, in clusters as now, that would show with 80 % power on
    which side of the margin the difference lies, if the true difference is the measured one.

    None if it lies on the margin, or if more than a million times the samples were needed."""
    d, se, df = contrast.difference, contrast.se, contrast.df
    if d is None or se is None or df is None:
        return None
    distance = abs(d - margin)
    if degenerate(se, d):
        return _unseen_settled(contrast, margin)
    if distance <= 1e-9:
        return None
    from scipy.optimize import brentq

    # The search runs on the logarithm, since the answer may be a thousand times the samples.
    def lacking(log: float) -> float:
        times = math.exp(log)
        return power(distance, se / math.sqrt(times), max(1.0, df * times), sides=1) - POWER

    least, greatest = math.log(2 / contrast.n), math.log(MOST)
    if lacking(greatest) < 0:
        return None
    if lacking(least) >= 0:
        return contrast.n
    return max(contrast.n, math.ceil(contrast.n * math.exp(brentq(lacking, least, greatest))))


def _unseen_settled(contrast: Contrast, margin: float) -> int | None:
    """Without variance the bound is of clusters that went unseen: more clusters bring it in."""
    d, bound = contrast.difference, contrast.low if margin < 0 else contrast.high
    if d is None or bound is None or bound == d or (margin - d) * (bound - d) <= 0:
        return None
    share = unseen(contrast.clusters) * (margin - d) / (bound - d)
    if share >= 1:
        return contrast.n
    clusters = math.log(1 - LEVEL) / math.log(1 - share)
    return max(contrast.n, math.ceil(contrast.n / contrast.clusters * clusters))
