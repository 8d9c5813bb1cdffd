"""`vibench plan`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.cli.matrix import MatrixOptions
from vibench.cli.preparation import PreparedRun, announce, prepare_available
from vibench.cli.screen import console
from vibench.exhibits.json import as_json
from vibench.exhibits.lists import Listing, listing_document
from vibench.exhibits.terminal import show
from vibench.plan.parameters import parameters_in_use
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.engines.template_facts import TemplateFacts
    from vibench.estimates.costs_ahead import Estimate
    from vibench.estimates.gpu_hours import Hours
    from vibench.plan.upgrades import Upgrades
    from vibench.preferences.subset_summary import SubsetSummary
    from vibench.report.power import Sensitivity
    from vibench.sessions.spending_record import Spent
    from vibench.stages.stage import Stage

__all__ = ["plan"]

DEVICES = Path("/proc/driver/nvidia/gpus")
"""The folder that the driver of NVIDIA's GPUs makes; torch takes seconds to say as much."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The work that a run still has, and the results it can give."""

    prepared: PreparedRun
    todo: Sequence[Stage]
    costs: Sequence[Estimate]
    spent: Spent
    hours: Hours
    upgrades: Upgrades
    sensitivities: Sequence[Sensitivity]
    subsets: Sequence[SubsetSummary]
    template_notes: Sequence[str]
    eval_notes: Sequence[str]

    @property
    def totals(self) -> Counter[str]:
        """The number of stages of each kind, in the plan's order."""
        return Counter(stage.kind for stage in self.prepared.plan.stages.values())

    @property
    def left(self) -> Counter[str]:
        """The number of stages of each kind that are not done."""
        return Counter(stage.kind for stage in self.todo)

    @property
    def work(self) -> Counter[str]:
        """The amount of work left, in the units of the stages."""
        work: Counter[str] = Counter()
        for stage in self.todo:
            work.update(stage.work)
        return work


def plan(options: MatrixOptions) -> int:
    """Show the cost ahead, the stages by kind, and how much work is left. Return 2 if data of a
    part is missing; the others are shown."""
    prepared, errors = prepare_available(options)
    outlook = look_ahead(prepared, Store(options.store))
    if options.json:
        sys.stdout.write(as_json(as_record(outlook)))
    else:
        print_outlook(outlook, console())
    for name, error in errors.items():
        text = f"Not in this plan: {name}. {error.message}\n  {error.hint}"
        console(to_stderr=True).print(text, markup=False, soft_wrap=True)
    return 2 if errors else 0


def look_ahead(prepared: PreparedRun, store: Store) -> Outlook:
    """Return the outlook of a plan, by what the store has of it."""
    from vibench.estimates.costs_ahead import estimates
    from vibench.estimates.gpu_hours import gpu_hours
    from vibench.execute.run import subset_summaries
    from vibench.execute.scheduler import done_stages
    from vibench.execute.template_records import StoredFacts
    from vibench.plan.eval_notes import eval_notes
    from vibench.plan.template_notes import FileFacts, template_notes
    from vibench.plan.upgrades import upgrades_of
    from vibench.report.power import sensitivities
    from vibench.sessions.spending_record import FILE, read_spent

    spec, graph, plugins = prepared.spec, prepared.plan, prepared.plugins
    in_files, in_store = FileFacts(), StoredFacts(store)

    def template_facts(stage: Stage) -> TemplateFacts | None:
        return in_files(stage) or in_store(stage)

    todo = prepared.goal.needed(done_stages(prepared.goal, store))
    record = {"spec": asdict(spec), "parameters": parameters_in_use(spec, graph, plugins)}
    return Outlook(
        prepared=prepared,
        todo=todo,
        costs=estimates(graph, todo, store, plugins),
        spent=read_spent(store.root / "runs" / graph.run / FILE),
        hours=gpu_hours(todo, store, plugins),
        upgrades=upgrades_of(graph, todo, store),
        sensitivities=sensitivities(graph, store, spec.values, spec.limit, record),
        subsets=list(subset_summaries(graph, store)),
        template_notes=template_notes(graph.stages.values(), template_facts),
        eval_notes=eval_notes(spec, plugins),
    )


def as_record(outlook: Outlook) -> Mapping[str, Any]:
    """Return an outlook as `vibench plan --json` prints it."""
    from vibench.report.power_lines import sensitivity_records

    left = outlook.left
    return {
        "cells": len(outlook.prepared.plan.cells),
        "stages": {kind: {"stages": n, "left": left[kind]} for kind, n in outlook.totals.items()},
        "left": dict(outlook.work),
        "cost": {
            "expected": [asdict(cost) for cost in outlook.costs],
            "spent": outlook.spent.facts(),
        },
        "gpu_hours": {**asdict(outlook.hours), "total": outlook.hours.total},
        "upgrades": asdict(outlook.upgrades),
        "power": sensitivity_records(outlook.sensitivities),
        "subsets": [subset.record() for subset in outlook.subsets],
        "template_notes": list(outlook.template_notes),
        "eval_notes": list(outlook.eval_notes),
    }


def print_outlook(outlook: Outlook, screen: Console) -> None:
    """Print an outlook for people."""
    from vibench.report.power_lines import sensitivity_lines

    prepared, left = outlook.prepared, outlook.left
    announce(screen, prepared.spec, prepared.plan, prepared.plugins, len(outlook.todo))
    for line in _cost_lines(outlook):
        screen.print(line, markup=False, soft_wrap=True)
    stages = [(kind, n, n - left[kind], left[kind]) for kind, n in outlook.totals.items()]
    show(listing_document([Listing("", ("stage", "all", "done", "left"), stages)]), screen)
    for subset in outlook.subsets:
        screen.print(f"{subset.sentence}.", markup=False, soft_wrap=True)
        if subset.warning:
            warning = f"WARNING: {subset.warning}"
            screen.print(warning, style="bold yellow", markup=False, soft_wrap=True)
    notes = (*outlook.eval_notes, *outlook.template_notes)
    for line in (*notes, *sensitivity_lines(outlook.sensitivities)):
        screen.print(line, markup=False, soft_wrap=True)
    work = outlook.work
    measured = f"{work['requests']:,} measurement requests, " if work["requests"] else ""
    screen.print(
        f"Left: {work['trainings']:,} trainings, {work['completions']:,} completions to "
        f"generate, {measured}{work['verdicts']:,} verdicts to ask for.",
        markup=False,
    )


def _cost_lines(outlook: Outlook) -> Iterator[str]:
    """Yield the sentences about upgraded plugins, dollars and GPU hours."""
    from vibench.estimates.costs_ahead import told_before
    from vibench.estimates.gpu_hours import told_hours

    upgrades = outlook.upgrades
    if upgrades.total:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in upgrades.stages.items())
        yield (
            f"{upgrades.total:,} stages ({kinds}) are in the store from other versions of plugins "
            f"and will be redone: {'; '.join(upgrades.plugins)}."
        )
    yield from told_before(outlook.costs, outlook.prepared.spec.budget_usd, outlook.spent.usd)
    if outlook.hours.measured or for_gpu(outlook.todo):
        yield from told_hours(outlook.hours)


def for_gpu(stages: Sequence[Stage]) -> bool:
    """Return whether hours of a GPU mean anything here: there is one, or a model is of the hub, and
    so is likely planned for another machine."""
    from vibench.engines.hub_access import is_hub_id

    sources = {stage.spec.model.source for stage in stages if stage.spec.model is not None}
    return DEVICES.is_dir() or any(map(is_hub_id, sources))
