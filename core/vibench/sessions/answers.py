"""Getting a judge's verdicts: it decides by itself, or a model is asked.

Either way verdicts come in the order of the questions, equal questions are answered once,
and what is answered is committed every second: none that is stored is asked again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

from vibench.boundary import checked_conversation, checked_verdict
from vibench.errors import StageError, VibenchError
from vibench.interfaces import Judge, Session
from vibench.judging.repeats import combined, keys_asked
from vibench.records import ChatRequest, Completion, Reply, Rubric, Subject, Verdict
from vibench.sessions.budget import Metered, Purse
from vibench.sessions.defects import ENOUGH, Defects, broken, traceback_of
from vibench.sessions.open_sessions import Sessions
from vibench.sessions.unanswered import Failed
from vibench.sessions.work import Work
from vibench.store import record_tables as tables
from vibench.store.artefacts import Ledger
from vibench.store.ledger_index import Kept

__all__ = ["Answered", "Answers", "Tally", "answering", "asked", "decided"]

COMMIT_SECONDS = 1.0
TRACEBACK = "traceback"
"""The part of a row that only a question has which the judge's code raised on."""

AHEAD = 4
"""How many shards of a session are read ahead of the oldest open question."""

Answered = tuple[str, Verdict]
"""What was asked about (a sample, a response) and the verdict."""


@dataclass(slots=True)
class Tally:
    """What came of the questions, for the manifest; filled while answers are drawn."""

    questions: int = 0
    unscored: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    """Different questions that a model was asked."""
    cut_off: int = 0
    """How many of their replies reached the judge's `max_tokens` before their answer."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = None
    """What they cost at an endpoint, by the price that held when each was asked; None where
    a price is not known."""
    billed: bool = False
    """Whether the model that is asked is one at an endpoint."""
    defects: Defects | None = None
    """Where the questions are put on record that the judge's own code raised on."""
    broken: int = 0
    """How many these are."""
    left_out: tuple[str, ...] = ()
    """The parameters of requests that the engine could not pass on."""

    def add(self, verdict: Verdict) -> None:
        self.questions += 1
        if verdict.unscored:
            self.unscored[verdict.unscored.partition(":")[0]] += 1

    def note_defect(self, name: str, rubric: Rubric, row: Mapping[str, Any]) -> None:
        """Put a question on record if the judge's code raised on it. Raises StageError where
        it raised on most of what was asked, rather than pay for all the rest."""
        if TRACEBACK not in row:
            return
        self.broken += 1
        if self.defects is not None:
            place = f"'{rubric.name}' (turn {rubric.turn})"
            self.defects.record(name, place, row["unscored"], row[TRACEBACK])
            self.defects.check_early(self.questions + 1)
        elif self.broken >= ENOUGH and 2 * self.broken > self.questions:
            raise StageError(f"The judge broke on {self.broken} questions: {row['unscored']}")

    def facts(self) -> dict[str, Any]:
        """As the manifest holds it; calls and tokens only if a model was asked."""
        found: dict[str, Any] = {"unscored": dict(self.unscored)}
        if self.asked:
            found |= {
                "asked": self.asked,
                "cut_off": self.cut_off,
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": self.completion_tokens,
            }
        if self.billed:
            found["usd"] = None if self.usd is None else round(self.usd, 6)
        if self.left_out:
            found["left_out"] = list(self.left_out)
        return found


Answers = Callable[[Work, Iterable[tuple[str, Rubric]], int, Tally], Iterator[Answered]]
"""(work, named questions, how many, tally to fill) -> each question's verdict, in order."""


def decided(
    work: Work, questions: Iterable[tuple[str, Rubric]], total: int, tally: Tally
) -> Iterator[Answered]:
    """Verdicts of a judge that decides by itself."""
    judge: Judge = work.plugin("judge", "judge")
    book = _Book(Kept(work.store.ledger(work.stage.key)))
    for n, (name, rubric) in enumerate(questions):
        key = rubric.key
        if key not in book:
            row = judged_row(rubric, "decide", judge.decide, rubric)
            # What the judge's code raised on is tried again by another life of the stage.
            (book.note if TRACEBACK in row else book.add)(key, row)
        if n % 1000 == 0:
            work.progress(n, total, "verdicts")
        kept = book[key]
        tally.note_defect(name, rubric, kept)
        found = verdict_of(rubric, kept)
        tally.add(found)
        yield name, found
    book.commit()


