"""Links from one judge's rate of yes to another's.

A mapped rate a * r + b * (1 - r) combines the intervals of its parts (MOVER: Zou & Donner, 2008,
Statistics in Medicine 27; with their correlation: Zou, 2008, Psychological Methods 12).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vibench.stats.paired_counts import Counts, PairedCounts
from vibench.stats.shares import ROUNDING, Interval, Share, cluster_share, wilson

__all__ = ["Link", "link"]


@dataclass(frozen=True, slots=True)
class Link:
    """The second judge's rate of yes among the first judge's answers.

    `of_yes` is the share of the first's yes that the second also answers with yes, `of_no` the
    share of its no; `correlation` is that of their errors, which clusters cause. With a
    reference as the first and a judge as the second they are sensitivity and 1 - specificity.
    """

    of_yes: Share
    of_no: Share
    correlation: float
    counts: Counts

    def apply(self, rate: float, n: int | None = None) -> Interval:
        """Return the second's rate where the first's is `rate` (0 to 1).

        With `n`, the number of answers that `rate` was measured on, the error of the rate itself
        (Wilson's, as of independent answers) is in the interval too.
        """
        low, high = rate, rate
        if n is not None:
            interval = wilson(rate, n)
            low, high = min(rate, interval[0]), max(rate, interval[1])
        yes, no = self.of_yes, self.of_no
        if (yes.value is None and rate > 0) or (no.value is None and rate < 1):
            # A part that was never measured may be anything, so there is no number, and the
            # ends are the worst cases of both parts.
            lowest = min(yes.low * r + no.low * (1 - r) for r in (low, high))
            highest = max(yes.high * r + no.high * (1 - r) for r in (low, high))
            return Interval(None, lowest, highest)
        a, b = yes.value or 0.0, no.value or 0.0
        value = a * rate + b * (1 - rate)
        down, up = abs(a - b) * (rate - low), abs(a - b) * (high - rate)
        if a < b:
            # The second's rate falls as the first's rises.
            down, up = up, down
        below = self._distance(rate, a - yes.low, b - no.low, down)
        above = self._distance(rate, yes.high - a, no.high - b, up)
        return Interval(value, max(0.0, value - below), min(1.0, value + above))

    def _distance(self, rate: float, of_yes: float, of_no: float, of_rate: float) -> float:
        """Combine the distances of the three parts to their limits, of which the first two are
        correlated."""
        yes, no = rate * of_yes, (1 - rate) * of_no
        squares = yes**2 + no**2 + 2 * self.correlation * yes * no + of_rate**2
        return math.sqrt(max(0.0, squares))


def link(counts: PairedCounts) -> Link:
    """Return the second judge's answers where the first says yes, and where it says no."""
    import numpy as np

    yes, no = counts.both + counts.first, counts.second + counts.neither
    of_yes, of_no = cluster_share(counts.both, yes), cluster_share(counts.second, no)
    correlation = 0.0
    if of_yes.value is not None and of_no.value is not None:
        # Clusters in which the second says yes more often do so on both sides.
        on_yes = counts.both - of_yes.value * yes
        on_no = counts.second - of_no.value * no
        scale = math.sqrt(float((on_yes**2).sum()) * float((on_no**2).sum()))
        if scale > ROUNDING:
            correlation = float(np.clip((on_yes * on_no).sum() / scale, -1.0, 1.0))
    return Link(of_yes, of_no, correlation, counts.total)
