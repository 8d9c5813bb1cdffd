"""The results of runs: finished cells with their files, failed cells with their causes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.plan.unknown_values import unknown_values
from vibench.plugins import Plugins
from vibench.preferences.subset_summary import SubsetSummary
from vibench.records import canonical_json
from vibench.results.cells import NOT_YET, CellResult, FailedCell
from vibench.results.cut_offs import CutOffs, known_values
from vibench.results.runs import StoredRun, read_runs
from vibench.results.stage_progress import StageProgress, stage_progress
from vibench.results.stored_cells import StoredCell, stored_cells
from vibench.stages.outcomes import OutcomesSpec
from vibench.stages.transcripts import TranscriptsSpec
from vibench.stages.verdicts import VerdictsSpec

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["PluginFacts", "RunResults", "cell_result", "run_results"]


@dataclass(frozen=True, slots=True)
class RunResults:
    """The cells of one or several runs, finished (`cells`) or `failed`, and each run's record
    (what was asked, versions, hardware, costs, failures), the last run last.

    `judges` are the labels of each run's judges, by its id. `subsets` say what became of the
    pairs that values were trained on; `training_notes`, `template_notes`, `eval_notes` and
    `warnings` are sentences. `progress` is that of each run that has not ended, by its id.
    """

    cells: tuple[CellResult, ...]
    failed: tuple[FailedCell, ...]
    records: tuple[Mapping[str, Any], ...]
    judges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    subsets: tuple[SubsetSummary, ...] = ()
    training_notes: tuple[str, ...] = ()
    template_notes: tuple[str, ...] = ()
    eval_notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    progress: Mapping[str, StageProgress] = field(default_factory=dict)


class PluginFacts:
    """Facts that plugins state about themselves, each looked up once."""

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins
        self._facts: dict[tuple[str, str, str], Any] = {}

    def fact(self, kind: Any, name: str, fact: str, default: Any) -> Any:
        """Return a fact of a plugin; `default` if the plugin is not installed any more."""
        key = kind, name, fact
        if key not in self._facts:
            try:
                self._facts[key] = getattr(self._plugins.get(kind, name), fact)
            except UsageError:
                # Old results stay readable without the plugin that made them. They lose the
                # order of their metrics, no number.
                self._facts[key] = default
        return self._facts[key]


NO_PLUGINS = PluginFacts(Plugins())


def run_results(store: Store, names: Sequence[str] = ()) -> RunResults:
    """Return the cells of the named runs (`vibench.results.runs.run_ids`), the same cell once
    (`vibench.results.stored_cells`)."""
    plugins = Plugins.discover()
    facts = PluginFacts(plugins)
    runs = read_runs(store, names)
    cells = stored_cells(store, runs, plugins=plugins)
    finished = tuple(
        cell_result(store, stored, facts) for stored in cells if stored.latest and stored.finished
    )
    records = tuple(run.record for run in runs)
    progress = {run.id: p for run in runs if (p := stage_progress(store, run)) is not None}
    subsets = _subsets(records)
    warnings = (*filter(None, (s.warning for s in subsets)), *unknown_values(finished, plugins))
    notes = dict.fromkeys(note for r in records for note in r.get("training_notes", ()))
    of_templates = dict.fromkeys(note for r in records for note in r.get("template_notes", ()))
    of_evals = dict.fromkeys(note for r in records for note in r.get("eval_notes", ()))
    return RunResults(
        cells=finished,
        failed=tuple(_failed(cells, runs, progress)),
        records=records,
        judges=_judges(cells),
        subsets=subsets,
        training_notes=tuple(notes),
        template_notes=tuple(of_templates),
        eval_notes=tuple(of_evals),
        warnings=warnings,
        progress=progress,
    )


def cell_result(store: Store, stored: StoredCell, plugins: PluginFacts = NO_PLUGINS) -> CellResult:
    """Return a finished cell with its files. Without `plugins` it lacks what these state: the
    order of its metrics, which of them are not shares, and if its judge is a baseline."""
    cell = stored.cell
    return CellResult(
        model=cell.model,
        inducer=cell.inducer,
        value=cell.value,
        eval=cell.eval,
        judge=stored.judge,
        outcomes=Path(store.place(OutcomesSpec.kind, cell.outcomes, "outcomes.parquet")),
        judge_baseline=bool(cell.judge) and plugins.fact("judge", cell.judge, "baseline", False),
        seed=cell.seed,
        parameters=stored.parameters,
        metrics=plugins.fact("eval", cell.eval, "metrics", ()),
        transcripts=store.place(TranscriptsSpec.kind, cell.transcripts, "transcripts.parquet"),
        verdicts=store.place(VerdictsSpec.kind, cell.verdicts, "verdicts.parquet")
        if cell.verdicts
        else "",
        key=cell.outcomes,
        run=stored.run,
        not_shares=plugins.fact("eval", cell.eval, "not_shares", ()),
        cut_offs=CutOffs.of(stored.facts),
        known_values=known_values(stored.facts),
        sha256=stored.sha256,
    )


def _failed(
    cells: Sequence[StoredCell], runs: Sequence[StoredRun], progress: Mapping[str, StageProgress]
) -> Iterable[FailedCell]:
    """Yield the cells without a result, in the order in which runs first asked for them."""
    waits = {run.id: f"not run yet (the run is {run.status})" for run in runs}
    for run, counts in progress.items():
        waits[run] = NOT_YET if counts.running else "not run yet (the run was stopped)"
    # A dictionary keeps the place of its first entry, so that a cell stays where it was when
    # a later run gives another cause for it.
    unfinished: dict[str, StoredCell | None] = {}
    for stored in cells:
        if not stored.finished:
            unfinished.setdefault(stored.identity)
            if stored.latest:
                unfinished[stored.identity] = stored
    for failed in filter(None, unfinished.values()):
        cell = failed.cell
        cause = f"{failed.cause} {failed.hint}".strip()
        yield FailedCell(
            model=cell.model,
            inducer=cell.inducer,
            value=cell.value,
            eval=cell.eval,
            judge=failed.judge,
            cause=cause or waits[failed.run],
            seed=cell.seed,
            parameters=failed.parameters,
        )


def _judges(cells: Iterable[StoredCell]) -> dict[str, tuple[str, ...]]:
    """Return the labels of each run's judges, in the order of its cells."""
    labels: dict[str, dict[str, None]] = {}
    for stored in cells:
        labels.setdefault(stored.run, {})[stored.judge] = None
    return {run: tuple(filter(None, judges)) for run, judges in labels.items()}


def _subsets(records: Sequence[Mapping[str, Any]]) -> tuple[SubsetSummary, ...]:
    """Return what became of the pairs that the runs trained values on, each subset once."""
    rows = [row for record in records for row in record.get("subsets", ())]
    distinct = {canonical_json(row): row for row in rows}
    return tuple(map(SubsetSummary.from_record, distinct.values()))
