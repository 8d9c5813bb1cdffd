"""Columns of scores with their clusters: means, their standard errors and what those are worth.

Standard errors are cluster-robust with the bias reduction CR2 and Satterthwaite's degrees of
freedom (Bell & McCaffrey, 2002, "Bias reduction in standard errors for linear regression with
multi-stage samples", Survey Methodology 28; Imbens & Kolesár, 2016, "Robust standard errors in
small samples", Review of Economics and Statistics 98). Where all clusters have the same size
that is CR1, the small-sample factor G / (G - 1) with G - 1 degrees of freedom (Cameron &
Miller, 2015, "A Practitioner's Guide to Cluster-Robust Inference", section VI); with one
sample to a cluster it is s / sqrt(n).

Where no cluster differs from the mean the estimated error is 0, which is not certainty: a
deviating share of clusters smaller than b = 1 - 0.05 ** (1 / G) would have gone unseen with
a probability above 5 % (the exact "rule of three"; Hanley & Lippman-Hand, 1983, JAMA 249).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

__all__ = [
    "LEVEL",
    "Clustered",
    "ColumnMean",
    "ScoreRange",
    "cluster_codes",
    "cluster_sums",
    "clustered",
    "column_sums",
    "degenerate",
    "freedom",
    "number",
    "side_by_side",
    "spans",
    "unseen",
]

LEVEL = 0.95
"""Coverage of every interval."""


class ColumnMean(NamedTuple):
    """`Clustered` of one column, in Python's numbers: numpy's are slow one by one."""

    mean: float
    se: float
    df: float
    n: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Clustered:
    """Per column: mean, standard error and its degrees of freedom (NaN from fewer than two
    clusters), scored rows, clusters with a scored row."""

    mean: Floats
    se: Floats
    df: Floats
    n: Codes
    clusters: Codes

    def columns(self) -> list[ColumnMean]:
        """Return the estimates column by column."""
        arrays = (self.mean, self.se, self.df, self.n, self.clusters)
        return [ColumnMean(*column) for column in zip(*(a.tolist() for a in arrays), strict=True)]


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """The range of scores: [0, 1], else (not `sure`) the range of the scores that were seen."""

    low: float
    high: float
    sure: bool

    def differences(self) -> ScoreRange:
        """Return the range of differences of two such scores."""
        return ScoreRange(self.low - self.high, self.high - self.low, self.sure)


def cluster_codes(names: Sequence[str]) -> Codes:
    """Return numbers 0, 1, ... for cluster names."""
    import numpy as np

    codes: Codes = np.unique(np.asarray(names, dtype=object).astype(str), return_inverse=True)[1]
    return codes


def clustered(values: Floats, clusters: Codes) -> Clustered:
    """Return the mean of each column of `values` (samples x metrics, NaN where unscored)."""
    import numpy as np

    n = (~np.isnan(values)).sum(axis=0)
    if not len(values):
        nothing = np.full(values.shape[1], np.nan)
        return Clustered(nothing, nothing, nothing, n, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, sums, sizes = cluster_sums(values, clusters)
        groups = (sizes > 0).sum(axis=0)
        # CR2 of a mean: each cluster's sum of residuals is divided by the root of 1 - its share of
        # the rows, which undoes the pull that a cluster has on the mean it is compared with.
        se = np.sqrt(column_sums(sums**2 / (1 - sizes / n), values)) / n
        df = freedom(sizes, values)
    # One cluster says nothing about the spread between clusters.
    alone = groups < 2
    return Clustered(mean, np.where(alone, np.nan, se), np.where(alone, np.nan, df), n, groups)


def cluster_sums(values: Floats, clusters: Codes) -> tuple[Floats, Floats, Floats]:
    """Each column's mean; and clusters x columns, the sums of the residuals and how many
    rows are scored."""
    import numpy as np

    scored = ~np.isnan(values)
    # reduceat adds up runs of equal clusters, so rows are sorted by cluster first. The sort is
    # stable: the order of additions, and with it the last bit, does not depend on the platform.
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    mean = column_sums(np.where(scored, values, 0.0), values) / scored.sum(axis=0)
    residuals = np.where(scored, values - mean, 0.0)
    sums = np.add.reduceat(residuals[order], starts, axis=0)
    return mean, sums, np.add.reduceat(scored[order].astype(float), starts, axis=0)


def freedom(sizes: Floats, values: Floats | None = None) -> Floats:
    """Satterthwaite's degrees of freedom of the CR2 variance of each column's mean, for
    clusters x columns of cluster sizes, as if samples were independent (Bell & McCaffrey).

    With B the matrix of the quadratic form in the clusters' sums and V their variances this is
    tr(BV) ** 2 / tr(BVBV), written out so that no clusters x clusters matrix is made. `values`
    are the scores that were counted, as in `column_sums`.
    """
    import numpy as np

    def total(numbers: Floats) -> Floats:
        return column_sums(numbers, values)

    with np.errstate(invalid="ignore", divide="ignore"):
        share = sizes / total(sizes)
        # A cluster that holds every row has no weight: there is nothing else to compare it with.
        weight = np.where(share < 1, 1 / (1 - share), np.nan)
        pull = weight * share
        shift = total(pull * share)
        trace = total(sizes * (weight * (1 - 2 * share) + shift))
        v0, v1, v2 = total(sizes), total(sizes * pull), total(sizes * pull**2)
        squares = shift**2 * v0**2 - 4 * shift * v0 * v1 + 2 * v0 * v2 + 2 * v1**2
        diagonal = total(sizes**2 * weight * (2 * (shift - 2 * pull) + weight))
        # Rounding can carry the ratio past what G clusters can have at most, G - 1.
        limit = (sizes > 0).sum(axis=0) - 1
        df: Floats = np.clip(trace**2 / (squares + diagonal), 1.0, np.maximum(limit, 1))
    return df


def side_by_side(tables: Sequence[Floats]) -> Floats:
    """Return the columns of several tables of the same rows as one table, in which every
    estimate comes out as in its own table, to the last bit."""
    import numpy as np

    joined = np.concatenate(tables, axis=1)
    # numpy adds up a single column in pairs, and the columns of a wider table row by row unless
    # each is contiguous, so that the rounding differs.
    return np.asfortranarray(joined) if all(t.shape[1] == 1 for t in tables) else joined


def column_sums(numbers: Floats, values: Floats | None = None) -> Floats:
    """Return each column's sum, added up in the order that the layout of `values` (a table of
    `side_by_side`) asks for."""
    import numpy as np

    contiguous = values is not None and np.isfortran(values)
    total: Floats = (np.asfortranarray(numbers) if contiguous else numbers).sum(axis=0)
    return total


def spans(*tables: Floats) -> list[ScoreRange]:
    """Return the span of each metric's scores in all of the tables, whose second axis is the
    metrics: within [0, 1] if all of its scores are."""
    import numpy as np

    lows, highs = (
        bound.reduce(
            [
                bound.reduce(table, axis=(0, *range(2, table.ndim)), initial=np.nan)
                for table in tables
            ],
            axis=0,
        )
        for bound in (np.fmin, np.fmax)  # the number where the other is NaN
    )
    sure = ~((lows < 0) | (highs > 1))
    return [
        ScoreRange(0.0, 1.0, True) if bounded else ScoreRange(low, high, False)
        for bounded, low, high in zip(sure.tolist(), lows.tolist(), highs.tolist(), strict=True)
    ]


def unseen(groups: int) -> float:
    """The share of clusters that may deviate without one of `groups` showing it (5 %)."""
    return 1 - float((1 - LEVEL) ** (1 / groups))


def degenerate(se: float, mean: float) -> bool:
    """True if clusters do not vary but for rounding."""
    return se <= 1e-12 * max(1.0, abs(mean))


def number(value: Any) -> float | None:
    """Return the number, or None for NaN."""
    return None if value != value else float(value)
