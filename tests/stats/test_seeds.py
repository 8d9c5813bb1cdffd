"""Random effects over training seeds."""

from __future__ import annotations

import numpy as np
import pytest

from vibench.stats import contrasts, seed_effects


def outcomes(shifts: list[float], seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of one column a seed: 40 clusters of 6, alike in all seeds but for `shifts`."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(40), 6)
    issue = rng.normal(0, 0.3, (40, 1))[codes]
    before = rng.normal(0, 1, (240, len(shifts)))
    after = before + issue + np.array(shifts) + rng.normal(0, 0.5, before.shape)
    return after, before, codes


def test_seeds_that_differ_have_most_of_the_variance() -> None:
    found = seed_effects(*outcomes([0.0, 1.0, 2.0, 3.0]))
    assert found.seeds == 4
    assert found.mean == pytest.approx(1.5, abs=0.2)
    assert found.tau == pytest.approx(np.std([0, 1, 2, 3], ddof=1), rel=0.1)
    assert found.share is not None
    assert found.share > 0.95
    assert found.tau_low is not None
    assert found.tau_high is not None
    assert found.tau_low < found.tau < found.tau_high
    assert found.reason == ""


def test_seeds_that_are_alike_have_none_of_it() -> None:
    after, before, codes = outcomes([0.2])
    found = seed_effects(np.repeat(after, 3, axis=1), np.repeat(before, 3, axis=1), codes)
    alone = contrasts(after, before, codes)[0]
    assert (found.tau, found.share) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    assert found.mean == pytest.approx(alone.difference)
    # The same answers three times over are worth no more than once.
    assert found.se == pytest.approx(alone.se)
    assert (found.low, found.high) == (pytest.approx(alone.low), pytest.approx(alone.high))
    assert found.p == pytest.approx(alone.p)


def test_one_seed_says_that_its_share_is_unknown() -> None:
    after, before, codes = outcomes([0.4])
    found = seed_effects(after, before, codes)
    alone = contrasts(after, before, codes)[0]
    assert (found.mean, found.low, found.high) == (alone.difference, alone.low, alone.high)
    assert (found.tau, found.share, found.share_low) == (None, None, None)
    assert "one training seed" in found.reason
    assert "--seed 0,1,2" in found.reason


def test_a_seed_without_a_score_is_left_out_and_samples_may_be_missing() -> None:
    after, before, codes = outcomes([0.0, 0.5, 1.0, 9.0])
    after[:, 3] = np.nan
    after[:50, 0] = np.nan
    found = seed_effects(after, before, codes)
    assert found.seeds == 3
    assert len(found.each) == 4
    assert found.mean == pytest.approx(0.5, abs=0.2)
    nothing = seed_effects(np.full((6, 2), np.nan), np.zeros((6, 2)), np.arange(6))
    assert (nothing.seeds, nothing.mean) == (0, None)
    assert nothing.reason


def test_no_difference_anywhere_has_the_bounds_of_what_went_unseen() -> None:
    before, after, codes = np.zeros((20, 3)), np.ones((20, 3)), np.arange(20)
    for found, mean in (
        (seed_effects(before, before, codes), 0),
        (seed_effects(after, before, codes), 1),
    ):
        alone = found.each[0]
        assert (found.mean, found.low, found.high) == (mean, alone.low, alone.high)
        assert found.p == alone.p
        assert (found.tau, found.share) == (None, None)
        assert "no sample differs" in found.reason


def test_seeds_that_agree_by_chance_have_the_error_of_their_answers() -> None:
    before = np.zeros((20, 2))
    after = before.copy()
    after[:3, 0] = after[7:10, 1] = 1  # the same rate by different answers
    found = seed_effects(after, before, np.arange(20))
    error = found.each[0].se
    assert found.reason == ""
    assert error is not None
    assert found.se == pytest.approx(error / np.sqrt(2), rel=0.1)
    assert found.low is not None
    assert found.low < 0.15
    # That they agree does not say that others would; shares differ by an sd of 1 at most.
    assert (found.tau, found.tau_high) == (0, 1)


def test_shares_change_by_no_more_than_all_of_them() -> None:
    before = np.zeros((10, 3))
    after = np.ones((10, 3))
    after[0, 0] = after[3, 1] = 0
    found = seed_effects(after, before, np.arange(10))
    assert found.high == 1
    far = seed_effects(10 * after, before, np.arange(10))  # no shares
    assert far.high is not None
    assert far.high > 10


def test_the_mean_of_two_small_runs_covers_as_it_says() -> None:
    """400 pairs of runs of 20 yes/no answers, which often agree exactly."""
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(400):
        before = rng.random((20, 2)) < 0.5
        after = before | (rng.random((20, 2)) < 0.2)
        found = seed_effects(after.astype(float), before.astype(float), np.arange(20))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.1 <= found.high
    assert covered / 400 >= 0.94