def asked(
    sessions: Sessions,
    session: Session,
    subject: Subject,
    purse: Purse | None = None,
    failed: Failed | None = None,
) -> Answers:
    """Verdicts of a judge that asks `subject` on an open session, paid for from a purse where
    answers cost money.

    A question that will never be answered is unscored with the cause; if most are, the stage
    fails and none of these is stored. After all that is answered is stored, UnansweredError is
    raised if any question failed for a passing cause. `failed` holds the failures of this
    life, which are not asked again in it.
    """

    def answers(
        work: Work, questions: Iterable[tuple[str, Rubric]], total: int, tally: Tally
    ) -> Iterator[Answered]:
        with purse.metered(work, session) if purse else nullcontext(session) as open_session:
            kept = sessions.kept(work, f"judged-{work.stage.spec['scope']}")
            asking = _Asking(work, kept, open_session, subject, tally, failed or Failed())
            try:
                for n, (name, verdict) in enumerate(asking.run(iter(questions))):
                    if n % 50 == 0:
                        work.progress(n, total, "verdicts")
                    tally.add(verdict)
                    yield name, verdict
            finally:
                asking.book.commit()
            asking.check()
            tally.left_out = open_session.left_out(asking.sampling)

    return answers


def answering(
    work: Work, sessions: Sessions, purse: Purse | None = None, failed: Failed | None = None
) -> Answers:
    """How a stage's judge answers: by itself, or through a session on its model."""
    if "judge_model" not in work.stage.spec:
        return decided
    subject = work.subject("judge_model")
    return asked(sessions, sessions.session(work, subject.model), subject, purse, failed)


