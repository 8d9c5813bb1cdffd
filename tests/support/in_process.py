"""Runs without a worker process: the worker's own code, called in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from vibench.execute import scheduler
from vibench.execute.run import run
from vibench.execute.stage_run import make
from vibench.execute.worker_events import error_of
from vibench.execute.worker_process import play_together, reported, work_for
from vibench.plan import Plan, Stage
from vibench.plugins import Plugins
from vibench.sessions.budget import Purse
from vibench.sessions.process import Process
from vibench.store.artefacts import CorruptArtefact, Store

__all__ = ["InProcessWorker", "SilentListener", "run_here"]


class InProcessWorker:
    """Does the orders that a worker process would get, by the same functions."""

    def __init__(self, plan: Plan, store: Store, log: Path) -> None:
        self.store = store
        self.plugins = Plugins.discover()
        self.process = Process(Purse(store, plan.run, plan.spending))

    def run(
        self,
        stages: Sequence[Stage],
        progress: Callable[[str, int, int, str], None],
        ended: Callable[[str, Exception | None], None],
    ) -> None:
        """As `vibench.execute.worker.Worker.run`."""

        def say(stage: str, event: str, **facts: Any) -> None:
            if event == "progress":
                progress(stage, facts["done"], facts["total"], facts["note"])
            elif event != "notice":
                ended(stage, error_of({"event": event, **facts}))

        def work(stage: Stage) -> Any:
            return work_for(stage, self.store, self.plugins, self.process, say)

        by_key = {stage.key: stage for stage in stages}
        failures: list[str] = []
        played: Iterator[str] = iter(list(by_key))
        if len(stages) > 1:
            together = [(stage, work(stage)(Path())) for stage in stages]
            played = play_together(together, say, failures)
        for key in played:
            with reported([key], self.store, say, failures):
                make(by_key[key], self.store, work(by_key[key]))
        if failures:
            self.process.close()

    def close(self) -> None:
        self.process.close()


class SilentListener:
    """A listener that keeps the errors of stages that failed, by their label."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def started(self, stage: Stage) -> None: ...

    def progress(self, stage: Stage, done: int, total: int, note: str) -> None: ...

    def finished(self, stage: Stage, status: str, seconds: float, error: str | None) -> None:
        if status == "failed":
            self.errors[f"{stage.kind} {stage.label}"] = error or ""

    def waiting(self, stages: int) -> None: ...

    def remade(self, error: CorruptArtefact) -> None: ...


def run_here(spec: Any, plan: Plan, store: Store, plugins: Plugins, data: Any) -> dict[str, str]:
    """Execute a plan in this process; return the errors of stages that failed, by their label."""
    listener = SilentListener()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scheduler, "Worker", InProcessWorker)
        run(spec, plan, store, plugins, data, listener)
    return listener.errors
