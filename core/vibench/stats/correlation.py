"""Pearson's correlation with its interval."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from vibench.stats.clusters import LEVEL

__all__ = ["Pearson", "pearson"]


@dataclass(frozen=True, slots=True)
class Pearson:
    """A correlation over `n` pairs. What is None has its cause in `reason`. `p` is two-sided,
    for no correlation."""

    r: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int
    reason: str = ""


def pearson(x: Sequence[float | None], y: Sequence[float | None]) -> Pearson:
    """Pearson's r of two columns by position; a pair with a None in it is left out.

    The interval is Fisher's, tanh(atanh(r) ± z / sqrt(n - 3)) (Fisher, 1921, "On the probable
    error of a coefficient of correlation", Metron 1); the p-value is of the t test with n - 2
    degrees of freedom. Both take pairs as independent.
    Raises ValueError if the columns differ in length.
    """
    import numpy as np
    from scipy.stats import ConstantInputWarning, NearConstantInputWarning, pearsonr

    pairs = [(a, b) for a, b in zip(x, y, strict=True) if a is not None and b is not None]
    n = len(pairs)
    if n < 2:
        return Pearson(None, None, None, None, n, f"{n} pairs have no correlation")
    columns = np.array(pairs, dtype=float).T
    # scipy warns about a constant column and returns NaN; here the column is named instead.
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConstantInputWarning)
        warnings.simplefilter("error", NearConstantInputWarning)
        try:
            result = pearsonr(columns[0], columns[1])
        except (ConstantInputWarning, NearConstantInputWarning):
            which = "first" if np.ptp(columns[0]) <= np.ptp(columns[1]) else "second"
            reason = f"the {which} column has one value only"
            return Pearson(None, None, None, None, n, reason)
    r = float(result.statistic)
    if n < 4:
        return Pearson(r, None, None, None, n, f"{n} pairs are too few for an interval")
    if abs(r) > 1 - 1e-12:
        # Fisher's interval has no width here, which is not certainty.
        reason = "the pairs lie on one line, which has no interval"
        return Pearson(r, None, None, None, n, reason)
    interval = result.confidence_interval(LEVEL)
    return Pearson(r, float(interval.low), float(interval.high), float(result.pvalue), n)
