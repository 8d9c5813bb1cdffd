"""Statistics: means, paired differences and their uncertainty, with clustered errors.

Every function works on whole columns; nothing loops over samples. A missing score (None or
NaN: unscored) is left out and counted by the caller. The published source of each estimator
stands in its docstring.
"""

from __future__ import annotations

from vibench.stats.clusters import LEVEL, ScoreRange, cluster_codes, side_by_side, spans
from vibench.stats.contrasts import Contrast, contrast, contrasts
from vibench.stats.corrections import benjamini_hochberg
from vibench.stats.correlation import Pearson, pearson
from vibench.stats.means import MeanEstimate, rate, rates
from vibench.stats.noninferiority import NonInferiority, noninferiority, samples_to_settle
from vibench.stats.pairs import McNemar, mcnemar, mcnemar_p
from vibench.stats.power import (
    ASSUMED,
    POWER,
    Spread,
    detectable,
    pooled,
    power,
    spread_of,
    standard_error,
)
from vibench.stats.seeds import SeedEffects, each_seed_effects, seed_effects

__all__ = [
    "ASSUMED",
    "LEVEL",
    "POWER",
    "Contrast",
    "McNemar",
    "MeanEstimate",
    "NonInferiority",
    "Pearson",
    "ScoreRange",
    "SeedEffects",
    "Spread",
    "benjamini_hochberg",
    "cluster_codes",
    "contrast",
    "contrasts",
    "detectable",
    "each_seed_effects",
    "mcnemar",
    "mcnemar_p",
    "noninferiority",
    "pearson",
    "pooled",
    "power",
    "rate",
    "rates",
    "samples_to_settle",
    "seed_effects",
    "side_by_side",
    "spans",
    "spread_of",
    "standard_error",
]
