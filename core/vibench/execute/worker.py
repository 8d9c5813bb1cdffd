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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from vibench.errors import StageError, UsageError
from vibench.execute.work import Work, hardware, versions
from vibench.plan import Stage
from vibench.store import CorruptArtefact, Store, explain

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


def make(
    stage: Stage,
    store: Store,
    work: Callable[[Path], Work],
    body: Callable[[Work], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Run a stage's body and commit its artefact with its provenance."""
    started = time.time()
    manifest: dict[str, Any] = {
        "label": stage.label,
        "needs": list(stage.needs),
        "spec": stage.spec,
        "versions": versions(),
        "hardware": hardware(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
    }
    with store.making(stage.kind, stage.key, manifest) as folder:
        facts = body(work(folder))
        manifest["facts"] = dict(facts)
        manifest["seconds"] = round(time.time() - started, 3)
    store.clear(stage.key)
    return facts


class Worker:
    """The main process's handle on a worker. Not started until the first stage."""

    def __init__(self, store: Store, log: Path) -> None:
        self.store = store
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.events: IO[bytes] | None = None

    def run(self, stage: Stage, progress: Callable[[int, int, str], None]) -> None:
        """Do a stage. Raises StageError, a UsageError or CorruptArtefact as the worker did."""
        if self.process is None:
            self._start()
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.events is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(asdict(stage)).encode() + b"\n")
            self.process.stdin.flush()
        for line in self.events:
            event = json.loads(line)
            match event["event"]:
                case "progress":
                    progress(event["done"], event["total"], event["note"])
                case "made":
                    return
                case "corrupt":
                    raise CorruptArtefact(event["kind"], event["key"], event["why"])
                case "usage":
                    raise UsageError(event["message"], event["hint"])
                case "failed":
                    raise StageError(event["message"])
        raise StageError(self._obituary())

    def _start(self) -> None:
        out, into = os.pipe()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vibench.execute.worker", str(self.store.root), str(into)],
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
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()
            if self.process.stdin:
                with contextlib.suppress(BrokenPipeError):
                    self.process.stdin.close()
        if self.events is not None:
            self.events.close()
        self.process = self.events = None


# -- inside the worker ---------------------------------------------------------------


def main(root: str, descriptor: str) -> None:
    """Read orders until the main process closes its end, or is gone."""
    from vibench.execute.holding import Holder
    from vibench.plugins import Plugins

    store, plugins, holder = Store(Path(root)), Plugins.discover(), Holder()
    with os.fdopen(int(descriptor), "w", encoding="utf-8") as events:

        def say(**event: Any) -> None:
            events.write(json.dumps(event) + "\n")
            events.flush()

        for order in orders():
            stage = Stage(**{**order, "needs": tuple(order["needs"])})
            try:
                make(stage, store, work_for(stage, store, plugins, say), holder.bodies[stage.kind])
            except CorruptArtefact as e:
                say(event="corrupt", kind=e.kind, key=e.key, why=e.message)
            except UsageError as e:
                say(event="usage", message=e.message, hint=e.hint)
            except OSError as e:
                error = explain(e, store.root)
                say(event="usage", message=error.message, hint=error.hint)
            except Exception as e:
                import traceback

                traceback.print_exc()
                text = str(e) if isinstance(e, StageError) else f"{type(e).__name__}: {e}"
                say(event="failed", message=text)
            else:
                say(event="made")
        holder.sessions.close()


def orders() -> Iterator[dict[str, Any]]:
    """Stages from standard input. When it closes the main process is gone, and a thread that
    watches for that ends this process in the middle of whatever it does."""
    import queue

    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            waiting.put(json.loads(line))
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield waiting.get()


def work_for(
    stage: Stage, store: Store, plugins: Any, say: Callable[..., None]
) -> Callable[[Path], Work]:
    last = 0.0

    def progress(done: int, total: int, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > 0.2 or done == total:
            last = now
            say(event="progress", done=done, total=total, note=note)

    return lambda folder: Work(stage, store, plugins, folder, progress)


if __name__ == "__main__":
    main(*sys.argv[1:])
