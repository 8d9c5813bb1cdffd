"""JSON objects within a text that holds other things too, found in linear time.

A parser started at each brace of a long reply would read the rest of it each time. This one
remembers of every object that it came across whether it is whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["JSONObjects"]

_BEGIN: Final = re.compile(r'\{(?=\s*")')
_TOKEN: Final = re.compile(
    r"[ \t\n\r]*+"
    r'(?:([{}\[\],:])|("[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+")'
    r"|-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null|NaN|-?Infinity)"
)
_KEYS: Final = ("s}", "s")
"""What may come where a key may: a string, or the end of an empty object."""
_AFTER_VALUE: Final = {"{": "},", "[": "],"}


class JSONObjects:
    """The JSON objects of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[int, int | None] = {}

    def end(self, begin: int) -> int | None:
        """Where the object that begins at a brace ends; None if it is not whole."""
        if begin not in self._ends:
            self._scan(begin)
        return self._ends[begin]

    def outermost(self) -> Iterator[tuple[int, int]]:
        """(begin, end) of each whole object that is in no other whole one, in order."""
        at = 0
        while opening := _BEGIN.search(self._text, at):
            end = self.end(opening.start())
            at = opening.end() if end is None else end
            if end is not None:
                yield opening.start(), end

    def load(self, begin: int, end: int) -> dict[str, Any] | None:
        """A whole object; None if it is too deep or a number in it too long."""
        try:
            loaded: dict[str, Any] = json.loads(self._text[begin:end])
        except (ValueError, RecursionError):
            return None
        return loaded

    def _scan(self, begin: int) -> None:
        """Read from a brace to the end of its object, or to where it breaks, and note of each
        object on the way where it ends."""
        text, at = self._text, begin
        stack: list[tuple[str, int]] = []
        allowed = "{"
        while token := _TOKEN.match(text, at):
            mark = token.group(1) or ("s" if token.group(2) else "v")
            if mark not in allowed:
                break
            key = allowed in _KEYS
            at = token.end()
            if mark in "{[":
                stack.append((mark, at - 1))
                allowed = "s}" if mark == "{" else "{[sv]"
            elif mark in "}]":
                bracket, opened = stack.pop()
                if bracket == "{":
                    self._ends[opened] = at
                if not stack:
                    return
                allowed = _AFTER_VALUE[stack[-1][0]]
            elif mark == ",":
                allowed = "s" if stack[-1][0] == "{" else "{[sv"
            elif mark == ":":
                allowed = "{[sv"
            else:
                allowed = ":" if key else _AFTER_VALUE[stack[-1][0]]
        # What stood open where it broke is not whole, nor is what began with it.
        self._ends.setdefault(begin, None)
        for bracket, opened in stack:
            if bracket == "{":
                self._ends[opened] = None
