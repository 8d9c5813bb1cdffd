"""What the manifest of a cell's outcomes says: how many answers, and how many of a judge's
replies, ended at their limit of tokens, and which values the judge can find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["MOST_CUT_OFF", "CutOffs", "known_values"]

MOST_CUT_OFF = 0.05
"""The share that may be cut off before every table warns: an answer without its end is judged
as if that were all that the subject says."""


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

    def __add__(self, other: CutOffs) -> CutOffs:
        return CutOffs(
            self.answers + other.answers,
            self.cut_off + other.cut_off,
            self.judge_replies + other.judge_replies,
            self.judge_cut_off + other.judge_cut_off,
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
    known = facts.get("known_values")
    return None if known is None else frozenset(known)
