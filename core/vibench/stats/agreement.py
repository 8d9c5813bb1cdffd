"""How far two judges agree on yes/no questions, and what one's rate says about the other's.

Everything is computed from counts by cluster (the eval's clusters: issues, instructions), so
millions of verdicts are a few thousand numbers. The intervals hold for new clusters:

- A share has Wilson's interval at the effective number of answers: their number over the
  design effect (not taken below 1), times (t(n - 1) / t(G - 1)) ** 2 for the few clusters
  (Korn & Graubard, 1998, Survey Methodology 24; Dean & Pagano, 2015, Journal of Survey
  Statistics and Methodology 3). With one answer to a cluster that is Wilson's own. Where all
  answers are equal, each cluster counts as one.
- Cohen's kappa is 1 - d / e, observed over expected disagreement. Its interval is built on
  log(d / e), by the delta method with cluster-robust errors (G / (G - 1), Student's t with
  G - 1 degrees of freedom). On the scale of kappa itself, or by the bootstrap, intervals are
  far too narrow where disagreements are few.
- A mapped rate a * r + b * (1 - r) combines the intervals of its parts (MOVER: Zou & Donner,
  2008, Statistics in Medicine 27; with their correlation: Zou, 2008, Psychological Methods 12).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "LEVEL",
    "Agreement",
    "Counts",
    "Interval",
    "Kappa",
    "Link",
    "Paired",
    "Share",
    "agreement",
    "link",
    "mean",
    "share",
    "wilson",
]

LEVEL = 0.95
"""Coverage of every interval."""

NONE = 1e-12
"""Smaller than this is no variance but rounding."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of` answers in `clusters` clusters, with its interval. Of no answers the
    value is None and the interval is everything, 0 to 1."""

    value: float | None
    low: float
    high: float
    hits: float
    of: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa. Where it, or its interval, is None, `reason` says why."""

    value: float | None
    low: float | None
    high: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What two judges answered in one cluster: both yes, only the first, only the second,
    neither."""

    both: int = 0
    first: int = 0
    second: int = 0
    neither: int = 0


@dataclass(frozen=True, slots=True)
class Paired:
    """The same in columns, one row for each cluster."""

    both: Floats
    first: Floats
    second: Floats
    neither: Floats

    @classmethod
    def of(cls, counts: Sequence[Counts]) -> Paired:
        import numpy as np

        rows = [(c.both, c.first, c.second, c.neither) for c in counts]
        return cls(*np.array(rows, dtype=float).reshape(-1, 4).T)

    @property
    def total(self) -> Counts:
        """Over all clusters."""
        return Counts(*(int(c.sum()) for c in (self.both, self.first, self.second, self.neither)))

    @property
    def sizes(self) -> Floats:
        """Answers in each cluster."""
        return self.both + self.first + self.second + self.neither


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two judges over the answers that both scored: the share of equal ones, kappa, and the
    share each says yes to."""

    agreement: Share
    kappa: Kappa
    first: Share
    second: Share
    counts: Counts


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with its interval; the number is None where nothing says what it is."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Link:
    """From one judge's rate of yes to another's.

    `of_yes` is how often the second says yes where the first does, `of_no` where it does
    not; `correlation` is that of their errors, which clusters cause. With a reference as the
    first and a judge as the second they are sensitivity and 1 - specificity.
    """

    of_yes: Share
    of_no: Share
    correlation: float
    counts: Counts

    def apply(self, rate: float, of: int | None = None) -> Interval:
        """What the second's rate would be where the first's is `rate` (0 to 1).

        `of` is the number of answers that `rate` was found in: then its own error (Wilson's,
        as of independent answers) is in the interval too.
        """
        low, high = rate, rate
        if of is not None:
            around = wilson(rate, of)
            low, high = min(rate, around[0]), max(rate, around[1])
        yes, no = self.of_yes, self.of_no
        if (yes.value is None and rate > 0) or (no.value is None and rate < 1):
            lowest = min(yes.low * r + no.low * (1 - r) for r in (low, high))
            highest = max(yes.high * r + no.high * (1 - r) for r in (low, high))
            return Interval(None, lowest, highest)
        a, b = yes.value or 0.0, no.value or 0.0
        value = a * rate + b * (1 - rate)
        down, up = abs(a - b) * (rate - low), abs(a - b) * (high - rate)
        if a < b:
            down, up = up, down
        below = self._distance(rate, a - yes.low, b - no.low, down)
        above = self._distance(rate, yes.high - a, no.high - b, up)
        return Interval(value, max(0.0, value - below), min(1.0, value + above))

    def _distance(self, rate: float, of_yes: float, of_no: float, own: float) -> float:
        one, other = rate * of_yes, (1 - rate) * of_no
        squares = one**2 + other**2 + 2 * self.correlation * one * other + own**2
        return math.sqrt(max(0.0, squares))


def share(hits: Floats, of: Floats) -> Share:
    """The share of `of` answers that are `hits`; both by cluster."""
    n, found = float(of.sum()), float(hits.sum())
    groups = int((of > 0).sum())
    if not n:
        return Share(None, 0.0, 1.0, 0.0, 0, 0)
    p = found / n
    low, high = wilson(p, _effective(p, n, groups, hits - p * of))
    return Share(p, min(p, max(0.0, low)), max(p, min(1.0, high)), found, int(n), groups)