class _Book:
    """This stage's verdicts by question: those that were kept, and those to be. Held as JSON:
    there can be half a million of them, with a judge's reasons."""

    def __init__(self, kept: Kept, replies: Ledger | None = None) -> None:
        self.kept, self.replies = kept, replies
        self.raw: list[tuple[str, str]] = []
        """What a model replied, word for word: kept for later readings, and never held."""
        kept.refresh()
        self.rows: dict[str, str] = {}
        self.fresh: list[tuple[str, str]] = []
        self.unread: dict[str, Mapping[str, Any]] = {}
        """New rows as they are, until they are looked at for the first time."""
        self.committed = time.monotonic()

    def __contains__(self, key: str) -> bool:
        if key not in self.rows and (text := self.kept.text(key)) is not None:
            self.rows[key] = text
        return key in self.rows

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        unread = self.unread.pop(key, None)
        if unread is not None:
            return unread
        row: Mapping[str, Any] = json.loads(self.rows[key])
        return row

    def note(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep a verdict for this time only."""
        self.rows[key] = json.dumps(row)
        self.unread[key] = row

    def add(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep a new verdict; what is new is committed every second."""
        self.note(key, row)
        self.fresh.append((key, self.rows[key]))
        if time.monotonic() - self.committed > COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        if self.replies is not None:
            self.replies.append_texts(self.raw)
            self.raw = []
        self.kept.ledger.append_texts(self.fresh)
        self.fresh = []
        self.committed = time.monotonic()


class _Asking:
    """The questions of one stage on their way through a session."""

    def __init__(
        self,
        work: Work,
        kept: Kept,
        session: Session,
        subject: Subject,
        tally: Tally,
        failed: Failed,
    ) -> None:
        self.judge: Judge = work.plugin("judge", "judge")
        assert self.judge.model is not None
        self.sampling = self.judge.model.sampling
        self.session, self.subject, self.tally = session, subject, tally
        self.bill = session.bill if isinstance(session, Metered) else None
        if self.bill is not None:
            tally.billed, tally.usd = True, 0.0
        self.spec = work.stage.spec
        self.book = _Book(kept, work.store.ledger(f"replied-{self.spec['scope']}"))
        self.waiting: deque[tuple[str, tuple[str, ...], Rubric]] = deque()
        self.flying: dict[str, Rubric] = {}
        self.failed = failed
        self.unanswered = Failed()
        """Those of `failed` that are this stage's."""
        self.counted: set[str] = set()

    def run(self, questions: Iterator[tuple[str, Rubric]]) -> Iterator[Answered]:
        ahead = max(1, AHEAD * self.session.shard // self.spec.get("repeats", 1))
        while True:
            while len(self.waiting) < ahead and (question := next(questions, None)):
                self.put(*question)
            if not self.waiting:
                return
            name, keys, rubric = self.waiting[0]
            if not all(key in self.book for key in keys):
                self.receive()
                continue
            self.waiting.popleft()
            rows = [self.book[key] for key in keys]
            if keys[0] not in self.counted:
                self.counted.add(keys[0])
                for row in rows:
                    self.count(row)
            for row in rows:
                self.tally.note_defect(name, rubric, row)
            verdicts = [verdict_of(rubric, row) for row in rows]
            yield name, combined(rubric, verdicts) if len(verdicts) > 1 else verdicts[0]

    def put(self, name: str, rubric: Rubric) -> None:
        """Ask a question, as often as it is repeated, unless an equal one was."""
        keys = keys_asked(rubric.key, self.spec)
        self.waiting.append((name, keys, rubric))
        keys = tuple(key for key in keys if key not in self.book and key not in self.flying)
        for key in keys:
            if key in self.failed:
                self.leave(key, rubric)
        keys = tuple(key for key in keys if key not in self.failed)
        if not keys:
            return
        try:
            messages = self.judge.ask(rubric)
            if messages:
                checked_conversation(messages, "the messages of ask")
            schema = self.judge.schema(rubric) if messages else None
        except VibenchError:
            raise
        except Exception as error:
            for key in keys:
                self.book.note(key, broken_row(rubric, error))
            return
        if not messages:
            row = judged_row(rubric, "decide", self.judge.decide, rubric)
            for key in keys:
                (self.book.note if TRACEBACK in row else self.book.add)(key, row)
            return
        for key in keys:
            self.flying[key] = rubric
            seed = question_seed(key)
            self.session.submit(
                ChatRequest(key, self.subject, messages, self.sampling, seed, schema)
            )

    def receive(self) -> None:
        for completion in self.session.poll():
            assert isinstance(completion, Completion)
            rubric = self.flying.pop(completion.id, None)
            if rubric is None:  # of a stage that broke
                continue
            if completion.finish == "error":
                self.fail(completion, rubric)
                continue
            reply = Reply(completion.text, completion.finish, completion.thought)
            self.book.raw.append((completion.id, json.dumps(asdict(reply))))
            # Kept also where the judge's code raises on it: the reply is paid for, and the
            # same code would raise again. A judge that was mended has another ledger.
            row = judged_row(rubric, "read", self.judge.read, rubric, reply)
            used = completion.prompt_tokens, completion.completion_tokens
            row = {**row, "tokens": used}
            if self.bill is not None:
                row["usd"] = self.bill.usd(*used)
            self.book.add(completion.id, row)

    def fail(self, completion: Completion, rubric: Rubric) -> None:
        cause = completion.error or "no cause"
        if completion.passing:
            self.failed.passing[completion.id] = cause
        else:
            self.failed.lasting[completion.id] = error_row(rubric, cause)
        self.leave(completion.id, rubric)

    def leave(self, key: str, rubric: Rubric) -> None:
        """Go on without the answer to a question that failed."""
        row = self.failed.lasting.get(key)
        if row is not None:
            self.unanswered.lasting[key] = row
        else:
            cause = self.failed.passing[key]
            self.unanswered.passing[key] = cause
            row = error_row(rubric, cause)
        self.book.note(key, row)

    def count(self, row: Mapping[str, Any]) -> None:
        if "tokens" not in row:
            return
        used = row["tokens"]
        self.tally.asked += 1
        self.tally.cut_off += row["unscored"] == "cut off"
        self.tally.prompt_tokens += used[0]
        self.tally.completion_tokens += used[1]
        if self.bill is not None:
            usd = row.get("usd")
            usd = self.bill.usd(*used) if usd is None else usd
            sum_ = self.tally.usd
            self.tally.usd = None if usd is None or sum_ is None else sum_ + usd

    def check(self) -> None:
        """Put on record what will never be answered.

        Raises UnansweredError if anything else was not answered, and StageError, with none of
        it on record, if most will never be: the setting may be to blame rather than what was
        asked.
        """
        lasting, answered = self.unanswered.lasting, self.tally.asked
        if len(lasting) <= answered:
            for key, row in lasting.items():
                self.book.add(key, row)
            self.book.commit()
        self.unanswered.check("questions to the judge's model", len(self.book.rows))
        if len(lasting) > answered:
            cause = next(iter(lasting.values()))["unscored"].removeprefix("error: ")
            raise StageError(
                f"{len(lasting)} of {len(lasting) + answered} questions to the judge's model "
                f"failed; the first: {cause}"
            )


def error_row(rubric: Rubric, cause: str) -> dict[str, Any]:
    """The verdict on what was not answered."""
    return tables.verdict_row(Verdict(rubric.name, rubric.turn, (), f"error: {cause}"))


def verdict_of(rubric: Rubric, row: Mapping[str, Any]) -> Verdict:
    return Verdict(
        rubric.name, rubric.turn, tuple(row["labels"]), row["unscored"], row["explanation"]
    )


def question_seed(key: str) -> int:
    """The seed of one question, of its content alone: the same wherever it is asked."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) >> 1


def judged_row(
    rubric: Rubric, place: str, give: Callable[..., Verdict], *given: Any
) -> dict[str, Any]:
    """The row of a verdict that a judge's code gives, held to its contract; unscored, with the
    traceback, if that raises."""
    try:
        return tables.verdict_row(checked_verdict(give(*given), rubric, place))
    except VibenchError:
        raise
    except Exception as error:
        return broken_row(rubric, error)


def broken_row(rubric: Rubric, error: Exception) -> dict[str, Any]:
    """The row of a question that a judge's code raised on."""
    row = tables.verdict_row(Verdict(rubric.name, rubric.turn, (), broken(error)))
    return {**row, TRACEBACK: traceback_of(error)}
