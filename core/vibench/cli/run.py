"""`vibench run`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.cli.matrix import MatrixOptions
from vibench.cli.options import STORE
from vibench.cli.preparation import PreparedRun, announce, prepare
from vibench.cli.progress import Display
from vibench.cli.report import failures, show
from vibench.cli.screen import console
from vibench.errors import UsageError
from vibench.estimates.costs import told
from vibench.execute.reach import check_reach
from vibench.execute.readiness import check_ready
from vibench.execute.run import carry_out
from vibench.execute.run import run as execute
from vibench.execute.scheduler import done_stages
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.execute.failures import StageFailure

__all__ = ["run"]

MAX_ROWS = 400
"""Maximum rows of tables to print at the end of a run."""
MAX_CELLS = 60
"""A run of more cells has something to show in the paper's tables; looking takes too long."""


def run(options: MatrixOptions) -> int:
    """Run the matrix; return exit code 0, 1 if stages failed, 2 if the input made them fail."""
    screen = console(to_stderr=options.json)
    prepared = prepare(options)
    store = Store(options.store)
    store.prepare()
    done = done_stages(prepared.goal, store)
    todo = prepared.goal.needed(done)
    announce(screen, prepared.spec, prepared.plan, prepared.plugins, len(todo))
    check_ready(todo, prepared.plugins)
    check_reach(todo, prepared.plugins)
    launch = Launch(options, prepared, store, Display(screen, len(todo), store), screen, done)
    try:
        failed = wholly(launch) if options.until is None else partly(launch, options.until)
    except KeyboardInterrupt:
        screen.print(
            "\nStopped. Finished work is saved: rerun the same command to resume.",
            markup=False,
        )
        return 130
    if not failed:
        return 0
    failures(failed, console(to_stderr=True))
    return 2 if all(f.usage for f in failed.values()) else 1


@dataclass(frozen=True, slots=True)
class Launch:
    """A run about to begin: the command's options, its plan, its progress display, and the stages
    that are done."""

    options: MatrixOptions
    prepared: PreparedRun
    store: Store
    display: Display
    screen: Console
    done: Set[str]


def wholly(launch: Launch) -> Mapping[str, StageFailure]:
    """Run the whole plan and show its report; return the failures without showing them."""
    options, prepared, store, screen = launch.options, launch.prepared, launch.store, launch.screen
    with launch.display as display:
        ended = execute(
            prepared.spec,
            prepared.plan,
            store,
            prepared.plugins,
            prepared.data,
            display,
            sys.argv,
            launch.done,
        )
    if options.json:
        show(store, ended.id, "json", console())
    else:
        screen.print()
        show(store, ended.id, "terminal", screen, failed=False, rows=MAX_ROWS)
    cost = store.read_run(ended.id).get("cost")
    if cost is not None:
        screen.print(told(cost), markup=False, soft_wrap=True)
    failed = ended.result.failures
    if not options.json and any(cell.outcomes not in failed for cell in prepared.plan.cells):
        exhibits = has_exhibits(store, ended.id, len(prepared.plan.cells))
        # Not wrapped: these are commands to copy.
        lines = further(options.store, exhibits)
        screen.print(lines, style="dim", markup=False, soft_wrap=True)
    return failed


def partly(launch: Launch, until: str) -> Mapping[str, StageFailure]:
    """Run the plan's stages up to the kind `until`, which gives no report yet."""
    prepared, goal, store = launch.prepared, launch.prepared.goal, launch.store
    log = store.run_folder(goal.run) / "worker.log"
    with launch.display as display:
        result = carry_out(
            goal.run, goal, store, prepared.plugins, prepared.data, display, log, launch.done
        )
    there = sum(store.has(goal.stages[key].kind, key) for key in goal.wanted)
    launch.screen.print(
        f"{there} of {len(goal.wanted)} stages of the kind '{until}' are in the store. "
        "Rerun the command without --until to continue.",
        markup=False,
    )
    return result.failures


def has_exhibits(store: Store, run: str, cells: int) -> bool:
    """Return whether any of the paper's tables and figures has a number of this run."""
    if cells > MAX_CELLS:
        return True
    from vibench.paper import NAMES, Choice, exhibits
    from vibench.report.run_report import run_report

    try:
        drawn = exhibits(run_report(store, [run]), tuple(NAMES), Choice())
    except UsageError:  # It has several judges, say, of which the user has to choose one.
        return True
    return not all(exhibit.empty for exhibit in drawn)


def further(store: str, exhibits: bool = True) -> str:
    """Return the commands that show the run's results in other forms."""
    option = "" if store == STORE else f" --store {shlex.quote(store)}"
    lines = [f"\nOne page, with every answer: vibench report{option} --html report.html"]
    if exhibits:
        lines.append(f"The paper's tables and figures: vibench tables{option}")
    lines.append(
        f"A row for each sample and metric: vibench results export{option} -o results.parquet"
    )
    return "\n".join(lines)
