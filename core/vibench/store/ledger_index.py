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

MAX_OPEN_BYTES = 256 << 20
"""Bytes of rows that are in memory at once: those of the most recently used shards, at least one.
Rows of one stage lie next to each other, so a stage needs few shards at a time."""


class LedgerIndex:
    """A ledger's rows by key, each read from its shard when it is needed."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._shards: list[Path] = []
        self._seen: set[Path] = set()
        self._places: dict[str, tuple[int, int]] = {}
        self._open: OrderedDict[int, pa.ChunkedArray] = OrderedDict()
        self._open_bytes = 0

    def refresh(self) -> None:
        """Add the shards that this process or another has committed since the last call."""
        for shard, table in self.ledger.new_shards(self._seen, ["key"]):
            number = len(self._shards)
            self._shards.append(shard)
            rows = enumerate(table.column("key").to_pylist())
            self._places.update((key, (number, row)) for row, key in rows)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def text(self, key: str) -> str | None:
        """Return a row's JSON; None if there is no such row, or its shard is gone or damaged."""
        while (place := self._places.get(key)) is not None:
            number, row = place
            rows = self._rows(number)
            if rows is not None:
                text: str = rows[row].as_py()
                return text
        return None

    def _rows(self, number: int) -> pa.ChunkedArray | None:
        """Return the values of a shard; None if it is gone, and then no place is in it."""
        rows = self._open.pop(number, None)
        if rows is None:
            table = self.ledger.table(self._shards[number], ["value"])
            if table is None:
                self._leave(number)
                return None
            rows = table.column("value")
            self._open_bytes += rows.nbytes
        self._open[number] = rows
        while self._open_bytes > MAX_OPEN_BYTES and len(self._open) > 1:
            self._open_bytes -= self._open.popitem(last=False)[1].nbytes
        return rows

    def _leave(self, number: int) -> None:
        """Find the rows of a shard that was compacted where they are now; forget those of one that
        was damaged, as if they had never been there: their questions are asked again."""
        self.refresh()
        if any(place[0] == number for place in self._places.values()):
            # The shard may have been indexed after the one that it was merged into, while both
            # were there.
            self._seen.clear()
            self.refresh()
            self._places = {key: at for key, at in self._places.items() if at[0] != number}
