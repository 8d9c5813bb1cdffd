"""Replies of judges, read: the last complete answer, or the reason why there is none.

Only the judge's own reply is searched for an answer, and of it only the text that is its own: not
its thoughts, in which it drafts answers and quotes the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vibench.judging.labels import labels_in
from vibench.records import Finish, Reply, Rubric, Verdict
from vibench.thoughts import (
    covering,
    in_channels,
    split,
    thought_spans,
    unended,
    without_marks,
)

__all__ = [
    "CAUSES",
    "Cause",
    "Form",
    "Reading",
    "last_answer",
    "read_answer",
    "verdict",
    "verdict_of",
]

Cause = Literal["empty", "cut off", "refused", "malformed", "off-list", "error", "broken"]
"""Why a judge's reply is not a verdict."""

CAUSES: Final[Mapping[Cause, str]] = {
    "empty": "the reply has no text besides its thoughts",
    "cut off": "the reply reached its limit before its answer was complete",
    "refused": "the judge declined to answer",
    "malformed": "the reply has no answer in the required form",
    "off-list": "the answer is not one of the allowed labels",
    "error": "the judge could not answer; the error may follow after a colon",
    "broken": "the judge's own code raised an exception, which follows after a colon",
}
"""The causes and their meanings. A verdict's `unscored` begins with one of them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The content of a judge's reply: labels as written in its answer, or the cause without."""

    labels: tuple[str, ...] = ()
    unscored: Cause | None = None
    explanation: str = ""


# Without a tag inside it, so that of `<answer>a <answer>b</answer>` the inner block counts; the
# possessive quantifier keeps a reply full of opening tags from taking quadratic time.
_ANSWER = re.compile(r"<answer>((?:(?!</?answer>).)*+)</answer>", re.IGNORECASE | re.DOTALL)
_BEGINNING: Final = 400
"""Characters at the start of a reply that are searched for a refusal. Only replies without an
answer are: a judge that apologises and then answers has answered."""
_REFUSAL = re.compile(
    r"\W*(?:(?:unfortunately|apologies|my apologies|i apologi[sz]e|as an ai\b[^.,\n]{0,40})"
    r"\W+(?:but\W+)?)?"
    r"(?:(?:i['’]?m|i am)\s+(?:very\s+|so\s+)?(?:sorry|unable|not able|not comfortable)|sorry\b"
    r"|i\s+(?:can['’]?t|can\s?not|won['’]?t|will not|must decline|have to decline|decline)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer: the allowed labels, in lower case (any, if there are none), and
    whether it may have several."""

    labels: frozenset[str] = frozenset()
    several: bool = True

    @classmethod
    def of(cls, rubric: Rubric) -> Form:
        """Return the form that a rubric asks for."""
        return cls(frozenset(label.lower() for label in rubric.labels or ()), rubric.several)


def read_answer(
    text: str,
    finish: Finish = "stop",
    without: Sequence[range] = (),
    form: Form = Form(),
) -> Reading:
    """Read a judge's own reply: the labels of its last complete `<answer>` block, as
    `labels.labels_in` reads them.

    A block inside thoughts (`thoughts.thought_spans`) or inside one of the spans `without` is a
    draft, or a quotation, and not the answer. Unscored with one of CAUSES (never "off-list").
    """
    if finish == "error":
        return Reading(unscored="error", explanation=text.strip())
    written = text.strip()
    if in_channels(text):
        # Channels (gpt-oss) name the final one; all else is a thought.
        channels = split(text, finish)
        text, finish = channels.answer, finish if channels.ended else "length"
    thoughts = thought_spans(text, finish)
    block = last_answer(text, (*thoughts, *without))
    if block is None:
        return Reading(unscored=_unanswered(text, finish, thoughts), explanation=written)
    labels = labels_in(block.group(1), form.labels, form.several)
    if labels is None:
        return Reading(unscored="malformed", explanation=written)
    return Reading(labels, explanation=without_marks(text[: block.start()]).strip())


def last_answer(text: str, without: Sequence[range] = ()) -> re.Match[str] | None:
    """Return the last complete `<answer>` block that does not begin within one of the spans."""
    # The last one: judges repeat the form that they were shown before they fill it in, and correct
    # themselves after an answer.
    covered, last = covering(without), None
    for block in _ANSWER.finditer(text):
        if not covered(block.start()):
            last = block
    return last


def _unanswered(text: str, finish: Finish, thoughts: Sequence[range]) -> Cause:
    """Return why a reply without an answer has none."""
    if finish == "length" or unended(text):
        return "cut off"
    parts, position = [], 0
    for span in thoughts:
        parts.append(text[position : span.start])
        position = span.stop
    rest = "".join([*parts, text[position:]]).strip()
    if not rest:
        return "empty"
    return "refused" if _REFUSAL.match(rest[:_BEGINNING]) else "malformed"


def verdict(rubric: Rubric, reply: Reply) -> Verdict:
    """Return the verdict in a judge's reply, or unscored with one of CAUSES."""
    return verdict_of(rubric, read_answer(reply.text, reply.finish, (), Form.of(rubric)), reply)


def verdict_of(rubric: Rubric, reading: Reading, reply: Reply) -> Verdict:
    """Return the verdict for what was read in a reply.

    It is unscored as "off-list" if a label is not one of the rubric's (`none` is an answer only
    where several labels are allowed). The judge's thoughts begin its explanation.
    """
    labels, cause = reading.labels, reading.unscored
    if cause is None and rubric.labels is not None:
        allowed = {label.lower(): label for label in rubric.labels}
        # A rubric may have `none` among its labels, which is then a label like any other.
        if not labels and "none" in allowed:
            labels = ("none",)
        if not all(label in allowed for label in labels) or (not labels and not rubric.several):
            cause = "off-list"
        labels = tuple(allowed.get(label, label) for label in labels)
    if cause is None and not rubric.several and len(labels) != 1:
        cause = "malformed"
    # An unscored verdict has no labels: a wrong one must not be counted anywhere.
    scored = labels if cause is None else ()
    explanation = "\n\n".join(filter(None, (reply.thought, reading.explanation)))
    return Verdict(rubric.name, rubric.turn, scored, cause, explanation)
