"""What the tables of `vibench judges` share: cells, names of questions, and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vibench.exhibits.listing import interval
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
    "95 % intervals hold for new clusters (the eval's). Kappa is agreement beyond chance (Cohen); "
    "– stands where it is not defined or nothing is known of its error."
)

BEHAVIOUR = "behaviour/"


def question(rubric: str, label: str) -> str:
    """A question as a terminal shows it: `sentience`, `compliance/refused`."""
    name = rubric.removeprefix(BEHAVIOUR)
    return name if label == "yes" else f"{name}/{label}"


def three(name: str) -> tuple[str, str, str]:
    """The columns of a number and its interval."""
    return name, f"{name}_low", f"{name}_high"


def three_of(found: Any) -> tuple[float | None, float | None, float | None]:
    """Their cells; None for what was not measured."""
    return (found.value, found.low, found.high) if found is not None else (None, None, None)


def ci(share: Share) -> str | None:
    """The interval of a share, in percent."""
    return interval(share.low, share.high) if share.of else None


def kappa_ci(kappa: Kappa) -> str | None:
    """The interval of a kappa."""
    if kappa.low is None or kappa.high is None:
        return None
    return f"{kappa.low:.2f} to {kappa.high:.2f}"


def sets(count: int) -> str:
    """How many sets of transcripts, in words."""
    return f"{count:,} set{'' if count == 1 else 's'} of transcripts"


def counted(counts: Mapping[str, int]) -> str:
    """Causes with their numbers."""
    return ", ".join(f"{n:,} {cause}" for cause, n in sorted(counts.items()))


def reasons(rows: Iterable[tuple[RubricComparison, str, Agreement]]) -> list[str]:
    """Why kappas or their intervals are missing."""
    by: dict[str, list[str]] = {}
    for one, label, found in rows:
        if found.kappa.reason:
            by.setdefault(found.kappa.reason, []).append(question(one.rubric, label))
    return [f"Kappa: {reason}: {', '.join(names)}." for reason, names in by.items()]


def seldom(found: Sequence[RubricComparison], minimum: int) -> list[str]:
    """How many labels are named too seldom for a row of their own."""
    return [
        f"{one.eval}, {one.rubric}: {one.seldom:,} labels that neither names {minimum:,} times "
        "have no row of their own (--minimum)."
        for one in found
        if one.seldom
    ]


def unscored(found: JudgeComparison, n: int) -> str:
    """How many questions the first (0) or second (1) left unscored, by cause."""
    total = sum((Counter(one.causes[n]) for one in found.rubrics), Counter[str]())
    asked = sum(one.total for one in found.rubrics)
    causes = f" ({counted(total)})" if total else ""
    return f"{total.total():,} of {asked:,} questions{causes}"
