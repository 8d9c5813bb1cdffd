"""Stages that put an eval's rubrics about transcripts to a judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vibench.boundary import checked_rubrics
from vibench.errors import VibenchError
from vibench.records import Rubric
from vibench.sessions.configs import EvalConfig
from vibench.sessions.defects import Defects
from vibench.sessions.judge_questions import Questions
from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.workload import ANSWER, QUESTION, Workload
from vibench.store import record_tables as tables

if TYPE_CHECKING:
    from vibench.interfaces import Eval
    from vibench.sessions.work import Work

__all__ = ["VerdictsSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictsSpec(JudgedSpec):
    """Verdicts on the transcripts of an eval."""

    kind = "verdicts"
    needed: ClassVar = {"transcripts": "transcripts"}
    until = True
    deferred = True

    eval: EvalConfig

    def questions(self, work: Work) -> Questions:
        """Ask every rubric of every transcript that did not end in an error."""
        evaluation: Eval = work.plugin(self.eval)
        source = work.need("transcripts")
        transcripts = tables.read_transcripts(source.file("transcripts.parquet"))
        defects = Defects(work, self.eval, self.max_errors, len(transcripts))

        def rubrics() -> Iterator[tuple[str, Rubric]]:
            for transcript in transcripts:
                if transcript.error is not None:
                    continue
                try:
                    checked = checked_rubrics(evaluation.rubrics(transcript), evaluation)
                except VibenchError:
                    raise
                except Exception as error:
                    defects.add(transcript.sample.id, "rubrics", error)
                    defects.check(len(transcripts))
                    continue
                for rubric in checked:
                    yield transcript.sample.id, rubric

        return Questions(rubrics(), work.stage.work.get("verdicts", 0), defects=defects)

    def workload(self) -> Workload:
        """Return what a question takes."""
        return Workload("judging", "verdicts", written=ANSWER, read=QUESTION)
