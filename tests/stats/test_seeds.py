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


def test_no_difference_anywhere_has_no_interval() -> None:
    found = seed_effects(np.ones((20, 3)), np.ones((20, 3)), np.arange(20))
    assert (found.mean, found.low, found.p) == (0.0, None, None)
    assert found.reason
