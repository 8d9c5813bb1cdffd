"""The questions that a stage asks its judge, and the table of the verdicts on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vibench.records import Rubric
from vibench.sessions.answers import Answers
from vibench.sessions.defects import Defects
from vibench.sessions.question_stream import JudgedBy
from vibench.sessions.tally import Tally
from vibench.sessions.work import Work
from vibench.store import record_tables as tables

__all__ = ["UNASKED", "Questions", "write_verdicts"]

UNASKED = "unasked"
"""The manifest's fact that holds samples whose rubrics broke, with the cause of each."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Named rubrics, about how many there are, and facts for the manifest. `defects` are the
    samples that the eval's code raised on when it was to say what is asked of them."""

    rubrics: Iterator[tuple[str, Rubric]]
    total: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    defects: Defects | None = None


def write_verdicts(
    work: Work, spec: JudgedBy, questions: Questions, answers: Answers
) -> Mapping[str, Any]:
    """Write `verdicts.parquet`, a row for each question in order; return facts."""
    defects = Defects(work, spec.judge, spec.max_errors, questions.total)
    tally = Tally(defects=defects)
    rows = answers(work, questions.rubrics, questions.total, tally)
    tables.write_verdicts(work.folder / "verdicts.parquet", rows)
    facts = {**questions.facts, "verdicts": tally.questions, **tally.facts()}
    defects.check(tally.questions)
    facts |= defects.facts(work.folder)
    if questions.defects is not None:
        questions.defects.check(questions.defects.total)
        if questions.defects.facts(work.folder):
            facts |= {UNASKED: questions.defects.causes}
    return facts
