"""McNemar's test: published numbers, symmetry, and honesty about clusters."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from vibench.stats import McNemar, mcnemar
from vibench.stats.pairs import score_bounds


def table(both: int, gained: int, lost: int, neither: int, to_a_cluster: int = 1) -> McNemar:
    scores = [(1.0, 1.0)] * both + [(1.0, 0.0)] * gained + [(0.0, 1.0)] * lost
    scores += [(0.0, 0.0)] * neither
    names = [f"s{i}" for i in range(len(scores))]
    return mcnemar(
        {s: after for s, (after, _) in zip(names, scores, strict=True)},
        {s: before for s, (_, before) in zip(names, scores, strict=True)},
        {s: f"c{i // to_a_cluster}" for i, s in enumerate(names)},
    )


def test_published_numbers_come_out() -> None:
    # Airway hyper-responsiveness before and after transplantation (Bentur et al., 2009), as
    # analysed by Fagerland, Lydersen & Laake, 2013: exact p 0.070.
    found = table(both=1, gained=1, lost=7, neither=12)
    assert found.exact
    assert found.p == pytest.approx(0.0703, abs=5e-5)
    assert found.difference == pytest.approx(-6 / 21)
    # Their Tango interval for the difference (Statistics in Medicine 33, 2014): 0.026 to 0.52.
    assert found.difference_low == pytest.approx(-0.517, abs=2e-3)
    assert found.difference_high == pytest.approx(-0.026, abs=2e-3)


def test_many_pairs_that_differ_have_the_chi_square() -> None:
    found = table(both=100, gained=40, lost=20, neither=50)
    assert not found.exact
    assert found.p == pytest.approx(scipy_stats.chi2.sf(20**2 / 60, 1))
    assert found.odds_ratio == 2.0
    interval = scipy_stats.binomtest(40, 60).proportion_ci(0.95, "exact")
    assert found.odds_low == pytest.approx(interval.low / (1 - interval.low))
    assert found.odds_high == pytest.approx(interval.high / (1 - interval.high))


counts = st.integers(0, 60)


@given(counts, counts, counts, counts)
def test_exchanging_the_sides_turns_the_result_round(
    both: int, gained: int, lost: int, neither: int
) -> None:
    one, other = table(both, gained, lost, neither), table(both, lost, gained, neither)
    assert one.p == (None if other.p is None else pytest.approx(other.p))
    if one.difference is None:
        assert one.n == 0
        return
    assert other.difference == -one.difference
    assert one.difference_low is not None
    assert other.difference_high is not None
    assert one.difference_low == pytest.approx(-other.difference_high, abs=1e-6)
    assert -1 <= one.difference_low <= one.difference + 1e-9
    if one.odds_ratio not in (None, 0.0, math.inf):
        assert other.odds_ratio == pytest.approx(1 / one.odds_ratio)
        assert one.odds_low is not None
        assert other.odds_high is not None
        assert other.odds_high == pytest.approx(1 / one.odds_low)


def test_no_change_is_no_evidence_and_no_ratio() -> None:
    found = table(both=10, gained=0, lost=0, neither=10)
    assert (found.p, found.difference, found.odds_ratio) == (1.0, 0.0, None)
    assert found.difference_high is not None
    assert found.difference_high > 0.05


def test_all_in_one_direction_has_an_infinite_ratio_with_a_finite_bound() -> None:
    found = table(both=10, gained=6, lost=0, neither=10)
    assert found.odds_ratio == found.odds_high == math.inf
    assert found.odds_low is not None
    assert 0 < found.odds_low < 6


def test_it_says_that_it_ignores_clusters_where_there_are_any() -> None:
    assert table(10, 5, 2, 10).caution == ""
    clustered = table(10, 5, 2, 10, to_a_cluster=9)
    assert (clustered.clusters, clustered.largest) == (3, 9)
    assert "independent" in clustered.caution
    assert "3 clusters of up to 9" in clustered.caution


def test_unscored_samples_are_no_pairs_and_other_numbers_are_refused() -> None:
    clusters = {s: s for s in "abc"}
    found = mcnemar({"a": 1.0, "b": None}, {"a": 0.0, "b": 1.0, "c": 1.0}, clusters)
    assert (found.n, found.gained, found.lost) == (1, 1, 0)
    with pytest.raises(ValueError, match="0 and 1"):
        mcnemar({"a": 0.5}, {"a": 0.0}, clusters)
    assert mcnemar({}, {}, {}).p is None


@given(st.floats(0, 40), st.floats(0, 40), st.floats(1, 60), st.floats(0.5, 4))
def test_score_bounds_hold_the_difference(
    gained: float, lost: float, others: float, critical: float
) -> None:
    n = gained + lost + others
    low, high = score_bounds(gained, lost, n, critical)
    assert -1 <= low <= (gained - lost) / n <= high <= 1
