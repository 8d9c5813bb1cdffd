"""Student's t by scipy's plain functions: `scipy.stats.t` checks and broadcasts its arguments
for a hundred times as long, and a report has tens of thousands of intervals."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["quantile", "two_sided"]


@lru_cache(maxsize=1024)
def quantile(p: float, df: float) -> float:
    """Return the quantile of Student's t with `df` degrees of freedom at probability `p`."""
    from scipy.special import stdtrit

    return float(stdtrit(df, p))


def two_sided(x: float, df: float) -> float:
    """The probability of a value at least as far from 0 as `x`."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(x)))
