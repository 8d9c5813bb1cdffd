"""The cells of one run or of several, out of a store, as a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.collector import fewer_collections
from vibench.errors import StoreError, UnknownName, UsageError
from vibench.plan.cells import read_cells
from vibench.plan.parameters import Parameters
from vibench.plan.unknown_values import unknown_values
from vibench.plugins import Plugins
from vibench.preferences.subset_summary import SubsetSummary
from vibench.records import canonical_json
from vibench.report.cut_offs import CutOffs, known_values
from vibench.report.judge_labels import JudgeLabels
from vibench.report.rows import CellResult, FailedCell
from vibench.report.tables import Report, build

if TYPE_CHECKING:
    from vibench.plan import Cell
    from vibench.store.artefacts import Store

__all__ = ["Collected", "collect", "runs_named"]


@dataclass(frozen=True, slots=True)
class Collected:
    """What runs found: the report, the finished cells it is of, and each run's record (what
    was asked, versions, hardware, costs, failures), the last run last. `judges` are the labels
    of each run's judges, by its id."""

    report: Report
    cells: tuple[CellResult, ...]
    records: tuple[Mapping[str, Any], ...]
    judges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def runs_named(store: Store, names: Sequence[str] = ()) -> list[str]:
    """The ids of the runs that are meant: the last one's if none is named, `all` for all.

    Raises StoreError for a store without runs, UnknownName for a run that is not there.
    """
    runs = store.runs()
    if not runs:
        raise StoreError(
            f"There is no run in the store {store.root}.",
            "Make one with `vibench run --inducer dpo --eval anthrobench`, or name another "
            "store with --store.",
        )
    if "all" in names:
        return runs
    for name in names:
        if name not in runs:
            raise UnknownName("run", name, runs)
    return [run for run in runs if run in names] or runs[-1:]


@fewer_collections()
def collect(store: Store, names: Sequence[str] = ()) -> Collected:
    """The cells of the named runs (`runs_named`); those without a result are in
    `report.failed` with the cause.

    Of two runs with the same cell the later one's result counts, and a result before none.
    """
    plugins = Plugins.discover()
    contracts = _Contracts(plugins)
    labels = JudgeLabels(plugins)
    results: dict[str, CellResult] = {}
    failed: dict[str, FailedCell] = {}
    records = []
    judges: dict[str, dict[str, None]] = {}
    for run in runs_named(store, names):
        record = store.read_run(run)
        records.append(record)
        causes = {
            f["stage"]: f"{f['message']} {f['hint']}".strip() for f in record.get("failures", ())
        }
        asked = Parameters(record)
        engine = record.get("spec", {}).get("engine", "")
        for cell in read_cells(store.root / "runs" / run):
            parameters = asked.of(cell)
            judge = labels.label(cell.judge, parameters, engine)
            judges.setdefault(run, {})[judge] = None
            name = canonical_json(
                [cell.model, cell.inducer, cell.value, cell.eval, judge, cell.seed, parameters]
            )
            manifest = store.whole_manifest("outcomes", cell.outcomes)
            if manifest is not None:
                results.pop(name, None)
                facts = manifest.get("facts", {})
                results[name] = result(store, contracts, cell, judge, parameters, run, facts)
                failed.pop(name, None)
            elif name not in results:
                cause = causes.get(cell.outcomes, f"not run yet (the run is {record['status']})")
                failed[name] = FailedCell(
                    cell.model, cell.inducer, cell.value, cell.eval, judge, cause,
                    cell.seed, parameters,
                )  # fmt: skip
    cells = tuple(results.values())
    report = build(cells, tuple(failed.values()))
    subsets = subsets_of(records)
    warnings = (*filter(None, (s.warning for s in subsets)), *unknown_values(cells, plugins))
    training_notes = dict.fromkeys(n for r in records for n in r.get("training_notes", ()))
    report = replace(
        report, subsets=subsets, training_notes=tuple(training_notes), warnings=warnings
    )
    named = {run: tuple(filter(None, labels_of)) for run, labels_of in judges.items()}
    return Collected(report, cells, tuple(records), named)


def subsets_of(records: Sequence[Mapping[str, Any]]) -> tuple[SubsetSummary, ...]:
    """What the runs' values were trained on, each once."""
    rows = [row for record in records for row in record.get("subsets", ())]
    once = {canonical_json(row): row for row in rows}
    return tuple(map(SubsetSummary.from_record, once.values()))


class _Contracts:
    """Facts that plugins state of themselves, each looked up once."""

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins
        self._facts: dict[tuple[str, str, str], Any] = {}

    def fact(self, kind: str, name: str, fact: str, without: Any) -> Any:
        """Return a fact of a plugin; `without` if the plugin is gone."""
        key = kind, name, fact
        if key not in self._facts:
            self._facts[key] = contract(self._plugins, kind, name, fact, without)
        return self._facts[key]


def result(
    store: Store,
    contracts: _Contracts,
    cell: Cell,
    judge: str,
    parameters: Mapping[str, Any],
    run: str,
    facts: Mapping[str, Any],
) -> CellResult:
    # A plugin that is gone since then costs its cells' order of metrics, no more.
    metrics = contracts.fact("eval", cell.eval, "metrics", ())
    return CellResult(
        cell.model,
        cell.inducer,
        cell.value,
        cell.eval,
        judge,
        Path(store.place("outcomes", cell.outcomes, "outcomes.parquet")),
        bool(cell.judge) and contracts.fact("judge", cell.judge, "baseline", False),
        cell.seed,
        parameters,
        metrics,
        store.place("transcripts", cell.transcripts, "transcripts.parquet"),
        store.place("verdicts", cell.verdicts, "verdicts.parquet") if cell.verdicts else "",
        cell.outcomes,
        run,
        contracts.fact("eval", cell.eval, "not_shares", ()),
        CutOffs.of(facts),
        known_values(facts),
    )


def contract(plugins: Plugins, kind: Any, name: str, fact: str, without: Any) -> Any:
    try:
        return getattr(plugins.get(kind, name), fact)
    except UsageError:
        return without
