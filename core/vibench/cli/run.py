"""`vibench run` and `vibench plan`."""

from __future__ import annotations

import json
import shlex
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.cli.matrix import MatrixOptions
from vibench.cli.screen import console
from vibench.data import Data
from vibench.errors import DataError
from vibench.plan import Plan, make_plan
from vibench.plugins import Plugins
from vibench.registry import load_catalogue
from vibench.spec import Spec, from_flags
from vibench.store import Store

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.registry import Catalogue

__all__ = ["plan", "run"]


def prepared(asked: MatrixOptions) -> tuple[Spec, Plan, Plugins, Data]:
    """Everything up to the plan. Raises UsageError for whatever was asked wrongly."""
    catalogue = load_catalogue(asked.registry)
    plugins = Plugins.discover()
    spec = from_flags(catalogue, plugins, **asked.said)
    data = opened(spec, catalogue)
    return spec, make_plan(spec, catalogue, plugins, data), plugins, data


def opened(spec: Spec, catalogue: Catalogue) -> Data:
    """The data of a run. Raises DataError for a folder that is not there."""
    folder = Path(spec.data).expanduser() if spec.data else None
    if folder is not None and not folder.is_dir():
        raise DataError(
            f"The data folder {spec.data} does not exist.",
            "Name a folder with the prompt sets with --data, or leave it out.",
        )
    return Data(folder, catalogue.profile(spec.profile).embedded_data, catalogue.datasets)


def run(asked: MatrixOptions) -> int:
    """Run what was asked; exit code 0, 1 if stages failed, 2 if the input made them fail."""
    from vibench.cli.progress import Display
    from vibench.cli.report import failures, show
    from vibench.execute.costs import told
    from vibench.execute.run import run as execute_run
    from vibench.execute.run import run_id
    from vibench.execute.scheduler import done_stages

    screen = console(to_stderr=asked.json)
    spec, made, plugins, data = prepared(asked)
    store = Store(asked.store)
    store.prepare()
    todo = made.needed(done_stages(made, store))
    announce(screen, spec, made, len(todo))
    display = Display(screen, len(todo))
    try:
        with display:
            ended = execute_run(spec, made, store, plugins, data, display, sys.argv)
    except KeyboardInterrupt:
        screen.print(
            "\nStopped. What was finished is kept: run the same command again to go on.",
            markup=False,
        )
        return 130
    if asked.json:
        show(store, run_id(made), "json", console())
    else:
        screen.print()
        show(store, ended.id, "terminal", screen)
    cost = store.read_run(ended.id).get("cost")
    if cost is not None:
        screen.print(told(cost), markup=False, soft_wrap=True)
    if not asked.json and len(ended.result.failures) < len(made.stages):
        screen.print(further(asked.store), style="dim", markup=False)
    if not ended.result.failures:
        return 0
    failures(ended.result.failures, console(to_stderr=True))
    return 2 if all(f.usage for f in ended.result.failures.values()) else 1


def further(store: str) -> str:
    """Where else what a run found can be looked at."""
    place = "" if store == ".vibench" else f" --store {shlex.quote(store)}"
    return (
        f"\nOne page, with every answer: vibench report{place} --html report.html\n"
        f"The paper's tables and figures: vibench tables{place}\n"
        f"A row for each sample and metric: vibench results export{place} -o results.parquet"
    )


def announce(screen: Console, spec: Spec, made: Plan, left: int) -> None:
    """What this run is, before it does anything."""
    if spec.profile == "embedded":
        shipped = "small models, pairs and prompts shipped with vibench"
        if spec.data:
            shipped = f"small models and pairs shipped with vibench, prompts from {spec.data}"
        screen.print(
            f"Embedded profile: {shipped}; for trying things out, not for findings. For real "
            "models: --model org/name or a local folder.",
            style="bold",
            markup=False,
        )
    done = "" if left else " Everything is in the store already."
    screen.print(
        f"{len(made.cells)} cells ({', '.join(spec.models)}; {', '.join(spec.inducers)}; "
        f"{', '.join(spec.values)}; {', '.join(spec.evals)}), {left} stages to run.{done}",
        markup=False,
        soft_wrap=True,
    )


def plan(asked: MatrixOptions) -> int:
    """Show what it is going to cost, the stages by kind, and how much work is left."""
    from vibench.execute.costs import FILE, read_spent
    from vibench.execute.estimate import estimates, told_before
    from vibench.execute.hours import gpu_hours, told_hours
    from vibench.execute.run import run_id
    from vibench.execute.scheduler import done_stages
    from vibench.report import power

    spec, made, plugins, _ = prepared(asked)
    store = Store(asked.store)
    todo = made.needed(done_stages(made, store))
    missing = Counter(s.kind for s in todo)
    every = Counter(s.kind for s in made.stages.values())
    work: Counter[str] = Counter()
    for stage in todo:
        work.update(stage.work)
    costs = estimates(made, todo, store, plugins)
    hours = gpu_hours(made, todo, store, plugins)
    spent = read_spent(store.root / "runs" / run_id(made) / FILE)
    seen = power.sensitivities(made, store, spec.values, spec.limit)
    if asked.json:
        rows = {k: {"stages": n, "left": missing[k]} for k, n in every.items()}
        facts: dict[str, Any] = {"cells": len(made.cells), "stages": rows, "left": dict(work)}
        facts["cost"] = {"expected": [asdict(c) for c in costs], "spent": spent.facts()}
        facts["gpu_hours"] = {**asdict(hours), "total": hours.total}
        facts["power"] = power.facts(seen)
        print(json.dumps(facts, indent=1))
        return 0
    from rich.table import Table

    screen = console()
    announce(screen, spec, made, len(todo))
    for line in told_before(costs, spec.budget_usd, spent.usd):
        screen.print(line, markup=False, soft_wrap=True)
    for line in told_hours(hours):
        screen.print(line, markup=False, soft_wrap=True)
    table = Table("stage", box=None, pad_edge=False)
    for column in ("all", "done", "left"):
        table.add_column(column, justify="right")
    for kind, n in every.items():
        table.add_row(kind, f"{n:,}", f"{n - missing[kind]:,}", f"{missing[kind]:,}")
    screen.print(table)
    for line in power.told(seen):
        screen.print(line, markup=False, soft_wrap=True)
    requests = f"{work['requests']:,} requests to measure by, " if work["requests"] else ""
    screen.print(
        f"Left: {work['trainings']:,} trainings, {work['completions']:,} completions to "
        f"generate, {requests}{work['verdicts']:,} verdicts to ask for.",
        markup=False,
    )
    return 0
