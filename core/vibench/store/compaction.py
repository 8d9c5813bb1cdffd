"""Compaction of ledgers: many small shards become one, and no row is lost or asked for again.

A judge's answers are committed every second, so that a kill costs little. Such a shard takes
about 120 bytes a row and a file of its own; in a large shard a row takes about 20.

The rows are written whole beside the shards they come from, and one rename commits them; only
then do those shards go. A process that is killed in between leaves rows twice, under the same key
and with the same value, which readers take for one; the next compaction removes them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.errors import StoreError
from vibench.store.files import sync
from vibench.store.ledgers import Ledger, shard_content

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["compact"]

SMALL_BYTES = 1 << 16
"""Shards up to this size are always merged: rewriting them costs next to nothing."""
LARGE_BYTES = 1 << 24
"""Shards from this size on are left as they are. It bounds the memory that a merge takes, and that
readers need for a shard."""


def compact(store: Store, name: str) -> None:
    """Merge the small shards of a ledger, unless another process is doing so.

    Nothing is raised for what the system refuses: the ledger is then as good as before.
    """
    ledger = store.ledger(name)
    with contextlib.suppress(StoreError, OSError):
        if len(_mergeable(ledger)) < 2:
            return
        lease = store.lock(f"ledger-{name}")
        if lease is None:
            return
        with lease:
            # Listed again: another process may have compacted it before the lease was taken.
            while len(shards := _mergeable(ledger)) > 1:
                lease.check()
                _merge(ledger, shards)


def _mergeable(ledger: Ledger) -> list[Path]:
    """Return the shards that are worth merging into one now, in the order of readers."""
    sizes: list[tuple[int, Path]] = []
    for shard in ledger.shards():
        with contextlib.suppress(FileNotFoundError):
            sizes.append((shard.stat().st_size, shard))
    total = 0
    shards: list[Path] = []
    # From the smallest on. A shard of more than twice the size of all smaller ones together stays,
    # so each row is written again only when its shard grows by half: a number of times that grows
    # with the logarithm of the ledger, as does the number of shards that are left.
    for size, shard in sorted(sizes):
        if total + size > LARGE_BYTES or (shards and size > max(2 * total, SMALL_BYTES)):
            break
        shards.append(shard)
        total += size
    return sorted(shards)


def _merge(ledger: Ledger, shards: Sequence[Path]) -> None:
    """Replace shards by one that holds their rows."""
    rows: dict[str, str] = {}
    members: list[Path] = []
    for shard in shards:
        # Both columns from one reading: between two the shard may be damaged or compacted.
        table = ledger.table(shard, ["key", "value"])
        if table is not None:
            members.append(shard)
            # As readers do it: of rows under one key, that of the last shard by name counts.
            rows.update(zip(table["key"].to_pylist(), table["value"].to_pylist(), strict=True))
    if len(members) < 2:
        return
    ledger.commit(shard_content(list(rows.items())))
    # The new name must be on disk before the old ones go, or a power cut could take both.
    with contextlib.suppress(OSError):
        sync(ledger.folder)
    for shard in members:
        shard.unlink(missing_ok=True)
