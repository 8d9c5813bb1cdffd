"""Workers that begin with the model libraries imported, as forks of one process that has them.

A worker of `vibench run` imports torch, transformers, PEFT and TRL for seconds before it does
anything, and the tests start hundreds. Within `warm_workers()` the command line starts the same
worker, with the same arguments, environment, folder, pipes, log and session, by a fork of a
server that is started once (multiprocessing's forkserver). Tests of starting, killing and
installing run commands as processes, whose workers begin cold as everywhere.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.context
import os
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from multiprocessing import forkserver, reduction
from pathlib import Path
from typing import IO, Any

__all__ = ["warm_workers"]

PRELOADED = ("model_libraries",)
"""Modules that the server imports; those that cannot be imported it passes over."""


@contextlib.contextmanager
def warm_workers() -> Iterator[None]:
    """Start workers warm within it."""
    from vibench.execute import worker

    real = worker.subprocess
    worker.subprocess = types.SimpleNamespace(  # type: ignore[assignment]
        Popen=_Popen, PIPE=real.PIPE
    )
    try:
        yield
    finally:
        worker.subprocess = real


class _Popen:
    """As much of `subprocess.Popen` as the command line uses of a worker's process."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        stdin: int,
        stdout: IO[bytes],
        stderr: IO[bytes],
        pass_fds: tuple[int, ...],
        env: Mapping[str, str],
        start_new_session: bool,
    ) -> None:
        assert (command[1:3], start_new_session) == (["-m", "vibench.execute.worker_process"], True)
        context = _server_of(PRELOADED)
        read, write = os.pipe()
        descriptors = (read, stdout.fileno(), stderr.fileno(), *pass_fds)
        self._process = context.Process(
            target=_work,
            args=(
                command[3:],
                [_Handed(d) for d in descriptors],
                pass_fds,
                dict(env),
                str(Path.cwd()),
            ),
        )
        with _bare_main():
            self._process.start()
        os.close(read)
        self.stdin = os.fdopen(write, "wb")
        self.pid = self._process.pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        self._process.join(timeout)
        return self.poll()


@lru_cache(maxsize=1)
def _server_of(names: tuple[str, ...]) -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(names))
    # The server looks for what it preloads along PYTHONPATH alone.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    return context


class _Handed:
    """A file descriptor that goes to the new process; there it is its number."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (reduction.DupFd(self.descriptor),)


def _received(descriptor: Any) -> int:
    number: int = descriptor.detach()
    return number


def _work(
    arguments: Sequence[str],
    descriptors: Sequence[int],
    passed: Sequence[int],
    environment: Mapping[str, str],
    folder: str,
) -> None:
    """Be the worker: in a session of its own, with its standard streams and environment."""
    os.setsid()
    for number, descriptor in enumerate(descriptors[:3]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    numbers = dict(zip(map(str, passed), map(str, descriptors[3:]), strict=True))
    from vibench.execute.worker_process import main

    main(*(numbers.get(argument, argument) for argument in arguments))


@contextlib.contextmanager
def _bare_main() -> Iterator[None]:
    """The new process does not import the test runner's main module again."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
