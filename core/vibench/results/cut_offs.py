"""Facts in the manifest of a cell's outcomes: the answers, and the judge's replies, that ended
at their limit of tokens, and the values that the judge can find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["MAX_CUT_OFF", "CutOffs", "known_values"]

MAX_CUT_OFF = 0.05
"""The share that may be cut off before every table warns: an answer without its end is judged
as if the subject had said no more."""


@dataclass(frozen=True, slots=True)
class CutOffs:
    """Counts of one cell. There are no answers where log-likelihoods were asked for, and no
    replies of a judge that decides by itself."""

    answers: int = 0
    cut_off: int = 0
    judge_replies: int = 0
    judge_cut_off: int = 0

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> CutOffs:
        """Return the counts out of the facts in the manifest of a cell's outcomes."""
        names = ("answers", "cut_off", "judge_replies", "judge_cut_off")
        return cls(**{name: int(facts.get(name) or 0) for name in names})

    def __add__(self, counts: CutOffs) -> CutOffs:
        return CutOffs(
            self.answers + counts.answers,
            self.cut_off + counts.cut_off,
            self.judge_replies + counts.judge_replies,
            self.judge_cut_off + counts.judge_cut_off,
        )

    @property
    def share(self) -> float | None:
        """The share of answers that were cut off; None of none."""
        return self.cut_off / self.answers if self.answers else None

    @property
    def judge_share(self) -> float | None:
        """The share of the judge's replies that were cut off; None of none."""
        return self.judge_cut_off / self.judge_replies if self.judge_replies else None


def known_values(facts: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the only values that the judge of these outcomes can find; None if it may find any."""
    values = facts.get("known_values")
    return None if values is None else frozenset(values)
