"""Thoughts and answers: a model's reply, split into its thought and its answer.

A thought counts only where a model's format puts one: at the beginning of a reply, in paired
marks or in channels, or before a closing mark whose opening mark ends the prompt. An answer
that mentions such marks further down stays unchanged. All functions take time linear in the
length of the text.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from vibench.channels import (
    CONTROL,
    SPACE,
    Split,
    in_channels,
    is_answer,
    split_bare_channels,
    split_channels,
)
from vibench.records import Finish

__all__ = [
    "CUT_OFF",
    "Split",
    "covering",
    "in_channels",
    "is_mark",
    "knows_thoughts",
    "opening",
    "split",
    "thought_spans",
    "unended",
    "without_marks",
]

_MARK: Final = re.compile(
    r"</?((?i:(?:seed:)?think|thinking|thought|reasoning))[ \t]{0,9}>"
    r"|\[/?THINK\]|◁/?think▷|<\|(?:START|END)_THINKING\|>|<\|channel>thought|<channel\|>"
)
_REPEATED: Final = re.compile(r"\A(?:\s*<(?i:think|thinking|thought|reasoning)>)++")
_ANSWER: Final = re.compile(r"<answer>", re.IGNORECASE)
CUT_OFF: Final = "cut off"
"""The reason of an unscored reply that ends within a thought, or before its answer."""
_TAIL: Final = 200
"""Characters of a prompt's end to search: no opening mark is longer."""


class _Mark(NamedTuple):
    start: int
    end: int
    opens: bool
    name: str
    """The name of a tag in lower case; "" for other marks: no model uses two kinds of them."""


def split(text: str, finish: Finish = "stop", *, opened: str = "", lone: bool = False) -> Split:
    """Split a reply into thought and answer.

    `opened` is the mark with which the prompt opened a thought (`opening`). With `lone`, a
    closing mark without an opening one ends a thought too: the model's template knows thoughts,
    or is unknown (an endpoint). A text without a thought is returned unchanged; an answer
    after a thought loses the space before it.
    """
    written = opened + text
    if in_channels(written):
        return split_channels(written)
    # A server without support for channels strips their marks and leaves their names.
    if lone and (bare := split_bare_channels(text)) is not None:
        return bare
    marks = _marks(written)
    thoughts, start, ended = _leading_thoughts(written, marks, finish)
    if not thoughts and lone and marks and not marks[0].opens:
        thoughts, start = [written[: marks[0].start]], marks[0].end
    if not thoughts:
        return Split(text)
    # Some models repeat the mark that their prompt ends with.
    thought = "\n\n".join(filter(None, (_REPEATED.sub("", part).strip() for part in thoughts)))
    return Split(written[start:].lstrip() if ended else "", thought, ended)


def _leading_thoughts(
    text: str, marks: Sequence[_Mark], finish: Finish
) -> tuple[list[str], int, bool]:
    """Return (leading thoughts, start of the answer, False if the last thought does not end)."""
    # Looked up once per name: searching for each opening mark would take quadratic time on a reply
    # of many marks.
    last = {mark.name: mark.start for mark in marks if not mark.opens}
    any_last = max(last.values(), default=-1)
    thoughts: list[str] = []
    start, index = 0, 0
    while True:
        start = _after_space(text, start)
        while index < len(marks) and marks[index].start < start:
            index += 1
        if index == len(marks) or marks[index].start != start or not marks[index].opens:
            return thoughts, start, True
        begin = marks[index]
        # A thought may mention other marks, so it ends at the mark of its own name. Models
        # also misspell that name: if it never follows, any closing mark ends the thought.
        closed = last.get(begin.name, -1) > begin.start
        if not closed and any_last < begin.start:
            answer = _forgotten_end(text, begin, finish)
            end = len(text) if answer is None else answer
            return [*thoughts, text[begin.end : end]], end, answer is not None
        while marks[index].opens or (closed and marks[index].name != begin.name):
            index += 1
        thoughts.append(text[begin.end : marks[index].start])
        start = marks[index].end


