"""The worker: the process that holds models. It runs the stages it is ordered to, and reports
how each went.

A line on standard input orders one stage, or several whose requests go through the engine in
one stream; each comes with the lease that the main process holds for it. What is reported is a
line of JSON with the stage's key: `progress`, a `notice` of the store, or how the stage ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from vibench.execute.stage_run import make
from vibench.execute.worker_events import event_of
from vibench.plan import Stage
from vibench.sessions.budget import Purse
from vibench.sessions.process import Process
from vibench.sessions.work import Work
from vibench.stages.kinds import stage_of
from vibench.store.artefacts import Store

__all__ = ["main"]


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
                    # The main process goes on renewing the lease. This one checks it before it
                    # commits, in case the main process was killed meanwhile.
                    store.leases.adopt(lease)
            # A generator, because of several stages each is committed as soon as its own
            # conversations have ended, while the others are still played.
            played: Iterator[str] = iter(list(stages))
            if len(stages) > 1:
                together = [(stage, works(stage)(Path())) for stage in stages.values()]
                played = play_together(together, say, failures)
            for key in played:
                stage = stages[key]
                with reported([key], store, say, failures):
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
    unplayed = [work.stage.key for work in works]
    with reported(unplayed, works[0].store, say, failures):
        for work in stages[0][0].spec.together(works):
            unplayed.remove(work.stage.key)
            yield work.stage.key


@contextlib.contextmanager
def reported(
    keys: Sequence[str], store: Store, say: Callable[..., None], failures: list[str]
) -> Iterator[None]:
    """Report to the main process how the stages of `keys` ended: made, or with what went wrong,
    and then they are added to `failures`."""
    event: dict[str, Any] = {"event": "made"}
    try:
        yield
    except Exception as error:
        event = event_of(error, store.root)
        failures.extend(keys)
    for key in keys:
        say(stage=key, **event)


def orders() -> Iterator[list[tuple[Stage, str | None]]]:
    """Stages from standard input, each with its lease. When it closes the main process is gone,
    and a thread that watches for that ends this process in the middle of whatever it does."""
    import queue

    waiting: queue.SimpleQueue[list[tuple[Stage, str | None]]] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            waiting.put([(stage_of(item["stage"]), item["lease"]) for item in json.loads(line)])
        if os.getpgrp() == os.getpid():  # an engine's own processes would stay
            os.killpg(0, signal.SIGKILL)
        # Not sys.exit: the main thread may be inside native code that never returns to Python.
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
        # Events go through a pipe and redraw a screen; bodies report thousands of steps a second.
        if now - last > 0.2 or done == total:
            last = now
            store.leases.check_cheaply(stage.key)
            say(event="progress", stage=stage.key, done=done, total=total, note=note)

    return lambda folder: Work(stage, store, plugins, folder, progress, process)


if __name__ == "__main__":
    main(*sys.argv[1:])
