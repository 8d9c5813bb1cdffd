"""Verdicts and answers of the version before: which hold today, and why others do not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vibench.judging.judge_replies import Form, read_answer
from vibench.records import Transcript

__all__ = [
    "FAILED",
    "OTHER_JUDGE",
    "READ_OTHERWISE",
    "SEVERAL_TURNS",
    "UNSCORED",
    "WHO_ANSWERED",
    "WHO_JUDGED",
    "WITH_THOUGHTS",
    "has_thoughts",
    "unfit",
    "unsound",
]

UNSCORED = "unscored verdicts: a judge answers these questions again"
READ_OTHERWISE = "verdicts whose labels are read in another way today"
WITH_THOUGHTS = "texts with thoughts, which vibench now separates from answers"
WHO_JUDGED = "verdicts without a record of their judge and eval"
OTHER_JUDGE = "verdicts whose judge, eval, engine or a file of theirs is another one now"
SEVERAL_TURNS = "finished conversations of several turns: how each reply ended was not written down"
FAILED = "conversations that failed"
WHO_ANSWERED = "replies of conversations without a record of the model that gave them"

OPEN_ENDED: Final = "values"
CLOSED: Final = ("values-closed", "compliance", "behaviour/")
"""How the names of vibench's own rubrics begin that allow certain labels only."""

_PLAIN: Final = re.compile(r"[^\W\d_][\w'’/& -]*")
_THOUGHTS: Final = re.compile(
    r"</?(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|analysis)\b"
    r"|\[/?THINK\]|◁/?think▷|<\|?/?(?:channel|start|message|START_THINKING|END_THINKING)\b"
    r"|assistantfinal",
    re.IGNORECASE,
)


def has_thoughts(text: str) -> bool:
    """Tell a text with marks of thoughts, which are told from answers today and were not then."""
    return _THOUGHTS.search(text) is not None


def unsound(row: Mapping[str, Any]) -> str:
    """Return why a verdict of the version before does not hold today; "" if it does."""
    if row["unscored"]:
        return UNSCORED
    labels = [label.lower() for label in row["labels"]]
    if any(has_thoughts(text) for text in (row["explanation"] or "", *labels)):
        return WITH_THOUGHTS
    return "" if _read_again(row["rubric"], labels) == labels else READ_OTHERWISE


def _read_again(rubric: str, labels: list[str]) -> list[str] | None:
    """Return the labels that today's reading finds in an answer that was read as these.

    Labels of a closed question were compared with those it allows. Of another plugin's question
    it is not known whether it was closed. Labels of open ones count if they are plain words: of
    all else the reading then may have taken a bracket or a number off.
    """
    answer = f"<answer>{', '.join(labels) or 'none'}</answer>"
    listed = read_answer(answer)
    plain = all(_PLAIN.fullmatch(label) for label in labels)
    if rubric == OPEN_ENDED or not labels:
        return list(listed.labels) if plain and not listed.unscored else None
    empty = not listed.unscored and not listed.labels and labels != ["none"]
    if not rubric.startswith(CLOSED) and (empty or not plain):
        return None
    form = Form(frozenset(labels), several=len(labels) > 1)
    again = read_answer(answer, form=form)
    return labels if labels == ["none"] else None if again.unscored else list(again.labels)


def unfit(transcript: Transcript) -> str:
    """Return why an answer of the version before is asked for again; "" if it holds."""
    if transcript.error is not None:
        return FAILED
    replies = sum(message.role == "assistant" for message in transcript.messages)
    at_once = transcript.messages[:-1] == transcript.sample.messages
    if transcript.messages[-1].role != "assistant" or not (at_once or replies == 1):
        return SEVERAL_TURNS
    return WITH_THOUGHTS if has_thoughts(transcript.messages[-1].content) else ""
