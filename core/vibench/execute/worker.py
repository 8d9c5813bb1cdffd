"""The main process's handle on the worker: the process that holds models.

It is a process of its own so that a crash or an out-of-memory kill in native code is a failed
stage and not a dead run. Orders go in as JSON lines on its standard input, events come back as
JSON lines on a pipe; whatever libraries print goes to a log file.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from vibench.errors import StageError
from vibench.execute.worker_events import error_of
from vibench.sessions.budget import Purse

if TYPE_CHECKING:
    from vibench.plan import Plan, Stage
    from vibench.store.artefacts import Store

__all__ = ["Worker"]

ENVIRONMENT = {
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
            # The leases stay with this process, which renews them; the worker checks them before
            # it commits a stage.
            held = self.store.leases.held
            order = [
                {"stage": s.table(), "lease": held[s.key].as_text() if s.key in held else None}
                for s in stages
            ]
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()
        running = {stage.key for stage in stages}
        while running:
            # An empty line is the end of the pipe: the worker is gone, whatever took it.
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
                running.discard(key)
                ended(key, error_of(event))
        if running:
            obituary = self._obituary()
            for stage in stages:
                if stage.key in running:
                    ended(stage.key, StageError(obituary))

    def _start(self) -> None:
        out, into = os.pipe()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        purse = Purse(self.store, self.plan.run, self.plan.spending).written()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "vibench.execute.worker_process",
                    str(self.store.root),
                    str(into),
                    purse,
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(into,),
                env={**ENVIRONMENT, **os.environ},
                # Ctrl-C is for the main process, which then ends this one.
                start_new_session=True,
            )
        os.close(into)
        self.events = os.fdopen(out, "rb")

    def _obituary(self) -> str:
        assert self.process is not None
        # Negative: the number of the signal that killed it. SIGKILL without anybody asking is the
        # kernel out of memory.
        code = self.process.wait()
        self.close()
        if code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
            if -code == signal.SIGKILL:
                how += " (out of memory?)"
        else:
            how = f"ended with exit code {code}"
        last = self.log.read_text(errors="replace").strip().splitlines()[-3:]
        words = f" Its last words: {' | '.join(s.strip() for s in last)}" if last else ""
        return f"The worker process {how}.{words}"

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
