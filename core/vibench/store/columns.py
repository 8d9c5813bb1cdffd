"""Parquet tables read, and Arrow columns made, without what pyarrow imports for that by itself.

`pyarrow.array` of a list and `parquet.read_table` import pandas where it is installed, which
takes longer than most commands run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.store.files import read_whole

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["column", "flags", "floats", "integers", "read_parquet", "strings"]

MANY_ROWS = 10_000
SMALL_BYTES = 1 << 20


def read_parquet(
    source: Path | bytes, columns: Sequence[str] | None = None, coded: Sequence[str] = ()
) -> pa.Table:
    """A whole file (or its content), or some of its columns, every page checked where it has a
    checksum.

    The strings of `coded` columns come as codes and a dictionary, as they are on disk. Raises
    what pyarrow does for a content that is damaged, FileNotFoundError, and StoreError for a
    file that cannot be read now.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    def read(content: Any) -> pa.Table:
        with pq.ParquetFile(
            content, page_checksum_verification=True, read_dictionary=list(coded) or None
        ) as file:
            # Most files are too small for handing their columns to other threads to pay.
            wanted = list(columns) if columns is not None else None
            return file.read(columns=wanted, use_threads=file.metadata.num_rows > MANY_ROWS)

    if isinstance(source, bytes):
        return read(pa.BufferReader(source))
    try:
        # A file that pyarrow opens by its name costs it more than reading all of a small one.
        small = source.stat().st_size < SMALL_BYTES
        return read(pa.BufferReader(source.read_bytes()) if small else source)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError):
        # pyarrow says OSError of a damaged page as of a disk that fails. What can be read is
        # tried once more, as what kept it from being read may have passed.
        return read(pa.BufferReader(read_whole(source, source.parent)))


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


def integers(numbers: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """A column of whole numbers without nulls as numpy's (`to_numpy` imports pandas)."""
    import numpy as np
    import pyarrow as pa

    chunks = numbers.chunks if isinstance(numbers, pa.ChunkedArray) else [numbers]
    parts = [np.from_dlpack(chunk).astype(np.int64) for chunk in chunks]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def floats(numbers: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column of numbers as numpy's, NaN where it is null."""
    import numpy as np
    import pyarrow.compute as pc

    known = pc.fill_null(numbers, _nan(numbers.type)) if numbers.null_count else numbers
    parts = [np.from_dlpack(chunk).astype(np.float64) for chunk in known.chunks]
    return np.concatenate(parts) if parts else np.zeros(0)


@lru_cache(maxsize=8)
def _nan(form: pa.DataType) -> pa.Scalar:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.cast(column([float("nan")], pa.float64()), form)[0]


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
