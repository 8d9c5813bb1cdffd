"""Rows that outlast the stage that made them: an index in memory, the rows on disk.

A judge's verdicts are kept by question, so that no question is ever paid for twice, whichever
subject, run or limit it comes from. There can be millions, so they are not held.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from vibench.store.artefacts import Ledger

__all__ = ["Kept"]

OPEN = 64
"""Shards whose rows are held at once; those asked for last."""


class Kept:
    """A ledger's rows by key, each read from its shard when it is asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._shards: list[Path] = []
        self._seen: set[Path] = set()
        self._places: dict[str, tuple[int, int]] = {}
        self._open: OrderedDict[int, pa.ChunkedArray] = OrderedDict()

    def refresh(self) -> None:
        """Take in the shards that were committed since, by this process or another."""
        for shard in self.ledger.shards():
            if shard in self._seen:
                continue
            self._seen.add(shard)
            keys = self.ledger.column(shard, "key")
            if keys is not None:
                at = len(self._shards)
                self._shards.append(shard)
                self._places.update((key, (at, n)) for n, key in enumerate(keys.to_pylist()))

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def text(self, key: str) -> str | None:
        """A row's JSON; None if it is not there, or its shard can no longer be read."""
        place = self._places.get(key)
        if place is None:
            return None
        at, n = place
        rows = self._open.pop(at, None)
        if rows is None:
            rows = self.ledger.column(self._shards[at], "value")
        if rows is None:
            del self._places[key]
            return None
        self._open[at] = rows
        if len(self._open) > OPEN:
            self._open.popitem(last=False)
        text: str = rows[n].as_py()
        return text
