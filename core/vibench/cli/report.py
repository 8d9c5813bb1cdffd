"""`vibench report`: what a run found, from the store alone."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vibench.errors import UnknownName
from vibench.report.collecting import collect, runs_named
from vibench.store import Store

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.execute.scheduler import Failure

__all__ = ["FORMS", "failures", "report", "show"]

FORMS = ("terminal", "markdown", "csv", "json")


def report(run: str, root: str, form: str) -> int:
    """Print a run's report (the last run's unless named)."""
    from rich.console import Console

    if form not in FORMS:
        raise UnknownName("report format", form, FORMS)
    store = Store(root)
    [named] = runs_named(store, [run] if run else [])
    show(store, named, form, Console(highlight=False))
    return 0


def show(store: Store, run: str, form: str, console: Console) -> None:
    """Print a run's report in one of `FORMS`."""
    found = collect(store, [run]).report
    if form == "terminal":
        from vibench.report.terminal import show as to_terminal

        to_terminal(found, console)
        return
    from vibench.report import export

    text = {"markdown": export.markdown, "csv": export.csv, "json": export.json}[form](found)
    if form == "json" and (cost := store.read_run(run).get("cost")):
        text = json.dumps({**json.loads(text), "cost": cost}, indent=1, ensure_ascii=False)
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


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
