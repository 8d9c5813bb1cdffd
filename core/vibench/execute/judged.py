"""Stage bodies that put questions to a judge, whoever answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vibench.execute import tables
from vibench.execute.answers import Answers, Tally
from vibench.execute.work import Work
from vibench.records import Rubric

if TYPE_CHECKING:
    from vibench.interfaces import Eval

__all__ = ["JUDGED", "Body"]

Body = Callable[[Work, Answers], Mapping[str, Any]]


def values(work: Work, answers: Answers) -> Mapping[str, Any]:
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
    return {"responses": total} | answered(work, answers, questions(), total)


def verification(work: Work, answers: Answers) -> Mapping[str, Any]:
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

    facts = subset.manifest["facts"]
    total = facts["chosen"] + facts["rejected"]
    return {"pairs": total} | answered(work, answers, questions(), total)


def verdicts(work: Work, answers: Answers) -> Mapping[str, Any]:
    """A judge's answers to every rubric of every transcript."""
    evaluation: Eval = work.plugin("eval", "eval")
    source = work.need("transcripts")
    transcripts = tables.read_transcripts(source.file("transcripts.parquet"))

    def questions() -> Iterator[tuple[str, Rubric]]:
        for t in transcripts:
            if t.error is None:
                for rubric in evaluation.rubrics(t):
                    yield t.sample.id, rubric

    return answered(work, answers, questions(), work.stage.work.get("verdicts", 0))


def answered(
    work: Work, answers: Answers, questions: Iterator[tuple[str, Rubric]], total: int
) -> dict[str, Any]:
    """Write `verdicts.parquet`: a row for each question, in order."""
    tally = Tally()
    rows = answers(work, questions, total, tally)
    tables.write_verdicts(work.folder / "verdicts.parquet", rows)
    return {"verdicts": tally.questions, **tally.facts()}


JUDGED: Mapping[str, Body] = {
    "values": values,
    "verification": verification,
    "verdicts": verdicts,
}
"""The bodies by kind."""
