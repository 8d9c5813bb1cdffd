"""Rows that outlast the stage that made them: an index in memory, the rows on disk.

A judge's verdicts are stored by question, so that no question is ever paid for twice, whichever
subject, run or limit it comes from. There can be millions, so the rows stay on disk.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from vibench.store.artefacts import Ledger

__all__ = ["LedgerIndex"]

MAX_OPEN = 64
"""Shards whose rows are in memory at once: the most recently used ones. Rows of one stage lie
next to each other, so a stage needs few of them at a time."""


class LedgerIndex:
    """A ledger's rows by key, each read from its shard when it is needed."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._shards: list[Path] = []
        self._seen: set[Path] = set()
        self._places: dict[str, tuple[int, int]] = {}
        self._open: OrderedDict[int, pa.ChunkedArray] = OrderedDict()

    def refresh(self) -> None:
        """Add the shards that this process or another has committed since the last call."""
        for shard in self.ledger.shards():
            if shard in self._seen:
                continue
            self._seen.add(shard)
            keys = self.ledger.column(shard, "key")
            if keys is not None:
                number = len(self._shards)
                self._shards.append(shard)
                rows = enumerate(keys.to_pylist())
                self._places.update((key, (number, row)) for row, key in rows)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def text(self, key: str) -> str | None:
        """Return a row's JSON; None if there is no such row, or its shard is gone or damaged."""
        if key not in self._places:
            return None
        number, row = self._places[key]
        rows = self._open.pop(number, None)
        if rows is None:
            rows = self.ledger.column(self._shards[number], "value")
        if rows is None:
            # As if it had never been there: the question is asked again.
            del self._places[key]
            return None
        self._open[number] = rows
        if len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)
        text: str = rows[row].as_py()
        return text
