"""An eval that measures by itself: asked once, killed and resumed, errors counted, paired."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

from vibench import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Model,
    Sampling,
    Session,
    Tokens,
)
from vibench.errors import StageError, UnansweredError, UsageError
from vibench.execute.queues import StageQueues
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.sessions import measurement as measuring
from vibench.sessions.configs import DataPlace, EngineConfig, EvalConfig, SubjectRecord
from vibench.sessions.measurement import SessionMeasuring
from vibench.sessions.transcript_counts import TranscriptCounts
from vibench.sessions.work import Work
from vibench.stages.specification import Holding
from vibench.stages.transcripts import ConversationsSpec, MeasurementSpec
from vibench.store import record_tables as tables
from vibench.store.artefacts import Store

RIDDLES = Path(__file__).parents[1] / "third_party" / "riddles"
ROWS = [
    {"riddle": "What barks?", "choices": ["a dog", "a cat", "a car"], "answer": "a dog"},
    {"riddle": "What purrs?", "choices": ["a dog", "a cat"], "answer": "a cat", "kind": "easy"},
    {"riddle": "What is wet?", "choices": ["rain", "sand", "rain"], "answer": "rain"},
    {"riddle": "word " * 3000, "choices": ["yes", "no"], "answer": "no"},
]
REQUESTS = 3 + 2 + 2 + 3
"""Different ones that can be answered: choices, and one answer each."""


# --- by the command line ------------------------------------------------------------


@pytest.fixture(scope="module")
def riddles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package installed."""
    folder = tmp_path_factory.mktemp("riddles")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--target", str(folder), str(RIDDLES)),
        ],
        check=True,
    )
    return folder


@pytest.fixture
def vibench(riddles: Path, tmp_path: Path) -> CommandLine:
    pytest.importorskip("torch")
    (tmp_path / "data" / "riddles").mkdir(parents=True)
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (tmp_path / "data" / "riddles" / "riddles.jsonl").write_text(lines)
    return CommandLine(tmp_path, 160, {"PYTHONPATH": str(riddles)})


MAIN = ("--eval", "riddles", "--inducer", "prompt", "--value", "empathy", "--data", "data")


def facts(root: Path, kind: str) -> list[dict[str, Any]]:
    manifests = (root / ".vibench" / "artefacts" / kind).glob("*/*/manifest.json")
    return [json.loads(path.read_text()) for path in manifests]


def test_a_run_measures_each_subject_once(vibench: CommandLine, tmp_path: Path) -> None:
    planned = vibench("plan", *MAIN)
    assert planned.returncode == 0, planned.stderr
    assert "28 measurement requests, 0 verdicts to ask for" in planned.stdout
    first = vibench("run", *MAIN)
    assert first.returncode == 0, first.stderr
    assert "no judge: measured directly" in first.stdout
    stages = {path.name for path in (tmp_path / ".vibench" / "artefacts").iterdir()}
    assert stages == {"transcripts", "outcomes"}
    for manifest in facts(tmp_path, "transcripts"):
        made = manifest["facts"]
        assert (made["transcripts"], made["errors"]) == (4, 1)
        assert made["loglikelihoods"] + made["completions"] == REQUESTS + made["failed_requests"]
    for manifest in facts(tmp_path, "outcomes"):
        assert manifest["facts"]["unscored"] == {"acc": 1, "written": 1}
    report = vibench("report", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(report.stdout)))
    assert {(row["inducer"], row["metric"]) for row in rows} == {
        (inducer, metric) for inducer in ("none", "prompt") for metric in ("acc", "written")
    }
    assert {row["judge"] for row in rows} == {""}
    assert [row["difference"] != "" for row in rows] == [row["inducer"] == "prompt" for row in rows]
    again = vibench("run", *MAIN, "--judge", "mistral", "--set", "sampling.temperature=0.1,0.9")
    assert again.returncode == 0, again.stderr
    assert "0 stages to run. Everything is in the store already." in again.stdout


def test_what_breaks_in_the_eval_fails_its_cells_and_keeps_the_answers(
    vibench: CommandLine, tmp_path: Path
) -> None:
    broken = vibench("run", *MAIN, "--set", "riddles.explode=true")
    assert broken.returncode == 1
    assert "ValueError: no riddles today" in broken.stderr
    assert "Traceback" not in broken.stderr
    ledgers = list((tmp_path / ".vibench" / "ledgers").glob("*/*.parquet"))
    assert len(ledgers) == 2, "what was answered for either subject"


# --- what is asked ------------------------------------------------------------------


