"""`vibench report`: what a run found, from the store alone."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vibench.errors import StoreError, UnknownName, UsageError
from vibench.execute.run import read_cells
from vibench.plugins import Plugins
from vibench.report.rows import CellResult, FailedCell
from vibench.report.tables import Report, build
from vibench.store import Store

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.execute.scheduler import Failure
    from vibench.plan import Cell

__all__ = ["FORMS", "failures", "report", "show"]

FORMS = ("terminal", "markdown", "csv", "json")


def report(run: str, root: str, form: str) -> int:
    """Print a run's report (the last run's unless named)."""
    from rich.console import Console

    if form not in FORMS:
        raise UnknownName("report format", form, FORMS)
    store = Store(root)
    runs = store.runs()
    if not runs:
        raise StoreError(
            f"There is no run in the store {root}.",
            "Make one with `vibench run --inducer dpo --eval anthrobench`, or name another "
            "store with --store.",
        )
    if run and run not in runs:
        raise UnknownName("run", run, runs)
    show(store, run or runs[-1], form, Console(highlight=False))
    return 0


def show(store: Store, run: str, form: str, console: Console) -> None:
    """Print a run's report in one of `FORMS`."""
    found = collect(store, run)
    if form == "terminal":
        from vibench.report.terminal import show as to_terminal

        to_terminal(found, console)
        return
    from vibench.report import export

    text = {"markdown": export.markdown, "csv": export.csv, "json": export.json}[form](found)
    if form == "json" and (cost := store.read_run(run).get("cost")):
        text = json.dumps({**json.loads(text), "cost": cost}, indent=1, ensure_ascii=False)
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def collect(store: Store, run: str) -> Report:
    """A run's cells as a report; those without a result are listed with the cause."""
    record = store.read_run(run)
    causes = {f["stage"]: f["message"] for f in record.get("failures", ())}
    plugins = Plugins.discover()
    results: list[CellResult] = []
    failed: list[FailedCell] = []
    for cell in read_cells(store.root / "runs" / run):
        if store.has("outcomes", cell.outcomes):
            results.append(result(store, plugins, cell))
        else:
            cause = causes.get(cell.outcomes, f"not run yet (the run is {record['status']})")
            failed.append(
                FailedCell(
                    cell.model, cell.inducer, cell.value, cell.eval, cell.judge, cause,
                    cell.seed, cell.settings,
                )
            )  # fmt: skip
    return build(results, failed)


def result(store: Store, plugins: Plugins, cell: Cell) -> CellResult:
    # A plugin that is gone since then costs its cells' order of metrics, no more.
    metrics = contract(plugins, "eval", cell.eval, "metrics", ())
    return CellResult(
        cell.model,
        cell.inducer,
        cell.value,
        cell.eval,
        cell.judge,
        store.folder("outcomes", cell.outcomes) / "outcomes.parquet",
        contract(plugins, "judge", cell.judge, "baseline", False),
        cell.seed,
        cell.settings,
        metrics,
        str(store.folder("transcripts", cell.transcripts) / "transcripts.parquet"),
    )


def contract(plugins: Plugins, kind: Any, name: str, fact: str, without: Any) -> Any:
    try:
        return getattr(plugins.get(kind, name), fact)
    except UsageError:
        return without


def failures(failed: Mapping[str, Failure], console: Console) -> None:
    """Say what failed, each cause once, and what can be done about it."""
    roots = [f for f in failed.values() if f.blocked_by is None]
    blocked = Counter(f.message for f in failed.values() if f.blocked_by is not None)
    alike = Counter((f.stage.kind, f.message) for f in roots)
    for (kind, message), n in alike.items():
        failure = next(f for f in roots if (f.stage.kind, f.message) == (kind, message))
        others = f" and {n - 1} more" if n > 1 else ""
        after = f" ({blocked[message]} stages that need it were not run)"
        after = after if blocked[message] else ""
        console.print(f"failed: {kind}: {failure.stage.label}{others}{after}", markup=False)
        console.print(f"  {message} {failure.hint}".rstrip(), markup=False)
    if not all(f.usage for f in roots):
        console.print(
            "The other cells are finished and kept. The same command tries these again.",
            markup=False,
        )
