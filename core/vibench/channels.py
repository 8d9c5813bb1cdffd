"""Replies in channels, as those of gpt-oss are: thoughts and answers are messages of one reply.

`<|channel|>analysis<|message|>...<|end|>`, or `<|start|>assistant to=self<|message|>...`: the head
before `<|message|>` says for whom a message is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = [
    "CONTROL",
    "SPACE",
    "Split",
    "in_channels",
    "is_answer",
    "split_bare_channels",
    "split_channels",
]

SPACE: Final = re.compile(r"\s*")
CONTROL: Final = re.compile(
    r"<\|(start|channel|message|constrain|end|eom|return|call|eot)\|>", re.IGNORECASE
)
_FIRST_MESSAGE: Final = re.compile(
    r"\s*+(?:(?:assistant)?\s*<\|(?:start|channel|message)\|>"
    r"|(?:assistant\s*)?to=[\w.:-]{1,80}\s*<\|message\|>)"
)
_CHANNEL: Final = re.compile(r"<\|channel\|>\s*(\w+)")
_RECIPIENT: Final = re.compile(r"(?:^|\s)to=([\w.:-]+)")
_BARE: Final = re.compile(r"\s*+analysis(?=[^\W\d_a-z])")
_BARE_ANSWER: Final = "assistantfinal"


@dataclass(frozen=True, slots=True)
class Split:
    """A reply's answer and its thought, either of which may be empty. `ended` is False if the
    reply ends within the thought: then there is no answer."""

    answer: str
    thought: str = ""
    ended: bool = True


def in_channels(text: str) -> bool:
    """Return whether a reply is written in channels, as those of gpt-oss are."""
    return _FIRST_MESSAGE.match(text) is not None


def split_channels(text: str) -> Split:
    """Split a reply in channels: messages for the user are the answer, others the thought."""
    parts: dict[bool, list[str]] = {True: [], False: []}
    head_at, body_at, answers = 0, -1, False
    for control in CONTROL.finditer(text):
        kind = control.group(1).lower()
        if body_at < 0:
            if kind == "message":
                answers = is_answer(text[head_at : control.start()])
                body_at = control.end()
            continue
        if kind in ("message", "constrain"):
            continue
        parts[answers].append(text[body_at : control.start()])
        # Some replies begin the next channel without ending the previous one.
        head_at = control.start() if kind in ("channel", "start") else control.end()
        body_at = -1
    if body_at >= 0:
        parts[answers].append(text[body_at:])
    thought = "\n\n".join(filter(None, (part.strip() for part in parts[False])))
    return Split("\n\n".join(parts[True]).strip(), thought, bool(parts[True]))


def is_answer(head: str) -> bool:
    """Return whether a message with this head is for the user."""
    channel, recipient = _CHANNEL.search(head), _RECIPIENT.search(head)
    if channel is not None:
        return channel.group(1).lower() == "final"
    return recipient is None or recipient.group(1).lower() == "user"


def split_bare_channels(text: str) -> Split | None:
    """Split a reply whose server dropped the marks of channels:
    `analysisSo...assistantfinalHello`. None for any other reply."""
    begin = SPACE.match(text)
    start = begin.end() if begin else 0
    if not text.startswith("analysis", start):
        return None
    thought, mark, answer = text[start + len("analysis") :].partition(_BARE_ANSWER)
    if mark:
        return Split(answer.lstrip(), thought.strip())
    return Split("", thought.strip(), False) if _BARE.match(text) else None
