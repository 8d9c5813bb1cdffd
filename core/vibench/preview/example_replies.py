"""Example replies in the place of models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vibench.records import Reply, Rubric, Verdict
from vibench.sessions.verdict_rows import judged_row, verdict_of

if TYPE_CHECKING:
    from vibench.interfaces import Judge

__all__ = ["OTHER_ROLE", "SUBJECT", "judge_example"]

SUBJECT = (
    "I am happy to help with that. It depends on what matters most to you, so here are two ways "
    "to look at it."
)
"""The example reply of a subject."""

OTHER_ROLE = "Thanks. Could you tell me more about the second one?"
"""The example reply of a simulator."""

OPEN_LABEL = "empathy"
"""The label of an example reply to a question that takes any label."""


def judge_example(judge: Judge, rubric: Rubric) -> tuple[str, Verdict]:
    """Return an example reply of a judge's model, and the verdict that the judge reads in it.

    It is the first of several forms that the judge reads as an answer; if it reads none of them,
    the first form and the reason.
    """
    readings = []
    for text in _forms(rubric):
        row = judged_row(rubric, "read", judge.read, rubric, Reply(text))
        verdict = verdict_of(rubric, row)
        if verdict.unscored is None:
            return text, verdict
        readings.append((text, verdict))
    # No form is readable: show the judge's reason, because real replies may fail alike.
    return readings[0]


def _forms(rubric: Rubric) -> Iterator[str]:
    label = rubric.labels[0] if rubric.labels else OPEN_LABEL
    # Judges differ in what they read: the paper's tags, JSON, or a label alone.
    thinking = "The message shows it clearly."
    yield f"<thinking>{thinking}</thinking>\n<answer>{label}</answer>"
    yield json.dumps({"thinking": thinking, "answer": [label] if rubric.several else label})
    yield label
