"""Ledgers: rows of unfinished stages, and answers that were paid for, on disk as they come.

    ledgers/NAME/ID.HASH.parquet    a committed shard: (key, JSON value), HASH of its content

A shard is either complete or absent, and its name holds the SHA-256 of its content. So a damaged
shard can be told from one that cannot be read for now, which is a StoreError and moves nothing.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import StoreFault
from vibench.store.columns import read_parquet, strings
from vibench.store.files import explain, read_whole, replacing, set_aside, unless_missing

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Ledger"]

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
        for shard in self.shards():
            keys = self.column(shard, "key")
            values = self.column(shard, "value") if keys is not None else None
            if keys is not None and values is not None:
                texts.update(zip(keys.to_pylist(), values.to_pylist(), strict=True))
        return texts

    def shards(self) -> list[Path]:
        """Return the committed shards by name. Raises StoreError if they cannot be listed."""
        try:
            with unless_missing(self.root):
                return sorted(path for path in self.folder.iterdir() if _is_shard(path.name))
        except FileNotFoundError:
            return []

    def column(self, shard: Path, name: str) -> pa.ChunkedArray | None:
        """Return the column `key` or `value` of a shard; None if it is gone, or was damaged.

        Raises StoreError if it cannot be read for another reason.
        """
        import pyarrow as pa

        try:
            return read_parquet(shard, [name]).column(name)
        except FileNotFoundError:
            return None  # Its stage is finished, by another process.
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            return self._reread(shard, name, error)

    def _reread(self, shard: Path, name: str, error: Exception) -> pa.ChunkedArray | None:
        """Return the column if the file is as it was written; if not, move it away."""
        # pyarrow raises the same errors for damage and for a disk that fails for a moment. Only the
        # hash decides: what is whole and cannot be read is nobody's damage.
        try:
            content = read_whole(shard, self.root)
        except FileNotFoundError:
            return None
        if _hash(content) != _hash_in(shard):
            self._set_aside(shard)
            return None
        try:
            return read_parquet(content, [name]).column(name)
        except Exception as again:
            raise StoreFault(
                f"{shard} is complete, and cannot be read ({again or error}).",
                "Run the same command again; if that does not help, with more memory or another "
                "version of pyarrow. Nothing was changed.",
            ) from again

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
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not rows:
            return
        columns = [strings([key for key, _ in rows]), strings([text for _, text in rows])]
        table = pa.Table.from_arrays(columns, names=["key", "value"])
        # In memory first, since the name holds the hash of the content.
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
        content = sink.getvalue().to_pybytes()
        # With a name of its own besides: two processes may commit the same rows.
        name = f"{uuid.uuid4().hex}.{_hash(content)}{SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self.folder / name) as temporary:
                temporary.write_bytes(content)
        except OSError as e:
            raise explain(e, self.root) from e


def _is_shard(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.startswith(".")  # A dot: being written.


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:HASH_DIGITS]


def _hash_in(shard: Path) -> str:
    return shard.name.removesuffix(SUFFIX).rpartition(".")[2]
