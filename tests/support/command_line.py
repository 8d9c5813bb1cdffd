"""The command line as tests type it: in this process, or as a process where that is the point.

A command in this process starts at once, and runs the code that the console script runs: the
same `main`, argument list, environment, working folder, exit code and output. Its workers are
processes of their own either way; those of commands in this process begin warm (warm_workers).
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from warm_workers import warm_workers

__all__ = ["CommandLine", "Done", "clean_environment", "submitted_batches", "wait_until"]

PRIVATE = ("VIBENCH_", "OPENAI_", "HF_TOKEN")
"""Settings and keys of the machine that reach no test."""

TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended: its exit code and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class CommandLine:
    """`vibench` in a folder: `CommandLine(folder)("plan", "--json")` returns what it printed.

    `variables` are added to the environment. With PYTHONPATH among them (plugins installed in
    a folder) every command is a process.
    """

    folder: Path
    columns: int = 120
    variables: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, **variables: str) -> Done:
        """Run a command in this process, and return what it came to."""
        if "PYTHONPATH" in {**self.variables, **variables}:
            return self.process(*arguments, **variables)
        with (
            _output() as output,
            _surroundings(self.environment(**variables), self.folder),
            warm_workers(),
        ):
            code = _main(arguments)
        return Done(code, *output())

    def process(self, *arguments: str, **variables: str) -> Done:
        """Run a command as a process."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment(**variables),
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command as a process in a session of its own, to be killed by group."""
        return subprocess.Popen(
            self.command(*arguments), cwd=self.folder, env=self.environment(**variables),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "vibench", *arguments]

    def environment(self, **variables: str) -> dict[str, str]:
        return {**clean_environment(), "COLUMNS": str(self.columns), **self.variables, **variables}

    def at(self, folder: Path) -> CommandLine:
        """The same command line in another folder."""
        return replace(self, folder=folder)


def clean_environment() -> dict[str, str]:
    """The environment without the machine's settings of vibench and without keys."""
    return {k: v for k, v in os.environ.items() if not k.startswith(PRIVATE)}


def wait_until(condition: Callable[[], Any], seconds: float = 60.0, step: float = 0.02) -> Any:
    """Return the first true value of `condition`. Raises AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"this did not happen within {seconds:g} s"
        time.sleep(step)
    return value


def submitted_batches(store: Path) -> list[Path]:
    """Return the files of the batches whose ids, given by the endpoint, a store holds."""
    return [file for file in store.rglob("*.json") if '"batch": "batch_' in file.read_text()]


def _main(arguments: tuple[str, ...]) -> int:
    from vibench.cli import main

    sys.argv = ["vibench", *arguments]
    try:
        main()
    except SystemExit as exit_:
        if isinstance(exit_.code, str):
            print(exit_.code, file=sys.stderr)
            return 1
        return exit_.code or 0
    except Exception:
        # As an interpreter ends: tests look for tracebacks in what was printed.
        traceback.print_exc()
        return 1
    return 0


@contextlib.contextmanager
def _surroundings(environment: dict[str, str], folder: Path) -> Iterator[None]:
    """The environment, working folder, argument list and signal handlers of one command."""
    variables, argv, here = dict(os.environ), sys.argv, Path.cwd()
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = [(number, signal.getsignal(number)) for number in numbers]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(variables)
        sys.argv = argv
        for number, handler in handlers:
            signal.signal(number, handler)


@contextlib.contextmanager
def _output() -> Iterator[Callable[[], tuple[str, str]]]:
    """Catch what is written to file descriptors 1 and 2, by workers too."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        saved = [(stream, os.dup(stream)) for stream in (1, 2)]
        sys.stdout.flush()
        sys.stderr.flush()
        streams = sys.stdout, sys.stderr
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8")
        sys.stderr = io.TextIOWrapper(
            io.FileIO(2, "w", closefd=False), "utf-8", "backslashreplace", write_through=True
        )
        texts: list[str] = []
        try:
            yield lambda: (texts[0], texts[1])
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            sys.stdout, sys.stderr = streams
            for stream, copy in saved:
                os.dup2(copy, stream)
                os.close(copy)
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
