"""Power: against its definition, a simulation, and what more samples bring."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from vibench.stats import ASSUMED, Spread, contrasts, detectable, power, spread_of, standard_error


def test_without_clusters_it_is_the_textbooks_formula() -> None:
    sizes = [1] * 5000
    difference = detectable(sizes, Spread(0.5, 0.3))
    z = scipy_stats.norm.ppf(0.975) + scipy_stats.norm.ppf(0.8)
    assert difference == pytest.approx(z * 0.5 / math.sqrt(5000), rel=1e-3)


def test_samples_of_a_cluster_that_go_together_count_less() -> None:
    sizes = [30] * 212
    apart = standard_error(sizes, Spread(0.7, 0.0))
    together = standard_error(sizes, Spread(0.7, 1.0))
    assert apart == pytest.approx(0.7 / math.sqrt(6360))
    assert together == pytest.approx(0.7 / math.sqrt(212))
    assert standard_error(sizes, Spread(0.7, 0.1)) == pytest.approx(apart * math.sqrt(3.9))


def test_a_difference_of_that_size_is_seen_four_times_in_five() -> None:
    """2,000 simulated evals of 30 clusters of 8 with the spread that was planned with."""
    rng = np.random.default_rng(8)
    groups, size, runs = 30, 8, 2000
    spread = Spread(0.6, 0.25)
    truth = detectable([size] * groups, spread)
    assert truth is not None
    codes = np.repeat(np.arange(groups), size)
    shared = rng.normal(0, 0.6 * math.sqrt(0.25), (groups, runs))[codes]
    values = truth + shared + rng.normal(0, 0.6 * math.sqrt(0.75), (groups * size, runs))
    found = contrasts(values, np.zeros_like(values), codes)
    seen = sum(c.excludes_zero for c in found) / runs
    assert 0.77 <= seen <= 0.83


def test_the_spread_of_what_was_seen_is_found_again() -> None:
    rng = np.random.default_rng(4)
    codes = np.repeat(np.arange(200), 10)
    values = rng.normal(0, 0.3, (200, 3))[codes] + rng.normal(0, 0.6, (2000, 3))
    values[rng.random(values.shape) < 0.1] = np.nan
    found = spread_of(values, codes)
    assert found is not None
    assert found.contrasts == 3
    assert found.sd == pytest.approx(math.sqrt(0.45), rel=0.05)
    assert found.correlation == pytest.approx(0.2, abs=0.05)


def test_too_little_seen_is_not_gone_by() -> None:
    few = np.random.default_rng(0).normal(size=(27, 1))
    assert spread_of(few, np.arange(27) % 9) is None
    assert spread_of(np.zeros((50, 2)), np.arange(50) % 20) is None
    assert spread_of(np.full((50, 2), np.nan), np.arange(50)) is None
    alone = spread_of(few, np.arange(27))
    assert alone is not None
    assert alone.sd == pytest.approx(few.std(ddof=1))
    assert alone.correlation == ASSUMED.correlation


def test_from_one_cluster_nothing_can_be_seen() -> None:
    assert detectable([50], ASSUMED) is None
    assert detectable([], ASSUMED) is None


@given(st.integers(2, 300), st.integers(1, 40), st.floats(0, 1))
def test_more_clusters_see_smaller_differences(groups: int, size: int, alike: float) -> None:
    spread = Spread(0.5, alike)
    fewer, more = detectable([size] * groups, spread), detectable([size] * groups * 2, spread)
    assert fewer is not None
    assert more is not None
    assert more < fewer


@given(st.floats(0, 5), st.floats(0.01, 3), st.floats(2, 500))
def test_power_grows_with_the_difference(difference: float, more: float, df: float) -> None:
    assert power(difference, 1.0, df) <= power(difference + more, 1.0, df) + 1e-9
    assert power(0.0, 1.0, df) == pytest.approx(0.05)
    assert power(0.0, 1.0, df, sides=1) == pytest.approx(0.05)
