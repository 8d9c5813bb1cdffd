"""What a planned run can see: the smallest difference that each eval's contrasts would show.

The samples are known when planning; how paired differences spread is taken from finished cells
of the same eval in the store, and where there are none from an assumption that is told.
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
from vibench.stats import ASSUMED, Spread, detectable, pooled, spans, spread_of
from vibench.text import clean

if TYPE_CHECKING:
    from vibench.plan import Cell, Plan
    from vibench.store.artefacts import Store

__all__ = ["Sensitivity", "facts", "sensitivities", "told"]

LOOKED_AT = 16
"""Finished contrasts of an eval that are read, the latest first."""
INDUCED = EXPRESSION + "*"
"""Stands for the expression of whichever value was induced."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What one eval's contrasts can see.

    `sizes` are the samples in each cluster, empty where they are not known yet; each sample is
    scored `turns` times. `metric` is ""
    for any share. `difference`, in the metric's units, is the smallest that is seen with 80 %
    power at 5 % (two-sided), by `spread`; None where none can be.
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
class _Known:
    """What finished cells of one eval say: each metric's spreads, whether it is a share, and
    the clusters' sizes by the limit they were asked with."""

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
    """For each eval of the plan (each set of samples of it), by metric where the store knows.

    `record` is the planned run's (`spec` and `parameters`), out of which its judges get their
    labels: only what the same model judged is looked at.
    """
    asked: dict[tuple[str, str], tuple[int, ...]] = {}
    for cell in plan.cells:
        needs = plan.stages[cell.transcripts].need_keys
        key = next((n for n in needs if n in plan.samples), "")
        if (cell.eval, key) not in asked:
            counts = Counter(s.cluster for s in plan.samples.get(key, ()))
            asked[cell.eval, key] = tuple(sorted(counts.values()))
    judges: defaultdict[str, set[str]] = defaultdict(set)
    labels = JudgeLabels(Plugins.discover())
    planned = RunLabels(labels, record or {})
    for cell in plan.cells:
        judges[cell.eval].add(planned.judge(cell))
    known = _known(store, judges, values, labels)
    return [
        one
        for (name, key), sizes in asked.items()
        for one in _of_eval(name, sizes, plan.turns.get(key, 1), known[name], limit)
    ]


def _of_eval(
    name: str, sizes: tuple[int, ...], turns: int, known: _Known, limit: int | None
) -> Iterator[Sensitivity]:
    # An eval that measures by itself shows its samples only once it has been run.
    sizes = sizes or known.sizes.get(limit, ())
    outcomes = [turns * size for size in sizes]
    found = {m: s for m, all_ in known.spreads.items() if (s := pooled(all_))}
    for metric, spread in found.items():
        least = detectable(outcomes, spread)
        yield Sensitivity(name, metric, known.share[metric], sizes, spread, least, limit, turns)
    if not found:
        least = detectable(outcomes, ASSUMED)
        yield Sensitivity(name, "", True, sizes, ASSUMED, least, limit, turns)


def _known(
    store: Store,
    judges: Mapping[str, set[str]],
    values: Collection[str],
    labels: JudgeLabels,
) -> defaultdict[str, _Known]:
    """By eval, of cells that the planned judges have judged: another may see quite other
    changes (a list of words, say, or another model under the same name)."""
    found: defaultdict[str, _Known] = defaultdict(_Known)
    for run_id in reversed(store.runs()):
        # A damaged run says nothing here; the commands that need it report the damage.
        with suppress(UsageError, OSError, ValueError, KeyError):
            run = read_run(store, run_id)
            limit = run.spec.get("limit")
            judged = RunLabels(labels, run.record)
            for cell in run.cells:
                fits = cell.vanilla and judged.judge(cell) in judges.get(cell.eval, ())
                if fits and found[cell.eval].read < LOOKED_AT:
                    _read(store, cell, values, limit, found[cell.eval])
    return found


