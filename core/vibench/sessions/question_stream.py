"""The questions of one stage on their way through a session on their judge's model."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, Protocol

from vibench.boundary import checked_conversation
from vibench.errors import StageError, VibenchError
from vibench.interfaces import Judge, Session
from vibench.judging.repeats import combined, repeat_keys
from vibench.preferences.values import normalise
from vibench.records import ChatRequest, Completion, Reply, Rubric, Subject, Verdict
from vibench.sessions.budget import Metered
from vibench.sessions.configs import EngineConfig, JudgeConfig, SubjectRecord
from vibench.sessions.request_failures import Failed
from vibench.sessions.tally import Tally
from vibench.sessions.verdict_book import VerdictBook
from vibench.sessions.verdict_rows import (
    TRACEBACK,
    broken_row,
    error_row,
    judged_row,
    verdict_of,
)
from vibench.sessions.work import Work

__all__ = ["Answered", "JudgedBy", "QuestionStream", "question_request"]

AHEAD = 4
"""How many shards of a session are read ahead of the oldest open question."""

Answered = tuple[str, Verdict]
"""A question's subject (a sample, a response) and the verdict on it."""


class JudgedBy(Protocol):
    """The judge in the specification of a stage, and the model that it asks if it does.

    `scope` names the ledger of its verdicts, `repeats` is how often each question is asked, and
    `repeat` which of several times it is where each has a stage of its own.
    """

    @property
    def judge(self) -> JudgeConfig: ...
    @property
    def judge_model(self) -> SubjectRecord | None: ...
    @property
    def engine(self) -> EngineConfig | None: ...
    @property
    def scope(self) -> str: ...
    @property
    def repeats(self) -> int: ...
    @property
    def repeat(self) -> int: ...
    @property
    def max_errors(self) -> float: ...


class QuestionStream:
    """The questions of one stage on their way through a session."""

    def __init__(
        self,
        work: Work,
        spec: JudgedBy,
        session: Session,
        subject: Subject,
        tally: Tally,
        failed: Failed,
    ) -> None:
        self.judge: Judge = work.plugin(spec.judge)
        assert self.judge.model is not None
        self.sampling = self.judge.model.sampling
        self.session, self.subject, self.tally = session, subject, tally
        self.bill = session.bill if isinstance(session, Metered) else None
        if self.bill is not None:
            tally.billed, tally.usd = True, 0.0
        self.spec = spec
        verdicts = work.process.sessions.kept(work, f"judged-{spec.scope}")
        self.book = VerdictBook(verdicts, work.store.ledger(f"replied-{spec.scope}"))
        self.waiting: deque[tuple[str, tuple[str, ...], Rubric]] = deque()
        self.flying: dict[str, Rubric] = {}
        self.failed = failed
        self.unanswered = Failed()
        """Those of `failed` that are this stage's."""
        self.counted: set[str] = set()

    def run(self, questions: Iterator[tuple[str, Rubric]]) -> Iterator[Answered]:
        # A question may come as several requests; what is read ahead is counted in requests, so
        # that a judge asked three times does not hold three times the transcripts in memory.
        ahead = max(1, AHEAD * self.session.shard // self.spec.repeats)
        while True:
            while len(self.waiting) < ahead and (question := next(questions, None)):
                self.put(*question)
            if not self.waiting:
                return
            name, keys, rubric = self.waiting[0]
            # Answers come back in any order, and verdicts go out in the order of the questions:
            # the oldest open question is waited for while the session works on those behind it.
            if not all(key in self.book for key in keys):
                self.receive()
                continue
            self.waiting.popleft()
            rows = [self.book[key] for key in keys]
            # Equal questions are asked once; their tokens must be counted once, too.
            if keys[0] not in self.counted:
                self.counted.add(keys[0])
                for row in rows:
                    self.count(row)
            for row in rows:
                self.tally.note_defect(name, rubric, row)
            verdicts = [verdict_of(rubric, row) for row in rows]
            if len(verdicts) > 1:
                spelling = str if rubric.labels else normalise
                yield name, combined(rubric, verdicts, spelling)
            else:
                yield name, verdicts[0]

    def put(self, name: str, rubric: Rubric) -> None:
        """Ask a question, as often as it is repeated, unless an equal one was."""
        keys = repeat_keys(rubric.key, self.spec.repeats, self.spec.repeat)
        self.waiting.append((name, keys, rubric))
        # Three places may have the answer already: the ledger (an earlier run, another stage), the
        # requests under way (an equal question of this stage), and the failures of this process.
        keys = tuple(key for key in keys if key not in self.book and key not in self.flying)
        for key in keys:
            if key in self.failed:
                self.leave(key, rubric)
        keys = tuple(key for key in keys if key not in self.failed)
        if not keys:
            return
        try:
            request = question_request(self.judge, rubric, self.subject)
        except VibenchError:
            raise
        except Exception as error:
            for key in keys:
                self.book.note(key, broken_row(rubric, error))
            return
        if request is None:
            row = judged_row(rubric, "decide", self.judge.decide, rubric)
            for key in keys:
                (self.book.note if TRACEBACK in row else self.book.add)(key, row)
            return
        for key in keys:
            self.flying[key] = rubric
            # The key holds the number of the repeat, so each repeat draws with a seed of its own.
            seed = question_seed(key)
            self.session.submit(replace(request, id=key, seed=seed))

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
            tokens = completion.prompt_tokens, completion.completion_tokens
            row = {**row, "tokens": tokens}
            if self.bill is not None:
                row["usd"] = self.bill.usd(*tokens)
            self.book.add(completion.id, row)

    def fail(self, completion: Completion, rubric: Rubric) -> None:
        cause = completion.error or "no cause"
        # A passing failure (a time-out, no memory) says nothing about the question: it is asked
        # again when the command is rerun. A lasting one (a refusal, a prompt that is too long)
        # would come again, so it is a result, unscored with its cause.
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
        tokens = row["tokens"]
        self.tally.asked += 1
        self.tally.cut_off += row["unscored"] == "cut off"
        self.tally.prompt_tokens += tokens[0]
        self.tally.completion_tokens += tokens[1]
        if self.bill is not None:
            usd = row.get("usd")
            # Rows have the price of the day they were asked. Those that were asked without a price
            # are counted at the one of today.
            usd = self.bill.usd(*tokens) if usd is None else usd
            sum_ = self.tally.usd
            self.tally.usd = None if usd is None or sum_ is None else sum_ + usd

    def check(self) -> None:
        """Put on record what will never be answered.

        Raises UnansweredError if anything else was not answered, and StageError, with none of
        it on record, if most will never be: the setting may be to blame rather than what was
        asked.
        """
        lasting, answered = self.unanswered.lasting, self.tally.asked
        # Failures are recorded only while most questions are answered. If most fail, the setting
        # is to blame, and a rerun with a better one must find no failures on record.
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


def question_request(judge: Judge, rubric: Rubric, subject: Subject) -> ChatRequest | None:
    """Return what a judge's model is asked about a rubric; None if the judge decides by itself.

    Raises whatever the judge's code raises, and Breach for malformed messages.
    """
    # A judge may answer some questions by rules, and ask its model only the others.
    messages = judge.ask(rubric) if judge.model is not None else None
    if not messages or judge.model is None:
        return None
    checked_conversation(messages, "the messages of ask")
    seed, schema = question_seed(rubric.key), judge.schema(rubric)
    return ChatRequest(rubric.key, subject, messages, judge.model.sampling, seed, schema)


def question_seed(key: str) -> int:
    """Return the seed of one question, of its content alone: the same wherever it is asked."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) >> 1
