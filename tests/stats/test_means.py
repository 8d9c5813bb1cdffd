"""Means and their intervals: against textbook results, and what is not known is not said."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy import stats as scipy_stats

from vibench.stats import contrasts, rate, rates


def test_alone_in_their_clusters_samples_have_the_usual_interval() -> None:
    values = [2.0, 3.0, 1.0, 0.0, 5.0, 1.0, 2.5]
    found = rate(values, [str(i) for i in range(7)])
    low, high = scipy_stats.t.interval(0.95, 6, np.mean(values), scipy_stats.sem(values))
    assert found.mean == pytest.approx(np.mean(values))
    assert found.se == pytest.approx(scipy_stats.sem(values))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_the_ends_of_a_shares_interval_are_as_far_from_it_as_their_own_error_allows() -> None:
    """Wilson's interval at the effective number of samples."""
    values = [float(i < 9) for i in range(60)]
    found = rate(values, [str(i // 3) for i in range(60)])
    assert found.mean is not None
    assert found.se is not None
    effective = found.mean * (1 - found.mean) / found.se**2
    critical = scipy_stats.t.ppf(0.975, 19)
    for end in (found.low, found.high):
        assert end is not None
        away = abs(end - found.mean) / math.sqrt(end * (1 - end) / effective)
        assert away == pytest.approx(critical)


def test_copies_of_a_sample_within_its_cluster_add_no_certainty() -> None:
    once = rate([0.0, 1.0, 1.0, 0.0], ["a", "b", "c", "d"])
    copied = rate([0.0, 1.0, 1.0, 0.0] * 10, ["a", "b", "c", "d"] * 10)
    assert copied.n == 40
    assert copied.se == pytest.approx(once.se)
    assert (copied.low, copied.high) == (pytest.approx(once.low), pytest.approx(once.high))


def test_clusters_of_one_size_have_the_factor_of_cr1() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(3, 1, 60)
    found = rate(values.tolist(), [str(i // 5) for i in range(60)])
    sums = (values - values.mean()).reshape(12, 5).sum(axis=1)
    assert found.se == pytest.approx(math.sqrt(12 / 11 * (sums**2).sum()) / 60)
    assert found.high == pytest.approx(values.mean() + scipy_stats.t.ppf(0.975, 11) * found.se)


def test_degrees_of_freedom_are_those_of_the_quadratic_form() -> None:
    """Satterthwaite's, with the whole matrix written out."""
    sizes = np.array([1, 2, 4, 9, 30])
    n, groups = sizes.sum(), len(sizes)
    codes = np.repeat(np.arange(groups), sizes)
    residual = np.eye(groups) - np.outer(sizes, np.ones(groups)) / n
    form = residual.T @ np.diag(1 / (1 - sizes / n)) @ residual @ np.diag(sizes)
    expected = np.trace(form) ** 2 / np.trace(form @ form)
    values = np.random.default_rng(0).normal(size=(n, 1))
    found = contrasts(values, np.zeros_like(values), codes)[0]
    assert found.df == pytest.approx(expected)
    assert found.df is not None
    assert found.df < groups - 2  # one large cluster is worth less than its share


def test_a_rate_of_none_in_g_clusters_has_the_rule_of_three_as_its_bound() -> None:
    found = rate([0.0] * 100, [str(i) for i in range(100)])
    assert found.low == 0.0
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 100))
    assert found.high == pytest.approx(3 / 100, rel=0.02)


def test_of_one_cluster_or_no_score_nothing_is_said_about_the_error() -> None:
    single = rate([1.0, 0.0], ["x", "x"])
    assert (single.mean, single.se, single.low, single.high) == (0.5, None, None, None)
    assert rate([None, None], ["a", "b"]).mean is None
    assert rate([], []).mean is None


def test_constant_scores_on_an_unknown_scale_have_no_interval() -> None:
    found = rate([7.0, 7.0, 7.0], ["a", "b", "c"])
    assert (found.mean, found.se, found.low, found.high) == (7.0, 0.0, None, None)


def test_a_million_outcomes_take_seconds() -> None:
    rng = np.random.default_rng(1)
    after, before = rng.random((2, 70_000, 15)).round()
    clusters = rng.integers(0, 212, 70_000)
    began = time.process_time()
    found = contrasts(after, before, clusters)
    single = rates(after, clusters)
    assert time.process_time() - began < 10
    assert len(found) == len(single) == 15
    assert all(c.n == 70_000 and c.clusters == 212 for c in found)
    assert all(c.se is not None and math.isfinite(c.se) for c in found)
