"""The process that holds models: it does one stage at a time and says how it went.

It is a process of its own so that a crash or an out-of-memory kill in native code is a
failed stage and not a dead run. Orders come in as JSON lines on standard input, events go
out as JSON lines on a pipe; whatever libraries print goes to a log file.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from vibench.errors import (
    EndpointError,
    StageError,
    StoreError,
    StoreFault,
    UnansweredError,
    UsageError,
)
from vibench.plan import Stage
from vibench.sessions.budget import Purse
from vibench.sessions.process import Process
from vibench.sessions.work import Work, hardware, versions
from vibench.stages.kinds import stage_of
from vibench.store.artefacts import CorruptArtefact, Store
from vibench.store.files import explain, is_about
from vibench.store.leases import LeaseLost

if TYPE_CHECKING:
    from vibench.plan import Plan

__all__ = ["Worker", "make"]

SURROUNDINGS = {
    # glibc gives large blocks back to the system at once and then faults them in again, at
    # each step; keeping them halved a training step on the CPU.
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
    # Threads that wait for each other sleep rather than spin: on cores that are shared with
    # other work, spinning made a training step six times as long.
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYTHONUNBUFFERED": "1",
}


def make(stage: Stage, store: Store, work: Callable[[Path], Work]) -> Mapping[str, Any]:
    """Run a stage and commit its artefact with its provenance."""
    started = time.time()
    manifest: dict[str, Any] = {
        "label": stage.label,
        "needs": list(stage.need_keys),
        "spec": stage.spec.table(),
        "versions": versions(),
        "hardware": hardware(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
    }
    with store.making(stage.kind, stage.key, manifest) as folder:
        facts = stage.spec.run(work(folder))
        manifest["facts"] = dict(facts)
        manifest["seconds"] = round(time.time() - started, 3)
    store.clear(stage.key)
    return facts


class Worker:
    """The main process's handle on a worker. Not started until the first stage."""

    def __init__(self, plan: Plan, store: Store, log: Path) -> None:
        self.plan = plan
        self.store = store
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.events: IO[bytes] | None = None

    def run(
        self,
        stages: Sequence[Stage],
        progress: Callable[[str, int, int, str], None],
        ended: Callable[[str, Exception | None], None],
    ) -> None:
        """Do stages, all at once where there are several.

        `ended` is told of each by its key, with the StageError, UsageError or
        CorruptArtefact that it ended with, if it did.
        """
        if self.process is None:
            self._start()
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.events is not None
        with contextlib.suppress(BrokenPipeError):
            held = self.store.leases.held
            order = [
                {"stage": s.table(), "lease": held[s.key].as_text() if s.key in held else None}
                for s in stages
            ]
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()
        left = {stage.key for stage in stages}
        while left:
            line = self.events.readline()
            if not line:
                break
            event = json.loads(line)
            key = event["stage"]
            if event["event"] == "notice":
                self.store.tell(event["message"])
            elif event["event"] == "progress":
                progress(key, event["done"], event["total"], event["note"])
            else:
                left.discard(key)
                ended(key, _error_of(event))
        if left:
            obituary = self._obituary()
            for stage in stages:
                if stage.key in left:
                    ended(stage.key, StageError(obituary))

    def _start(self) -> None:
        out, into = os.pipe()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        purse = Purse(self.store, self.plan.run, self.plan.spending).written()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(self.store.root), str(into), purse],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(into,),
                env={**SURROUNDINGS, **os.environ},
                # Ctrl-C is for the main process, which then ends this one.
                start_new_session=True,
            )
        os.close(into)
        self.events = os.fdopen(out, "rb")

    def _obituary(self) -> str:
        assert self.process is not None
        code = self.process.wait()
        self.close()
        if code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
            if -code == signal.SIGKILL:
                how += " (out of memory?)"
        else:
            how = f"ended with exit code {code}"
        last = self.log.read_text(errors="replace").strip().splitlines()[-3:]
        said = f" Its last words: {' | '.join(s.strip() for s in last)}" if last else ""
        return f"The worker process {how}.{said}"

    def close(self) -> None:
        """End the process at once. What it committed is kept; nothing else is worth waiting
        for."""
        if self.process is not None:
            # The whole group: an engine may have processes of its own, and they would keep
            # the model's memory.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            if self.process.stdin:
                with contextlib.suppress(BrokenPipeError):
                    self.process.stdin.close()
        if self.events is not None:
            self.events.close()
        self.process = self.events = None


