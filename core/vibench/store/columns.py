"""Parquet tables and Arrow columns, read and made without importing pandas.

`pyarrow.array` of a list and `parquet.read_table` import pandas where it is installed, which
takes longer than most commands run. So columns are put together from their buffers, as Arrow's
format describes them: offsets and bytes for strings, a bit for each value that is not null.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from vibench.store.files import read_whole

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

    Number = TypeVar("Number", np.int64, np.float64)

__all__ = ["column", "flags", "floats", "integers", "read_parquet", "strings"]

MANY_ROWS = 10_000
"""Rows from which on reading columns in several threads is faster."""
SMALL_BYTES = 1 << 20
"""Bytes of a file up to which reading all of it is faster than opening it by its name."""


@dataclass(frozen=True, slots=True)
class _Leading:
    """The first columns of a file: their bytes, how to read them (the file's schema, its rows, the
    columns' names, those that come as codes), and the columns."""

    content: bytes
    form: tuple[pq.ParquetSchema, int, list[str], list[str]]
    columns: tuple[pa.ChunkedArray, ...]


_last_leading: deque[_Leading] = deque(maxlen=4)
"""The first columns of the files that were read last with `repeated`; those of a few files, since
they are whole columns in memory."""


def read_parquet(
    source: Path | bytes,
    columns: Sequence[str] | None = None,
    coded: Sequence[str] = (),
    repeated: int = 0,
) -> pa.Table:
    """Return a file (or its content) as a table, or some of its columns; checksums are verified.

    The strings of `coded` columns come as codes and a dictionary, as they are on disk. The first
    `repeated` of the columns, which must be the first ones of the file too, are the same objects
    as in a file read before if the files have the same bytes there. Raises pyarrow's exceptions
    for damaged content, FileNotFoundError, IsADirectoryError, and StoreError for a file that
    cannot be read now.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(columns) if columns is not None else None

    def read(content: Path | bytes) -> pa.Table:
        handle = pa.BufferReader(content) if isinstance(content, bytes) else content
        with pq.ParquetFile(
            handle, page_checksum_verification=True, read_dictionary=list(coded) or None
        ) as file:
            if names and repeated and isinstance(content, bytes):
                return _read_repeated(file, content, names, coded, repeated)
            return file.read(columns=names, use_threads=file.metadata.num_rows > MANY_ROWS)

    if isinstance(source, bytes):
        return read(source)
    try:
        small = source.stat().st_size < SMALL_BYTES
        return read(source.read_bytes() if small else source)
    except (FileNotFoundError, IsADirectoryError):
        raise
    except (pa.ArrowException, OSError):
        # pyarrow raises an OSError for a damaged page as for a disk that fails. So the bytes are
        # read again without it: that raises StoreError if they cannot be read, and succeeds if
        # the failure has passed.
        return read(read_whole(source, source.parent))


def _read_repeated(
    file: pq.ParquetFile,
    content: bytes,
    columns: Sequence[str],
    coded: Sequence[str],
    repeated: int,
) -> pa.Table:
    """Read `columns`, taking the first `repeated` from an earlier file of the same bytes.

    A report reads a file for each cell, in which only the scores differ. To pyarrow every column
    of a small file costs about the same, however few its rows.
    """
    import pyarrow as pa

    metadata, names = file.metadata, list(columns[:repeated])
    # Only of the form that vibench writes: one row group, whose first columns are the first bytes.
    if metadata.num_row_groups != 1 or metadata.num_columns <= repeated:
        return file.read(columns=columns, use_threads=False)
    group = metadata.row_group(0)
    form = (metadata.schema, metadata.num_rows, names, list(coded))
    end = _begin(group.column(repeated))
    # The same bytes and the same way to read them give the same values, whatever file they are in:
    # a column's bytes say how many values they hold and how, and each column has all rows.
    for leading in tuple(_last_leading):
        if (
            len(leading.content) == end
            and content.startswith(leading.content)
            and leading.form == form
        ):
            further = file.read(columns=columns[repeated:], use_threads=False)
            return pa.Table.from_arrays([*leading.columns, *further.columns], names=columns)
    table = file.read(columns=columns, use_threads=False)
    chunks = [group.column(i) for i in range(repeated)]
    within = all(_begin(chunk) + chunk.total_compressed_size <= end for chunk in chunks)
    if within and [chunk.path_in_schema for chunk in chunks] == names:
        repetition = tuple(table.columns[:repeated])
        _last_leading.append(_Leading(content[:end], form, repetition))
    return table


def _begin(chunk: pq.ColumnChunkMetaData) -> int:
    """Return the offset of a column's first byte: of its dictionary, if it has one."""
    return int(chunk.dictionary_page_offset or chunk.data_page_offset)


def column(values: Sequence[Any], form: pa.DataType) -> pa.Array:
    """Return a column of strings, lists of strings or numbers. None is null, except in lists."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_string(form):
        return strings(values)
    if pa.types.is_list(form):
        inner = strings([text for row in values for text in row])
        return pa.ListArray.from_arrays(_offsets([len(row) for row in values]), inner)
    valid = np.array([value is not None for value in values], dtype=bool)
    numbers = np.array([0 if v is None else v for v in values], dtype=form.to_pandas_dtype())
    return pa.Array.from_buffers(form, len(values), [_validity(valid), pa.py_buffer(numbers)])


def strings(values: Sequence[str | None]) -> pa.Array:
    """Return a column of strings, None being null. Raises UnicodeEncodeError for lone
    surrogates."""
    import numpy as np
    import pyarrow as pa

    encoded = [b"" if text is None else text.encode() for text in values]
    valid = np.array([text is not None for text in values], dtype=bool)
    return pa.StringArray.from_buffers(
        len(encoded),
        _offsets([len(text) for text in encoded]).buffers()[1],
        pa.py_buffer(b"".join(encoded)),
        _validity(valid),
    )


def integers(numbers: pa.Array | pa.ChunkedArray, null: int | None = None) -> NDArray[np.int64]:
    """Return a column of integers as a numpy array (`to_numpy` imports pandas).

    Nulls become `null`; without it they are an error.
    """
    import numpy as np
    import pyarrow as pa

    chunks = numbers.chunks if isinstance(numbers, pa.ChunkedArray) else [numbers]
    if null is None:
        parts = [np.from_dlpack(chunk).astype(np.int64) for chunk in chunks]
    else:
        parts = [_filled(chunk, np.int64, null) for chunk in chunks]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def floats(numbers: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a column of numbers as a numpy array, NaN where it is null."""
    import numpy as np

    parts = [_filled(chunk, np.float64, np.nan) for chunk in numbers.chunks]
    return np.concatenate(parts) if parts else np.zeros(0)


def _filled(numbers: pa.Array, form: type[Number], null: float) -> NDArray[Number]:
    import numpy as np

    if not len(numbers):
        return np.zeros(0, form)
    validity, content = numbers.buffers()
    rows = slice(numbers.offset, numbers.offset + len(numbers))
    stored = np.dtype(numbers.type.to_pandas_dtype())
    filled = np.frombuffer(content, stored)[rows].astype(form)
    # Bits in order from the least significant one, as Arrow has them; a slice of an array shares
    # its buffers, so they are cut to its rows.
    if numbers.null_count:
        valid = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
        filled[valid[rows] == 0] = null
    return filled


def flags(truths: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    """Return a column of booleans without nulls as a numpy array."""
    import pyarrow as pa

    return integers(truths.cast(pa.uint8())).astype(bool)


def _offsets(lengths: Sequence[int]) -> pa.Array:
    """Return the offsets of texts or lists of these lengths, from 0 to their sum."""
    import numpy as np
    import pyarrow as pa

    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.Array.from_buffers(pa.int32(), len(offsets), [None, pa.py_buffer(offsets)])


def _validity(valid: NDArray[np.bool_]) -> pa.Buffer | None:
    """Return Arrow's bitmap of the values that are not null; None if there are no nulls."""
    import numpy as np
    import pyarrow as pa

    return None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
