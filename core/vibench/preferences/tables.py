"""Preference pairs as Parquet, written and read in row groups."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from vibench.errors import DataError
from vibench.preferences.copies import COPY, Contents
from vibench.records import Dropped, Message, PreferencePair
from vibench.store.files import check_readable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PairCounts", "pair_batches", "read_pairs", "unreadable", "write_groups", "write_pairs"]

T = TypeVar("T")

COLUMNS = ("id", "prompt", "chosen", "rejected", "source")

GROUP = 2048
"""Pairs in a row group: what is in memory at once."""


@dataclass(frozen=True, slots=True)
class PairCounts:
    """The number of pairs written; of rows dropped, and the first such row, by cause; of pairs
    written that are copies of an earlier one; and of pairs repaired, by the repair."""

    pairs: int
    dropped: Mapping[str, int]
    first_dropped: Mapping[str, str] = field(default_factory=dict)
    copies: int = 0
    repaired: Mapping[str, int] = field(default_factory=dict)


def write_pairs(path: Path, items: Iterable[PreferencePair | Dropped]) -> PairCounts:
    """Write the pairs (columns id, prompt as JSON, chosen, rejected, source), count the rest."""
    causes: Counter[str] = Counter()
    repairs: Counter[str] = Counter()
    first: dict[str, str] = {}
    contents = Contents()
    copies = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal copies
        for item in items:
            if isinstance(item, Dropped):
                causes[item.cause] += 1
                if item.cause != COPY:
                    first.setdefault(item.cause, item.row)
            else:
                copies += not contents.add(item)
                if item.repair:
                    repairs[item.repair] += 1
                yield _row(item)

    written = write_groups(path, _tables(rows()))
    return PairCounts(written, _sorted(causes), _sorted(first), copies, _sorted(repairs))


def read_pairs(path: Path) -> Iterator[PreferencePair]:
    """The pairs of a file written by `write_pairs`, in order. Raises DataError."""
    for batch in pair_batches(path):
        for row in batch.to_pylist():
            yield _pair(row)


def pair_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The same as they are stored, at most `GROUP` pairs at a time. Raises DataError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Checksums turn a flipped bit into an error; without them it would be trained on.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield from file.iter_batches(batch_size=GROUP, columns=list(COLUMNS))
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, "pairs", error) from error


def write_groups(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables of pairs, of any sizes, in row groups of `GROUP`; return how many pairs.

    Equal pairs in equal order are equal bytes, however the tables cut them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema()
    waiting, written = schema.empty_table(), 0
    options = {"compression": "zstd", "write_page_checksum": True, "write_statistics": False}
    with pq.ParquetWriter(path, schema, **options) as writer:
        for table in tables:
            waiting = pa.concat_tables([waiting, table])
            # Row groups are cut at fixed numbers of pairs, not where a batch happens to end, so
            # that equal pairs are equal bytes.
            complete = len(waiting) // GROUP * GROUP
            for start in range(0, complete, GROUP):
                writer.write_table(waiting.slice(start, GROUP).combine_chunks())
            written += len(table)
            waiting = waiting.slice(complete)
        if len(waiting):
            writer.write_table(waiting.combine_chunks())
    return written


def unreadable(path: Path, what: str, error: Exception) -> DataError:
    """The error for a stored table that is missing or damaged. Raises StoreError for one that
    cannot be read for another cause."""
    check_readable(path, error)
    return DataError(
        f"{path} is not a readable table of {what} ({str(error).splitlines()[0]}).",
        "Remove it and run again: vibench writes it again.",
    )


def _sorted(by_text: Mapping[str, T]) -> dict[str, T]:
    return dict(sorted(by_text.items()))


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([pa.field(name, pa.string(), nullable=False) for name in COLUMNS])


def _tables(rows: Iterator[dict[str, Any]]) -> Iterator[pa.Table]:
    import pyarrow as pa

    while group := list(islice(rows, GROUP)):
        yield pa.Table.from_pylist(group, schema=_schema())


def _row(pair: PreferencePair) -> dict[str, Any]:
    prompt = json.dumps([asdict(m) for m in pair.prompt], ensure_ascii=False)
    return {
        "id": pair.id,
        "prompt": prompt,
        "chosen": pair.chosen,
        "rejected": pair.rejected,
        "source": pair.source,
    }


def _pair(row: Mapping[str, Any]) -> PreferencePair:
    prompt = tuple(Message(m["role"], m["content"]) for m in json.loads(row["prompt"]))
    return PreferencePair(row["id"], prompt, row["chosen"], row["rejected"], row["source"])
