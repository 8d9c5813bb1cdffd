"""The agreement of two judges on yes/no questions: shares and Cohen's kappa."""

from __future__ import annotations

from dataclasses import dataclass

from vibench.stats.kappa import Kappa, kappa
from vibench.stats.paired_counts import Counts, PairedCounts
from vibench.stats.shares import Share, cluster_share

__all__ = ["Agreement", "agreement"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two judges over the answers that both scored: the share of equal ones, kappa, and the
    share that each answers yes to."""

    agreement: Share
    kappa: Kappa
    first: Share
    second: Share
    counts: Counts


def agreement(
    counts: PairedCounts, names: tuple[str, str] = ("the first", "the second")
) -> Agreement:
    """Return the agreement of two judges; `names` are for the reason where kappa is unknown."""
    sizes = counts.sizes
    return Agreement(
        cluster_share(counts.both + counts.neither, sizes),
        kappa(counts, names),
        cluster_share(counts.both + counts.first, sizes),
        cluster_share(counts.both + counts.second, sizes),
        counts.total,
    )
