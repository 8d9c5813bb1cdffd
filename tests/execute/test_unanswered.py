"""What fails for a passing cause is no result: its stage is not finished, and the same command
asks it again, and nothing else."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import vibench.cli
from vibench import (
    ChatRequest,
    Completion,
    LoglikelihoodRequest,
    Message,
    Model,
    Sample,
    Sampling,
    Session,
    Subject,
)
from vibench.cli.progress import Display
from vibench.cli.report import failures
from vibench.errors import EndpointError, StageError, UnansweredError, UsageError, VibenchError
from vibench.execute.failures import failure_of
from vibench.execute.worker_events import error_of
from vibench.execute.worker_process import reported
from vibench.interfaces import Eval
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.sessions.configs import EngineConfig, EvalConfig, SubjectRecord
from vibench.sessions.dialogues import DialogueTable, Player
from vibench.sessions.work import Work
from vibench.stages.conversations import Conversations
from vibench.stages.transcripts import ConversationsSpec
from vibench.store.artefacts import Store

SPEC = ConversationsSpec(
    subject=SubjectRecord(Model("m", "m", "m"), None, None),
    engine=EngineConfig("transformers", {}, {}),
    eval=EvalConfig("once", {}, {}),
    sampling=Sampling(),
    seed=0,
)
STAGES = [Stage(str(n), f"stage {n}", (), SPEC) for n in range(3)]


# --- a run ---


@pytest.mark.slow
def test_a_run_asks_again_what_failed_and_only_that(
    vibench: Callable[..., Any], tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    """Subjects whose answers failed in part once were complete, with exit code 0."""
    server = endpoint(faults="error=0.4", seed=1)
    command = ("run", "--profile", "embedded", "--engine", "openai", "--model", "echo", "--inducer",
               "prompt", "--value", "empathy", "--eval", "advbench", "--limit", "8", "--judge",
               "rules", "--set", f"openai.base_url={server.base_url}", "--set",
               "openai.attempts=1", "--set", "openai.patience=20")  # fmt: skip
    first = vibench(*command)
    stats = server.stats()
    failed = stats["statuses"]["error"]
    assert 0 < failed < 16 == stats["requests"]
    assert first.returncode == 1, first.stderr
    said = " ".join(first.stderr.split())
    assert (
        f"{failed} of 16 conversations failed temporarily: server error: 500 Internal "
        f"Server Error, {failed}x. Answers so far are kept. Rerun the same command to ask only "
        "the rest." in said
    )
    assert said.count("temporarily") == 1, "two stages, one sentence"
    assert "Traceback" not in said
    assert not list((tmp_path / ".vibench/artefacts").glob("transcripts/*/*"))

    server.stop()
    server.options["faults"] = "error=0"
    server.start()
    again = vibench(*command)
    assert again.returncode == 0, again.stderr
    assert server.stats()["requests"] == failed
    for manifest in (tmp_path / ".vibench/artefacts/transcripts").glob("*/*/manifest.json"):
        assert json.loads(manifest.read_text())["facts"]["errors"] == 0


# --- a stage whose engine takes one shard after another ---


class Failing(Session):
    """Answers but where it is told a failure."""

    shard = 3

    def __init__(self, **failures: bool) -> None:
        self.failures = failures
        self.queue: list[ChatRequest] = []
        self.asked: list[str] = []

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        assert isinstance(request, ChatRequest)
        self.queue.append(request)
        assert isinstance(request.messages, tuple)
        self.asked.append(request.messages[-1].content)

    def poll(self) -> list[Completion]:
        taken, self.queue = self.queue, []
        return [self.answer(request) for request in taken]

    def answer(self, request: ChatRequest) -> Completion:
        assert isinstance(request.messages, tuple)
        passing = self.failures.get(request.messages[-1].content)
        if passing is None:
            return Completion(request.id, "yes", "stop", 1, 1)
        cause = "out of memory: 9 tokens" if passing else "the prompt has 99 tokens"
        return Completion(request.id, "", "error", error=cause, passing=passing)

    def close(self) -> None: ...


class Once(Eval):
    metrics = ("length",)

    def samples(self, data: Any) -> list[Sample]:
        return []

    def outcomes(self, transcript: Any, verdicts: Any) -> list[Any]:
        return []


def played(
    store: Store, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, names: str
) -> dict[str, Any]:
    """Play a stage that has a sample for each letter."""
    subject = Subject(Model("m", "m", "m"))
    samples = [Sample(name, (Message("user", name),), name) for name in names]
    seats = DialogueTable(Once(), {"subject": Player(session, subject)}, Sampling(), 0)
    monkeypatch.setattr(Conversations, "table", lambda self, work, bills: (samples, seats))
    folder = tmp_path / "made"
    folder.mkdir(exist_ok=True)
    work = Work(STAGES[0], store, Plugins(()), folder, lambda done, total, note: None)
    return dict(SPEC.run(work))


def test_a_stage_with_failures_that_pass_is_asked_again_for_these_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = Failing(b=True, d=False, g=True)
    with pytest.raises(UnansweredError, match="2 of 7 conversations failed temporarily"):
        played(store, first, monkeypatch, tmp_path, "abcdefg")
    assert first.asked == list("abcdefg")
    second = Failing(g=True)
    with pytest.raises(UnansweredError, match=r"1 of 7 .* out of memory: 9 tokens, 1x"):
        played(store, second, monkeypatch, tmp_path, "abcdefg")
    assert second.asked == ["b", "g"], "what lasts is on record too"
    third = Failing()
    facts = played(store, third, monkeypatch, tmp_path, "abcdefg")
    assert third.asked == ["g"]
    assert (facts["transcripts"], facts["errors"]) == (7, 1)


def test_where_nothing_at_all_was_answered_no_failure_is_on_record(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(UnansweredError):
        played(store, Failing(a=False, b=True), monkeypatch, tmp_path, "ab")
    with pytest.raises(StageError, match="Every request failed; the first: the prompt has 99"):
        played(store, Failing(a=False, b=False), monkeypatch, tmp_path, "ab")
    mended = Failing()
    assert played(store, mended, monkeypatch, tmp_path, "ab")["errors"] == 0
    assert mended.asked == ["a", "b"]


# --- how it is said ---


def console() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=400), out


def test_stages_that_are_not_finished_are_summed_by_cause() -> None:
    errors = [
        UnansweredError("conversations", 100, {"server error: 500 Oh. (8 attempts)": 3}),
        UnansweredError("conversations", 50, {"server error: 502 No (8 attempts)": 4,
                                              "time-out: no answer in time (8 attempts)": 2}),
    ]  # fmt: skip
    screen, out = console()
    failed = {s.key: failure_of(s, e) for s, e in zip(STAGES, errors, strict=False)}
    failures(failed, screen)
    assert out.getvalue().splitlines() == [
        "failed: transcripts: stage 0 and 1 more",
        "  9 of 150 conversations failed temporarily: server error: 500 Oh. (8 attempts), "
        "7x; time-out: no answer in time (8 attempts), 2x. Answers so far are kept. Rerun the "
        "same command to ask only the rest.",
        "The results of other cells are kept. Rerun the command to retry these.",
    ]


@pytest.mark.parametrize(
    ("error", "usage"),
    [
        (UnansweredError("questions", 5, {"time-out": 2}), False),
        (EndpointError("It does not answer.", "Try later."), False),
        (UsageError("There is no such model.", "Name another."), True),
        (StageError("It broke."), False),
    ],
)
def test_the_worker_tells_how_a_stage_ended(
    error: VibenchError, usage: bool, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    events: list[dict[str, Any]] = []
    with reported(["k"], store, lambda **event: events.append(event), []):
        raise error
    (event,) = json.loads(json.dumps(events))
    ended = error_of(event)
    assert type(ended) is type(error)
    found = failure_of(STAGES[0], ended)
    assert (found.message, found.hint, found.usage) == (error.message, error.hint, usage)


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError("Wrong.", "Mend it."), 2), (EndpointError("Away.", "Wait."), 1)],
)
def test_only_wrong_input_ends_with_two(
    error: VibenchError,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(vibench.cli, "app", fail)
    monkeypatch.setattr(sys, "argv", ["vibench"])
    with pytest.raises(SystemExit) as ended:
        vibench.cli.main()
    assert ended.value.code == code
    assert capsys.readouterr().err == f"vibench: {error.message}\n  {error.hint}\n"


def test_what_is_waited_for_is_said_on_the_line_of_the_stage(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    screen, out = console()
    now = 100.0
    monkeypatch.setattr("vibench.cli.progress.time.monotonic", lambda: now)
    display = Display(screen, 1, store)
    display.started(STAGES[0])
    for seconds in range(1, 25):
        now += 1
        note = f"waiting for http://x/v1: no answer for {seconds} s, trying again"
        display.progress(STAGES[0], 0, 0, note)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].strip() == (
        "stage 0: waiting for http://x/v1: no answer for 11 s, trying again"
    )
