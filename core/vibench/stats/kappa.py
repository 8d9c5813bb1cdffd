"""Cohen's kappa of two judges, with an interval that holds for new clusters.

Kappa is 1 - d / e, observed over expected disagreement (Cohen, 1960, Educational and
Psychological Measurement 20). Its interval is built on log(d / e), by the delta method with
cluster-robust errors (G / (G - 1), Student's t with G - 1 degrees of freedom). On the scale of
kappa itself, or by the bootstrap, intervals are far too narrow where disagreements are few.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.stats.clusters import LEVEL
from vibench.stats.paired_counts import PairedCounts
from vibench.stats.shares import ROUNDING, cluster_share

if TYPE_CHECKING:
    from vibench.stats.clusters import Floats

__all__ = ["Kappa", "kappa"]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa. Where it, or its interval, is None, `reason` says why."""

    value: float | None
    low: float | None
    high: float | None
    reason: str = ""


def kappa(counts: PairedCounts, names: tuple[str, str]) -> Kappa:
    """Return Cohen's kappa of two judges; `names` are theirs, for the reason.

    It is None where neither judge's answer varies; without an interval where the answer of one
    does not (kappa is then 0 by its definition), or in one cluster.
    """
    sizes, n = counts.sizes, float(counts.sizes.sum())
    if not n:
        return Kappa(None, None, None, "nothing was scored by both")
    first, second = counts.both + counts.first, counts.both + counts.second
    p, q = float(first.sum()) / n, float(second.sum()) / n
    constant = [name for name, rate in zip(names, (p, q), strict=True) if rate in (0.0, 1.0)]
    if len(constant) == 2 and p == q:
        return Kappa(None, None, None, f"both say {'yes' if p else 'no'} throughout")
    if constant:
        return Kappa(0.0, None, None, f"{' and '.join(constant)} never varies")
    disagreed = counts.first + counts.second
    d, e = float(disagreed.sum()) / n, p * (1 - q) + q * (1 - p)
    value = 1 - d / e
    if int((sizes > 0).sum()) < 2:
        return Kappa(value, None, None, "all answers are of one cluster")
    # The influence of each cluster on e and, with its influence on d, on log(d / e).
    on_e = (1 - 2 * q) * (first - p * sizes) + (1 - 2 * p) * (second - q * sizes)
    influence = (disagreed - d * sizes) / d - on_e / e if d > 0 else 0.0 * sizes
    low, high = _bounds(d, e, influence, disagreed, sizes)
    return Kappa(value, max(-1.0, min(value, low)), min(1.0, max(value, high)))


def _bounds(
    d: float, e: float, influence: Floats, disagreed: Floats, sizes: Floats
) -> tuple[float, float]:
    from scipy.stats import t

    squares, groups = float((influence**2).sum()), int((sizes > 0).sum())
    if squares <= ROUNDING:
        # No cluster differs from another: the interval is of the disagreement that may have
        # gone unseen in so few clusters.
        unseen = cluster_share(disagreed, sizes)
        return 1 - unseen.high / e, 1 - unseen.low / e
    se = math.sqrt(groups / (groups - 1) * squares) / float(sizes.sum())
    factor = math.exp(float(t.ppf((1 + LEVEL) / 2, groups - 1)) * se)
    return 1 - d / e * factor, 1 - d / e / factor
