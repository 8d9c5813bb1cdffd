"""Thoughts of subjects and simulators: kept, never judged, never sent back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, Done

from vibench import (
    Ask,
    ChatRequest,
    Completion,
    Eval,
    LoglikelihoodRequest,
    Message,
    Model,
    Outcome,
    Reply,
    Sample,
    Sampling,
    Session,
    Subject,
    Thought,
    Transcript,
)
from vibench.preferences.values import response_messages
from vibench.records import PreferencePair
from vibench.sessions.dialogues import DialogueTable, Player, play
from vibench.sessions.replies import Replies
from vibench.stages.outcomes import score
from vibench.store.artefacts import Store
from vibench.store.record_tables import (
    read_transcripts,
    transcript_from,
    transcript_row,
    write_transcripts,
)

HELLO = (Message("user", "Hello."),)


class Thinker(Session):
    """Thinks before each answer, but `cuts` of a role (by system prompt) end in a thought."""

    def __init__(self, cuts: tuple[str | None, ...] = ()) -> None:
        self.cuts = cuts
        self.asked: list[ChatRequest] = []
        self.queue: list[ChatRequest] = []

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        assert isinstance(request, ChatRequest)
        self.asked.append(request)
        self.queue.append(request)

    def poll(self) -> list[Completion]:
        done, self.queue = self.queue, []
        return [self.reply(request) for request in done]

    def reply(self, request: ChatRequest) -> Completion:
        n = len(request.messages)
        if request.subject.system in self.cuts and n > 1:
            return Completion(request.id, "", "length", 1, 9, thought="I never")
        return Completion(request.id, f"So {n}.", "stop", 1, 2, thought=f"I wonder {n}.")

    def close(self) -> None: ...


class Talk(Eval):
    """Two exchanges, the second question from a simulator."""

    roles = ("subject", "simulator")
    metrics = ("words",)

    def dialogue(self, sample: Sample) -> Iterator[Any]:  # type: ignore[override]
        first: Reply = yield Ask(sample.messages)
        assert first.thought
        messages = (*sample.messages, Message("assistant", first.text))
        swapped = (Message("user", first.text), Message("assistant", "x"), Message("user", "y"))
        question: Reply = yield Ask(swapped, "simulator", "simulate")
        messages = (*messages, Message("user", f" {question.text}\n".strip()))
        second: Reply = yield Ask(messages)
        return (*messages, Message("assistant", second.text))

    def outcomes(self, transcript: Transcript, verdicts: Any) -> Iterator[Outcome]:
        yield Outcome(transcript.sample.id, transcript.sample.cluster, "words", 1.0)


def played(session: Session, replies: Replies | None = None) -> Transcript:
    subject = Subject(Model("m", "m", "endpoint:m"))
    players = {"subject": Player(session, subject), "simulator": Player(session, subject)}
    table = DialogueTable(Talk(), players, Sampling(), 0, name="table", replies=replies)
    (transcript,) = play(table, [Sample("s", HELLO, "c")])
    return transcript


def test_thoughts_are_kept_with_their_messages_and_sent_to_nobody(tmp_path: Path) -> None:
    session = Thinker()
    transcript = played(session)
    assert transcript.error is None
    assert transcript.thoughts == (
        Thought(1, "I wonder 1."), Thought(2, "I wonder 3."), Thought(3, "I wonder 3.")
    )  # fmt: skip
    assert [m.content for m in transcript.messages] == ["Hello.", "So 1.", "So 3.", "So 3."]
    assert not any("wonder" in m.content for r in session.asked for m in r.messages)  # type: ignore[union-attr]
    row = json.loads(json.dumps(transcript_row(transcript)))
    assert transcript_from(transcript.sample, row) == transcript
    write_transcripts(tmp_path / "t.parquet", [transcript])
    (read,) = read_transcripts(tmp_path / "t.parquet")
    assert read.thoughts == transcript.thoughts


def test_a_subject_that_is_cut_off_in_its_thought_has_no_answer_and_no_score() -> None:
    transcript = played(Thinker(cuts=(None,)))
    assert (transcript.error, transcript.finish) == ("cut off", "length")
    assert transcript.messages[-1].role == "user"
    assert transcript.thoughts[-1] == Thought(len(transcript.messages), "I never")
    assert (transcript.answers, transcript.cut_off) == (2, 1)
    (outcome,) = score(Talk(), transcript, ())
    assert (outcome.value, outcome.unscored) == (None, "cut off")


def test_a_simulator_that_is_cut_off_in_its_thought_ends_the_conversation() -> None:
    transcript = played(Thinker(cuts=("simulate",)))
    assert (transcript.error, transcript.finish) == ("simulator: cut off", "error")
    (outcome,) = score(Talk(), transcript, ())
    assert outcome.unscored == "error: simulator: cut off"


def test_replies_on_record_have_their_thoughts_and_old_ones_are_parted(store: Store) -> None:
    first = played(Thinker(), replies := Replies(store.ledger("key/replies"), {}))
    replies.commit()
    silent = Thinker()
    assert played(silent, Replies(store.ledger("key/replies"), {})) == first
    assert not silent.asked

    ledger = store.ledger("old/replies")
    rows = [
        (key, {k: v for k, v in json.loads(text).items() if k != "thought"})
        for key, text in store.ledger("key/replies").texts().items()
    ]
    for _, row in rows:
        row["text"] = f"<think>Old.</think>{row['text']}"
    ledger.append(rows)
    again = played(Thinker(), Replies(ledger, {}))
    assert again.messages == first.messages
    assert {thought.text for thought in again.thoughts} == {"Old."}


def test_thoughts_in_preference_pairs_are_not_judged() -> None:
    pair = PreferencePair(
        "p", HELLO, "<think>I feel with you.</think>\nFine.", "I see.\n</think>No."
    )
    assert response_messages(pair, "chosen")[-1] == Message("assistant", "Fine.")
    assert response_messages(pair, "rejected")[-1] == Message("assistant", "No.")
    thought = PreferencePair("q", HELLO, "<think>I feel with you.", "No.")
    assert response_messages(thought, "chosen")[-1] == Message("assistant", "")


ASKED = ("--profile", "embedded", "--engine", "openai", "--eval", "anthrobench", "--limit", "3",
         "--inducer", "prompt", "--value", "empathy", "--judge", "rules", "--set",
         "anthrobench.turns=2")  # fmt: skip


def run(folder: Path, base_url: str, model: str) -> Done:
    models = ("--model", model, "--simulator", f"openai:{model}")
    where = ("--set", f"openai.base_url={base_url}", "--store", model)
    return CommandLine(folder)("run", *ASKED, *models, *where)


def rows(store: Path, kind: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    files = sorted((store / "artefacts" / kind).rglob(f"{kind}.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["think-tags", "think-lone", "think-channels", "think-field"])
def test_pronouns_are_those_of_the_answer_alone(
    model: str, tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models=model)
    done = run(tmp_path, server.base_url, model)
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path / model, "outcomes")
    pronouns = [r["value"] for r in found if r["metric"] == "behaviour/first_person_pronouns"]
    assert pronouns == [0.0] * len(pronouns)
    assert len(pronouns) == 2 * 3 * 2  # subjects, samples, turns
    for row in rows(tmp_path / model, "transcripts"):
        said = [m["content"] for m in json.loads(row["messages"])]
        assert said[1:] == ["Plans differ from person to person."] * 3
        thoughts = json.loads(row["thoughts"])
        assert [thought["message"] for thought in thoughts] == [1, 2, 3]
        assert all(thought["text"].startswith("I wonder") for thought in thoughts)
    assert not any("wonder" in str(body["messages"]) for body in server.stats()["bodies"])


@pytest.mark.slow
def test_a_run_of_thoughts_without_an_end_is_unscored_and_done(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models="think-cut")
    done = run(tmp_path, server.base_url, "think-cut")
    assert done.returncode == 0, done.stderr
    assert "cut off" in done.stdout
    found = rows(tmp_path / "think-cut", "outcomes")
    assert found
    assert {row["unscored"] for row in found} == {"cut off"}
    asked = server.stats()["requests"]
    assert run(tmp_path, server.base_url, "think-cut").returncode == 0
    assert server.stats()["requests"] == asked
