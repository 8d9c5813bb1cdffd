"""Training seeds compared: the mean contrast over them, and the share of variance that is
theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.report.comparisons import Comparison
from vibench.report.rows import share
from vibench.results.turns import Turns
from vibench.stats import SeedEffects, each_seed_effects, spans

__all__ = ["SeedRow", "seed_rows"]


@dataclass(frozen=True, slots=True)
class SeedRow:
    """One metric of one subject over the `seeds` it was trained with. `share` says that the
    scores lie within [0, 1]."""

    model: str
    inducer: str
    value: str
    eval: str
    judge: str
    parameters: Mapping[str, Any]
    metric: str
    share: bool
    seeds: tuple[int, ...]
    effects: SeedEffects


def seed_rows(seeds: Sequence[Comparison]) -> Iterator[SeedRow]:
    """Yield a row for each metric of one subject, over its seeds.

    Seeds without a vanilla cell are left out.
    """
    import numpy as np

    pairs = [
        (comparison.cell, comparison.outcomes, comparison.vanilla_outcomes)
        for comparison in seeds
        if comparison.vanilla_outcomes is not None
    ]
    if not pairs:
        return
    # Estimates over seeds need one table: the turns of any seed, NaN where one lacks them.
    rows = Turns.union([outcomes.rows for _, *of_both in pairs for outcomes in of_both])
    metrics = list(dict.fromkeys(m for _, outcomes, _ in pairs for m in outcomes.metrics))
    after = np.stack([outcomes.columns(metrics, rows) for _, outcomes, _ in pairs], axis=2)
    before = np.stack([base.columns(metrics, rows) for _, _, base in pairs], axis=2)
    cell = pairs[0][0]
    effects = each_seed_effects(after, before, rows.codes)
    for m, (metric, span) in enumerate(zip(metrics, spans(after, before), strict=True)):
        yield SeedRow(
            **cell.subject,
            metric=metric,
            share=share(metric, span, cell.not_shares),
            seeds=tuple(cell.seed for cell, *_ in pairs),
            effects=effects[m],
        )
