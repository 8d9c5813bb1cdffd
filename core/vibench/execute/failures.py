"""Stages that failed or were blocked, with what to tell the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.errors import UnansweredError, UsageError, VibenchError
from vibench.stages.subset import SubsetSpec

if TYPE_CHECKING:
    from vibench.plan import Plan, Stage
    from vibench.store.artefacts import Store

__all__ = ["StageFailure", "failure_of", "too_small_subsets"]


@dataclass(frozen=True, slots=True)
class StageFailure:
    """A stage that failed, or that was blocked because `blocked_by` failed."""

    stage: Stage
    message: str
    hint: str = ""
    usage: bool = False
    """Whether the input is to blame: the run exits with 2 if nothing else failed."""
    blocked_by: str | None = None
    unanswered: UnansweredError | None = None
    """Set where requests of the stage itself failed for a passing cause."""


def failure_of(stage: Stage, error: Exception) -> StageFailure:
    """Return a stage's failure by the error that it ended with."""
    message, hint = _in_words(error)
    usage = isinstance(error, UsageError) and error.exit_code == 2
    unanswered = error if isinstance(error, UnansweredError) else None
    return StageFailure(stage, message, hint, usage, unanswered=unanswered)


def _in_words(error: Exception) -> tuple[str, str]:
    """One line about an error of any kind, and what to do if that is known."""
    if isinstance(error, VibenchError) and error.hint:
        return error.message, error.hint
    text = str(error).strip().splitlines()
    name = type(error).__name__
    if isinstance(error, VibenchError):
        return (text[0] if text else name), ""
    return (f"{name}: {text[0]}" if text else name), ""


def too_small_subsets(plan: Plan, store: Store) -> dict[str, StageFailure]:
    """Return the stored subsets that have fewer pairs than this run accepts."""
    failures = {}
    for stage in plan.stages.values():
        if isinstance(stage.spec, SubsetSpec) and store.has(stage.kind, stage.key):
            error = stage.spec.refusal(store.open(stage.kind, stage.key).manifest["facts"])
            if error is not None:
                failures[stage.key] = StageFailure(stage, error.message, error.hint, usage=True)
    return failures
