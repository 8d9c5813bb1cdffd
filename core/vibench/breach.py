"""The exception for values that break a plugin's contract, and the checks that all share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

__all__ = ["Breach", "all_texts", "check_text", "items_of", "kind_of", "options_of"]

T = TypeVar("T")


class Breach(Exception):
    """A value that breaks a plugin's contract; the message is a clause that says how."""


def items_of(items: object, kind: type[T], call: str) -> list[T]:
    """Return the items that a plugin returned, each of this kind. Raises Breach."""
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise Breach(f"{call} returned {kind_of(items)}, not a list of vibench.{kind.__name__}")
    listed: list[T] = []
    for item in items:
        if not isinstance(item, kind):
            raise Breach(f"{call} gave {kind_of(item)}, not a vibench.{kind.__name__}")
        listed.append(item)
    return listed


def check_text(text: object, where: str) -> None:
    """Raise Breach for anything but text that can be encoded."""
    if not isinstance(text, str):
        raise Breach(f"{where} is {kind_of(text)}, not a text")
    try:
        # A lone surrogate passes as str but cannot be written as UTF-8, and would fail after the
        # work is done.
        text.encode()
    except UnicodeEncodeError:
        raise Breach(f"{where} holds half of a surrogate pair, which cannot be encoded") from None


def all_texts(values: Iterable[object]) -> bool:
    """Return whether all values are text."""
    return all(isinstance(value, str) for value in values)


def kind_of(value: object) -> str:
    """Return the type of a value with its article."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def options_of(names: Iterable[object]) -> str:
    """Return names in quotes, separated by commas."""
    return ", ".join(f"'{name}'" for name in names) or "none"
