"""The common parts of the tables of `vibench judges`: cells, names of questions, and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vibench.exhibits.lists import interval
from vibench.stats.agreement import Agreement
from vibench.stats.kappa import Kappa
from vibench.stats.shares import Share

if TYPE_CHECKING:
    from vibench.agreement.comparison import JudgeComparison, RubricComparison

__all__ = [
    "INTERVALS",
    "ci",
    "counted",
    "kappa_ci",
    "question",
    "reasons",
    "seldom",
    "sets",
    "three",
    "three_of",
    "unscored",
]

INTERVALS = (
    "95 % intervals are for new clusters (the eval's). Kappa is agreement beyond chance (Cohen); "
    "– where it is not defined or its error is unknown."
)

BEHAVIOUR = "behaviour/"


def question(rubric: str, label: str) -> str:
    """Return a question's name in a terminal: `sentience`, `compliance/refused`."""
    name = rubric.removeprefix(BEHAVIOUR)
    return name if label == "yes" else f"{name}/{label}"


def three(name: str) -> tuple[str, str, str]:
    """Return the columns of a number and its interval."""
    return name, f"{name}_low", f"{name}_high"


def three_of(measured: Any) -> tuple[float | None, float | None, float | None]:
    """Return the cells of a number and its interval; None for what was not measured."""
    if measured is None:
        return None, None, None
    return measured.value, measured.low, measured.high


def ci(share: Share) -> str | None:
    """Return the interval of a share, in percent."""
    return interval(share.low, share.high) if share.of else None


def kappa_ci(kappa: Kappa) -> str | None:
    """Return the interval of a kappa."""
    if kappa.low is None or kappa.high is None:
        return None
    return f"{kappa.low:.2f} to {kappa.high:.2f}"


def sets(count: int) -> str:
    """Return the number of sets of transcripts as text."""
    return f"{count:,} set{'' if count == 1 else 's'} of transcripts"


def counted(counts: Mapping[str, int]) -> str:
    """Return causes with their numbers as text."""
    return ", ".join(f"{n:,} {cause}" for cause, n in sorted(counts.items()))


def reasons(rows: Iterable[tuple[RubricComparison, str, Agreement]]) -> list[str]:
    """Return notes on kappas that are not defined, or have no interval."""
    by_reason: dict[str, list[str]] = {}
    for compared, label, agreed in rows:
        if agreed.kappa.reason:
            names = by_reason.setdefault(agreed.kappa.reason, [])
            names.append(question(compared.rubric, label))
    return [f"Kappa: {reason}: {', '.join(names)}." for reason, names in by_reason.items()]


def seldom(rubrics: Sequence[RubricComparison], minimum: int) -> list[str]:
    """Return notes on labels that are given too rarely for a row of their own."""
    return [
        f"{rubric.eval}, {rubric.rubric}: {rubric.seldom:,} labels that neither gives "
        f"{minimum:,} times have no row of their own (--minimum)."
        for rubric in rubrics
        if rubric.seldom
    ]


def unscored(comparison: JudgeComparison, n: int) -> str:
    """Return the number of questions that the first (0) or second (1) left unscored, by cause."""
    total = sum((Counter(rubric.causes[n]) for rubric in comparison.rubrics), Counter[str]())
    questions = sum(rubric.total for rubric in comparison.rubrics)
    causes = f" ({counted(total)})" if total else ""
    return f"{total.total():,} of {questions:,} questions{causes}"