class Chatty(Session):
    """Counts what it is asked, and dies where it is told to. Answers three at a time."""

    shard = 4
    context = 100
    tokenizer = "a tokenizer"

    def __init__(self, die_after: int = 10**9, note: Path | None = None) -> None:
        self.asked: list[ChatRequest | LoglikelihoodRequest] = []
        self.queue: list[ChatRequest | LoglikelihoodRequest] = []
        self.most = 0
        self.die_after, self.note = die_after, note

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        self.asked.append(request)
        self.queue.append(request)
        self.most = max(self.most, len(self.queue))

    def poll(self) -> Sequence[Completion | Loglikelihood]:
        if len(self.asked) > self.die_after:
            if self.note is None:
                raise StageError("the engine died")
            self.note.write_text(str(len(self.asked) - len(self.queue)))
            os.kill(os.getpid(), signal.SIGKILL)
        some, self.queue = self.queue[:3], self.queue[3:]
        return [self.answer(request) for request in some]

    def answer(self, request: ChatRequest | LoglikelihoodRequest) -> Completion | Loglikelihood:
        if isinstance(request, ChatRequest):
            assert isinstance(request.messages, Tokens)
            return Completion(request.id, f"{request.messages.ids} {request.seed}", "stop", 1, 2)
        assert isinstance(request.messages, Tokens)
        assert isinstance(request.continuation, Tokens)
        if 13 in request.continuation.ids:
            return Loglikelihood(request.id, 0.0, 0, False, error="unlucky")
        total = -float(sum(request.messages.ids)) / 3
        return Loglikelihood(request.id, total, len(request.continuation.ids), True)

    def close(self) -> None: ...


SPEC = MeasurementSpec(
    subject=SubjectRecord(Model("tiny", "tiny", "tiny"), None, None),
    engine=EngineConfig("chatty", {}, {}),
    eval=EvalConfig("pairs", {}, {}),
    asks="",
    limit=None,
    data=DataPlace(None, True, {}),
)
STAGE = Stage("k" * 32, "tiny: pairs", (), SPEC, Holding("model", "tiny"))

