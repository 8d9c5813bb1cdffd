"""Ledgers: rows of unfinished stages, and answers that were paid for, on disk as they come.

    ledgers/NAME/ID.HASH.parquet    a committed shard: (key, JSON value), HASH of its content

A shard is either complete or absent, and its name holds the SHA-256 of its content. So a damaged
shard can be told from one that cannot be read for now, which is a StoreError and moves nothing.

A ledger that outlives its stages is compacted when one of them ends: many small shards become one
(`vibench.store.compaction`). So a shard may vanish while it is read; its rows are then in a newer
one, and readers list the shards again until a listing holds nothing new.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import StoreError, StoreFault
from vibench.store.columns import read_parquet, strings
from vibench.store.files import explain, read_whole, replacing, set_aside, unless_missing

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Ledger", "is_intact", "shard_content", "shard_digest"]

HASH_DIGITS = 32
SUFFIX = ".parquet"


class Ledger:
    """Rows of (key, JSON value), appended in shards, each complete or absent.

    `tell` takes one line for each damaged shard.
    """

    def __init__(self, root: Path, name: str, tell: Callable[[str], None]) -> None:
        self.root, self.name, self.tell = root, name, tell
        self.folder = root / "ledgers" / name

    def rows(self) -> dict[str, Any]:
        """Return all committed rows. A damaged shard is moved away; its rows are made again."""
        return {key: json.loads(text) for key, text in self.texts().items()}

    def texts(self) -> dict[str, str]:
        """Return the same with values still as JSON, which takes less memory."""
        texts: dict[str, str] = {}
        for _, table in self.new_shards(set(), ["key", "value"]):
            keys, values = table.column("key"), table.column("value")
            texts.update(zip(keys.to_pylist(), values.to_pylist(), strict=True))
        return texts

    def new_shards(
        self, seen: set[Path], columns: Sequence[str]
    ) -> Iterator[tuple[Path, pa.Table]]:
        """Yield the shards that are not in `seen`, with some of their columns, and add them to it.

        No row is missed if the ledger is compacted meanwhile; one may come twice.
        """
        while new := [shard for shard in self.shards() if shard not in seen]:
            for shard in new:
                table = self.table(shard, columns)
                seen.add(shard)
                if table is not None:
                    yield shard, table

    def shards(self) -> list[Path]:
        """Return the committed shards by name. Raises StoreError if they cannot be listed."""
        # A single listing that runs while the ledger is compacted may miss both the old shards and
        # the new one. The new one was there before the first of the old ones went, so the next
        # listing shows it.
        before, shards = None, self._listed()
        while shards != before:
            before, shards = shards, self._listed()
        return shards

    def _listed(self) -> list[Path]:
        try:
            with unless_missing(self.root):
                return sorted(path for path in self.folder.iterdir() if _is_shard(path.name))
        except FileNotFoundError:
            return []

    def table(self, shard: Path, columns: Sequence[str]) -> pa.Table | None:
        """Return some of a shard's columns (`key`, `value`); None if it is gone, or was damaged.

        Raises StoreError if it cannot be read for another reason.
        """
        # pyarrow raises the same errors for damage and for a disk that fails for a moment, and
        # its checksums leave out what tells how to read a page. Only the hash decides: what is
        # whole and cannot be read is nobody's damage.
        try:
            content = read_whole(shard, self.root)
        except FileNotFoundError:
            return None  # Its stage is finished, by another process, or it was compacted.
        except StoreError as error:
            if not isinstance(error.__cause__, IsADirectoryError):
                raise
            content = b""
        if shard_digest(content) != _hash_in(shard):
            self._set_aside(shard)
            return None
        try:
            with contextlib.suppress(Exception):
                return read_parquet(content, columns)
            return read_parquet(content, columns)  # Memory may have been short for a moment.
        except Exception as error:
            raise StoreFault(
                f"{shard} is complete, and cannot be read ({error}).",
                "Run the same command again; if that does not help, with more memory or another "
                "version of pyarrow. Nothing was changed.",
            ) from error

    def _set_aside(self, shard: Path) -> None:
        aside = self.root / "corrupt" / f"ledger-{self.name.replace('/', '-')}-{shard.name}"
        if set_aside(shard, aside, self.root):
            self.tell(
                f"A file of stored answers was damaged ({shard.name[:12]} of {self.name[:40]}); it "
                f"has been moved to {aside}, and its answers are produced again."
            )

    def append(self, rows: Sequence[tuple[str, Any]]) -> None:
        """Commit rows as a shard: after this returns, a kill cannot lose them."""
        self.append_texts([(key, json.dumps(value)) for key, value in rows])

    def append_texts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Commit rows whose values are JSON already."""
        if rows:
            self.commit(shard_content(rows))

    def commit(self, content: bytes) -> Path:
        """Write a shard of this content; return its path."""
        # With a name of its own besides: two processes may commit the same rows.
        shard = self.folder / f"{uuid.uuid4().hex}.{shard_digest(content)}{SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(shard) as temporary:
                temporary.write_bytes(content)
        except OSError as e:
            raise explain(e, self.root) from e
        return shard


def shard_content(rows: Sequence[tuple[str, str]]) -> bytes:
    """Return rows of (key, JSON) as the bytes of a shard."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [strings([key for key, _ in rows]), strings([text for _, text in rows])]
    table = pa.Table.from_arrays(columns, names=["key", "value"])
    # In memory first, since a shard's name holds the hash of its content.
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        write_page_checksum=True,
        # A dictionary of keys, each of which comes once, and statistics, which are the smallest
        # and the largest text, would hold them another time.
        use_dictionary=["value"],
        write_statistics=False,
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content


def is_intact(shard: Path) -> bool:
    """Return whether a shard's content is the content that was written.

    Raises OSError if it cannot be read.
    """
    return not shard.is_dir() and shard_digest(shard.read_bytes()) == _hash_in(shard)


def _is_shard(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.startswith(".")  # A dot: being written.


def shard_digest(content: bytes) -> str:
    """Return the digest of a shard's content, which is a part of its name."""
    return hashlib.sha256(content).hexdigest()[:HASH_DIGITS]


def _hash_in(shard: Path) -> str:
    return shard.name.removesuffix(SUFFIX).rpartition(".")[2]
