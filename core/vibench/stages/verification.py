"""Stages that check whether the pairs of a subset express its value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vibench.preferences.subsets import SubsetCounts
from vibench.records import Rubric
from vibench.sessions.judge_questions import Questions
from vibench.stages.judge_stage import JudgedSpec

if TYPE_CHECKING:
    from vibench.sessions.work import Work

__all__ = ["VerificationSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationSpec(JudgedSpec):
    """The value of each chosen response of a subset, out of a closed set and `more_labels`
    (paper, section 4: evaluation of value subsets, Listing 1)."""

    kind = "verification"
    needed: ClassVar = {"subset": "subset"}
    deferred = True

    more_labels: tuple[str, ...]

    def questions(self, work: Work) -> Questions:
        """Ask about the chosen response of each pair."""
        from vibench.judging.rubrics import closed_rubric
        from vibench.preferences.tables import read_pairs
        from vibench.preferences.values import response_messages

        subset = work.need("subset")

        def rubrics() -> Iterator[tuple[str, Rubric]]:
            for pair in read_pairs(subset.file("pairs.parquet")):
                yield pair.id, closed_rubric(response_messages(pair, "chosen"), self.more_labels)

        total = SubsetCounts.of(subset.manifest["facts"]).total
        return Questions(rubrics(), total, {"pairs": total})
