"""Pearson's correlation: its number, and where there is none."""

from __future__ import annotations

import math

import pytest

from vibench.stats import pearson


def test_the_interval_is_fishers() -> None:
    x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    y = [2.0, 1.0, 4.0, 3.0, 7.0, 5.0, 8.0, 6.0]
    found = pearson(x, y)
    assert found.r == pytest.approx(1 - 6 * 14 / (8 * 63))  # ranks: Spearman's formula
    assert found.r is not None
    half = 1.959964 / math.sqrt(8 - 3)
    assert found.low == pytest.approx(math.tanh(math.atanh(found.r) - half))
    assert found.high == pytest.approx(math.tanh(math.atanh(found.r) + half))
    t = found.r * math.sqrt(6 / (1 - found.r**2))
    assert found.p == pytest.approx(0.0102, abs=1e-4)
    assert t > 3


@pytest.mark.parametrize(
    ("x", "y", "reason", "known"),
    [
        ([1.0, 2.0, 3.0], [1.0, 3.0, 2.0], "3 pairs are too few for an interval", True),
        ([1.0], [2.0], "1 pairs have no correlation", False),
        ([2.0] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], "the first column has one value only", False),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [0.1] * 5, "the second column has one value only", False),
        ([1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0], "the pairs lie on one line", True),
    ],
)
def test_what_has_no_interval_says_why(
    x: list[float], y: list[float], reason: str, known: bool
) -> None:
    found = pearson(x, y)
    assert found.reason.startswith(reason)
    assert (found.low, found.high, found.p) == (None, None, None)
    assert (found.r is not None) == known


def test_pairs_with_a_missing_side_are_left_out() -> None:
    x = [1.0, 2.0, None, 4.0, 3.0, 9.0]
    y = [1.0, 2.0, 5.0, 3.0, 4.0, None]
    assert pearson(x, y) == pearson([1.0, 2.0, 4.0, 3.0], [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ValueError):
        pearson([1.0], [1.0, 2.0])
