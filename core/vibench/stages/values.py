"""Stages that ask which values each response of the preference pairs expresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vibench.records import PreferencePair, Rubric
from vibench.sessions.judge_questions import Questions
from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.workload import ANSWER, QUESTION, NeedFacts, Workload

if TYPE_CHECKING:
    from vibench.sessions.work import Work

__all__ = ["ValuesSpec", "response_rubrics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesSpec(JudgedSpec):
    """The values in each response of a source's pairs (paper, section 4: extraction)."""

    kind = "values"
    needed: ClassVar = {"pairs": "pairs"}

    def questions(self, work: Work) -> Questions:
        """Ask about both responses of each pair."""
        from vibench.preferences.tables import read_pairs

        source = work.need("pairs")
        rubrics = response_rubrics(read_pairs(source.file("pairs.parquet")))
        total = 2 * source.manifest["facts"]["pairs"]
        return Questions(rubrics, total, {"responses": total})

    def workload(self) -> Workload:
        """Return what a question takes."""
        return Workload("values of pairs", "responses", written=ANSWER, read=QUESTION)

    def units(self, work: Mapping[str, int], facts: NeedFacts) -> float | None:
        """Return the number of responses, once the pairs are read."""
        pairs = facts("pairs")
        return 2 * float(pairs["pairs"]) if pairs else None


def response_rubrics(pairs: Iterable[PreferencePair]) -> Iterator[tuple[str, Rubric]]:
    """Yield the question about each response of pairs, with the response's name."""
    from vibench.judging.rubrics import values_rubric
    from vibench.preferences.values import response_messages

    for pair in pairs:
        # Both sides: the subset needs to know that exactly one of them expresses the value.
        for side in ("chosen", "rejected"):
            yield f"{pair.id}/{side}", values_rubric(response_messages(pair, side))
