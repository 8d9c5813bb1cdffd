"""Reading rows out of files: JSONL, JSON, CSV, TSV (each also .gz) and Parquet."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import math
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from vibench.errors import DataError
from vibench.nesting import parsed_json
from vibench.preferences.file_forms import KINDS, check_form, is_table, kind_of, unread_kind

__all__ = [
    "FileRow",
    "broken",
    "content_of",
    "decoded",
    "digest_of",
    "number",
    "read_rows",
    "text",
]

FIX = "Fix or remove that row."
BATCH = 256
"""Rows of a Parquet file that are in memory at once."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: the file it is from (short name), its number from 1, its columns."""

    file: str
    number: int
    columns: dict[str, Any]

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"{self.file}, row {self.number}"


def broken(row: FileRow, what: str, hint: str = FIX) -> DataError:
    """The error for a row that cannot be used."""
    return DataError(f"{row.label}: {what}.", hint)


def text(row: FileRow, column: str) -> str:
    """A text column. Raises DataError if it is missing, null or no text."""
    value = row.columns.get(column)
    if value is None:
        raise broken(row, f"has no '{column}'")
    if not isinstance(value, str):
        raise broken(row, f"'{column}' is not text")
    return value


def number(row: FileRow, column: str) -> float:
    """A column of finite numbers, or of text that says one, as CSV does. Raises DataError."""
    value = row.columns.get(column)
    if value is None:
        raise broken(row, f"has no '{column}'")
    try:
        # JSON's true is an int to Python.
        parsed = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        parsed = math.nan
    if not math.isfinite(parsed):
        raise broken(row, f"'{column}' is not a number")
    return parsed


def digest_of(paths: Sequence[Path], root: Path) -> str:
    """SHA-256 over names (relative to `root`) and contents."""
    sha256 = hashlib.sha256()
    for path in paths:
        sha256.update(f"{path.relative_to(root).as_posix()} {_sha256(path)}\n".encode())
    return f"sha256:{sha256.hexdigest()}"


def content_of(path: Path) -> str:
    """Return the identity of a file's rows, wherever it lies: its form and its SHA-256.

    Raises DataError for a file of a form that `read_rows` does not read.
    """
    if not is_table(path):
        raise unread_kind(path)
    packed = ".gz" if path.suffix == ".gz" else ""
    return f"{kind_of(path)}{packed} sha256:{_sha256(path)}"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def read_rows(path: Path, name: str = "") -> Iterator[FileRow]:
    """The rows of one file, in order; all but `.json` are streamed.

    `name` is what rows call the file (its path by default). JSON is a list of rows, an object
    with that list under "rows", or a row on each line. In CSV and TSV, a cell with messages in
    JSON is what `decoded` makes of it; any other cell is text. Raises DataError naming file and
    row: another form than the file's name says, not to be opened, not UTF-8, cut short, a line
    that is not a JSON object, a CSV row with more or fewer fields than its header.
    """
    name = name or str(path)
    number = 0
    try:
        check_form(path, name)
        for number, columns in enumerate(_columns(path), start=1):
            if not isinstance(columns, dict):
                raise DataError(f"{name}, row {number}: is not an object with columns.", FIX)
            yield FileRow(name, number, columns)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{_place(path, name, number)}: is not UTF-8 (byte 0x{error.object[error.start]:02x}).",
            "Save the file as UTF-8.",
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{name}: the gzip file is cut short or damaged after row {number}.",
            "Copy or download it again.",
        ) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    except (ValueError, RecursionError, csv.Error) as error:
        if kind_of(path) == ".parquet":
            raise DataError(
                f"{name}: the Parquet file is cut short or damaged after row {number}"
                f" ({_first_line(error)}).",
                "Copy or download it again.",
            ) from error
        raise DataError(
            f"{_place(path, name, number)}: cannot be read ({_first_line(error)}).", FIX
        ) from error


def _place(path: Path, name: str, read: int) -> str:
    """The row after those that were read; a `.json` is mostly read as a whole."""
    return name if kind_of(path) == ".json" and not read else f"{name}, row {read + 1}"


def _columns(path: Path) -> Iterator[Any]:
    kind = kind_of(path)
    if kind == ".parquet":
        yield from _parquet(path)
        return
    if kind not in KINDS:
        raise unread_kind(path)
    with _open(path) as file:
        if kind == ".json":
            yield from _json_rows(path, file.read().decode("utf-8-sig"))
        elif kind in (".csv", ".tsv"):
            yield from _separated(_lines(file), "," if kind == ".csv" else "\t")
        else:
            yield from (parsed_json(line) for line in _lines(file) if line.strip())


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Decode line by line, so that a wrong byte is reported with its row."""
    for first, line in enumerate(file):
        yield line.decode("utf-8" if first else "utf-8-sig")


def _json_rows(path: Path, content: str) -> Iterable[Any]:
    try:
        return _list_of_rows(path, parsed_json(content))
    except json.JSONDecodeError as error:
        # Several values one after the other: a row on each line, under the wrong ending.
        if error.msg != "Extra data":
            raise
    return (parsed_json(line) for line in content.split("\n") if line.strip())


def _list_of_rows(path: Path, content: Any) -> list[Any]:
    rows = content.get("rows") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise DataError(
            f"{path}: does not hold a list of rows.", 'Make it a list, or an object with "rows".'
        )
    return rows


def _separated(lines: Iterator[str], delimiter: str) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # the default refuses long responses
    reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
    for row in reader:
        if None in row or None in row.values():
            raise csv.Error(f"not {len(reader.fieldnames or ())} fields, as in the header")
        yield {column: decoded(value) for column, value in row.items()}


def decoded(value: Any) -> Any:
    """A list of messages, a message, or an object with such a list, if `value` is the JSON text
    of one; else `value` itself, text in brackets too."""
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    try:
        parsed = parsed_json(value)
    except ValueError:
        return value
    # Only messages are meant as such: other JSON in a cell is somebody's text.
    match parsed:
        case [_, *_] as items if all(map(_is_message, items)):
            return parsed
        case {"messages": [_, *_] as items} | {"conversations": [_, *_] as items} if all(
            map(_is_message, items)
        ):
            return parsed
        case dict() if len(parsed) == 2 and _is_message(parsed):
            return parsed
    return value


def _is_message(item: Any) -> bool:
    return isinstance(item, dict) and any(
        keys <= item.keys() for keys in ({"role", "content"}, {"from", "value"})
    )


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Both keep a large row group from being held whole.
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 16) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error
    except OSError as error:
        if error.errno is None:  # Arrow's own, of a damaged page
            raise ValueError(str(error)) from error
        raise


def _open(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    return path.open("rb")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path}: cannot be read ({error.strerror or error}).",
        "Check the path and the permissions.",
    )
