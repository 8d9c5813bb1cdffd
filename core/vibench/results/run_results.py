"""The cells of one run or of several, read from a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.plan.cells import read_cells
from vibench.plan.parameters import Parameters
from vibench.plan.unknown_values import unknown_values
from vibench.plugins import Plugins
from vibench.preferences.subset_summary import SubsetSummary
from vibench.records import canonical_json
from vibench.results.cells import CellResult, FailedCell
from vibench.results.cut_offs import CutOffs, known_values
from vibench.results.judge_labels import JudgeLabels
from vibench.results.runs import runs_named

if TYPE_CHECKING:
    from vibench.plan import Cell
    from vibench.store.artefacts import Store

__all__ = ["RunResults", "contract", "run_results"]


@dataclass(frozen=True, slots=True)
class RunResults:
    """The cells of one or several runs, finished (`cells`) or `failed`, and each run's record
    (what was asked, versions, hardware, costs, failures), the last run last.

    `judges` are the labels of each run's judges, by its id. `subsets` say what became of the
    pairs that values were trained on; `training_notes` and `warnings` are sentences.
    """

    cells: tuple[CellResult, ...]
    failed: tuple[FailedCell, ...]
    records: tuple[Mapping[str, Any], ...]
    judges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    subsets: tuple[SubsetSummary, ...] = ()
    training_notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def run_results(store: Store, names: Sequence[str] = ()) -> RunResults:
    """Return the cells of the named runs (`runs_named`).

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
    subsets = subsets_of(records)
    warnings = (*filter(None, (s.warning for s in subsets)), *unknown_values(cells, plugins))
    notes = dict.fromkeys(n for r in records for n in r.get("training_notes", ()))
    named = {run: tuple(filter(None, labels_of)) for run, labels_of in judges.items()}
    return RunResults(
        cells, tuple(failed.values()), tuple(records), named, subsets, tuple(notes), warnings
    )


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
