"""JSON objects within other text, found in linear time.

A parser started at each brace of a long reply would read the rest of it each time, which takes
minutes for a reply full of braces. This one remembers the end of every object that it meets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["JSONObjects"]

_BEGIN: Final = re.compile(r'\{(?=\s*")')
# Quantifiers with a `+` behind them are possessive: they never try a shorter match, which keeps
# strings of backslashes from taking quadratic time.
_TOKEN: Final = re.compile(
    r"[ \t\n\r]*+"
    r'(?:([{}\[\],:])|("[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+")'
    r"|-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null|NaN|-?Infinity)"
)
_KEYS: Final = ("s}", "s")
"""The tokens allowed where a key may come: a string, or the end of an empty object. `s` stands for
a string, `v` for another value, and brackets and marks for themselves."""
_AFTER_VALUE: Final = {"{": "},", "[": "],"}


class JSONObjects:
    """The JSON objects of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[int, int | None] = {}

    def end(self, begin: int) -> int | None:
        """Return the end of the object that begins at a brace; None if it is not complete."""
        if begin not in self._ends:
            self._scan(begin)
        return self._ends[begin]

    def outermost(self) -> Iterator[tuple[int, int]]:
        """Yield (begin, end) of each complete object that is in no other complete one, in order."""
        position = 0
        while opening := _BEGIN.search(self._text, position):
            end = self.end(opening.start())
            position = opening.end() if end is None else end
            if end is not None:
                yield opening.start(), end

    def load(self, begin: int, end: int) -> dict[str, Any] | None:
        """Return a complete object; None if it is too deep, or a number in it too long."""
        try:
            loaded: dict[str, Any] = json.loads(self._text[begin:end])
        except (ValueError, RecursionError):
            return None
        return loaded

    def _scan(self, begin: int) -> None:
        """Read from a brace to the end of its object, or to the first token that does not fit, and
        note the end of each object on the way."""
        text, position = self._text, begin
        stack: list[tuple[str, int]] = []
        allowed = "{"
        while token := _TOKEN.match(text, position):
            mark = token.group(1) or ("s" if token.group(2) else "v")
            if mark not in allowed:
                break
            key = allowed in _KEYS
            position = token.end()
            if mark in "{[":
                stack.append((mark, position - 1))
                allowed = "s}" if mark == "{" else "{[sv]"
            elif mark in "}]":
                bracket, opened = stack.pop()
                if bracket == "{":
                    self._ends[opened] = position
                if not stack:
                    return
                allowed = _AFTER_VALUE[stack[-1][0]]
            elif mark == ",":
                allowed = "s" if stack[-1][0] == "{" else "{[sv"
            elif mark == ":":
                allowed = "{[sv"
            else:
                allowed = ":" if key else _AFTER_VALUE[stack[-1][0]]
        # All objects that were open at this point are incomplete, and so is the first one.
        self._ends.setdefault(begin, None)
        for bracket, opened in stack:
            if bracket == "{":
                self._ends[opened] = None
