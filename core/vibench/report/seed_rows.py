"""Training seeds side by side: the mean contrast over them, and how much is the seed's."""

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
    """A row for each metric of one subject that differs from others by more than its seed.

    Seeds without a vanilla cell are left out.
    """
    import numpy as np

    pairs = [(one.cell, one.own, one.vanilla) for one in seeds if one.vanilla is not None]
    if not pairs:
        return
    rows = Turns.union([outcomes.rows for _, *both in pairs for outcomes in both])
    metrics = list(dict.fromkeys(m for _, own, _ in pairs for m in own.metrics))
    after = np.stack([own.columns(metrics, rows) for _, own, _ in pairs], axis=2)
    before = np.stack([base.columns(metrics, rows) for _, _, base in pairs], axis=2)
    cell = pairs[0][0]
    effects = each_seed_effects(after, before, rows.codes)
    for m, (metric, of) in enumerate(zip(metrics, spans(after, before), strict=True)):
        yield SeedRow(
            **cell.subject,
            metric=metric,
            share=share(metric, of, cell.not_shares),
            seeds=tuple(one.seed for one, *_ in pairs),
            effects=effects[m],
        )
