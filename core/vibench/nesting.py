"""Depth of tables and lists that others wrote: deeper ones than any use has are refused, since
code that walks through them would end in a RecursionError."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

__all__ = ["MAX_DEPTH", "TooDeep", "check_depth", "parsed_json"]

MAX_DEPTH: Final = 100


class TooDeep(ValueError):
    """Tables or lists nested more than `MAX_DEPTH` deep."""

    def __init__(self) -> None:
        super().__init__(f"tables or lists are nested more than {MAX_DEPTH} deep")


def check_depth(value: Any) -> None:
    """Raise TooDeep if tables and lists are nested more than `MAX_DEPTH` deep."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            entry
            for outer in level
            for entry in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(entry, dict | list)
        ]
        if not level:
            return
    raise TooDeep


def parsed_json(text: str, *, strict: bool = False) -> Any:
    """Return what a JSON text holds; `strict` refuses NaN and Infinity, which Python reads.

    Raises ValueError: no JSON, or TooDeep.
    """
    try:
        content = json.loads(text, parse_constant=_no_constant if strict else None)
    except RecursionError:
        raise TooDeep from None
    # Counting is much faster than walking, and nearly every text passes by it.
    if text.count("[") + text.count("{") > MAX_DEPTH:
        check_depth(content)
    return content


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
