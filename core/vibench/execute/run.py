"""One run: plan, execute, and keep a record of what was asked and what came of it."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from vibench.estimates.costs import cost_of
from vibench.execute.listener import Listener
from vibench.execute.scheduler import Result, done_stages, execute
from vibench.execute.template_records import StoredFacts
from vibench.execute.training_notes import notes_of
from vibench.hookspecs import PlanMade, RunFinished, StageFinished
from vibench.plan import Plan
from vibench.plan.cells import CELLS, write_cells
from vibench.plan.eval_notes import eval_notes
from vibench.plan.parameters import parameters_in_use
from vibench.plan.template_notes import template_notes
from vibench.plan.upgrades import STAGES, plugins_in_use, write_stages
from vibench.preferences.subset_summary import SubsetSummary
from vibench.sessions.work import hardware, versions
from vibench.stages.adapter import AdapterSpec
from vibench.stages.subset import SubsetSpec
from vibench.store.artefacts import CorruptArtefact
from vibench.store.leftovers import remove_leftovers

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.plan import Stage
    from vibench.plugins import Plugins
    from vibench.spec import Spec
    from vibench.store.artefacts import Store

__all__ = ["Run", "carry_out", "run", "subset_summaries"]


@dataclass(frozen=True, slots=True)
class Run:
    """The end of a run. `status` is "complete", "incomplete" (something failed) or
    "interrupted"."""

    id: str
    status: str
    result: Result
    seconds: float


def run(
    spec: Spec,
    plan: Plan,
    store: Store,
    plugins: Plugins,
    data: DataFiles,
    listener: Listener,
    command: Sequence[str] = (),
    done: Set[str] | None = None,
) -> Run:
    """Execute a plan. KeyboardInterrupt (and SIGTERM) is recorded and raised again. `done` as
    in `carry_out`."""
    store.prepare()
    name = plan.run
    folder = store.run_folder(name)
    with store.explained():
        # Before anything runs: reports read the cells of a run that is still going on, or that was
        # killed.
        write_cells(folder / CELLS, plan.cells)
    start = time.time()
    record = _first_record(spec, plan, plugins, command, start)
    store.write_run(name, record)
    result = Result(0)
    status = "interrupted"
    try:
        log = folder / "worker.log"
        result = carry_out(name, plan, store, plugins, data, listener, log, done)
        status = "incomplete" if result.failures else "complete"
    finally:
        seconds = time.time() - start
        failed = sum(c.outcomes in result.failures for c in plan.cells)
        record |= {"status": status, "seconds": round(seconds, 1), "failed_cells": failed}
        # In any case, also after Ctrl-C: what is done is reported as far as it went.
        record |= _results(plan, store, plugins, result)
        store.write_run(name, record)
        # Once more: leases of other machines that were seen at the start may have run out since.
        remove_leftovers(store.root, store.leases)
        plugins.notify(RunFinished(name, status, len(plan.cells), failed, seconds))
    return Run(name, status, result, seconds)


def _first_record(
    spec: Spec, plan: Plan, plugins: Plugins, command: Sequence[str], start: float
) -> dict[str, Any]:
    """Return the record of a run that begins."""
    inducers = {
        f"inducer {step}": plugins.identity("inducer", step).record
        for expression in spec.inducers
        for step in expression.split("+")
    }
    return {
        "id": plan.run,
        "status": "running",
        "command": list(command),
        "spec": asdict(spec),
        "parameters": parameters_in_use(spec, plan, plugins),
        "eval_notes": eval_notes(spec, plugins),
        "plugins": {**plugins_in_use(plan.stages.values()), **inducers},
        "cells": len(plan.cells),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start)),
        "versions": versions(),
        "hardware": hardware(),
        "failures": [],
    }


def _results(plan: Plan, store: Store, plugins: Plugins, result: Result) -> dict[str, Any]:
    """Return what of the record is known when a run ends: failures, pairs, notes and costs."""
    failures = [
        {
            "stage": key,
            "kind": f.stage.kind,
            "label": f.stage.label,
            "message": f.message,
            "hint": f.hint,
            "blocked_by": f.blocked_by,
        }
        for key, f in result.failures.items()
    ]
    cost = cost_of(plan, store, plugins, plan.run)
    return {
        "failures": failures,
        "subsets": [summary.record() for summary in subset_summaries(plan, store)],
        "training_notes": list(training_notes(plan, store)),
        "template_notes": template_notes(plan.stages.values(), StoredFacts(store)),
        **({} if cost is None else {"cost": cost}),
    }


def subset_summaries(plan: Plan, store: Store) -> Iterator[SubsetSummary]:
    """Yield a summary of the pairs of every subset of a plan that is in the store."""
    for stage in plan.stages.values():
        if isinstance(stage.spec, SubsetSpec) and store.has(stage.kind, stage.key):
            facts = store.open(stage.kind, stage.key).manifest["facts"]
            yield SubsetSummary.of(stage.spec.table(), facts)


def training_notes(plan: Plan, store: Store) -> Iterator[str]:
    """Yield the `notes` of trainings about their pairs, each with its training."""
    listed = store.listing()
    for stage in plan.stages.values():
        if isinstance(stage.spec, AdapterSpec) and listed(stage.kind, stage.key):
            for note in notes_of(store, stage):
                yield f"{stage.label}: {note}"


def carry_out(
    name: str,
    plan: Plan,
    store: Store,
    plugins: Plugins,
    data: DataFiles,
    listener: Listener,
    log: Path,
    done: Set[str] | None = None,
) -> Result:
    """Execute a plan and tell the plugins' observers; SIGTERM ends it as Ctrl-C does.

    `done` are the `done_stages` if the caller has just looked for them, which takes a while
    where there are many.
    """
    done = done_stages(plan, store) if done is None else done
    with store.explained():
        write_stages(store.run_folder(name) / STAGES, plan)
    plugins.notify(PlanMade(name, len(plan.cells), len(plan.stages), len(done)))
    with terminable():
        return execute(plan, store, plugins, data, log, _Observed(listener, plugins, name), done)


class _Observed:
    """A listener that also tells the plugins' observers."""

    def __init__(self, listener: Listener, plugins: Plugins, run: str) -> None:
        self._listener = listener
        self._plugins = plugins
        self._run = run
        self.started = listener.started
        self.progress = listener.progress
        self.waiting = listener.waiting

    def finished(self, stage: Stage, status: str, seconds: float, error: str | None) -> None:
        self._listener.finished(stage, status, seconds, error)
        self._plugins.notify(
            StageFinished(self._run, stage.key, stage.kind, stage.label, status, seconds, error)
        )

    def remade(self, error: CorruptArtefact) -> None:
        self._listener.remade(error)


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM (a scheduler's notice before it kills) end a run as cleanly as Ctrl-C."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # Python lets the main thread alone set handlers; a run inside another program keeps that
    # program's.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
