"""The report of one run or of several in a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vibench.collector import fewer_collections
from vibench.report.tables import Report, build
from vibench.results.cells import CellResult
from vibench.results.run_results import run_results

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["RunReport", "run_report"]


@dataclass(frozen=True, slots=True)
class RunReport:
    """A report, the finished cells it compares, and each run's record (what was asked,
    versions, hardware, costs, failures), the last run last. `judges` are the labels of each
    run's judges, by its id. `store` is the store that they are from."""

    report: Report
    cells: tuple[CellResult, ...]
    records: tuple[Mapping[str, Any], ...]
    judges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    store: str = ""


@fewer_collections()
def run_report(store: Store, names: Sequence[str] = ()) -> RunReport:
    """Return the report of the named runs (`vibench.results.runs.run_ids`). Cells without
    a result are in `report.failed` with the cause."""
    results = run_results(store, names)
    report = replace(
        build(results.cells, results.failed),
        subsets=results.subsets,
        training_notes=results.training_notes,
        template_notes=results.template_notes,
        eval_notes=results.eval_notes,
        warnings=results.warnings,
        progress=tuple(counts.sentence(run) for run, counts in results.progress.items()),
    )
    return RunReport(report, results.cells, results.records, results.judges, str(store.root))
