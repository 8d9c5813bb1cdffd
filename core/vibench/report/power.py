"""The power of a planned run: the smallest difference that each eval's contrasts can detect.

The samples are known when planning. The spread of paired differences is taken from finished
cells of the same eval in the store; without any it is assumed, and the line says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.plugins import Plugins
from vibench.report.rows import share
from vibench.results.cut_offs import known_values
from vibench.results.judge_labels import JudgeLabels, RunLabels
from vibench.results.outcomes import EXPRESSION, load_outcomes
from vibench.results.run_results import PluginFacts
from vibench.results.runs import read_run
from vibench.results.stored_cells import digest_of_rows, rows_path
from vibench.stages.outcomes import OutcomesSpec
from vibench.stats import ASSUMED, Spread, detectable, pooled, spans, spread_of

if TYPE_CHECKING:
    from vibench.plan import Cell, Plan
    from vibench.store.artefacts import Store

__all__ = ["INDUCED", "Sensitivity", "sensitivities"]

MAX_CONTRASTS = 16
"""Finished contrasts of an eval that are read, the latest first: reading all of a large store
would take longer than planning, and change the pooled spread little."""
INDUCED = EXPRESSION + "*"
"""Stands for the expression of whichever value was induced."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The smallest difference that contrasts of one eval can detect.

    `sizes` are the samples in each cluster, empty where they are not known yet; each sample is
    scored `turns` times. `metric` is "" for any share. `difference`, in the metric's units, is
    the smallest one detected with 80 % power at 5 % (two-sided), given `spread`; None where no
    difference can be.
    """

    eval: str
    metric: str
    share: bool
    sizes: tuple[int, ...]
    spread: Spread
    difference: float | None
    limit: int | None = None
    turns: int = 1


@dataclass(slots=True)
class _Finished:
    """The spreads of each metric in finished cells of one eval, the metrics that are shares,
    and the clusters' sizes by the limit of samples that the cells were run with."""

    spreads: defaultdict[str, list[Spread]] = field(default_factory=lambda: defaultdict(list))
    share: dict[str, bool] = field(default_factory=dict)
    sizes: dict[int | None, tuple[int, ...]] = field(default_factory=dict)
    read: int = 0


def sensitivities(
    plan: Plan,
    store: Store,
    values: Collection[str],
    limit: int | None,
    record: Mapping[str, Any] | None = None,
) -> list[Sensitivity]:
    """Return the sensitivities of each eval of the plan (each set of its samples), by metric
    where finished cells have the eval's metrics.

    `record` is the planned run's (`spec` and `parameters`). It gives its judges their labels:
    only cells that the same models judged are read.
    """
    cluster_sizes: dict[tuple[str, str], tuple[int, ...]] = {}
    for cell in plan.cells:
        needs = plan.stages[cell.transcripts].need_keys
        key = next((n for n in needs if n in plan.samples), "")
        if (cell.eval, key) not in cluster_sizes:
            counts = Counter(s.cluster for s in plan.samples.get(key, ()))
            cluster_sizes[cell.eval, key] = tuple(sorted(counts.values()))
    judges: defaultdict[str, set[str]] = defaultdict(set)
    labels = JudgeLabels(Plugins.discover())
    planned = RunLabels(labels, record or {})
    for cell in plan.cells:
        judges[cell.eval].add(planned.judge(cell))
    spreads_by_eval = _finished(store, judges, values, labels)
    return [
        sensitivity
        for (name, key), sizes in cluster_sizes.items()
        for sensitivity in _of_eval(
            name, sizes, plan.turns.get(key, 1), spreads_by_eval[name], limit
        )
    ]


def _of_eval(
    name: str, sizes: tuple[int, ...], turns: int, finished: _Finished, limit: int | None
) -> Iterator[Sensitivity]:
    # An eval that measures by itself picks its samples, so they are known once it has run.
    sizes = sizes or finished.sizes.get(limit, ())
    outcomes = [turns * size for size in sizes]
    pooled_spreads = {m: s for m, all_ in finished.spreads.items() if (s := pooled(all_))}
    for metric, spread in pooled_spreads.items():
        difference = detectable(outcomes, spread)
        yield Sensitivity(
            name, metric, finished.share[metric], sizes, spread, difference, limit, turns
        )
    if not pooled_spreads:
        difference = detectable(outcomes, ASSUMED)
        yield Sensitivity(name, "", True, sizes, ASSUMED, difference, limit, turns)


def _finished(
    store: Store,
    judges: Mapping[str, set[str]],
    values: Collection[str],
    labels: JudgeLabels,
) -> defaultdict[str, _Finished]:
    """Return the spreads by eval, in cells judged by the planned judges. Another judge (a list
    of words, say, or another model under the same name) may detect quite different changes."""
    finished: defaultdict[str, _Finished] = defaultdict(_Finished)
    # The latest run first: its samples and judge's version are most likely those of the plan.
    for run_id in reversed(store.runs()):
        # A damaged run says nothing here; the commands that need it report the damage.
        with suppress(UsageError, OSError, ValueError, KeyError):
            run = read_run(store, run_id)
            limit = run.spec.get("limit")
            judged = RunLabels(labels, run.record)
            for cell in run.cells:
                fits = cell.vanilla and judged.judge(cell) in judges.get(cell.eval, ())
                if fits and finished[cell.eval].read < MAX_CONTRASTS:
                    _read(store, cell, values, limit, finished[cell.eval])
    return finished


def _read(
    store: Store, cell: Cell, values: Collection[str], limit: int | None, into: _Finished
) -> None:
    """Add the spreads of one finished cell and its vanilla cell."""
    import numpy as np

    assert cell.vanilla is not None
    manifests = {
        key: store.whole_manifest(OutcomesSpec.kind, key) for key in (cell.outcomes, cell.vanilla)
    }
    if None in manifests.values():
        return
    kept_values = {*values, cell.value}
    induced_outcomes, vanilla = (
        load_outcomes(
            rows_path(store, OutcomesSpec.kind, key),
            kept_values,
            known_values((manifest or {}).get("facts", {})),
            digest_of_rows(OutcomesSpec.kind, manifest),
        )
        for key, manifest in manifests.items()
    )
    # A limit picks other samples, so that their clusters are remembered by limit.
    into.read += 1
    codes = induced_outcomes.rows.codes
    into.sizes.setdefault(limit, tuple(sorted(np.bincount(codes).tolist())))
    # Spreads of the induced value's expression are pooled over values, under one name. Other
    # expressions are left out: a line of the plan could not name them all.
    induced = EXPRESSION + cell.value
    metrics = [m for m in induced_outcomes.metrics if not m.startswith(EXPRESSION) or m == induced]
    not_shares = PluginFacts(Plugins.discover()).fact("eval", cell.eval, "not_shares", ())
    after = induced_outcomes.columns(metrics, induced_outcomes.rows)
    before = vanilla.columns(metrics, induced_outcomes.rows)
    for m, (metric, span) in enumerate(zip(metrics, spans(after, before), strict=True)):
        spread = spread_of(after[:, m : m + 1] - before[:, m : m + 1], codes)
        if spread is not None:
            name = INDUCED if metric == induced else metric
            into.spreads[name].append(spread)
            into.share[name] = into.share.get(name, True) and share(metric, span, not_shares)
