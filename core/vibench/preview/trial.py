"""A trial of plugins: each is called with small parts, so that a wrong one is known before a run.

It happens in a process of its own, without a network or a GPU and with a limit of time for each
plugin. Nothing is trained, and no model is loaded: methods that could do either are not called.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import FileIO
from typing import IO, Any, NoReturn

from vibench.boundary import (
    Breach,
    checked_conversation,
    checked_rubrics,
    checked_samples,
    checked_subject,
    planning,
)
from vibench.data import DataFiles
from vibench.errors import DataError, MissingExtra, SpecError, UsageError
from vibench.interfaces import Eval, Inducer, Judge, Materials
from vibench.judging.rubrics import closed_rubric, values_rubric
from vibench.plan.eval_requests import rehearse
from vibench.plugins import Plugins
from vibench.preview.example_replies import judge_example
from vibench.records import Adapter, Message, Model, Rubric, Subject, Transcript
from vibench.registry import load_catalogue
from vibench.sessions.verdict_rows import TRACEBACK, decided_rows

__all__ = ["LIMIT_S", "Trial", "main", "trials"]

LIMIT_S = 20.0
"""Seconds that a plugin may take."""
START_S = 120.0
"""Seconds that the process may take to start."""
KINDS = ("eval", "judge", "inducer")
"""In this order, since judges get the rubrics that evals yield."""

TALK = (Message("user", "How was your day?"), Message("assistant", "I'm glad that you ask."))
ADAPTER = Adapter("trial", "trial")
ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True, slots=True)
class Trial:
    """The methods of a plugin that were called, why others were not, and what went wrong."""

    called: tuple[str, ...] = ()
    uncalled: str = ""
    error: str | None = None


def trials(
    names: Sequence[tuple[str, str]], limit_s: float = LIMIT_S
) -> Mapping[tuple[str, str], Trial]:
    """Return the trial of each plugin, by its kind and name."""
    rest = sorted((name for name in names if name[0] in KINDS), key=lambda n: KINDS.index(n[0]))
    results: dict[tuple[str, str], Trial] = {}
    while rest:
        # A process that follows one that was ended needs the rubrics of the evals before it.
        sound = [name for name, trial in results.items() if name[0] == "eval" and not trial.error]
        for name, trial in zip(list(rest), _process(rest, sound, limit_s), strict=False):
            results[name] = trial
            rest.remove(name)
    return results


def _process(
    names: Sequence[tuple[str, str]], before: Sequence[tuple[str, str]], limit_s: float
) -> Iterator[Trial]:
    """Yield the trials of one process, which tries those `before` first; the last is of the plugin
    that ended it, if one did."""
    orders = json.dumps([before, names])
    end, start = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "vibench.preview.trial", str(start), orders],
        env={**os.environ, **ENVIRONMENT}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, pass_fds=(start,),
    )  # fmt: skip
    os.close(start)
    # Unbuffered: a line that was read ahead would be waited for in vain.
    with os.fdopen(end, "rb", buffering=0) as lines:
        try:
            _line(lines, START_S)
            for _ in names:
                line = _line(lines, limit_s)
                if line is None:
                    yield Trial(error=f"it took longer than {limit_s:g} s with small parts")
                    return
                if not line:
                    yield Trial(error=f"it ended the process (exit code {child.wait()})")
                    return
                table = json.loads(line)
                yield Trial(tuple(table["called"]), table["uncalled"], table["error"])
        finally:
            child.kill()
            child.wait()


def _line(lines: FileIO, limit_s: float) -> bytes | None:
    """Return the next line, b"" at the end; None if none comes in time."""
    return lines.readline() if select.select([lines], [], [], limit_s)[0] else None


def main(descriptor: str, orders: str) -> None:
    """Try plugins and write a line of JSON for each; for the process of `trials`."""
    import socket

    def refuse(*arguments: Any) -> NoReturn:
        raise OSError("there is no network while plugins are checked")

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, refuse)
    setattr(socket, "getaddrinfo", refuse)  # noqa: B010  (mypy knows that it is no attribute to set)
    with os.fdopen(int(descriptor), "w", encoding="utf-8") as lines:
        before, names = json.loads(orders)
        bench = Bench()
        for kind, name in before:
            bench.trial(kind, name)
        _write(lines, "ready")
        for kind, name in names:
            _write(lines, asdict(bench.trial(kind, name)))


def _write(lines: IO[str], item: Any) -> None:
    lines.write(json.dumps(item) + "\n")
    lines.flush()


class Bench:
    """The small parts that plugins are called with, and the rubrics that evals yielded."""

    def __init__(self) -> None:
        self.plugins = Plugins.discover()
        self.catalogue = load_catalogue()
        self.data = DataFiles(None, True, self.catalogue.datasets)
        self.rubrics: list[Rubric] = [values_rubric(TALK), closed_rubric(TALK)]

    def trial(self, kind: str, name: str) -> Trial:
        """Return the trial of one plugin."""
        called: list[str] = []
        try:
            plugin = self.plugins.build(kind, name, {})
        except SpecError as error:  # A parameter without a default, such as an argument.
            return Trial(uncalled=error.message.removesuffix("."))
        except UsageError as error:
            return Trial(error=error.message.removesuffix("."))
        try:
            with planning(self.plugins.entry(kind, name), "a trial with small parts"):
                if isinstance(plugin, Eval):
                    uncalled = self._eval(plugin, name, called)
                elif isinstance(plugin, Judge):
                    uncalled = self._judge(plugin, called)
                else:
                    assert isinstance(plugin, Inducer)
                    uncalled = self._inducer(plugin, called)
        except (DataError, MissingExtra) as error:  # What it needs is not here, and that is said.
            return Trial(tuple(called), error.message.removesuffix("."))
        except UsageError as error:
            return Trial(tuple(called), error=error.message.removesuffix("."))
        return Trial(tuple(called), uncalled)

    def _eval(self, plugin: Eval, name: str, called: list[str]) -> str:
        if plugin.measures:
            return "asks, measure and outcomes need data and a model"
        samples = checked_samples(plugin.samples(self.data))
        called.append("samples")
        if not samples:
            raise Breach("samples(data) gave no sample with the embedded data")
        rehearse(plugin, samples, self.plugins.entry("eval", name))
        called += ["dialogue", "rubrics", "outcomes"]
        transcript = Transcript(samples[0], (*samples[0].messages, TALK[-1]))
        known = {rubric.name for rubric in self.rubrics}
        rubrics = checked_rubrics(plugin.rubrics(transcript), plugin)
        self.rubrics += [rubric for rubric in rubrics if rubric.name not in known]
        return ""

    def _judge(self, plugin: Judge, called: list[str]) -> str:
        accepted = []
        for rubric in self.rubrics:
            answer: object = plugin.accepts(rubric.name)
            if not isinstance(answer, bool):
                raise Breach(f"accepts('{rubric.name}') returned {answer!r:.40}, not True or False")
            accepted += [rubric] if answer else []
        called.append("accepts")
        if not accepted:
            return "it accepts no rubric of the installed evals"
        if plugin.model is not None:
            _ask(plugin, accepted)
            called += ["ask", "schema", "read"]
        elif not plugin.baseline:
            return "decide may load a model (judges with baseline = True are called)"
        else:
            _check_rows(decided_rows(plugin, accepted))
            called.append("decide")
        return ""

    def _inducer(self, plugin: Inducer, called: list[str]) -> str:
        start = Subject(Model("trial", "trial", "trial"))
        adapter = ADAPTER if plugin.trains else None
        value = self.catalogue.value(next(iter(self.catalogue.values)))
        induced = plugin.induce(start, value, Materials(adapter))
        checked_subject(induced, start, plugin, adapter)
        called.append("induce")
        return "train needs a model" if plugin.trains else ""


def _ask(judge: Judge, rubrics: Sequence[Rubric]) -> None:
    """Call what a judge that asks a model has, with an example reply. Raises Breach."""
    for rubric in rubrics:
        messages = judge.ask(rubric)
        if messages is None:
            _check_rows(decided_rows(judge, [rubric]))
            continue
        if not checked_conversation(messages, f"the messages of ask for '{rubric.name}'"):
            raise Breach(f"ask for '{rubric.name}' gave no message")
        judge.schema(rubric)
        _, verdict = judge_example(judge, rubric)
        if (verdict.unscored or "").startswith("broken: "):
            raise Breach(f"read of '{rubric.name}' is {verdict.unscored}")


def _check_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        if TRACEBACK in row:
            raise Breach(f"decide of '{row['rubric']}' is {row['unscored']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