def _error_of(event: Mapping[str, Any]) -> Exception | None:
    """How a stage ended, out of the worker's last event about it."""
    match event["event"]:
        case "corrupt":
            return CorruptArtefact(event["kind"], event["key"], event["why"])
        case "lost":
            return LeaseLost(event["name"])
        case "store":
            form = StoreFault if event["passing"] else StoreError
            return form(event["message"], event["hint"])
        case "usage":
            return UsageError(event["message"], event["hint"])
        case "unanswered":
            return UnansweredError(event["requests"], event["total"], event["causes"])
        case "endpoint":
            return EndpointError(event["message"], event["hint"])
        case "failed":
            return StageError(event["message"])
    return None


# -- inside the worker ---------------------------------------------------------------


def main(root: str, descriptor: str, purse: str) -> None:
    """Read orders until the main process closes its end, or is gone."""
    from vibench.plugins import Plugins

    store, plugins = Store(Path(root)), Plugins.discover()
    process = Process(Purse.read(store, purse))
    with os.fdopen(int(descriptor), "w", encoding="utf-8") as events:

        def say(**event: Any) -> None:
            events.write(json.dumps(event) + "\n")
            events.flush()

        store.tell = lambda text: say(stage="", event="notice", message=text)
        failures: list[str] = []

        def works(stage: Stage) -> Callable[[Path], Work]:
            return work_for(stage, store, plugins, process, say)

        for order in orders():
            stages = {stage.key: stage for stage, _ in order}
            for _, lease in order:
                if lease is not None:
                    store.leases.adopt(lease)
            played: Iterator[str] = iter(list(stages))
            if len(stages) > 1:
                together = [(stage, works(stage)(Path())) for stage in stages.values()]
                played = play_together(together, say, failures)
            for key in played:
                stage = stages[key]
                with told([key], store, say, failures):
                    make(stage, store, works(stage))
            if failures:
                # Requests of a stage that broke may still be on their way in a session. Not
                # before the order's end: the others of its stream are played on the same one.
                process.close()
                failures.clear()
        process.close()


def play_together(
    stages: Sequence[tuple[Stage, Work]], say: Callable[..., None], failures: list[str]
) -> Iterator[str]:
    """Yield the keys of stages as what they need is played; what breaks for all ends all."""
    works = [work for _, work in stages]
    left = [work.stage.key for work in works]
    with told(left, works[0].store, say, failures):
        for work in stages[0][0].spec.together(works):
            left.remove(work.stage.key)
            yield work.stage.key


@contextlib.contextmanager
def told(
    keys: Sequence[str], store: Store, say: Callable[..., None], failures: list[str]
) -> Iterator[None]:
    """Tell the main process how the stages of `keys` ended: made, or with what went wrong, and
    then they are added to `failures`."""
    error: dict[str, Any] = {"event": "made"}
    try:
        yield
    except CorruptArtefact as e:
        error = {"event": "corrupt", "kind": e.kind, "key": e.key, "why": e.message}
    except LeaseLost as e:
        error = {"event": "lost", "name": e.name}
    except StoreError as e:
        error = store_event(e)
    except UsageError as e:
        error = {"event": "usage", "message": e.message, "hint": e.hint}
    except UnansweredError as e:
        error = {"event": "unanswered", "requests": e.requests, "total": e.total}
        error["causes"] = e.causes
    except EndpointError as e:
        error = {"event": "endpoint", "message": e.message, "hint": e.hint}
    except Exception as e:
        import traceback

        traceback.print_exc()
        text = str(e) if isinstance(e, StageError) else f"{type(e).__name__}: {e}"
        error = {"event": "failed", "message": text}
        if isinstance(e, OSError) and is_about(e, store.root):
            error = store_event(explain(e, store.root))
    if error["event"] != "made":
        failures.extend(keys)
    for key in keys:
        say(stage=key, **error)


def store_event(error: StoreError) -> dict[str, Any]:
    passing = isinstance(error, StoreFault)
    return {"event": "store", "message": error.message, "hint": error.hint, "passing": passing}


def orders() -> Iterator[list[tuple[Stage, str | None]]]:
    """Stages from standard input, each with its lease. When it closes the main process is gone,
    and a thread that watches for that ends this process in the middle of whatever it does."""
    import queue

    waiting: queue.SimpleQueue[list[tuple[Stage, str | None]]] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            waiting.put([(stage_of(one["stage"]), one["lease"]) for one in json.loads(line)])
        if os.getpgrp() == os.getpid():  # an engine's own processes would stay
            os.killpg(0, signal.SIGKILL)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield waiting.get()


def work_for(
    stage: Stage, store: Store, plugins: Any, process: Process, say: Callable[..., None]
) -> Callable[[Path], Work]:
    last = 0.0

    def progress(done: int, total: int, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > 0.2 or done == total:
            last = now
            store.leases.check_cheaply(stage.key)
            say(event="progress", stage=stage.key, done=done, total=total, note=note)

    return lambda folder: Work(stage, store, plugins, folder, progress, process)


if __name__ == "__main__":
    main(*sys.argv[1:])
