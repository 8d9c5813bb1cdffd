"""Columns that are estimated together come out as each does by itself, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from vibench.stats import (
    contrasts,
    each_seed_effects,
    rates,
    seed_effects,
    side_by_side,
)

SHAPES = [(28, 28, 1), (28, 28, 3), (500, 13, 1), (500, 13, 4), (300, 290, 1), (300, 290, 2)]
"""Samples, clusters at most, metrics."""


def scores(samples: int, metrics: int, seeds: int, random: np.random.Generator) -> np.ndarray:
    """Fractions, of which some are unscored: sums of them depend on their order."""
    drawn = 5 * random.random((samples, metrics, seeds))
    drawn[random.random(drawn.shape) < 0.05] = np.nan
    return drawn


@pytest.mark.parametrize(("samples", "clusters", "metrics"), SHAPES)
def test_tables_side_by_side_have_the_estimates_of_each(
    samples: int, clusters: int, metrics: int
) -> None:
    random = np.random.default_rng(samples + metrics)
    codes = np.unique(random.integers(0, clusters, samples), return_inverse=True)[1]
    after, before = (
        [scores(samples, metrics, 1, random)[:, :, 0] for _ in range(7)] for _ in range(2)
    )
    pairs = zip(after, before, strict=True)
    assert rates(side_by_side(after), codes) == [e for one in after for e in rates(one, codes)]
    assert contrasts(side_by_side(after), side_by_side(before), codes) == [
        c for own, base in pairs for c in contrasts(own, base, codes)
    ]


@pytest.mark.parametrize("seeds", [1, 2, 9])
def test_seed_effects_of_all_metrics_are_those_of_each(seeds: int) -> None:
    random = np.random.default_rng(seeds)
    codes = np.unique(random.integers(0, 40, 200), return_inverse=True)[1]
    after, before = (scores(200, 6, seeds, random) for _ in range(2))
    after[:, 1] = np.nan  # never scored
    after[:, 2, 0] = np.nan  # not in the first seed
    after[:, 3] = before[:, 3]
    every = each_seed_effects(after, before, codes)
    assert every == [seed_effects(after[:, m], before[:, m], codes) for m in range(6)]
    assert [e.seeds for e in every] == [seeds, 0, seeds - 1, seeds, seeds, seeds]
