"""`vibench results list`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from vibench.cli.results.output import written
from vibench.cli.screen import console
from vibench.exhibits.document import Section
from vibench.exhibits.json import as_json
from vibench.exhibits.lists import table_of_values
from vibench.exhibits.terminal import show as print_document
from vibench.results.runs import RunProgress, StoredRun, progress, read_runs
from vibench.results.stored_cells import StoredCell, stored_cells
from vibench.results.tables import cell_row, cut_off_notes, run_row
from vibench.store.artefacts import Store
from vibench.text import clean

__all__ = ["list_cells", "list_runs"]


def list_runs(root: str, json_form: bool) -> int:
    """Print every run of the store, the last one last."""
    store = Store(root)
    runs = read_runs(store)
    if json_form:
        sys.stdout.write(as_json([run_row(store, run) for run in runs]))
        return 0
    screen = console()
    screen.print(f"Runs in {clean(root, 500)}", style="bold", markup=False)
    for run in runs:
        began = clean(str(run.record.get("started", "")))[:16].replace("T", " ")
        counts = progress(store, run)
        failed = f", {counts.failed:,} failed" if counts.failed else ""
        screen.print(
            f"{run.id}  {clean(run.status):<11}  {began}  "
            f"{counts.finished:,} of {counts.cells:,} cells finished{failed}",
            markup=False,
            soft_wrap=True,
        )
        screen.print(f"  {_summary(run)}", style="dim", markup=False, soft_wrap=True)
        if note := _note(run, counts):
            screen.print(f"  {note}", markup=False, soft_wrap=True)
    screen.print(f"The cells of one: vibench results {runs[-1].id}", markup=False)
    return 0


def list_cells(root: str, run: str, json_form: bool) -> int:
    """Print every cell of a run."""
    store = Store(root)
    [stored_run] = read_runs(store, [run])
    cells = stored_cells(store, [stored_run])
    rows = [cell_row(store, stored) for stored in cells]
    if json_form:
        listed = [
            {**row, "parameters": dict(c.parameters)} for row, c in zip(rows, cells, strict=True)
        ]
        sys.stdout.write(as_json({**run_row(store, stored_run), "listed": listed}))
        return 0
    screen = console()
    screen.print(
        f"Cells of {stored_run.id} ({clean(stored_run.status)})", style="bold", markup=False
    )
    table = table_of_values(HEADS, list(map(_line, cells, rows)), written)
    print_document((Section("", (table,)),), screen)
    # Many cells fail for one cause.
    causes = Counter(stored.cause for stored in cells if stored.cause)
    for cause, n in causes.items():
        screen.print(f"Failed, {n:,}: {clean(cause, 500)}", markup=False, soft_wrap=True)
    if note := _note(stored_run, progress(store, stored_run)):
        screen.print(note, markup=False, soft_wrap=True)
    for warning in cut_off_notes(store, cells):
        screen.print(f"WARNING: {warning}", style="bold red", markup=False, soft_wrap=True)
    screen.print(
        "Unscored: of the outcomes. Cut_off: of the answers. The files of each lie in "
        f"{store.root}/artefacts/KIND/KK/KEY (--json has their paths).",
        markup=False,
        soft_wrap=True,
    )
    return 0


HEADS = (
    "cell", "model", "inducer", "value", "eval", "judge", "settings", "seed", "state", "samples",
    "answers", "cut_off", "outcomes", "unscored",
)  # fmt: skip


def _line(stored: StoredCell, row: Mapping[str, Any]) -> list[Any]:
    settings = ", ".join(f"{name}={value}" for name, value in stored.cell.settings.items())
    about = {**row, "cell": row["cell"][:12], "settings": settings}
    return [None if about[name] == "" else about[name] for name in HEADS]


def _note(run: StoredRun, counts: RunProgress) -> str:
    """Return how to go on with a run that is not complete; "" for one that is."""
    if run.status == "running":
        return (
            f"{run.id} is running, or was killed: {counts.finished:,} of {counts.cells:,} cells "
            "have a result so far. If it was killed, rerun its command to resume it."
        )
    if run.status == "interrupted":
        return (
            f"{run.id} was interrupted. Rerun its command for the {counts.remaining:,} cells left."
        )
    return ""


def _summary(run: StoredRun) -> str:
    """Return a run's spec in short: models, induced values, evals and swept parameters."""
    spec = run.spec
    # Every run has the vanilla model; it would only lengthen the line.
    inducers = [name for name in spec.get("inducers", ()) if name != "none"]
    induced = _several(inducers) or "nothing induced"
    if inducers and (values := spec.get("values", ())):
        induced += f" on {_several(values)}"
    words = [_several(spec.get("models", ())), induced, _several(spec.get("evals", ()))]
    if len(judges := spec.get("judges", ())) > 1:
        words.append(f"judges {_several(judges)}")
    for plugin, settings in spec.get("settings", {}).items():
        for parameter, options in settings.items():
            if len(options) > 1:
                words.append(f"{clean(plugin)}.{clean(parameter)} {_several(options)}")
    if len(seeds := spec.get("seeds", ())) > 1:
        words.append(f"{len(seeds)} seeds")
    if spec.get("limit"):
        words.append(f"limit {spec['limit']}")
    return "; ".join(filter(None, words))


def _several(names: Iterable[Any], limit: int = 5) -> str:
    shortened = [clean(str(name), 40) for name in names]
    return (
        ", ".join(shortened)
        if len(shortened) <= limit
        else f"{', '.join(shortened[:2])} and {len(shortened) - 2} more"
    )
