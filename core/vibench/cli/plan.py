"""`vibench plan`."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

from vibench.cli.matrix import MatrixOptions
from vibench.cli.preparation import announce, prepare
from vibench.cli.screen import console
from vibench.exhibits.json import as_json
from vibench.exhibits.listing import Listing, listing_document
from vibench.exhibits.terminal import show
from vibench.plan.parameters import parameters_in_use
from vibench.store.artefacts import Store

__all__ = ["plan"]


def plan(asked: MatrixOptions) -> int:
    """Show what it is going to cost, the stages by kind, and how much work is left."""
    from vibench.estimates.costs_ahead import estimates, told_before
    from vibench.estimates.gpu_hours import gpu_hours, told_hours
    from vibench.execute.run import subset_summaries
    from vibench.execute.scheduler import done_stages
    from vibench.plan.upgrades import upgrades_of
    from vibench.report import power
    from vibench.sessions.spending import FILE, read_spent

    prepared = prepare(asked)
    spec, made, plugins = prepared.spec, prepared.plan, prepared.plugins
    store = Store(asked.store)
    todo = prepared.goal.needed(done_stages(prepared.goal, store))
    missing = Counter(s.kind for s in todo)
    every = Counter(s.kind for s in made.stages.values())
    work: Counter[str] = Counter()
    for stage in todo:
        work.update(stage.work)
    costs = estimates(made, todo, store, plugins)
    hours = gpu_hours(todo, store, plugins)
    spent = read_spent(store.root / "runs" / made.run / FILE)
    upgrades = upgrades_of(made, todo, store)
    record = {"spec": asdict(spec), "parameters": parameters_in_use(spec, made, plugins)}
    seen = power.sensitivities(made, store, spec.values, spec.limit, record)
    subsets = list(subset_summaries(made, store))
    if asked.json:
        rows = {k: {"stages": n, "left": missing[k]} for k, n in every.items()}
        facts: dict[str, Any] = {"cells": len(made.cells), "stages": rows, "left": dict(work)}
        facts["cost"] = {"expected": [asdict(c) for c in costs], "spent": spent.facts()}
        facts["gpu_hours"] = {**asdict(hours), "total": hours.total}
        facts["upgrades"] = asdict(upgrades)
        facts["power"] = power.sensitivity_records(seen)
        facts["subsets"] = [one.record() for one in subsets]
        sys.stdout.write(as_json(facts))
        return 0
    screen = console()
    announce(screen, spec, made, plugins, len(todo))
    if upgrades.total:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in upgrades.stages.items())
        screen.print(
            f"{upgrades.total:,} stages ({kinds}) are in the store as other versions of plugins "
            f"did them, and are done anew: {'; '.join(upgrades.plugins)}.",
            markup=False,
            soft_wrap=True,
        )
    for line in told_before(costs, spec.budget_usd, spent.usd):
        screen.print(line, markup=False, soft_wrap=True)
    for line in told_hours(hours):
        screen.print(line, markup=False, soft_wrap=True)
    stages = [(kind, n, n - missing[kind], missing[kind]) for kind, n in every.items()]
    show(listing_document([Listing("", ("stage", "all", "done", "left"), stages)]), screen)
    for one in subsets:
        screen.print(f"{one.sentence}.", markup=False, soft_wrap=True)
        if one.warning:
            warning = f"WARNING: {one.warning}"
            screen.print(warning, style="bold yellow", markup=False, soft_wrap=True)
    for line in power.sensitivity_lines(seen):
        screen.print(line, markup=False, soft_wrap=True)
    requests = f"{work['requests']:,} requests to measure by, " if work["requests"] else ""
    screen.print(
        f"Left: {work['trainings']:,} trainings, {work['completions']:,} completions to "
        f"generate, {requests}{work['verdicts']:,} verdicts to ask for.",
        markup=False,
    )
    return 0
