"""Verdicts as rows of ledgers: given by a judge's code, or unscored with the cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vibench.boundary import checked_verdict
from vibench.breach import Breach, items_of
from vibench.errors import VibenchError
from vibench.interfaces import Judge
from vibench.records import Rubric, Verdict
from vibench.sessions.defects import broken, traceback_of
from vibench.store import record_tables as tables

__all__ = ["TRACEBACK", "broken_row", "decided_rows", "error_row", "judged_row", "verdict_of"]

TRACEBACK = "traceback"
"""The part of a row that only a question has which the judge's code raised on."""


def error_row(rubric: Rubric, cause: str) -> dict[str, Any]:
    """Return the row of a question that was not answered."""
    return tables.verdict_row(Verdict(rubric.name, rubric.turn, (), f"error: {cause}"))


def verdict_of(rubric: Rubric, row: Mapping[str, Any]) -> Verdict:
    """Return a row as the verdict on its question."""
    return Verdict(
        rubric.name, rubric.turn, tuple(row["labels"]), row["unscored"], row["explanation"]
    )


def judged_row(
    rubric: Rubric, method: str, give: Callable[..., Verdict], *arguments: Any
) -> dict[str, Any]:
    """Return the row of a verdict that a judge's code gives, held to its contract; unscored, with
    the traceback, if that raises."""
    try:
        return tables.verdict_row(checked_verdict(give(*arguments), rubric, method))
    except VibenchError:
        raise
    except Exception as error:
        return broken_row(rubric, error)


def decided_rows(judge: Judge, rubrics: Sequence[Rubric]) -> list[dict[str, Any]]:
    """Return the rows of a batch of rubrics that a judge decides by itself, in their order."""
    if not rubrics:
        return []
    if type(judge).decide_all is Judge.decide_all:
        return [judged_row(rubric, "decide", judge.decide, rubric) for rubric in rubrics]
    try:
        verdicts = items_of(judge.decide_all(rubrics), Verdict, "decide_all")
        if len(verdicts) != len(rubrics):
            raise Breach(f"decide_all gave {len(verdicts)} verdicts on {len(rubrics)} rubrics")
    except VibenchError:
        raise
    except Exception as error:
        # One question must not spoil the others of its batch: each is tried alone.
        if len(rubrics) == 1 or isinstance(error, Breach):
            return [broken_row(rubric, error) for rubric in rubrics]
        return [row for rubric in rubrics for row in decided_rows(judge, (rubric,))]
    return [
        judged_row(rubric, "decide_all", lambda verdict: verdict, verdict)
        for rubric, verdict in zip(rubrics, verdicts, strict=True)
    ]


def broken_row(rubric: Rubric, error: Exception) -> dict[str, Any]:
    """Return the row of a question that a judge's code raised on."""
    row = tables.verdict_row(Verdict(rubric.name, rubric.turn, (), broken(error)))
    return {**row, TRACEBACK: traceback_of(error)}
