"""What stages ask a judge, and the body that writes down the answers, whoever gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vibench.execute import tables
from vibench.execute.answers import Answers, Tally
from vibench.execute.work import Work
from vibench.preferences.subsets import SubsetCounts
from vibench.records import Rubric

if TYPE_CHECKING:
    from vibench.interfaces import Eval

__all__ = ["JUDGED", "Questions", "judge"]


@dataclass(frozen=True, slots=True)
class Questions:
    """What a stage asks: named rubrics, about how many, and facts for its manifest."""

    asked: Iterator[tuple[str, Rubric]]
    total: int
    facts: Mapping[str, Any] = field(default_factory=dict)


def values(work: Work) -> Questions:
    """Which values each response of the pairs expresses (paper, section 4: extraction)."""
    from vibench.judging import values_rubric
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
    from vibench.judging import closed_rubric
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

    def questions() -> Iterator[tuple[str, Rubric]]:
        for t in transcripts:
            if t.error is None:
                for rubric in evaluation.rubrics(t):
                    yield t.sample.id, rubric

    return Questions(questions(), work.stage.work.get("verdicts", 0))


JUDGED: Mapping[str, Callable[[Work], Questions]] = {
    "values": values,
    "verification": verification,
    "verdicts": verdicts,
}
"""The questions of a stage, by kind."""


def judge(work: Work, answers: Answers) -> Mapping[str, Any]:
    """Write `verdicts.parquet`: a row for each question, in order."""
    questions, tally = JUDGED[work.stage.kind](work), Tally()
    rows = answers(work, questions.asked, questions.total, tally)
    tables.write_verdicts(work.folder / "verdicts.parquet", rows)
    return {**questions.facts, "verdicts": tally.questions, **tally.facts()}
