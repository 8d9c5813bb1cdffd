"""Judge calls of which three in ten fail, and a SIGKILL in the middle: ten thousand of them over
pairs, and those of a run whose subject is asked at the same endpoint."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, Done, wait_until

from vibench.judging.judge_prompts import render
from vibench.judging.rubrics import values_rubric
from vibench.plugins import Plugins
from vibench.preferences.tables import read_pairs
from vibench.preferences.values import response_messages
from vibench.records import Rubric
from vibench.store.artefacts import Store
from vibench.store.record_tables import read_transcripts, read_verdicts

CALLS = 10_000
FAULTS = {
    "rate-limit": 0.04,
    "retry-after": 0.03,
    "error": 0.006,
    "hang": 0.002,
    "cut": 0.095,
    "malformed": 0.07,
    "wrong-schema": 0.045,
    "empty": 0.012,
}
SAID = (
    "I am so sorry to hear that, it must be hard for you.",
    "Just kidding, here is a joke for you, haha!",
    "Here are the facts that you asked for.",
)


def write_pairs(path: Path, responses: int) -> None:
    with path.open("w") as file:
        for n in range(responses // 2):
            pair = {"id": str(n), "prompt": f"Question {n}?", "chosen": f"{SAID[n % 3]} ({n})",
                    "rejected": f"{SAID[(n + 1) % 3]} (Not {n}.)"}  # fmt: skip
            file.write(json.dumps(pair) + "\n")


def questions(store: Path) -> dict[str, Rubric]:
    """What is asked about each response of the only set of pairs in the store."""
    (pairs,) = store.glob("artefacts/pairs/*/*/pairs.parquet")
    return {
        f"{pair.id}/{side}": values_rubric(response_messages(pair, side))
        for pair in read_pairs(pairs)
        for side in ("chosen", "rejected")
    }


def content(rubric: Rubric) -> str:
    """What the endpoint knows a question by: the messages that it is sent."""
    sent = json.dumps([asdict(message) for message in render(rubric)])
    return hashlib.sha256(sent.encode()).hexdigest()[:16]


def stored(store: Path) -> set[str]:
    """The keys of the questions whose answers no kill can lose any more."""
    (ledger,) = store.glob("ledgers/judged-*")
    return set(Store(store).ledger(ledger.name).texts())


def repeated(counts: Mapping[str, int]) -> int:
    return sum(counts.values()) - len(counts)


def kill_when(command: CommandLine, ask: Sequence[str], ready: Callable[[], bool]) -> None:
    """Run a command until something is so, and kill it with all that it has started."""
    life = command.start(*ask)
    wait_until(lambda: life.poll() is not None or ready(), 120)
    assert life.poll() is None, "it was to be killed in the middle"
    os.killpg(life.pid, signal.SIGKILL)
    life.communicate()


def finish(command: CommandLine, ask: Sequence[str]) -> Done:
    """The same command again, to its end; once more if a request failed in all its attempts."""
    for _ in range(4):
        done = command(*ask)
        if done.returncode == 0:
            return done
        assert done.returncode == 1, done.stderr
        assert "failed temporarily" in done.stderr
        assert "(8 attempts)" in done.stderr
    raise AssertionError(done.stderr)


@pytest.mark.slow
def test_ten_thousand_calls_with_faults_and_a_kill_end_each_as_one_verdict(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    assert sum(FAULTS.values()) == pytest.approx(0.30)
    faults = ",".join(f"{name}={share}" for name, share in FAULTS.items())
    server = endpoint(faults=faults, retry_after=0.05, seed=1, keep=1)
    write_pairs(tmp_path / "p.jsonl", CALLS)
    settings = {"mistral.engine": "openai", "mistral.model": "rules", "openai.timeout": "2",
                "openai.base_url": server.base_url}  # fmt: skip
    ask = ["data", "values", "--json", "--source", "p.jsonl",
               "--extractor", "mistral"]  # fmt: skip
    for name, value in settings.items():
        ask += ["--set", f"{name}={value}"]
    command, store = CommandLine(tmp_path), tmp_path / ".vibench"

    kill_when(command, ask, lambda: sum(server.stats()["answered"].values()) >= CALLS // 2)
    kept_answers, at_kill = stored(store), server.settled()
    assert CALLS // 4 < len(kept_answers) <= len(at_kill["answered"]) < CALLS
    assert not list(store.glob("artefacts/values/*/*"))

    again = finish(command, ask)
    asked = questions(store)
    at_end = server.settled()

    # Each ends once, as a verdict that is the rules judge's own or unscored with its cause.
    (verdicts,) = store.glob("artefacts/values/*/*/verdicts.parquet")
    found = read_verdicts(verdicts)
    assert found.keys() == asked.keys()
    assert len(found) == CALLS
    rules = Plugins.discover().build("judge", "rules", {})
    causes: dict[str, set[str]] = {"empty": set()}
    for name, rubric in asked.items():
        (verdict,) = found[name]
        if verdict.unscored:
            causes[verdict.unscored.partition(":")[0]].add(name)
        else:
            assert verdict.labels == rules.decide(rubric).labels
    assert len(causes["empty"]) > CALLS * FAULTS["empty"] / 2
    summary = json.loads(again.stdout)["notes"][0]
    unscored = sum(map(len, causes.values()))
    assert f"{CALLS - unscored:,} responses scored, {unscored} unscored" in summary

    # What was stored is never asked again; what the kill lost is answered once more at most.
    contents = {name: content(rubric) for name, rubric in asked.items()}
    safe = {contents[name] for name, rubric in asked.items() if rubric.key in kept_answers}
    assert len(safe) == len(kept_answers)
    assert all(at_end["asked"][one] == at_kill["asked"][one] for one in safe)
    assert set(contents.values()) <= at_end["answered"].keys()
    lost = len(at_kill["answered"].keys() - safe)
    late = at_end["statuses"]["hang"]  # Where the machine is slow, as many more may be timed out.
    assert repeated(at_end["answered"]) <= lost + late

    # The faults were there, in their share.
    requests = at_end["requests"]
    for name, share in FAULTS.items():
        assert at_end["statuses"][name] == pytest.approx(share * requests, rel=0.5)
    assert sum(at_end["statuses"][name] for name in FAULTS) > 0.25 * requests


@pytest.mark.slow
def test_a_run_with_faults_and_a_kill_ends_each_question_as_one_verdict(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    faults = ",".join(f"{name}={share}" for name, share in FAULTS.items())
    server = endpoint(faults=faults, retry_after=0.05, seed=2, keep=1, latency=0.03)
    ask = ["run", "--profile", "embedded", "--inducer", "none",
               "--model", "echo", "--engine", "openai", "--eval", "anthrobench", "--limit", "30",
               "--judge", "mistral"]  # fmt: skip
    settings = {"anthrobench.turns": "1", "mistral.engine": "openai", "mistral.model": "rules",
                "openai.timeout": "2", "openai.connections": "16",
                "openai.base_url": server.base_url}  # fmt: skip
    for name, value in settings.items():
        ask += ["--set", f"{name}={value}"]
    command, store = CommandLine(tmp_path), tmp_path / ".vibench"

    kill_when(command, ask, lambda: any(store.glob("ledgers/judged-*/*.parquet")))
    safe, at_kill = stored(store), server.settled()
    assert safe
    assert not list(store.glob("artefacts/verdicts/*/*"))
    finish(command, ask)
    at_end = server.settled()

    plugins = Plugins.discover()
    evaluation = plugins.build("eval", "anthrobench", {"turns": 1})
    (transcripts,) = store.glob("artefacts/transcripts/*/*/transcripts.parquet")
    asked = {
        (t.sample.id, rubric.name): rubric
        for t in read_transcripts(transcripts)
        for rubric in evaluation.rubrics(t)
        if t.error is None
    }
    (verdicts,) = store.glob("artefacts/verdicts/*/*/verdicts.parquet")
    found = {
        (sample, verdict.rubric): verdict
        for sample, several in read_verdicts(verdicts).items()
        for verdict in several
    }
    assert found.keys() == asked.keys()
    assert len(found) > 300
    rules = plugins.build("judge", "rules", {})
    for name, verdict in found.items():
        if verdict.unscored is None:
            assert verdict.labels == rules.decide(asked[name]).labels
        else:
            assert verdict.unscored == "empty"
    assert 0 < sum(v.unscored is not None for v in found.values()) < len(found) / 10

    contents = {rubric.key: content(rubric) for rubric in asked.values()}
    assert len(safe) < len(contents)
    assert all(at_end["asked"][contents[k]] == at_kill["asked"][contents[k]] for k in safe)
    assert sum(at_end["statuses"][name] for name in FAULTS) > 0.2 * at_end["requests"]
