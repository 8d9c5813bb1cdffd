"""A question that is put several times: what tells its repeats apart, and what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vibench.records import Rubric, Verdict

__all__ = ["NO_MAJORITY", "combined", "repeat_keys"]

NO_MAJORITY = "no majority"
"""Why a question with one answer is unscored whose repeats hold none more often than not."""


def repeat_keys(key: str, repeats: int) -> tuple[str, ...]:
    """What the repeats of a question are known by. The first is the question as asked once,
    so that it is shared with a run without repeats."""
    return (key, *(f"{key}#{i}" for i in range(1, repeats)))


def combined(rubric: Rubric, verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict out of a question's repeats.

    It holds each label that more than half of the scored repeats hold (half is not enough),
    in the order in which they first come, with the explanation of the first of them. It is
    unscored if none is scored, with the cause of the first; and with `NO_MAJORITY` if the
    question has exactly one answer and none is held by more than half.
    """
    scored = [v for v in verdicts if v.unscored is None]
    if not scored:
        return verdicts[0]
    held = Counter(label for v in scored for label in dict.fromkeys(v.labels))
    labels = tuple(label for label, n in held.items() if 2 * n > len(scored))
    cause = None if labels or rubric.several else NO_MAJORITY
    return Verdict(rubric.name, rubric.turn, labels, cause, scored[0].explanation)
