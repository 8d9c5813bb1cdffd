"""`vibench run`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.cli.matrix import MatrixOptions
from vibench.cli.options import STORE
from vibench.cli.preparation import Prepared, announce, prepare
from vibench.cli.progress import Display
from vibench.cli.report import failures, show
from vibench.cli.screen import console
from vibench.estimates.costs import told
from vibench.execute.readiness import check_ready
from vibench.execute.run import carry_out
from vibench.execute.run import run as execute
from vibench.execute.scheduler import done_stages
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.execute.failures import Failure

__all__ = ["run"]

MAX_ROWS = 400
"""Rows of tables that are printed at the end of a run; beyond it is said what prints them."""


def run(asked: MatrixOptions) -> int:
    """Run what was asked; exit code 0, 1 if stages failed, 2 if the input made them fail."""
    screen = console(to_stderr=asked.json)
    made = prepare(asked)
    store = Store(asked.store)
    store.prepare()
    done = done_stages(made.goal, store)
    todo = made.goal.needed(done)
    announce(screen, made.spec, made.plan, made.plugins, len(todo))
    check_ready(todo, made.plugins)
    launch = Launch(asked, made, store, Display(screen, len(todo), store), screen, done)
    try:
        failed = wholly(launch) if asked.until is None else partly(launch, asked.until)
    except KeyboardInterrupt:
        screen.print(
            "\nStopped. What was finished is kept: run the same command again to go on.",
            markup=False,
        )
        return 130
    if not failed:
        return 0
    failures(failed, console(to_stderr=True))
    return 2 if all(f.usage for f in failed.values()) else 1


@dataclass(frozen=True, slots=True)
class Launch:
    """A run about to begin: the command's options, what was prepared for it, where its progress
    is shown, and the stages that are done."""

    asked: MatrixOptions
    made: Prepared
    store: Store
    display: Display
    screen: Console
    done: Set[str]


def wholly(launch: Launch) -> Mapping[str, Failure]:
    """Do the whole plan and show what was found; what failed is returned, not shown."""
    asked, made, store, screen = launch.asked, launch.made, launch.store, launch.screen
    with launch.display as display:
        ended = execute(
            made.spec, made.plan, store, made.plugins, made.data, display, sys.argv, launch.done
        )
    if asked.json:
        show(store, ended.id, "json", console())
    else:
        screen.print()
        show(store, ended.id, "terminal", screen, failed=False, rows=MAX_ROWS)
    cost = store.read_run(ended.id).get("cost")
    if cost is not None:
        screen.print(told(cost), markup=False, soft_wrap=True)
    failed = ended.result.failures
    if not asked.json and any(cell.outcomes not in failed for cell in made.plan.cells):
        screen.print(further(asked.store), style="dim", markup=False)
    return failed


def partly(launch: Launch, until: str) -> Mapping[str, Failure]:
    """Do the plan's stages up to the kind `until`; nothing is found yet."""
    made, goal, store = launch.made, launch.made.goal, launch.store
    log = store.run_folder(goal.run) / "worker.log"
    with launch.display as display:
        result = carry_out(
            goal.run, goal, store, made.plugins, made.data, display, log, launch.done
        )
    there = sum(store.has(goal.stages[key].kind, key) for key in goal.wanted)
    launch.screen.print(
        f"{there} of {len(goal.wanted)} stages of the kind '{until}' are in the store. "
        "The same command without --until goes on from there.",
        markup=False,
    )
    return result.failures


def further(store: str) -> str:
    """Where else what a run found can be looked at."""
    place = "" if store == STORE else f" --store {shlex.quote(store)}"
    return (
        f"\nOne page, with every answer: vibench report{place} --html report.html\n"
        f"The paper's tables and figures: vibench tables{place}\n"
        f"A row for each sample and metric: vibench results export{place} -o results.parquet"
    )
