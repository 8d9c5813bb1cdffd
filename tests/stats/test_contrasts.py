"""Paired differences: who is compared, what is certain, and what is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from vibench.stats import Contrast, contrast, contrasts, mcnemar, mcnemar_p


def test_a_paired_difference_of_single_samples_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    before, after = rng.normal(5, 2, 40), rng.normal(5.6, 2, 40)
    names = [f"s{i}" for i in range(40)]
    found = contrast(
        dict(zip(names, after, strict=True)),
        dict(zip(names, before, strict=True)),
        dict(zip(names, names, strict=True)),
    )
    expected = scipy_stats.ttest_rel(after, before)
    interval = expected.confidence_interval()
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_only_samples_scored_in_both_are_compared_and_the_others_counted() -> None:
    found = contrast(
        {"a": 1.0, "b": 1.0, "c": 0.0, "d": None, "e": 1.0},
        {"a": 0.0, "b": 1.0, "c": 0.0, "d": 1.0},
        {s: s for s in "abcde"},
    )
    assert (found.n, found.clusters) == (3, 3)
    assert (found.only_treated, found.only_vanilla) == (1, 1)
    assert found.treated_mean == pytest.approx(2 / 3)
    assert found.vanilla_mean == pytest.approx(1 / 3)
    assert found.difference == pytest.approx(1 / 3)


def test_no_change_anywhere_is_not_certainty_of_no_change() -> None:
    clusters = {f"s{i}": f"c{i % 10}" for i in range(60)}
    same = {s: float(i % 2) for i, s in enumerate(clusters)}
    found = contrast(same, same, clusters)
    unseen = 1 - 0.05 ** (1 / 10)
    assert (found.difference, found.se, found.p) == (0.0, 0.0, 1.0)
    assert (found.low, found.high) == (pytest.approx(-unseen), pytest.approx(unseen))


def test_a_change_of_every_sample_has_a_bound_and_a_sign_test() -> None:
    names = [f"s{i}" for i in range(12)]
    found = contrast(dict.fromkeys(names, 1.0), dict.fromkeys(names, 0.0), {s: s for s in names})
    assert (found.difference, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(1 - 2 * (1 - 0.05 ** (1 / 12)))
    assert found.p == pytest.approx(2 * 0.5**12)


def test_from_one_cluster_nothing_is_said_about_the_error() -> None:
    found = contrast({"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 0.0}, {"a": "x", "b": "x"})
    assert found.difference == 0.5
    assert (found.se, found.low, found.high, found.p) == (None, None, None, None)
    assert not found.excludes_zero


def test_without_a_pair_there_is_no_difference() -> None:
    found = contrast({}, {}, {})
    assert (found.difference, found.p, found.n, found.moved) == (None, None, 0, None)


def test_how_many_samples_changed_is_kept() -> None:
    names = [f"s{i}" for i in range(10)]
    after = {s: float(i < 5) for i, s in enumerate(names)}
    before = {s: float(3 <= i < 6) for i, s in enumerate(names)}
    found = contrast(after, before, {s: s for s in names})
    assert found.difference == pytest.approx(0.2)
    assert found.moved == pytest.approx(0.4)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 0.0, 0.2, 1.0]),
            st.sampled_from([None, 0.0, 0.7, 1.0]),
            st.integers(0, 6),
        ),
        max_size=40,
    )
)
def test_shares_have_intervals_around_the_difference_and_within_bounds(
    rows: list[tuple[float | None, float | None, int]],
) -> None:
    names = [f"s{i}" for i in range(len(rows))]
    found: Contrast = contrast(
        {s: after for s, (after, _, _) in zip(names, rows, strict=True)},
        {s: before for s, (_, before, _) in zip(names, rows, strict=True)},
        {s: f"c{c}" for s, (_, _, c) in zip(names, rows, strict=True)},
    )
    if found.low is None or found.high is None or found.difference is None:
        assert found.clusters < 2
        return
    assert -1 - 1e-9 <= found.low <= found.difference + 1e-9
    assert found.difference - 1e-9 <= found.high <= 1 + 1e-9
    assert found.high - found.low > 1e-6


def test_the_order_of_samples_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    after, before = rng.random((2, 50, 3))
    clusters = rng.integers(0, 8, 50)
    order = rng.permutation(50)
    for one, other in zip(
        contrasts(after, before, clusters),
        contrasts(after[order], before[order], clusters[order]),
        strict=True,
    ):
        assert (one.difference, one.se) == (
            pytest.approx(other.difference),
            pytest.approx(other.se),
        )


def test_yes_and_no_have_the_counts_of_mcnemars_test_and_other_scores_have_none() -> None:
    rng = np.random.default_rng(5)
    before, after = rng.integers(0, 2, (2, 80, 1)).astype(float)
    before[3], after[7] = np.nan, np.nan
    found = contrasts(after, before, np.arange(80))[0]

    def scores(column: np.ndarray) -> dict[str, float | None]:
        return {str(i): None if np.isnan(x) else float(x) for i, x in enumerate(column[:, 0])}

    whole = mcnemar(scores(after), scores(before), {str(i): str(i) for i in range(80)})
    assert (found.gained, found.lost) == (whole.gained, whole.lost)
    after[20] = 0.5
    mixed, empty = (
        contrasts(column, before, np.arange(80))[0] for column in (after, after * np.nan)
    )
    assert mixed.gained is mixed.lost is None
    assert empty.gained is empty.lost is None


@pytest.mark.parametrize("lost", [0, 3, 12, 13, 40])
@pytest.mark.parametrize("gained", [0, 1, 11, 12, 30])
def test_mcnemars_p_is_scipys(gained: int, lost: int) -> None:
    changed = gained + lost
    exact = scipy_stats.binomtest(gained, changed).pvalue if changed else 1.0
    squared = (gained - lost) ** 2 / max(1, changed)
    expected = exact if changed < 25 else scipy_stats.chi2.sf(squared, 1)
    assert mcnemar_p(gained, lost) == pytest.approx(expected, rel=1e-9)
