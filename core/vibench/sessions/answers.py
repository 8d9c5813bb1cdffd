"""Getting a judge's verdicts: it decides by itself, or a model is asked.

Either way verdicts come in the order of the questions, equal questions are answered once,
and what is answered is committed every second: none that is stored is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import islice

from vibench.interfaces import Judge, Session
from vibench.records import Rubric, Subject, digest
from vibench.sessions.bills import bill_of
from vibench.sessions.configs import JudgeConfig
from vibench.sessions.question_stream import Answered, JudgedBy, QuestionStream
from vibench.sessions.request_failures import Failed
from vibench.sessions.tally import Tally
from vibench.sessions.verdict_book import VerdictBook
from vibench.sessions.verdict_rows import TRACEBACK, decided_rows, verdict_of
from vibench.sessions.work import Work
from vibench.store.ledger_index import LedgerIndex

__all__ = ["Answers", "answers_of", "answers_of_model", "answers_of_rules"]

Answers = Callable[[Work, Iterable[tuple[str, Rubric]], int, Tally], Iterator[Answered]]
"""(work, named questions, how many, tally to fill) -> each question's verdict, in order."""


def answers_of(work: Work, spec: JudgedBy) -> Answers:
    """Return the answers of a stage's judge: by itself, or through a session on its model."""
    if spec.judge_model is None or spec.engine is None:
        return answers_of_rules(spec)
    session = work.process.sessions.session(work, spec.judge_model.model, spec.engine)
    # Failures of a model on this machine are of their moment (its memory); those of an endpoint
    # would come again from the next stage that asks the same.
    failed = None if work.stage.group else work.process.unanswered[spec.scope]
    return answers_of_model(spec, session, work.subject(spec.judge_model), failed)


def answers_of_rules(spec: JudgedBy) -> Answers:
    """Return the answers of a judge that decides by itself."""

    def answers(
        work: Work, questions: Iterable[tuple[str, Rubric]], total: int, tally: Tally
    ) -> Iterator[Answered]:
        judge = _own_judge(work, spec.judge)
        book = VerdictBook(LedgerIndex(work.store.ledger(work.stage.key)))
        done = 0
        for batch in _batches(questions, judge):
            unanswered = {r.key: r for _, r in batch if r.key not in book}
            rows = decided_rows(judge, list(unanswered.values()))
            for key, row in zip(unanswered, rows, strict=True):
                # What the judge's code raised on is tried again by another life of the stage.
                (book.note if TRACEBACK in row else book.add)(key, row)
            if len(batch) > 1 or done % 1000 == 0:
                work.progress(done, total, "verdicts")
            done += len(batch)
            for name, rubric in batch:
                row_kept = book[rubric.key]
                tally.note_defect(name, rubric, row_kept)
                verdict = verdict_of(rubric, row_kept)
                tally.add(verdict)
                yield name, verdict
        book.commit()

    return answers


def _own_judge(work: Work, config: JudgeConfig) -> Judge:
    """Return a judge that decides by itself, built once in a process: it may load a model."""
    key = digest([config.name, config.asked, config.plugin])
    judges = work.process.judges
    if key not in judges:
        judges[key] = work.plugin(config)
    return judges[key]


def _batches(
    questions: Iterable[tuple[str, Rubric]], judge: Judge
) -> Iterator[list[tuple[str, Rubric]]]:
    """Yield the questions in the batches that a judge takes; each alone unless it has
    `decide_all`."""
    size = 1 if type(judge).decide_all is Judge.decide_all else max(1, judge.batch)
    rest = iter(questions)
    while batch := list(islice(rest, size)):
        yield batch


def answers_of_model(
    spec: JudgedBy, session: Session, subject: Subject, failed: Failed | None = None
) -> Answers:
    """Return the answers of a judge that asks `subject` on an open session, paid for from the
    process's purse where they cost money.

    A question that will never be answered is unscored with the cause; if most are, the stage
    fails and none of these is stored. After all that is answered is stored, UnansweredError is
    raised if any question failed temporarily. `failed` holds the failures of this
    life, which are not asked again in it.
    """

    def answers(
        work: Work, questions: Iterable[tuple[str, Rubric]], total: int, tally: Tally
    ) -> Iterator[Answered]:
        purse, bill = work.process.purse, None
        if purse is not None and spec.engine is not None:
            bill = bill_of(subject.model, spec.engine, work.plugins, purse.spending)
        # The turn lasts as long as the answers are drawn: with a budget, no other process of the
        # run spends from it meanwhile.
        with purse.metered(work, session, bill) if purse else nullcontext(session) as metered:
            stream = QuestionStream(work, spec, metered, subject, tally, failed or Failed())
            try:
                for n, (name, verdict) in enumerate(stream.run(iter(questions))):
                    if n % 50 == 0:
                        work.progress(n, total, "verdicts")
                    tally.add(verdict)
                    yield name, verdict
            finally:
                # Also after an error: what was answered until then is paid for.
                stream.book.commit()
            stream.check()
            tally.left_out = metered.left_out(stream.sampling)

    return answers
