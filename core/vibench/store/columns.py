"""Parquet tables read, and Arrow columns made, without what pyarrow imports for that by itself.

`pyarrow.array` of a list and `parquet.read_table` import pandas where it is installed, which
takes longer than most commands run.
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
SMALL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Leading:
    """The first columns of a file: their bytes, how these are to be read, and the columns."""

    content: bytes
    schema: pa.Schema
    chunks: tuple[pq.ColumnChunkMetaData, ...]
    columns: pa.Table


_last_leading: deque[_Leading] = deque(maxlen=4)
"""The first columns of the files that were read last, if the reader said that they repeat."""


def read_parquet(
    source: Path | bytes,
    columns: Sequence[str] | None = None,
    coded: Sequence[str] = (),
    repeated: int = 0,
) -> pa.Table:
    """Return a whole file (or its content), or some of its columns, every page checked where it
    has a checksum.

    The strings of `coded` columns come as codes and a dictionary, as they are on disk. The first
    `repeated` of the columns, which must be the first ones of the file too, are the same objects
    as in a file read before if the files have the same bytes there. Raises what pyarrow does for
    damaged content, FileNotFoundError, and StoreError for a file that cannot be read now.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = list(columns) if columns is not None else None

    def read(content: Path | bytes) -> pa.Table:
        handle = pa.BufferReader(content) if isinstance(content, bytes) else content
        with pq.ParquetFile(
            handle, page_checksum_verification=True, read_dictionary=list(coded) or None
        ) as file:
            if wanted and repeated and isinstance(content, bytes):
                return _read_repeated(file, content, wanted, repeated)
            # Most files are too small for handing their columns to other threads to pay.
            return file.read(columns=wanted, use_threads=file.metadata.num_rows > MANY_ROWS)

    if isinstance(source, bytes):
        return read(source)
    try:
        # A file that pyarrow opens by its name costs it more than reading all of a small one.
        small = source.stat().st_size < SMALL_BYTES
        return read(source.read_bytes() if small else source)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError):
        # pyarrow says OSError of a damaged page as of a disk that fails. What can be read is
        # tried once more, as what kept it from being read may have passed.
        return read(read_whole(source, source.parent))


def _read_repeated(
    file: pq.ParquetFile, content: bytes, columns: list[str], repeated: int
) -> pa.Table:
    """Read `columns`, taking the first `repeated` from an earlier file of the same bytes.

    To pyarrow every column of a small file costs about the same, however few its rows, and a
    report reads a file for each cell, in which only the scores differ.
    """
    import pyarrow as pa

    metadata, schema = file.metadata, file.schema_arrow
    names, rest = columns[:repeated], columns[repeated:]
    flat = metadata.num_columns == len(schema.names)
    if metadata.num_row_groups != 1 or not flat or schema.names[: len(columns)] != columns:
        return file.read(columns=columns, use_threads=False)
    group = metadata.row_group(0)
    *chunks, beyond = (group.column(i) for i in range(repeated + 1))
    end = _begin(beyond)
    for known in tuple(_last_leading):
        if (
            len(known.content) == end
            and content.startswith(known.content)
            and known.schema.equals(schema)
            and all(map(_equal, known.chunks, chunks))
        ):
            own = file.read(columns=rest, use_threads=False)
            arrays = [*known.columns.columns, *own.columns]
            return pa.Table.from_arrays(arrays, names=columns)
    table = file.read(columns=columns, use_threads=False)
    if all(_begin(chunk) + chunk.total_compressed_size <= end for chunk in chunks):
        _last_leading.append(_Leading(content[:end], schema, tuple(chunks), table.select(names)))
    return table


def _begin(chunk: pq.ColumnChunkMetaData) -> int:
    return int(chunk.dictionary_page_offset or chunk.data_page_offset)


def _equal(one: pq.ColumnChunkMetaData, other: pq.ColumnChunkMetaData) -> bool:
    return bool(one.equals(other))


def column(values: Sequence[Any], form: pa.DataType) -> pa.Array:
    """A column of strings, lists of strings or numbers; None is null, but in lists."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_string(form):
        return strings(values)
    if pa.types.is_list(form):
        inner = strings([text for row in values for text in row])
        return pa.ListArray.from_arrays(_offsets([len(row) for row in values]), inner)
    known = np.array([value is not None for value in values], dtype=bool)
    numbers = np.array([0 if v is None else v for v in values], dtype=form.to_pandas_dtype())
    return pa.Array.from_buffers(form, len(values), [_validity(known), pa.py_buffer(numbers)])


def strings(values: Sequence[str | None]) -> pa.Array:
    """A column of strings, None being null. Raises UnicodeEncodeError for lone surrogates."""
    import numpy as np
    import pyarrow as pa

    encoded = [b"" if text is None else text.encode() for text in values]
    known = np.array([text is not None for text in values], dtype=bool)
    return pa.StringArray.from_buffers(
        len(encoded),
        _offsets([len(text) for text in encoded]).buffers()[1],
        pa.py_buffer(b"".join(encoded)),
        _validity(known),
    )


def integers(numbers: pa.Array | pa.ChunkedArray, null: int | None = None) -> NDArray[np.int64]:
    """A column of whole numbers as numpy's (`to_numpy` imports pandas), `null` where it is
    null, which is an error without one."""
    import numpy as np
    import pyarrow as pa

    chunks = numbers.chunks if isinstance(numbers, pa.ChunkedArray) else [numbers]
    if null is None:
        parts = [np.from_dlpack(chunk).astype(np.int64) for chunk in chunks]
    else:
        parts = [_filled(chunk, np.int64, null) for chunk in chunks]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def floats(numbers: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column of numbers as numpy's, NaN where it is null."""
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
    if numbers.null_count:
        known = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
        filled[known[rows] == 0] = null
    return filled


def flags(truths: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    """A column of truth values without nulls as numpy's."""
    import pyarrow as pa

    return integers(truths.cast(pa.uint8())).astype(bool)


def _offsets(lengths: Sequence[int]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.Array.from_buffers(pa.int32(), len(offsets), [None, pa.py_buffer(offsets)])


def _validity(known: NDArray[np.bool_]) -> pa.Buffer | None:
    import numpy as np
    import pyarrow as pa

    return None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
