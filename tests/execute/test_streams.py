"""Conversations of several stages go through an engine as one stream, where it can."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, wait_until

from vibench import (
    Ask,
    ChatRequest,
    Completion,
    LoglikelihoodRequest,
    Message,
    Model,
    Reply,
    Sample,
    Sampling,
    Session,
    Subject,
)
from vibench.interfaces import Eval
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.sessions.configs import EngineConfig, EvalConfig, SubjectRecord
from vibench.sessions.dialogues import DialogueTable, Player, Stream, play
from vibench.sessions.process import Process
from vibench.sessions.work import Work
from vibench.stages.conversations import Conversations
from vibench.stages.transcripts import ConversationsSpec
from vibench.store.artefacts import Store

VALUES = "empathy,honesty,humor,privacy,justice"


class Backwards(Session):
    """Answers the newest request first."""

    def __init__(self) -> None:
        self.queue: list[ChatRequest] = []

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        assert isinstance(request, ChatRequest)
        self.queue.append(request)

    def poll(self) -> list[Completion]:
        if not self.queue:
            return []
        request = self.queue.pop()
        said = f"{request.subject.system}:{request.messages[-1].content}"
        return [Completion(request.id, said, "stop", 1, 2)]

    def close(self) -> None: ...


class Twice(Eval):
    """Asks, and asks again about the answer; breaks where a sample says so."""

    metrics = ("length",)

    def samples(self, data: Any) -> list[Sample]:
        return []

    def dialogue(self, sample: Sample) -> Iterator[Any]:  # type: ignore[override]
        first: Reply = yield Ask(sample.messages)
        if sample.id == "broken":
            raise ValueError("no such question")
        more = (*sample.messages, Message("assistant", first.text), Message("user", "And?"))
        second: Reply = yield Ask(more)
        return (*more, Message("assistant", second.text))

    def rubrics(self, transcript: Any) -> list[Any]:
        return []

    def outcomes(self, transcript: Any, verdicts: Any) -> list[Any]:
        return []


def table(session: Session, system: str) -> DialogueTable:
    subject = Subject(Model("m", "m", "endpoint:m"), None, system)
    return DialogueTable(Twice(), {"subject": Player(session, subject)}, Sampling(), 0)


def sample(name: str) -> Sample:
    return Sample(name, (Message("user", name),), name)


def test_dialogues_of_several_tables_are_played_in_one_stream() -> None:
    session, stream = Backwards(), Stream()
    tables = [table(session, name) for name in "abc"]
    for one in tables:
        for name in ("x", "y"):
            stream.begin(one, sample(name))
    assert len(session.queue) == len(stream) == 6
    ended = []
    while len(ended) < 6:
        ended += stream.step()
    for one, transcript in ended:
        alone = play(table(Backwards(), str(one.players["subject"].subject.system)),
                     [transcript.sample])  # fmt: skip
        assert [transcript] == alone


@pytest.mark.parametrize(("cut", "finish"), [(1, "stop"), (2, "length")])
def test_answers_that_were_cut_off_are_counted_in_every_turn(cut: int, finish: str) -> None:
    class Cutting(Backwards):
        """Cuts off the `cut`th answer."""

        given = 0

        def poll(self) -> list[Completion]:
            self.given += 1
            how: Any = "length" if self.given == cut else "stop"
            return [replace(answer, finish=how) for answer in super().poll()]

    [transcript] = play(table(Cutting(), "a"), [sample("x")])
    assert (transcript.finish, transcript.answers, transcript.cut_off) == (finish, 2, 1)


def test_an_eval_that_breaks_ends_its_own_stage_alone() -> None:
    session, stream = Backwards(), Stream()
    good, bad = table(session, "good"), table(session, "bad")
    for one in (bad, good):
        for name in ("x", "broken" if one is bad else "y", "z"):
            stream.begin(one, sample(name))
    ended = []
    while len(stream):
        ended += stream.step()
    assert {t.sample.id for one, t in ended if one is good} == {"x", "y", "z"}
    assert str(stream.broken[bad]) == "no such question"
    assert good not in stream.broken
    with pytest.raises(ValueError, match="no such question"):
        play(table(Backwards(), "bad"), [sample("broken")])


def ask(base_url: str, *more: str) -> list[str]:
    return ["run", "--json", "--profile", "embedded", "--engine", "openai", "--model", "echo",
            "--set", f"openai.base_url={base_url}", "--inducer", "prompt", "--value", VALUES,
            "--eval", "advbench", "--limit", "8", *more]  # fmt: skip


def test_subjects_at_an_endpoint_are_asked_side_by_side(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(latency=0.2)
    done = CommandLine(tmp_path)(*ask(server.base_url))
    assert done.returncode == 0, done.stderr
    stats = server.stats()
    assert stats["requests"] == 6 * 8
    assert stats["most"] > 8, "no more than one stage's conversations were under way at once"
    transcripts = list((tmp_path / ".vibench/artefacts/transcripts").glob("*/*/manifest.json"))
    assert len(transcripts) == 6
    assert all(json.loads(t.read_text())["facts"]["errors"] == 0 for t in transcripts)


def test_stages_that_are_killed_in_one_stream_go_on_where_they_were(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(latency=3)
    command = ask(server.base_url, "--set", "openai.connections=16")
    first = CommandLine(tmp_path).start(*command)
    ledgers = tmp_path / ".vibench" / "ledgers"
    wait_until(lambda: list(ledgers.rglob("*.parquet")))
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    asked = server.stats()["requests"]
    assert 0 < asked < 48
    server.stop()
    server.options["latency"] = 0
    server.start()
    done = CommandLine(tmp_path)(*command)
    assert done.returncode == 0, done.stderr
    again = server.stats()["requests"]
    assert again < 48, "what was committed is asked again"
    assert again + asked >= 48


@pytest.mark.slow
def test_the_user_can_be_played_at_an_endpoint(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint()
    command = ["run", "--json", "--eval", "anthrobench", "--limit",
               "2", "--set", "anthrobench.turns=2", "--inducer", "prompt", "--value", "humor",
               "--simulator", "openai:echo", "--set",
               f"openai.base_url={server.base_url}"]  # fmt: skip
    done = CommandLine(tmp_path)(*command)
    assert done.returncode == 0, done.stderr
    # Two subjects, two conversations each, of which the second turn is the simulator's.
    assert server.stats()["requests"] == 4


@pytest.mark.slow
def test_what_stages_ask_one_judge_goes_to_its_endpoint_in_one_stream(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(latency=0.5)
    command = ["run", "--json", "--eval", "advbench", "--limit",
               "6", "--inducer", "prompt", "--value", VALUES, "--judge", "mistral", "--set",
               "mistral.engine=openai", "--set", "mistral.model=rules", "--set",
               f"openai.base_url={server.base_url}"]  # fmt: skip
    done = CommandLine(tmp_path)(*command)
    assert done.returncode == 0, done.stderr
    stats = server.stats()
    assert stats["most"] > 6, "no more than one stage's questions were under way at once"
    assert set(stats["asked"].values()) == {1}, "each question was asked once"
    verdicts = list((tmp_path / ".vibench/artefacts/verdicts").glob("*/*/manifest.json"))
    assert sum(json.loads(v.read_text())["facts"]["verdicts"] for v in verdicts) == 6 * 6


def test_a_run_whose_endpoint_is_gone_does_not_begin(tmp_path: Path) -> None:
    command = ["run", "--eval", "advbench", "--limit", "2",
               "--inducer", "prompt", "--value", VALUES, "--judge", "mistral", "--set",
               "mistral.engine=openai", "--set",
               "openai.base_url=http://127.0.0.1:9/v1", "--set", "openai.patience=1"]  # fmt: skip
    begun = time.monotonic()
    done = CommandLine(tmp_path)(*command)
    assert done.returncode == 1
    assert (
        "The endpoint http://127.0.0.1:9/v1 is needed for the judge 'mistral' of advbench, but "
        "nothing listens there (Connection refused)." in " ".join(done.stderr.split())
    )
    assert "--judge rules" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / ".vibench/artefacts").rglob("manifest.json"))
    assert time.monotonic() - begun < 30


def test_a_stage_that_breaks_takes_nothing_from_those_played_beside_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own body, which asks on the same session, comes after all others have ended."""
    session, process = Backwards(), Process()
    process.sessions.open["s"] = session
    monkeypatch.setattr(Backwards, "shard", 2)
    good, bad = table(session, "good"), table(session, "bad")
    samples = {"g": ("a", "b", "c", "d"), "b": ("x", "broken", "y")}
    tables = {"g": good, "b": bad}

    def seats(self: Conversations, work: Work, bills: Any) -> Any:
        key = work.stage.key
        return [sample(name) for name in samples[key]], tables[key]

    monkeypatch.setattr(Conversations, "table", seats)
    spec = ConversationsSpec(
        subject=SubjectRecord(Model("m", "m", "m"), None, None),
        engine=EngineConfig("vllm", {}, {}),
        eval=EvalConfig("talk", {}, {}),
        sampling=Sampling(),
        seed=0,
    )
    works = [
        Work(Stage(key, key, (), spec), store, Plugins.discover(), Path(),
             lambda done, total, note: None, process)
        for key in ("b", "g")
    ]  # fmt: skip
    yielded = []
    for work in spec.together(works):
        key = work.stage.key
        yielded.append(key)
        kept = store.ledger(key).rows()
        if key == "g":
            assert set(kept) == set(samples["g"])
        else:
            with pytest.raises(ValueError, match="no such question"):
                spec.run(work)
    assert yielded == ["g", "b"]
