"""Numbers of cells, and statistics over several: means, spreads, correlations, marks.

Cells of one eval share the same prompts (those of one model for several values, those of
several models for one value), so their errors are correlated to an unknown extent. A mean's
interval is therefore the mean of the cells' own bounds: by the triangle inequality no
correlation makes the mean's standard error larger than the mean of theirs. The interval is about
these particular models and values; the standard error over models or values measures how much
they differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import stdev

from vibench.exhibits.exhibit import Entry
from vibench.report.rows import Row
from vibench.stats import LEVEL, benjamini_hochberg, pearson
from vibench.stats.clusters import degenerate
from vibench.stats.student import quantile, two_sided

__all__ = [
    "Number",
    "correlation",
    "deviation",
    "marked",
    "mean",
    "of_change",
    "of_rate",
    "standard_error",
    "total",
]


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its 95 % interval and, for a difference, the two-sided p-value for no
    difference. `se` and `df` are the standard error and degrees of freedom behind the interval."""

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    se: float | None = None
    df: float = 0

    def entry(self, count: int = 1, expected: int = 1, error: float | None = None) -> Entry:
        """Return the number as an entry of an exhibit."""
        return Entry(self.value, error, self.low, self.high, of=count, wanted=expected)


def of_rate(row: Row) -> Number | None:
    """Return a row's rate, shares in percent; None if nothing is scored."""
    rate, scale = row.rate, 100 if row.share else 1
    if rate.mean is None:
        return None
    if rate.low is None or rate.high is None:
        return Number(scale * rate.mean)
    return Number(scale * rate.mean, scale * rate.low, scale * rate.high)


def of_change(row: Row) -> Number | None:
    """Return a row's difference from vanilla, in points for shares; None without any pair."""
    contrast, scale = row.contrast, 100 if row.share else 1
    if contrast is None or contrast.difference is None:
        return None
    value = scale * contrast.difference
    if contrast.low is None or contrast.high is None:
        return Number(value)
    # Identical differences have a standard error of 0, but an interval that is not a point: the
    # error is taken from the interval, so that sums and means stay honest (vibench.stats).
    df = contrast.df or contrast.clusters - 1
    se = contrast.se or 0.0
    if degenerate(se, contrast.difference):
        se = (contrast.high - contrast.low) / 2 / _quantile(df)
    return Number(value, scale * contrast.low, scale * contrast.high, contrast.p, scale * se, df)


def mean(numbers: Sequence[Number]) -> Number | None:
    """Return the mean, with the mean of the bounds as its interval (see the module)."""
    return _together(numbers, 1 / len(numbers)) if numbers else None


def total(numbers: Sequence[Number]) -> Number | None:
    """Return the sum, with the sum of the bounds as its interval (see the module)."""
    return _together(numbers, 1.0) if numbers else None


def _together(numbers: Sequence[Number], weight: float) -> Number:
    # Unchanged, so that its p-value stays the cell's own.
    if len(numbers) == 1:
        return numbers[0]
    value = weight * sum(n.value for n in numbers)
    # Without one of the bounds there is no interval of the mean, rather than one that is too short.
    lows = [n.low for n in numbers if n.low is not None]
    highs = [n.high for n in numbers if n.high is not None]
    if len(lows) < len(numbers) or len(highs) < len(numbers):
        return Number(value)
    low, high = weight * sum(lows), weight * sum(highs)
    errors = [n.se for n in numbers if n.se is not None]
    # The fewest degrees of freedom: the widest quantile, in keeping with the bounds.
    df = min(n.df for n in numbers)
    if len(errors) < len(numbers):
        return Number(value, low, high, df=df)
    se = weight * sum(errors)
    return Number(value, low, high, _p(value, se, df), se, df)


def _p(value: float, se: float, df: float) -> float | None:
    return two_sided(value / se, df) if se > 0 and df > 0 else None


def _quantile(df: float) -> float:
    return quantile((1 + LEVEL) / 2, df)


def deviation(values: Sequence[float]) -> float | None:
    """Return the standard deviation; None of fewer than two values."""
    return stdev(values) if len(values) > 1 else None


def standard_error(values: Sequence[float]) -> float | None:
    """Return the standard error of their mean, as if each were drawn independently."""
    return stdev(values) / sqrt(len(values)) if len(values) > 1 else None


def correlation(first: Mapping[str, float], second: Mapping[str, float]) -> Number | None:
    """Return Pearson's r over the names in either, 0 where a name is missing on one side.

    The interval is Fisher's (`vibench.stats.pearson`). None for fewer than two names, or where
    one side does not vary.
    """
    names = sorted(first.keys() | second.keys())
    fit = pearson(*([side.get(name, 0.0) for name in names] for side in (first, second)))
    return None if fit.r is None else Number(fit.r, fit.low, fit.high)


def marked(
    entries: Sequence[Sequence[Entry]], numbers: Sequence[Sequence[Number | None]]
) -> tuple[tuple[Entry, ...], ...]:
    """Return the entries with * where their number's interval excludes 0, and † where that also
    holds after Benjamini-Hochberg over all of them (q at most 0.05)."""
    # The whole exhibit is one family of tests.
    flat = [n.p if n else None for row in numbers for n in row]
    adjusted = iter(benjamini_hochberg(flat))
    return tuple(
        tuple(
            replace(entry, mark=_mark(number, next(adjusted)))
            for entry, number in zip(row, row_numbers, strict=True)
        )
        for row, row_numbers in zip(entries, numbers, strict=True)
    )


def _mark(number: Number | None, q: float | None) -> str:
    if number is None or number.low is None or number.high is None:
        return ""
    # The interval decides first, so that a mark never contradicts the bar beside it.
    if number.low <= 0 <= number.high:
        return ""
    return "†" if q is not None and q <= 1 - LEVEL else "*"