def _read(
    store: Store, cell: Cell, values: Collection[str], limit: int | None, into: _Known
) -> None:
    """Add what one finished cell says beside its vanilla one."""
    import numpy as np

    assert cell.vanilla is not None
    manifests = {
        key: store.whole_manifest("outcomes", key) for key in (cell.outcomes, cell.vanilla)
    }
    if None in manifests.values():
        return
    wanted = {*values, cell.value}
    own, vanilla = (
        load_outcomes(
            rows_path(store, "outcomes", key),
            wanted,
            known_values((manifest or {}).get("facts", {})),
        )
        for key, manifest in manifests.items()
    )
    into.read += 1
    codes = own.rows.codes
    into.sizes.setdefault(limit, tuple(sorted(np.bincount(codes).tolist())))
    induced = EXPRESSION + cell.value
    metrics = [m for m in own.metrics if not m.startswith(EXPRESSION) or m == induced]
    others = PluginFacts(Plugins.discover()).fact("eval", cell.eval, "not_shares", ())
    after = own.columns(metrics, own.rows)
    before = vanilla.columns(metrics, own.rows)
    for m, (metric, of) in enumerate(zip(metrics, spans(after, before), strict=True)):
        spread = spread_of(after[:, m : m + 1] - before[:, m : m + 1], codes)
        if spread is not None:
            name = INDUCED if metric == induced else metric
            into.spreads[name].append(spread)
            into.share[name] = into.share.get(name, True) and share(metric, of, others)


def told(found: Sequence[Sensitivity]) -> Iterator[str]:
    """A line for each eval: the share that is seen best and worst."""
    groups: defaultdict[tuple[str, tuple[int, ...], int], list[Sensitivity]] = defaultdict(list)
    for one in found:
        groups[one.eval, one.sizes, one.turns].append(one)
    for (name, sizes, _), several in groups.items():
        yield f"{clean(name)}: {_line(sizes, several)}"


def _line(sizes: tuple[int, ...], several: Sequence[Sensitivity]) -> str:
    if not sizes:
        return _unknown(several[0])
    shares = [one for one in several if one.share] or list(several)
    seen = sorted(
        ((one.difference, one) for one in shares if one.difference is not None),
        key=lambda pair: pair[0],
    )
    if not seen:
        return f"sees no difference: its {_count(sum(sizes))} are all one cluster."
    (least, best), (most, worst) = seen[0], seen[-1]
    turns = several[0].turns
    # The turns of one sample go together as those of a cluster do.
    how = (
        f"(80 % power, two-sided 5 %; {_samples(sizes, turns)}; "
        f"{_basis(worst.spread, [turns * size for size in sizes])})"
    )
    if worst.share and least >= 1:
        return f"sees no difference of a share: too few samples {how}."
    if best is worst:
        return f"sees differences of {_size(most, worst)} or more in {_metric(worst)} {how}."
    return (
        f"sees differences from {_size(least, best)} ({_metric(best)}) to "
        f"{_size(most, worst)} ({_metric(worst)}) or more {how}."
    )


def _unknown(one: Sensitivity) -> str:
    line = "what it can see is not known before it has been run once (it picks its own samples)."
    alone = [1] * (one.limit or 0)
    least = detectable(alone, one.spread)
    if least is None or least >= 1 or not one.share:
        return line
    return (
        f"{line} A task of {_count(len(alone))} sees differences of {_size(least, one)} or more "
        "if each is a cluster by itself (80 % power, two-sided 5 %; "
        f"{_basis(one.spread, alone)})."
    )


def _size(difference: float, one: Sensitivity) -> str:
    return f"{100 * difference:.1f} points" if one.share else f"{difference:.3g}"


def _metric(one: Sensitivity) -> str:
    if one.metric == INDUCED:
        return "expression of the induced value"
    return metric_words(one.metric) if one.metric else "a share"


def _samples(sizes: Sequence[int], turns: int) -> str:
    """ "6,360 samples in 212 clusters of 30", "960 samples of 5 turns in ..."."""
    least, most = min(sizes), max(sizes)
    scored = f" of {turns} turns" if turns > 1 else ""
    if most == 1:
        return f"{_count(len(sizes))}{scored}"
    each = f"{most:,}" if least == most else f"{least:,} to {most:,}"
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


def facts(found: Sequence[Sensitivity]) -> list[Mapping[str, Any]]:
    """The same as JSON. `assumed` says that the spread is not out of finished cells."""
    return [
        {
            "eval": one.eval,
            "metric": one.metric or None,
            "share": one.share,
            "samples": sum(one.sizes) or None,
            "clusters": len(one.sizes) or None,
            "turns": one.turns,
            "difference": one.difference,
            "power": 0.8,
            "level": 0.05,
            "assumed": not one.spread.contrasts,
            "spread": asdict(one.spread),
        }
        for one in found
    ]
