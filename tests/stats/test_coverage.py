"""Intervals cover the truth as often as they say, and those that leave clusters out do not."""

from __future__ import annotations

import numpy as np
import pytest

from vibench.stats import Contrast, MeanEstimate, contrasts, pearson, rates, seed_effects

BAND = (0.93, 0.97)
"""Of 2,000 draws at 95 % the share that covers has a standard error of half a point."""

SUBJECTS = [
    *(100, 135, 152, 265, 144, 203, 100, 100, 102, 173, 100, 102, 235, 114, 145, 378, 126, 100),
    *(310, 203, 100, 165, 198, 193, 390, 270, 238, 151, 545, 216, 204, 237, 223, 131, 121, 108),
    *(163, 112, 103, 234, 100, 783, 346, 895, 306, 311, 324, 282, 1534, 272, 612, 110, 245, 201),
    *(100, 166, 171),
]
"""Questions in each of MMLU's 57 subjects: clusters as uneven as they come."""

DESIGNS = {
    "issuebench": [30] * 212,
    "20 clusters": [30] * 20,
    "40 clusters": [8] * 40,
    "60 clusters": [20] * 60,
    "mmlu, a tenth": [m // 10 for m in SUBJECTS],
}


def shares(rng: np.random.Generator, mean: float, alike: float, groups: int, runs: int) -> object:
    """Each cluster's own share: Beta, so that two answers of it have correlation `alike`."""
    strength = (1 - alike) / alike
    return rng.beta(mean * strength, (1 - mean) * strength, (groups, runs))


def covering(found: list[MeanEstimate] | list[Contrast], truth: float) -> float:
    held = [f for f in found if f.low is not None and f.high is not None]
    assert len(held) == len(found)
    return sum(f.low <= truth <= f.high for f in held) / len(found)  # type: ignore[operator]


@pytest.mark.parametrize("design", DESIGNS)
def test_with_clusters_in_19_of_20_and_without_them_far_less(design: str) -> None:
    """Yes/no answers, before and after, that go together within clusters (0.3): 2,000 evals of
    each design (1,000 of the largest), a mean of 30 % and a rise of 10 points."""
    rng = np.random.default_rng(20260101)
    sizes = DESIGNS[design]
    groups, n = len(sizes), sum(sizes)
    codes, runs = np.repeat(np.arange(groups), sizes), 250 if n < 2000 else 125
    kept: dict[str, list[float]] = {"mean": [], "contrast": [], "plain": [], "plain contrast": []}
    for _ in range(8):
        vanilla = np.asarray(shares(rng, 0.3, 0.3, groups, runs))
        treated = 0.5 * vanilla + 0.5 * np.asarray(shares(rng, 0.5, 0.3, groups, runs))
        before = (rng.random((n, runs)) < vanilla[codes]).astype(float)
        after = (rng.random((n, runs)) < treated[codes]).astype(float)
        alone = np.arange(n)
        kept["mean"].append(covering(rates(before, codes), 0.3))
        kept["contrast"].append(covering(contrasts(after, before, codes), 0.1))
        kept["plain"].append(covering(rates(before, alone), 0.3))
        kept["plain contrast"].append(covering(contrasts(after, before, alone), 0.1))
    share = {name: float(np.mean(found)) for name, found in kept.items()}
    assert BAND[0] <= share["mean"] <= BAND[1]
    assert BAND[0] <= share["contrast"] <= BAND[1]
    assert share["plain"] < 0.9
    assert share["plain contrast"] < 0.9


@pytest.mark.parametrize("truth", [0.0, 0.6])
def test_pearsons_interval(truth: float) -> None:
    """3,000 draws of 15 values, as many as are induced."""
    rng = np.random.default_rng(7)
    covered = 0
    for x, noise in zip(*rng.normal(size=(2, 3000, 15)), strict=True):
        found = pearson(x.tolist(), (truth * x + np.sqrt(1 - truth**2) * noise).tolist())
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    assert BAND[0] <= covered / 3000 <= BAND[1]


@pytest.mark.parametrize(("seeds", "tau"), [(5, 0.0), (5, 0.05), (5, 0.2), (3, 0.2)])
def test_the_mean_over_training_seeds(seeds: int, tau: float) -> None:
    """600 draws of 30 clusters of 8 that all seeds are asked. Taken as independent studies
    with a common difference, the same contrasts cover far less often."""
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(30), 8)
    covered = spread = fixed = 0
    for _ in range(600):
        shared = rng.normal(0, 0.15, (30, 1))[codes]
        own = rng.normal(0, 0.05, (30, seeds))[codes]
        values = rng.normal(0, tau, seeds) + shared + own + rng.normal(0, 0.4, (240, seeds))
        found = seed_effects(values, np.zeros_like(values), codes)
        assert found.low is not None
        assert found.high is not None
        assert found.tau_low is not None
        assert found.tau_high is not None
        covered += found.low <= 0 <= found.high
        spread += found.tau_low - 1e-12 <= tau <= found.tau_high
        weights = np.array([1 / one.se**2 for one in found.each if one.se])
        pooled = np.average([one.difference or 0.0 for one in found.each], weights=weights)
        fixed += abs(pooled) <= 1.96 / np.sqrt(weights.sum())
    assert BAND[0] <= covered / 600 <= 0.985  # conservative where neither source prevails
    assert BAND[0] <= spread / 600 <= 0.985
    assert fixed / 600 < 0.85
