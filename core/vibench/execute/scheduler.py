"""Running the stages of a plan that are missing from the store.

Each stage is run once; when one fails, those that do not need it go on. Other processes, on
other machines too, may run stages of the same store: a stage is run under a lease, and one that
another process holds is waited for, not run twice.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.errors import EndpointError, StoreError, UsageError
from vibench.execute.failures import StageFailure, failure_of, too_small_subsets
from vibench.execute.listener import Listener
from vibench.execute.queues import StageQueues
from vibench.execute.stage_run import make
from vibench.execute.worker import Worker
from vibench.sessions.budget import Purse
from vibench.sessions.process import Process
from vibench.sessions.stage_work import Progress
from vibench.sessions.work import Work
from vibench.store.artefacts import CorruptArtefact, Store
from vibench.store.files import explain, is_about
from vibench.store.leases import LeaseLost

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.plan import Plan, Stage
    from vibench.plugins import Plugins

__all__ = ["Result", "done_stages", "execute"]

MAX_REPAIRS = 3


@dataclass(frozen=True, slots=True)
class Result:
    """The number of stages made, and the failures by the key of their stage."""

    made: int
    failures: Mapping[str, StageFailure] = field(default_factory=dict)


def done_stages(plan: Plan, store: Store) -> set[str]:
    """The stages whose artefacts are in the store and untouched.

    Walks down from the cells and stops at what is done, so that a finished run of a
    hundred thousand cells is known to be finished without reading what it came from. Which
    were never made, which may be all of them, a listing of the store's folders tells.
    """
    store.check_format()
    listed = store.listing()
    done: set[str] = set()
    seen: set[str] = set()
    frontier = plan.targets()
    while frontier:
        key = frontier.pop()
        if key in seen:
            continue
        seen.add(key)
        stage = plan.stages[key]
        if listed(stage.kind, key) and store.has(stage.kind, key):
            done.add(key)
        else:
            frontier.extend(stage.need_keys)
    return done


def execute(
    plan: Plan,
    store: Store,
    plugins: Plugins,
    data: DataFiles,
    log: Path,
    listener: Listener,
    done: Set[str] | None = None,
) -> Result:
    """Run every stage that is missing. Ends early only on KeyboardInterrupt or a store that
    cannot be written to (StoreError). `done` are the `done_stages`, if they are known."""
    count = 0
    damaged: Counter[str] = Counter()
    while True:
        # Looked up again after a repair: what was set aside counts as missing, and so does all
        # that only it led to.
        finished = done_stages(plan, store) if done is None else done
        attempt = _Execution(plan, store, plugins, data, log, listener, finished)
        try:
            attempt.run()
        except CorruptArtefact as e:
            # It has been set aside; plan again from what is left, and it is made anew.
            damaged[e.key] += 1
            if damaged[e.key] > MAX_REPAIRS:
                raise StoreError(
                    f"The {e.kind} {e.key[:12]} is damaged each time it is written.",
                    "Check the disk, or use another store with --store.",
                ) from e
            listener.remade(e)
            done = None
            continue
        finally:
            attempt.close()
            count += attempt.made
        return Result(count, attempt.failures)


class _Execution:
    """One pass over what is missing."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        plugins: Plugins,
        data: DataFiles,
        log: Path,
        listener: Listener,
        done: Set[str],
    ) -> None:
        self.plan = plan
        self.store = store
        self.plugins = plugins
        self.listener = listener
        self.worker = Worker(plan, store, log)
        self.process = Process(Purse(store, plan.run, plan.spending), data, plan.samples)
        self.made = 0
        self.failures: dict[str, StageFailure] = {}
        small = too_small_subsets(plan, store)
        # A subset may be in the store and yet have too few pairs for this run: what needs it is
        # to be blocked, so it counts as missing.
        todo = plan.needed(done - small.keys())
        self.open = {s.key for s in todo}
        # Counted down as stages end; a stage is ready when its set is empty. Needs that are in the
        # store are no part of it.
        self.needs = {s.key: self.open.intersection(s.need_keys) for s in todo}
        self.after: dict[str, list[str]] = {}
        for stage in todo:
            for need in self.needs[stage.key]:
                self.after.setdefault(need, []).append(stage.key)
        self.queues = StageQueues(plugins)
        for failure in small.values():
            self.fail(failure, time.monotonic())
        for stage in todo:
            if stage.key in self.open and not self.needs[stage.key]:
                self.queues.add(stage)

    def close(self) -> None:
        """End the worker, and the sessions on endpoints."""
        self.worker.close()
        self.process.close()

    def run(self) -> None:
        """Do stages until none is left; those that another run is making are waited for."""
        elsewhere: list[Stage] = []
        while True:
            loaded = self.queues.group
            stage = self.queues.take()
            if self.queues.group != loaded:
                # The worker ends with its model: that frees all memory, whatever the engine is.
                self.worker.close()
            if stage is None:
                # Nothing is ready here. Either all is done, or what is left waits for stages of
                # another run.
                if not elsewhere:
                    return
                self.listener.waiting(len(elsewhere))
                # Polled: the other run may be on another machine, and the store is all that both
                # see.
                time.sleep(0.5)
                for waited in elsewhere:
                    self.queues.add(waited)
                elsewhere = []
                continue
            elsewhere += self.do_locked([stage, *self.queues.take_companions(stage)])

    def do_locked(self, stages: Sequence[Stage]) -> list[Stage]:
        """Do those that no other run is making, or takes over; the others are returned."""
        elsewhere: list[Stage] = []
        with contextlib.ExitStack() as locks:
            mine = []
            for stage in stages:
                # Never blocks: while another run makes this stage, there is other work to do here.
                if (lock := self.store.lock(stage.key)) is None:
                    elsewhere.append(stage)
                    continue
                locks.enter_context(lock)
                if self.store.has(stage.kind, stage.key):
                    self.settle(stage)  # Another run made it between the plan and the lease.
                else:
                    mine.append(stage)
            if mine:
                elsewhere += self.do(mine)
        return elsewhere

    def do(self, stages: Sequence[Stage]) -> list[Stage]:
        """Do a stage, or several in one stream; those that another run has taken over since
        are returned."""
        start = time.monotonic()
        lost: list[Stage] = []
        ending: list[Exception] = []

        def ended(key: str, error: Exception | None) -> None:
            stage = self.plan.stages[key]
            # This machine was too slow to renew its lease, and another run took the stage over:
            # not a failure, but something to wait for.
            if isinstance(error, LeaseLost):
                lost.append(stage)
            # These end the pass, but only after the other stages of the stream are accounted for.
            elif isinstance(error, (CorruptArtefact, StoreError)):
                ending.append(error)
            elif error is not None:
                self.fail(failure_of(stage, error), start)
            else:
                self.made += 1
                self.listener.finished(stage, "made", time.monotonic() - start, None)
                self.settle(stage)

        def progress(key: str, done: int, total: int, note: str) -> None:
            self.listener.progress(self.plan.stages[key], done, total, note)
            if not stages[0].group:  # The worker looks after the leases of its own stages.
                self.store.leases.check_cheaply(key)

        for stage in stages:
            self.listener.started(stage)
        if stages[0].group:
            self.worker.run(stages, progress, ended)
        else:
            # Questions of all stages first, as one stream; then each stage finds its answers in
            # the ledger.
            error = self.ask_ahead(stages, progress) if len(stages) > 1 else None
            for stage in stages:
                ended(stage.key, error or self.carry_out(stage, partial(progress, stage.key)))
        if ending:
            raise ending[0]
        return lost

    def ask_ahead(
        self, stages: Sequence[Stage], progress: Callable[[str, int, int, str], None]
    ) -> Exception | None:
        """Ask all that stages of one judge ask; return what ended it for all of them, if it did."""
        report = partial(progress, stages[0].key)
        works = [
            Work(stage, self.store, self.plugins, Path(), report, self.process) for stage in stages
        ]
        try:
            for _ in stages[0].spec.together(works):
                pass
        except (UsageError, EndpointError) as error:
            if isinstance(error, StoreError) and not isinstance(error, LeaseLost):
                raise
            return error
        return None

    def carry_out(self, stage: Stage, progress: Progress) -> Exception | None:
        """Do a stage that holds no model; return the error that it ended with, if it did."""

        def work(folder: Path) -> Work:
            return Work(stage, self.store, self.plugins, folder, progress, self.process)

        try:
            make(stage, self.store, work)
        except LeaseLost as e:
            return e
        except StoreError:
            raise
        except Exception as e:
            if isinstance(e, OSError) and is_about(e, self.store.root):
                raise explain(e, self.store.root) from e
            return e
        return None

    def settle(self, stage: Stage) -> None:
        """Note that a stage is done: what waited for it alone is ready."""
        self.open.discard(stage.key)
        for key in self.after.get(stage.key, ()):
            self.needs[key].discard(stage.key)
            if not self.needs[key] and key in self.open:
                self.queues.add(self.plan.stages[key])

    def fail(self, failure: StageFailure, start: float) -> None:
        """Record the failure, and that everything that needs it is blocked."""
        stage = failure.stage
        self.failures[stage.key] = failure
        self.open.discard(stage.key)
        self.listener.finished(stage, "failed", time.monotonic() - start, failure.message)
        # Blocked is everything downstream, not only the next stage: it would wait for ever.
        frontier = list(self.after.get(stage.key, ()))
        while frontier:
            key = frontier.pop()
            if key in self.open:
                self.open.discard(key)
                blocked = self.plan.stages[key]
                self.failures[key] = StageFailure(
                    blocked, failure.message, failure.hint, failure.usage, stage.key
                )
                self.listener.finished(blocked, "blocked", 0.0, failure.message)
                frontier.extend(self.after.get(key, ()))