def _effective(p: float, n: float, groups: int, residuals: Floats) -> float:
    """How many independent answers would say as much."""
    from scipy.stats import t

    squares = float((residuals**2).sum())
    if groups < 2 or squares <= NONE:
        return float(groups)
    variance = groups / (groups - 1) * squares / n**2
    alone = p * (1 - p) / (n - 1)
    tail = (1 + LEVEL) / 2
    few = float(t.ppf(tail, n - 1) / t.ppf(tail, groups - 1)) ** 2
    return n / max(1.0, variance / alone) * few


def wilson(p: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share `p` of `n` answers, which need not be a whole number."""
    from scipy.stats import norm

    z = float(norm.ppf((1 + LEVEL) / 2))
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    return (middle - half) / whole, (middle + half) / whole


def mean(sums: Floats, of: Floats) -> Interval:
    """The mean of scores from 0 to 1, given their sums and numbers by cluster."""
    from scipy.stats import t

    n, groups = float(of.sum()), int((of > 0).sum())
    if not n:
        return Interval(None, 0.0, 1.0)
    value = min(1.0, float(sums.sum()) / n)
    squares = float(((sums - value * of) ** 2).sum())
    if groups < 2 or squares <= NONE:
        low, high = wilson(value, groups)
        return Interval(value, min(value, low), max(value, high))
    half = float(t.ppf((1 + LEVEL) / 2, groups - 1))
    half *= math.sqrt(groups / (groups - 1) * squares) / n
    return Interval(value, max(0.0, value - half), min(1.0, value + half))


def agreement(paired: Paired, names: tuple[str, str] = ("the first", "the second")) -> Agreement:
    """Agreement of two judges; `names` are for the reason where kappa is not known."""
    sizes = paired.sizes
    return Agreement(
        share(paired.both + paired.neither, sizes),
        kappa(paired, names),
        share(paired.both + paired.first, sizes),
        share(paired.both + paired.second, sizes),
        paired.total,
    )


def kappa(paired: Paired, names: tuple[str, str]) -> Kappa:
    """Cohen's kappa (Cohen, 1960). None where neither judge's answer varies; without an
    interval where one's does not (kappa is then 0 by its definition), or in one cluster."""
    sizes, n = paired.sizes, float(paired.sizes.sum())
    if not n:
        return Kappa(None, None, None, "nothing was scored by both")
    first, second = paired.both + paired.first, paired.both + paired.second
    p, q = float(first.sum()) / n, float(second.sum()) / n
    constant = [name for name, r in zip(names, (p, q), strict=True) if r in (0.0, 1.0)]
    if len(constant) == 2 and p == q:
        return Kappa(None, None, None, f"both say {'yes' if p else 'no'} throughout")
    if constant:
        return Kappa(0.0, None, None, f"{' and '.join(constant)} never varies")
    disagree = paired.first + paired.second
    d, e = float(disagree.sum()) / n, p * (1 - q) + q * (1 - p)
    value = 1 - d / e
    if int((sizes > 0).sum()) < 2:
        return Kappa(value, None, None, "all answers are of one cluster")
    # How each cluster moves e; with how it moves d, how it moves log(d / e).
    expected = (1 - 2 * q) * (first - p * sizes) + (1 - 2 * p) * (second - q * sizes)
    moves = (disagree - d * sizes) / d - expected / e if d > 0 else 0.0 * sizes
    low, high = _kappa_bounds(d, e, moves, disagree, sizes)
    return Kappa(value, max(-1.0, min(value, low)), min(1.0, max(value, high)))


def _kappa_bounds(
    d: float, e: float, moves: Floats, disagree: Floats, sizes: Floats
) -> tuple[float, float]:
    from scipy.stats import t

    squares, groups = float((moves**2).sum()), int((sizes > 0).sum())
    if squares <= NONE:
        # No cluster differs from another: the disagreement that may have gone unseen.
        about = share(disagree, sizes)
        return 1 - about.high / e, 1 - about.low / e
    se = math.sqrt(groups / (groups - 1) * squares) / float(sizes.sum())
    factor = math.exp(float(t.ppf((1 + LEVEL) / 2, groups - 1)) * se)
    return 1 - d / e * factor, 1 - d / e / factor


def link(paired: Paired) -> Link:
    """What the second judge says where the first says yes, and where it says no."""
    import numpy as np

    yes, no = paired.both + paired.first, paired.second + paired.neither
    of_yes, of_no = share(paired.both, yes), share(paired.second, no)
    correlation = 0.0
    if of_yes.value is not None and of_no.value is not None:
        one = paired.both - of_yes.value * yes
        other = paired.second - of_no.value * no
        scale = math.sqrt(float((one**2).sum()) * float((other**2).sum()))
        if scale > NONE:
            correlation = float(np.clip((one * other).sum() / scale, -1.0, 1.0))
    return Link(of_yes, of_no, correlation, paired.total)
