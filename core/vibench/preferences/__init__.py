"""Preference data: sources -> pairs -> values -> subsets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vibench.errors import DataError

if TYPE_CHECKING:
    from vibench.interfaces import Data, Source
    from vibench.records import Dropped, PreferencePair

__all__ = ["unique_pairs"]


def unique_pairs(source: Source, data: Data) -> Iterator[PreferencePair | Dropped]:
    """Yield the pairs and dropped rows of `source`, and check that no pair id repeats.

    Raises DataError for a repeated id, as the source does for a malformed row.
    """
    # Not above: the command line imports this package for its flags, and records take long.
    from vibench.records import PreferencePair

    # Verdicts and subsets refer to pairs by id: a repeated one would mix two pairs up.
    seen: set[str] = set()
    for item in source.pairs(data):
        if isinstance(item, PreferencePair):
            if item.id in seen:
                raise DataError(
                    f"Two preference pairs have the id '{item.id}'.",
                    "Give every pair an id of its own, or none so that its row counts.",
                )
            seen.add(item.id)
        yield item
