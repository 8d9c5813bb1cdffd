"""`vibench results list`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from vibench.cli.results.output import show_rows, worded
from vibench.cli.screen import console
from vibench.results.runs import FoundCell, FoundRun, cells_of, runs_of
from vibench.results.tables import cut_off_notes, facts_of, row_of
from vibench.store.artefacts import Store
from vibench.text import clean

__all__ = ["list_cells", "list_runs"]


def list_runs(root: str, as_json: bool) -> int:
    """Print every run of the store, the last one last."""
    runs = runs_of(Store(root))
    if as_json:
        print(json.dumps([facts_of(run) for run in runs], indent=1, ensure_ascii=False))
        return 0
    screen = console()
    screen.print(f"Runs in {clean(root, 500)}", style="bold", markup=False)
    for run in runs:
        began = clean(str(run.record.get("started", "")))[:16].replace("T", " ")
        failed = f", {run.failed:,} failed" if run.failed else ""
        screen.print(
            f"{run.id}  {clean(run.status):<11}  {began}  "
            f"{run.finished:,} of {run.cells:,} cells finished{failed}",
            markup=False,
            soft_wrap=True,
        )
        screen.print(f"  {_asked(run)}", style="dim", markup=False, soft_wrap=True)
        if note := _note(run):
            screen.print(f"  {note}", markup=False, soft_wrap=True)
    screen.print(f"The cells of one: vibench results {runs[-1].id}", markup=False)
    return 0


def list_cells(root: str, run: str, as_json: bool) -> int:
    """Print every cell of a run."""
    store = Store(root)
    [named] = runs_of(store, [run])
    cells = cells_of(store, [named])
    rows = [row_of(store, one) for one in cells]
    if as_json:
        listed = [
            {**row, "parameters": dict(c.parameters)} for row, c in zip(rows, cells, strict=True)
        ]
        whole = {**facts_of(named), "listed": listed}
        print(json.dumps(whole, indent=1, ensure_ascii=False))
        return 0
    screen = console()
    screen.print(f"Cells of {named.id} ({clean(named.status)})", style="bold", markup=False)
    show_rows(HEADS, [_line(one, row) for one, row in zip(cells, rows, strict=True)], screen)
    causes = Counter(one.cause for one in cells if one.cause)
    for cause, n in causes.items():
        screen.print(f"Failed, {n:,}: {clean(cause, 500)}", markup=False, soft_wrap=True)
    if note := _note(named):
        screen.print(note, markup=False, soft_wrap=True)
    for warning in cut_off_notes(cells):
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


def _line(one: FoundCell, row: Mapping[str, Any]) -> list[str]:
    settings = ", ".join(f"{name}={value}" for name, value in one.cell.settings.items())
    about = {**row, "cell": row["cell"][:12], "settings": settings}
    return [worded(None if about[name] == "" else about[name]) for name in HEADS]


def _note(run: FoundRun) -> str:
    """What is to be said of a run that is not complete."""
    left = run.cells - run.finished - run.failed
    if run.status == "running":
        return (
            f"{run.id} is under way, or was killed: {run.finished:,} of {run.cells:,} cells have "
            "a result so far. If it was killed, the same command goes on where it stopped."
        )
    if run.status == "interrupted":
        return f"{run.id} was interrupted; the same command makes the {left:,} cells left."
    return ""


def _asked(run: FoundRun) -> str:
    """What was asked for, in short: models, what is induced, evals, and what was swept."""
    asked = run.asked
    inducers = [name for name in asked.get("inducers", ()) if name != "none"]
    induced = _several(inducers) or "nothing induced"
    if inducers and (values := asked.get("values", ())):
        induced += f" on {_several(values)}"
    words = [_several(asked.get("models", ())), induced, _several(asked.get("evals", ()))]
    if len(judges := asked.get("judges", ())) > 1:
        words.append(f"judges {_several(judges)}")
    for plugin, settings in asked.get("settings", {}).items():
        for parameter, options in settings.items():
            if len(options) > 1:
                words.append(f"{clean(plugin)}.{clean(parameter)} {_several(options)}")
    if len(seeds := asked.get("seeds", ())) > 1:
        words.append(f"{len(seeds)} seeds")
    if asked.get("limit"):
        words.append(f"limit {asked['limit']}")
    return "; ".join(filter(None, words))


def _several(names: Iterable[Any], most: int = 5) -> str:
    found = [clean(str(name), 40) for name in names]
    return (
        ", ".join(found)
        if len(found) <= most
        else f"{', '.join(found[:2])} and {len(found) - 2} more"
    )
