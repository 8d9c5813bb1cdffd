"""Counts of what came of a stage's questions to its judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vibench.errors import StageError
from vibench.records import Rubric, Verdict
from vibench.sessions.defects import ENOUGH, Defects
from vibench.sessions.verdict_rows import TRACEBACK

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """Counts for the manifest of a stage; filled while answers are drawn."""

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
        """Count the verdict on a question."""
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
            question = f"'{rubric.name}' (turn {rubric.turn})"
            self.defects.record(name, question, row["unscored"], row[TRACEBACK])
            self.defects.check_early(self.questions + 1)
        elif self.broken >= ENOUGH and 2 * self.broken > self.questions:
            raise StageError(f"The judge broke on {self.broken} questions: {row['unscored']}")

    def facts(self) -> dict[str, Any]:
        """Return them as the manifest holds them; calls and tokens only if a model was asked."""
        facts: dict[str, Any] = {"unscored": dict(self.unscored)}
        if self.asked:
            facts |= {
                "asked": self.asked,
                "cut_off": self.cut_off,
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": self.completion_tokens,
            }
        if self.billed:
            facts["usd"] = None if self.usd is None else round(self.usd, 6)
        if self.left_out:
            facts["left_out"] = list(self.left_out)
        return facts
