"""The power of a planned run: the smallest difference that each eval's contrasts can detect.

The samples are known when planning. The spread of paired differences is taken from finished
cells of the same eval in the store; without any it is assumed, and the line says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.plugins import Plugins
from vibench.report.phrases import metric_words
from vibench.report.rows import share
from vibench.results.cut_offs import known_values
from vibench.results.judge_labels import JudgeLabels, RunLabels
from vibench.results.outcomes import EXPRESSION, load_outcomes
from vibench.results.run_results import PluginFacts
from vibench.results.runs import read_run
from vibench.results.stored_cells import rows_path
from vibench.stages.outcomes import OutcomesSpec
from vibench.stats import ASSUMED, Spread, detectable, pooled, spans, spread_of
from vibench.text import clean

if TYPE_CHECKING:
    from vibench.plan import Cell, Plan
    from vibench.store.artefacts import Store

__all__ = ["Sensitivity", "sensitivities", "sensitivity_lines", "sensitivity_records"]

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
        )
        for key, manifest in manifests.items()
    )
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


def sensitivity_lines(rows: Sequence[Sensitivity]) -> Iterator[str]:
    """Yield a line for each eval, on the shares it detects the smallest and the largest
    difference of."""
    groups: defaultdict[tuple[str, tuple[int, ...], int], list[Sensitivity]] = defaultdict(list)
    for sensitivity in rows:
        groups[sensitivity.eval, sensitivity.sizes, sensitivity.turns].append(sensitivity)
    for (name, sizes, _), several in groups.items():
        yield f"{clean(name)}: {_line(sizes, several)}"


def _line(sizes: tuple[int, ...], several: Sequence[Sensitivity]) -> str:
    if not sizes:
        return _unknown(several[0])
    # Differences of shares and of counts cannot be ordered together.
    shares = [sensitivity for sensitivity in several if sensitivity.share] or list(several)
    ordered = sorted(
        (
            (sensitivity.difference, sensitivity)
            for sensitivity in shares
            if sensitivity.difference is not None
        ),
        key=lambda pair: pair[0],
    )
    if not ordered:
        return f"detects no difference: its {_count(sum(sizes))} are all one cluster."
    (smallest, best), (largest, worst) = ordered[0], ordered[-1]
    turns = several[0].turns
    # Turns of one sample are as alike as samples of one cluster, so they add to its size.
    conditions = (
        f"(80 % power, two-sided 5 %; {_samples(sizes, turns)}; "
        f"{_basis(worst.spread, [turns * size for size in sizes])})"
    )
    if worst.share and smallest >= 1:
        return f"detects no difference of a share: too few samples {conditions}."
    if best is worst:
        return (
            f"detects differences of {_size(largest, worst)} or more in {_metric(worst)} "
            f"{conditions}."
        )
    return (
        f"detects differences from {_size(smallest, best)} ({_metric(best)}) to "
        f"{_size(largest, worst)} ({_metric(worst)}) or more {conditions}."
    )


def _unknown(sensitivity: Sensitivity) -> str:
    line = "picks its own samples, so its power is not known before it has run once."
    sizes = [1] * (sensitivity.limit or 0)
    difference = detectable(sizes, sensitivity.spread)
    if difference is None or difference >= 1 or not sensitivity.share:
        return line
    return (
        f"{line} A task of {_count(len(sizes))} detects differences of "
        f"{_size(difference, sensitivity)} or more if each is a cluster by itself "
        "(80 % power, two-sided 5 %; "
        f"{_basis(sensitivity.spread, sizes)})."
    )


def _size(difference: float, sensitivity: Sensitivity) -> str:
    return f"{100 * difference:.1f} points" if sensitivity.share else f"{difference:.3g}"


def _metric(sensitivity: Sensitivity) -> str:
    if sensitivity.metric == INDUCED:
        return "expression of the induced value"
    return metric_words(sensitivity.metric) if sensitivity.metric else "a share"


def _samples(sizes: Sequence[int], turns: int) -> str:
    """Return "6,360 samples in 212 clusters of 30", "960 samples of 5 turns in ..."."""
    smallest, largest = min(sizes), max(sizes)
    scored = f" of {turns} turns" if turns > 1 else ""
    if largest == 1:
        return f"{_count(len(sizes))}{scored}"
    each = f"{largest:,}" if smallest == largest else f"{smallest:,} to {largest:,}"
    return f"{_count(sum(sizes))}{scored} in {len(sizes):,} clusters of {each}"


def _count(samples: int) -> str:
    return f"{samples:,} sample{'s' * (samples != 1)}"


def _basis(spread: Spread, sizes: Sequence[int]) -> str:
    if spread.contrasts:
        many = "s" * (spread.contrasts != 1)
        return f"spread as in {spread.contrasts:,} finished contrast{many}"
    alike = f", with a correlation of {spread.correlation:g} within clusters"
    return "assumed: both subjects' answers at 50 %, drawn independently" + (
        alike if max(sizes) > 1 else ""
    )


def sensitivity_records(rows: Sequence[Sensitivity]) -> list[Mapping[str, Any]]:
    """Return the sensitivities as JSON. `assumed` is true where the spread is not taken from
    finished cells."""
    return [
        {
            "eval": sensitivity.eval,
            "metric": sensitivity.metric or None,
            "share": sensitivity.share,
            "samples": sum(sensitivity.sizes) or None,
            "clusters": len(sensitivity.sizes) or None,
            "turns": sensitivity.turns,
            "difference": sensitivity.difference,
            "power": 0.8,
            "level": 0.05,
            "assumed": not sensitivity.spread.contrasts,
            "spread": asdict(sensitivity.spread),
        }
        for sensitivity in rows
    ]
