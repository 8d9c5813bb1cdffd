"""The judges: outcomes they left unscored, and their agreement."""

from __future__ import annotations

from dataclasses import dataclass

from vibench.report.tables import Report
from vibench.results.cut_offs import CutOffs
from vibench.text import clean

__all__ = ["JudgePair", "QuestionAgreement", "Unscored", "unscored"]


@dataclass(frozen=True, slots=True)
class Unscored:
    """One judge in one eval: its unscored outcomes by cause, and the answers and replies that
    were cut off."""

    eval: str
    judge: str
    baseline: bool
    outcomes: int
    total: int
    causes: tuple[tuple[str, int], ...]
    cut_offs: CutOffs

    @property
    def share(self) -> float:
        return self.total / self.outcomes if self.outcomes else 0.0


@dataclass(frozen=True, slots=True)
class QuestionAgreement:
    """Two judges on one question; shares from 0 to 1, None where they are not known."""

    eval: str
    question: str
    scored: int
    clusters: int
    agreement: tuple[float | None, float, float]
    kappa: tuple[float | None, float | None, float | None]
    reason: str
    first: float | None
    second: float | None


@dataclass(frozen=True, slots=True)
class JudgePair:
    """Two judges over the transcripts that both judged, or the reason they cannot be compared."""

    first: str
    second: str
    sets: int
    rows: tuple[QuestionAgreement, ...]
    reason: str = ""


def unscored(report: Report) -> list[Unscored]:
    """Return a record for each eval and judge; "" is the judge of evals that measure directly."""
    return [
        Unscored(
            clean(table.eval),
            clean(table.judge),
            table.judge_baseline,
            table.outcomes,
            sum(table.unscored.values()),
            tuple((clean(cause, 80), n) for cause, n in table.unscored.items()),
            sum((cell.cut_offs for cell in table.cells), CutOffs()),
        )
        for table in report.tables
    ]