PAIRS = [(Tokens((1, n % 7)), Tokens((100 + n, n // 5))) for n in range(40)]
TOTALS = [-(1 + n % 7) / 3 for n in range(40)]


def measured_by(
    root: Path, session: Session, streams: bool = False
) -> tuple[SessionMeasuring, list[tuple[int, int, str]]]:
    told: list[tuple[int, int, str]] = []
    work = Work(STAGE, Store(root), Plugins(()), Path(), lambda *args: told.append(args))
    return SessionMeasuring(work, SPEC, session, streams), told


def test_answers_come_in_order_whatever_the_engines(store: Store) -> None:
    session = Chatty()
    asking, told = measured_by(store.root, session)
    found = asking.loglikelihoods([*PAIRS, *PAIRS[:9]])
    assert [f.total for f in found] == [*TOTALS, *TOTALS[:9]]
    assert len(session.asked) == 40
    assert told[-1] == (40, 40, "requests")
    assert asking.loglikelihoods(PAIRS) == found[:40]
    assert len(session.asked) == 40, "asking for the same twice is free"
    assert asking.loglikelihoods([]) == []


def test_what_is_read_alike_is_asked_together_and_long_ones_first(store: Store) -> None:
    session = Chatty()
    asking, _ = measured_by(store.root, session)
    context = [Tokens((1,) * n) for n in (2, 9, 5, 7, 3, 8)]
    asking.loglikelihoods([(c, Tokens((last,))) for last in range(6) for c in context])
    read = [r.messages.ids for r in session.asked if isinstance(r.messages, Tokens)]
    assert [len(ids) for ids in read] == [n for n in (9, 8, 7, 5, 3, 2) for _ in range(6)]
    assert session.most == 4 * 6, "a shard is of four texts, however often each is continued"


@pytest.mark.parametrize("streams", [False, True])
def test_a_stream_never_holds_more_than_a_shard(store: Store, streams: bool) -> None:
    session = Chatty()
    asking, _ = measured_by(store.root, session, streams)
    one = Sampling(0.5, 1.0, 9)
    found = asking.generate([(Tokens((n,)), ("\n",), one) for n in range(30)])
    assert [f.text.partition(" ")[0] for f in found] == [f"({n},)" for n in range(30)]
    assert session.most == 4
    seeds = {r.seed for r in session.asked if isinstance(r, ChatRequest)}
    assert len(seeds) == 30
    assert {r.stop for r in session.asked if isinstance(r, ChatRequest)} == {("\n",)}


def test_another_sampling_or_stop_text_is_another_request(store: Store) -> None:
    session = Chatty()
    asking, _ = measured_by(store.root, session)
    ways = [((), 0.0, 5), (("a",), 0.0, 5), (("a",), 0.5, 5), (("a",), 0.5, 6), (("a",), 0.5, 6)]
    asking.generate([(Tokens((1,)), stop, Sampling(t, 1.0, most)) for stop, t, most in ways])
    assert len(session.asked) == 4


def test_an_error_is_an_answer_and_asked_again_by_the_next_run(store: Store) -> None:
    pairs = [(Tokens((1,)), Tokens((n,))) for n in range(20)]
    asking, _ = measured_by(store.root, Chatty())
    found = asking.loglikelihoods(pairs)
    asking.commit()
    assert [n for n, f in enumerate(found) if f.error] == [13]
    assert asking.facts()["failed_requests"] == 1
    session = Chatty()
    again, _ = measured_by(store.root, session)
    assert again.loglikelihoods(pairs) == found
    assert len(session.asked) == 1


def test_what_fails_for_a_passing_cause_leaves_the_stage_unfinished(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(self: Chatty, request: ChatRequest | LoglikelihoodRequest) -> Any:
        error = "out of memory: 2 tokens"
        return Loglikelihood(request.id, 0.0, 0, False, error=error, passing=True)

    with monkeypatch.context() as patch:
        patch.setattr(Chatty, "answer", answer)
        asking, _ = measured_by(store.root, Chatty())
        assert asking.loglikelihoods(PAIRS[:3])[0].error == "out of memory: 2 tokens"
        with pytest.raises(UnansweredError, match="3 of 3 requests failed temporarily"):
            asking.failed.check("requests", asking.total)
    again, _ = measured_by(store.root, Chatty())
    assert [f.total for f in again.loglikelihoods(PAIRS[:3])] == TOTALS[:3]
    again.failed.check("requests", again.total)


def test_an_engine_that_dies_leaves_what_was_answered(store: Store) -> None:
    asking, _ = measured_by(store.root, Chatty(die_after=20))
    with pytest.raises(StageError, match="the engine died"):
        asking.loglikelihoods(PAIRS)
    asking.commit()
    session = Chatty()
    again, _ = measured_by(store.root, session)
    assert [f.total for f in again.loglikelihoods(PAIRS)] == TOTALS
    assert len(session.asked) == 20


def test_an_engine_that_takes_no_tokens_is_told(store: Store) -> None:
    session = Chatty()
    session.tokenizer = None  # type: ignore[assignment]
    with pytest.raises(UsageError, match="'pairs' sends tokens, which the engine 'chatty'"):
        measured_by(store.root, session)


def killed_after(root: Path, die_after: int, note: Path) -> None:
    measuring.COMMIT_SECONDS = 0.0
    asking, _ = measured_by(root, Chatty(die_after, note))
    asking.loglikelihoods(PAIRS)


@pytest.mark.parametrize("die_after", [7, 22, 37])
def test_a_killed_run_asks_only_for_what_is_missing(
    store: Store, tmp_path: Path, die_after: int
) -> None:
    """A shard of four is committed before the next is asked, and then the process is killed."""
    note = tmp_path / "answered"
    code = "import sys, pathlib, test_measuring as t; t.killed_after(pathlib.Path(sys.argv[1]),"
    code += " int(sys.argv[2]), pathlib.Path(sys.argv[3]))"
    died = subprocess.run(
        [sys.executable, "-c", code, str(store.root), str(die_after), str(note)],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "support")},
        capture_output=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    whole = int(note.read_text()) // 4 * 4
    assert whole > 0
    session = Chatty()
    asking, _ = measured_by(store.root, session)
    assert [f.total for f in asking.loglikelihoods(PAIRS)] == TOTALS
    assert len(session.asked) == 40 - whole


def test_stages_that_measure_go_one_after_another_through_a_continuous_engine(
    plugins: Plugins,
) -> None:
    vllm = EngineConfig("vllm", {}, {})
    quiz = replace(SPEC, engine=vllm)
    talk = ConversationsSpec(
        subject=SPEC.subject, engine=vllm, eval=SPEC.eval, sampling=Sampling(), seed=0
    )

    queues = StageQueues(plugins)
    for name in ("talk 1", "quiz 1", "talk 2", "quiz 2", "talk 3"):
        spec = quiz if "quiz" in name else talk
        queues.add(Stage(name, name, (), spec, Holding("model", "tiny")))
    played = []
    while (first := queues.take()) is not None:
        played.append([s.key for s in (first, *queues.take_companions(first))])
    assert played == [["talk 1", "talk 2", "talk 3"], ["quiz 1"], ["quiz 2"]]


def test_what_was_measured_is_read_back_as_it_was(tmp_path: Path) -> None:
    from vibench import Sample, Transcript

    data = {"choice/ä": "-1.5", "text": 'He said "no"\n', "": ""}
    made = [Transcript(Sample("a", (), "c", data), ()), Transcript(Sample("b", (), "c"), ())]
    tables.write_transcripts(tmp_path / "t.parquet", made)
    assert tables.read_transcripts(tmp_path / "t.parquet") == made


def test_a_sample_is_measured_once_and_some_sample_is() -> None:
    from vibench import Sample, Transcript

    one = Transcript(Sample("a", (), "c"), ())
    tally = TranscriptCounts("Pairs")
    with pytest.raises(StageError, match="Pairs measured the sample 'a' more than once"):
        list(tally.counting([one, one]))
    empty = TranscriptCounts("Pairs")
    assert list(empty.counting([])) == []
    with pytest.raises(StageError, match="no sample at all"):
        empty.facts()
