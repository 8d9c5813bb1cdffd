"""Non-inferiority: its decisions exclude each other, and it passes the inferior seldom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.stats import Contrast, contrasts, noninferiority, samples_to_settle


def compared(after: list[float], before: list[float], to_a_cluster: int = 1) -> Contrast:
    columns = np.array([after, before], dtype=float)[:, :, None]
    return contrasts(columns[0], columns[1], np.arange(len(after)) // to_a_cluster)[0]


def lost(n: int, of: int) -> Contrast:
    return compared([float(i >= n) for i in range(of)], [1.0] * of)


def test_each_side_of_the_margin_is_told() -> None:
    few, many = lost(2, 400), lost(80, 400)
    small, large = noninferiority(few, -0.05), noninferiority(many, -0.05)
    assert small is not None
    assert large is not None
    assert (small.proven, small.inferior) == (True, False)
    assert (large.proven, large.inferior, large.worse) == (False, True, True)
    between = noninferiority(lost(20, 400), -0.05)
    assert between is not None
    assert (between.proven, between.inferior, between.worse) == (False, False, True)


def test_a_rise_is_bad_where_the_margin_is_positive() -> None:
    rise = compared([float(i < 80) for i in range(400)], [0.0] * 400)
    up, down = noninferiority(rise, 0.05), noninferiority(rise, -0.05)
    assert up is not None
    assert down is not None
    assert (up.inferior, up.worse) == (True, True)
    assert (down.proven, down.inferior, down.worse) == (True, False, False)


def test_no_change_at_all_is_shown_only_by_enough_clusters() -> None:
    few, many = (noninferiority(compared([1.0] * n, [1.0] * n), -0.02) for n in (100, 200))
    assert few is not None
    assert many is not None
    assert (few.proven, many.proven) == (False, True)


def test_a_single_loss_is_no_better_news_than_none() -> None:
    bounds = [noninferiority(lost(n, 300), -0.01) for n in range(6)]
    lows = [found.low for found in bounds if found is not None]
    assert len(lows) == 6
    assert lows == sorted(lows, reverse=True)


def test_scores_between_0_and_1_and_on_other_scales_have_bounds() -> None:
    rng = np.random.default_rng(1)
    before = rng.random(60) * 0.2 + 0.4
    parts = compared((before - 0.1 + rng.normal(0, 0.01, 60)).tolist(), before.tolist())
    found = noninferiority(parts, -0.15)
    assert found is not None
    assert found.low < -0.1 < found.high
    scale = compared((rng.normal(7, 1, 60)).tolist(), (rng.normal(7, 1, 60)).tolist())
    wide = noninferiority(scale, -2.0, share=False)
    assert wide is not None
    assert wide.proven


def test_without_an_interval_nothing_is_decided() -> None:
    assert noninferiority(compared([1.0, 0.0], [1.0, 1.0], to_a_cluster=2), -0.1) is None
    assert noninferiority(compared([], []), -0.1) is None
    with pytest.raises(ValueError, match="bad side"):
        noninferiority(lost(3, 20), 0.0)


scores = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.3, 1.0])))


@given(scores, st.integers(1, 4), st.floats(-1, -1e-6), st.floats(-1, -1e-6))
def test_a_wider_margin_is_never_less_lenient(
    rows: list[tuple[float, float]], to_a_cluster: int, one: float, other: float
) -> None:
    found = compared([a for a, _ in rows], [b for _, b in rows], to_a_cluster)
    strict, lenient = (noninferiority(found, m) for m in (max(one, other), min(one, other)))
    if strict is None or lenient is None:
        assert strict is None
        assert lenient is None
        return
    assert lenient.proven >= strict.proven
    assert lenient.inferior <= strict.inferior
    for decided in (strict, lenient):
        assert not (decided.proven and decided.inferior)
        assert decided.low <= decided.high


@pytest.mark.parametrize(("clusters", "size"), [(520, 1), (100, 1), (40, 8)])
def test_a_loss_at_the_margin_is_seldom_passed(clusters: int, size: int) -> None:
    """1,500 simulated evals whose true loss is the margin: at most 5 % of them may pass (7 %
    with what chance adds)."""
    rng = np.random.default_rng(11)
    margin, n, runs = 0.02 if clusters > 100 else 0.05, clusters * size, 1500
    codes = np.repeat(np.arange(clusters), size)
    holds = rng.beta(6, 2, (clusters, runs))[codes] if size > 1 else np.full((n, runs), 0.98)
    before = (rng.random((n, runs)) < holds).astype(float)
    after = before * (rng.random((n, runs)) >= margin / holds.mean())
    found = [noninferiority(c, -margin) for c in contrasts(after, before, codes)]
    passed = sum(one is not None and one.proven for one in found)
    blocked = sum(one is not None and one.inferior for one in found)
    assert passed / runs <= 0.07
    assert blocked / runs <= 0.07


def test_the_samples_that_would_settle_it_do() -> None:
    """Drawn that many at a time, four evals in five are decided."""
    rng = np.random.default_rng(3)
    pilot = compared((rng.random(200) < 0.5).tolist(), (rng.random(200) < 0.5).tolist())
    assert pilot.difference is not None
    margin = pilot.difference - 0.05
    n = samples_to_settle(pilot, margin)
    assert n is not None
    assert n > 200
    assert pilot.se is not None
    runs = 800
    values = rng.normal(pilot.difference, pilot.se * np.sqrt(200), (n, runs))
    found = contrasts(values, np.zeros_like(values), np.arange(n))
    held = [noninferiority(c, margin, share=False) for c in found]
    settled = sum(one is not None and one.proven for one in held)
    assert 0.75 <= settled / runs <= 0.85


def test_on_the_margin_no_number_of_samples_settles_it() -> None:
    found = lost(20, 400)
    assert found.difference is not None
    assert samples_to_settle(found, found.difference) is None
    assert samples_to_settle(compared([], []), -0.1) is None


def test_without_any_change_more_clusters_settle_it() -> None:
    found = compared([1.0] * 50, [1.0] * 50)
    n = samples_to_settle(found, -0.01)
    assert n is not None
    enough, short = (noninferiority(compared([1.0] * k, [1.0] * k), -0.01) for k in (n, n - 5))
    assert enough is not None
    assert short is not None
    assert (enough.proven, short.proven) == (True, False)
