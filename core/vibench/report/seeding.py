"""Training seeds side by side: the mean contrast over them, and how much is the seed's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vibench.records import canonical_json
from vibench.report.outcomes import EXPRESSION, Outcomes
from vibench.report.rows import CellResult, share
from vibench.report.turns import Turns
from vibench.report.wording import clean, metric_words, signed
from vibench.stats import SeedEffects, cluster_codes, seed_effects

__all__ = ["SeedRow", "as_records", "over_seeds", "told", "told_all"]

MOST = 12
"""Sentences on seeds in a report for reading; the others are in its JSON."""


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


def over_seeds(
    cells: Sequence[CellResult], values: Collection[str] | None = None
) -> Iterator[SeedRow]:
    """A row for each metric of each subject that differs from others by more than its seed.

    Each seed is compared with the vanilla cell of the same seed; seeds without one are left
    out. `values` as in `load_outcomes`. The outcomes of one subject's seeds, and of the vanilla
    cells beside them, are held at a time.
    """
    bases: defaultdict[tuple[str | int, ...], list[CellResult]] = defaultdict(list)
    for cell in cells:
        if cell.vanilla:
            bases[cell.model, cell.eval, cell.judge, cell.seed].append(cell)
    groups: dict[str, list[tuple[CellResult, CellResult]]] = {}
    for cell in cells:
        near = bases[cell.model, cell.eval, cell.judge, cell.seed]
        base = next((v for v in near if v.serves(cell)), None)
        if cell.vanilla or base is None:
            continue
        of = [cell.model, cell.inducer, cell.value, cell.eval, cell.judge, dict(cell.parameters)]
        groups.setdefault(canonical_json(of), []).append((cell, base))
    vanilla: dict[int, Outcomes] = {}
    for pairs in groups.values():
        # Subject after subject is compared with the same vanilla cells: they are read once.
        vanilla = {
            id(base): vanilla.get(id(base)) or base.load(values)
            for base in {id(base): base for _, base in pairs}.values()
        }
        yield from _rows(sorted(pairs, key=lambda pair: pair[0].seed), vanilla, values)


def _rows(
    pairs: Sequence[tuple[CellResult, CellResult]],
    vanilla: Mapping[int, Outcomes],
    values: Collection[str] | None,
) -> Iterator[SeedRow]:
    import numpy as np

    loaded = [(cell.load(values), vanilla[id(base)]) for cell, base in pairs]
    rows = Turns.union([outcomes.rows for both in loaded for outcomes in both])
    codes = cluster_codes(rows.clusters.tolist())
    metrics = list(dict.fromkeys(m for own, _ in loaded for m in own.metrics))
    after = np.stack([own.columns(metrics, rows) for own, _ in loaded], axis=2)
    before = np.stack([base.columns(metrics, rows) for _, base in loaded], axis=2)
    cell = pairs[0][0]
    for m, metric in enumerate(metrics):
        scores = np.concatenate([after[:, m], before[:, m]])
        yield SeedRow(
            model=cell.model,
            inducer=cell.inducer,
            value=cell.value,
            eval=cell.eval,
            judge=cell.judge,
            parameters=cell.parameters,
            metric=metric,
            share=share(metric, scores, cell.not_shares),
            seeds=tuple(one.seed for one, _ in pairs),
            effects=seed_effects(after[:, m], before[:, m], codes),
        )


def told(row: SeedRow) -> str:
    """A sentence: the mean over seeds, how far they differ, and the seed's share."""
    found = row.effects
    who = (
        f"{clean(row.inducer)} on {clean(row.value)}, {clean(row.model)}: "
        f"{metric_words(row.metric, brief=False)} ({clean(row.eval)})"
    )
    if found.mean is None:
        return f"{who}: {found.reason}."
    change = signed(found.mean, row.share)
    if found.low is not None and found.high is not None:
        change += f" [{signed(found.low, row.share)}, {signed(found.high, row.share)}]"
    if found.tau is None or found.share is None:
        return f"{who} {change}; {found.reason or 'nothing differs'}"
    unit = 100 if row.share else 1
    said = f"{who} {change} over {found.seeds} seeds, which differ by {unit * found.tau:.3g} (sd)"
    if found.tau_low is not None and found.tau_high is not None:
        said += f" [{unit * found.tau_low:.3g}, {unit * found.tau_high:.3g}]"
    said += f"; the seed's share of a run's variance is {100 * found.share:.0f} %"
    if found.share_low is not None and found.share_high is not None:
        said += f" [{100 * found.share_low:.0f}, {100 * found.share_high:.0f}]"
    return said


def told_all(rows: Sequence[SeedRow]) -> list[str]:
    """The sentences on the expression of induced values and on evals of one metric, those of
    the largest changes if there are many, and how many others there are."""
    single: dict[str, set[str]] = {}
    for row in rows:
        single.setdefault(row.eval, set()).add(row.metric)
    telling = [
        row for row in rows if row.metric == EXPRESSION + row.value or len(single[row.eval]) == 1
    ] or list(rows)
    telling.sort(key=lambda row: -abs(row.effects.mean or 0.0))
    said = [told(row) for row in telling[:MOST]]
    left = len(rows) - len(said)
    return [*said, f"({left:,} more in the JSON form)"] if left else said


def as_records(rows: Sequence[SeedRow]) -> list[dict[str, Any]]:
    """For JSON: changes as measured (shares from 0 to 1)."""
    return [{**asdict(row), "parameters": dict(row.parameters)} for row in rows]
