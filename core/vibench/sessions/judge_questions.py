"""What stages ask a judge, and the body that writes down the answers, whoever gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vibench.boundary import checked_rubrics
from vibench.errors import VibenchError
from vibench.preferences.subsets import SubsetCounts
from vibench.records import Rubric
from vibench.sessions.answers import Answers, Tally
from vibench.sessions.defects import Defects
from vibench.sessions.work import Work
from vibench.store import record_tables as tables

if TYPE_CHECKING:
    from vibench.interfaces import Eval

__all__ = ["JUDGED", "UNASKED", "Questions", "judge"]

UNASKED = "unasked"
"""The manifest's fact that holds samples whose rubrics broke, with the cause of each."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What a stage asks: named rubrics, about how many, and facts for its manifest. `defects`
    are the samples that the eval's code raised on when it was to say what is asked of them."""

    asked: Iterator[tuple[str, Rubric]]
    total: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    defects: Defects | None = None


def values(work: Work) -> Questions:
    """Which values each response of the pairs expresses (paper, section 4: extraction)."""
    from vibench.judging.rubrics import values_rubric
    from vibench.preferences.tables import read_pairs
    from vibench.preferences.values import response_messages

    source = work.need("pairs")

    def questions() -> Iterator[tuple[str, Rubric]]:
        for pair in read_pairs(source.file("pairs.parquet")):
            for side in ("chosen", "rejected"):
                yield f"{pair.id}/{side}", values_rubric(response_messages(pair, side))

    total = 2 * source.manifest["facts"]["pairs"]
    return Questions(questions(), total, {"responses": total})


def verification(work: Work) -> Questions:
    """Which of the closed set's values each chosen response of a value subset expresses
    (paper, section 4: evaluation of value subsets, Listing 1)."""
    from vibench.judging.rubrics import closed_rubric
    from vibench.preferences.tables import read_pairs
    from vibench.preferences.values import response_messages

    subset = work.need("subset")
    labels = work.stage.spec["more_labels"]

    def questions() -> Iterator[tuple[str, Rubric]]:
        for pair in read_pairs(subset.file("pairs.parquet")):
            yield pair.id, closed_rubric(response_messages(pair, "chosen"), labels)

    total = SubsetCounts.of(subset.manifest["facts"]).total
    return Questions(questions(), total, {"pairs": total})


def verdicts(work: Work) -> Questions:
    """Every rubric of every transcript."""
    evaluation: Eval = work.plugin("eval", "eval")
    source = work.need("transcripts")
    transcripts = tables.read_transcripts(source.file("transcripts.parquet"))

    defects = Defects(work, "eval", len(transcripts))

    def questions() -> Iterator[tuple[str, Rubric]]:
        for t in transcripts:
            if t.error is not None:
                continue
            try:
                rubrics = checked_rubrics(evaluation.rubrics(t), evaluation)
            except VibenchError:
                raise
            except Exception as error:
                defects.add(t.sample.id, "rubrics", error)
                defects.check(len(transcripts))
                continue
            for rubric in rubrics:
                yield t.sample.id, rubric

    return Questions(questions(), work.stage.work.get("verdicts", 0), defects=defects)


JUDGED: Mapping[str, Callable[[Work], Questions]] = {
    "values": values,
    "verification": verification,
    "verdicts": verdicts,
}
"""The questions of a stage, by kind."""


def judge(work: Work, answers: Answers) -> Mapping[str, Any]:
    """Write `verdicts.parquet`: a row for each question, in order."""
    questions = JUDGED[work.stage.kind](work)
    defects = Defects(work, "judge", questions.total)
    tally = Tally(defects=defects)
    rows = answers(work, questions.asked, questions.total, tally)
    tables.write_verdicts(work.folder / "verdicts.parquet", rows)
    facts = {**questions.facts, "verdicts": tally.questions, **tally.facts()}
    defects.check(tally.questions)
    facts |= defects.facts(work.folder)
    if questions.defects is not None:
        questions.defects.check(questions.defects.total)
        if questions.defects.facts(work.folder):
            facts |= {UNASKED: questions.defects.causes}
    return facts
