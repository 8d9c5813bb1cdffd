"""Benjamini-Hochberg: its published rule, and what holds for any family."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from vibench.stats import benjamini_hochberg

families = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_adjusted_p_values_keep_their_places_and_gaps() -> None:
    # Benjamini & Hochberg: p * m / rank, made monotone from the largest down.
    assert benjamini_hochberg([0.01, None, 0.04, 0.03]) == [
        pytest.approx(0.03),
        None,
        pytest.approx(0.04),
        pytest.approx(0.04),
    ]
    assert benjamini_hochberg([None]) == [None]


@given(families)
def test_adjusting_keeps_the_order_and_lowers_nothing(p: list[float]) -> None:
    q = [one for one in benjamini_hochberg(p) if one is not None]
    assert all(before - 1e-12 <= after <= 1 for before, after in zip(p, q, strict=True))
    ranked = [after for _, after in sorted(zip(p, q, strict=True))]
    assert ranked == sorted(ranked)


@given(families, st.floats(0, 1), st.data())
def test_a_smaller_p_value_makes_no_other_result_weaker(
    p: list[float], smaller: float, data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(p) - 1))
    changed = [min(one, smaller) if i == which else one for i, one in enumerate(p)]
    for before, after in zip(benjamini_hochberg(p), benjamini_hochberg(changed), strict=True):
        assert before is not None
        assert after is not None
        assert after <= before + 1e-12


@given(families)
def test_adjusted_p_values_are_scipys(p: list[float]) -> None:
    assert benjamini_hochberg(p) == false_discovery_control(p).tolist()
