"""Rows written as Parquet, CSV, JSON or Markdown, a batch at a time."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from vibench.errors import SpecError
from vibench.store.artefacts import replacing
from vibench.text import clean, markdown_escaped

if TYPE_CHECKING:
    import pyarrow as pa

    Batches = Iterable[pa.RecordBatch]

__all__ = ["TEXTS", "as_text", "plain", "writable", "write", "write_text"]


def writable(path: Path, replace: bool) -> None:
    """Raise SpecError for a folder, a missing folder, or a file that exists and is not to be
    replaced."""
    if path.is_dir():
        raise SpecError(f"{path} is a folder.", "Name a file with -o.")
    if path.exists() and not replace:
        raise SpecError(f"{path} exists already.", "Replace it with --force, or name another file.")
    if not path.absolute().parent.is_dir():
        raise SpecError(f"The folder of {path} does not exist.", "Create it, or name another.")


def write(form: str, path: Path, schema: pa.Schema, batches: Batches) -> int:
    """Write rows into a file, completely or not at all, and return their number.

    Raises SpecError if it cannot be written.
    """
    try:
        with replacing(path) as temporary:
            if form == "parquet":
                return _write_parquet(temporary, schema, batches)
            with temporary.open("w", encoding="utf-8", newline="") as file:
                return write_text(form, file, schema, batches)
    except OSError as error:
        raise SpecError(
            f"{path} cannot be written ({error.strerror or error}).", "Name another with -o."
        ) from error


def write_text(form: str, file: IO[str], schema: pa.Schema, batches: Batches) -> int:
    """Write rows as text in one of `TEXTS` and return their number."""
    return TEXTS[form](file, schema, batches)


def _write_parquet(path: Path, schema: pa.Schema, batches: Batches) -> int:
    import pyarrow.parquet as pq

    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            written += batch.num_rows
    return written


def _write_csv(file: IO[str], schema: pa.Schema, batches: Batches) -> int:
    """Write CSV: strings are quoted and null is not, so that an empty string and null differ;
    nested values are JSON."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    # Nested columns, which Arrow's writer refuses, become text; with intervals or bytes every
    # column does.
    flat = pa.schema([(f.name, pa.string() if _nested(f.type) else f.type) for f in schema])
    if any(pa.types.is_interval(f.type) or pa.types.is_binary(f.type) for f in flat):
        flat = pa.schema([(f.name, pa.string()) for f in flat])
    # Arrow writes bytes, and `file` may be a terminal's text stream: each batch is passed on.
    out = io.BytesIO()
    written = 0
    with arrow_csv.CSVWriter(out, flat) as writer:
        for batch in batches:
            writer.write_batch(_flattened(batch, flat))
            written += batch.num_rows
            file.write(out.getvalue().decode())
            out.seek(0)
            out.truncate()
    file.write(out.getvalue().decode())
    return written


def _nested(form: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(form))


def _flattened(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    from vibench.store.columns import column

    columns = [
        values
        if values.type == field.type
        else column([None if v is None else as_text(v) for v in values.to_pylist()], pa.string())
        for values, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def _write_json(file: IO[str], schema: pa.Schema, batches: Batches) -> int:
    """Write a list of objects, one on a line; numbers that JSON does not have are null."""
    written = 0
    file.write("[")
    for row in _rows(batches):
        file.write(",\n " if written else "\n ")
        record = dict(zip(schema.names, map(plain, row), strict=True))
        file.write(json.dumps(record, ensure_ascii=False))
        written += 1
    file.write("\n]\n" if written else "]\n")
    return written


def _write_markdown(file: IO[str], schema: pa.Schema, batches: Batches) -> int:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |\n"

    file.write(line(map(_inline, schema.names)))
    file.write(line("---" for _ in schema.names))
    written = 0
    for row in _rows(batches):
        file.write(line("" if v is None else _inline(as_text(v)) for v in row))
        written += 1
    return written


def _inline(text: str) -> str:
    """One cell of a Markdown table, in which models' text is text and no markup."""
    return markdown_escaped(clean(text, 1000))


def _rows(batches: Batches) -> Iterator[tuple[Any, ...]]:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def plain(value: Any) -> Any:
    """Return a value of a table as JSON can hold it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return str(value)


TEXTS: dict[str, Callable[[IO[str], Any, Any], int]] = {
    "csv": _write_csv,
    "json": _write_json,
    "markdown": _write_markdown,
}
"""The forms that are text."""