def _forgotten_end(text: str, begin: _Mark, finish: Finish) -> int | None:
    """Return the start of the answer in a reply in the form of Listings 1 and 2 without its
    `</thinking>`, which small judges forget. None for any other reply."""
    if begin.name != "thinking" or finish == "length":
        return None
    answer = _ANSWER.search(text, begin.end)
    return answer.start() if answer else None


def opening(prompt: str) -> str:
    """Return the end of a prompt from the mark that opens a thought; "" if none is open there."""
    tail = prompt[-_TAIL:]
    marks = _marks(tail)
    if marks and marks[-1].opens and not tail[marks[-1].end :].strip():
        return tail[marks[-1].start :]
    control = list(CONTROL.finditer(tail))
    if (
        len(control) < 2
        or control[-1].group(1).lower() != "message"
        or control[-1].end() != len(tail)
    ):
        return ""
    head = next((c.start() for c in control[-2::-1] if c.group(1).lower() in "channel start"), 0)
    return "" if is_answer(tail[head : control[-1].start()]) else tail[head:]


def knows_thoughts(template: str) -> bool:
    """Return whether a chat template has marks that end a thought, or channels."""
    closes = any(_closes(mark.group()) for mark in _MARK.finditer(template))
    return closes or "<|channel|>" in template


def is_mark(token: str) -> bool:
    """Return whether a special token of a tokenizer marks thoughts or channels."""
    match = _MARK.fullmatch(token) or CONTROL.fullmatch(token)
    return match is not None or token == "<|channel>"


def thought_spans(
    text: str, finish: Finish = "stop", apart: Sequence[range] = ()
) -> tuple[range, ...]:
    """Return the thoughts in a judge's reply, wherever they are, disjoint and in order: an
    answer inside one is a draft or a quotation.

    A closing mark without an opening one makes all text before it a thought. An opening mark
    without a closing one makes all text after it a thought if the reply was cut off or begins
    with it, unless it is the `<thinking>` of Listings 1 and 2: judges forget to close it. Marks
    within `apart` are other text (strings of JSON objects) and are ignored.
    """
    is_apart = covering(apart)
    spans: list[range] = []
    begin: _Mark | None = None
    for mark in _marks(text):
        if is_apart(mark.start):
            continue
        if mark.opens:
            begin = begin or mark
        elif begin is not None:
            spans.append(range(begin.start, mark.end))
            begin = None
        else:
            spans = [range(mark.end)]
    if begin is not None and (
        finish == "length" or (begin.name != "thinking" and _begins_with(text, begin))
    ):
        spans.append(range(begin.start, len(text)))
    return tuple(spans)


def covering(spans: Sequence[range]) -> Callable[[int], bool]:
    """Return a test for positions inside any of the spans, which may overlap; it takes time
    logarithmic in their number."""
    # Running maxima of the stops make overlapping spans searchable by bisection.
    starts: list[int] = []
    stops: list[int] = []
    for span in sorted(spans, key=lambda span: span.start):
        starts.append(span.start)
        stops.append(max(span.stop, stops[-1] if stops else 0))

    def covers(position: int) -> bool:
        index = bisect.bisect_right(starts, position) - 1
        return index >= 0 and position < stops[index]

    return covers


def unended(text: str) -> bool:
    """Return whether a reply begins with a thought that nothing closes."""
    marks = _marks(text)
    return (
        bool(marks)
        and marks[0].opens
        and _begins_with(text, marks[0])
        and all(mark.opens for mark in marks)
    )


def without_marks(text: str) -> str:
    """Return a text without the marks of thoughts."""
    return _MARK.sub("", text)


def _begins_with(text: str, mark: _Mark) -> bool:
    return mark.start == _after_space(text, 0)


def _after_space(text: str, start: int) -> int:
    space = SPACE.match(text, start)
    return space.end() if space else start


def _marks(text: str) -> list[_Mark]:
    """Return the marks in a text, in order; one in backticks is a mention and does not count."""
    return [
        _Mark(mark.start(), mark.end(), not _closes(mark.group()), (mark.group(1) or "").lower())
        for mark in _MARK.finditer(text)
        if not (text[mark.start() - 1 : mark.start()] == "`" == text[mark.end() : mark.end() + 1])
    ]


def _closes(mark: str) -> bool:
    return mark[1] == "/" or mark == "<channel|>" or mark.startswith("<|END")
