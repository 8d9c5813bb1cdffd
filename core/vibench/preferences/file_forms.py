"""The forms of files with rows: by name, and by their first bytes."""

from __future__ import annotations

import re
from pathlib import Path

from vibench.errors import DataError

__all__ = ["KINDS", "check_form", "is_table", "kind_of", "unread_kind"]

KINDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
JSON_LIST = re.compile(rb"\s*\[\s*(\{|\Z)")


def is_table(path: Path) -> bool:
    """True if `read_rows` reads files of this name."""
    return kind_of(path) in KINDS


def kind_of(path: Path) -> str:
    """The ending of a file's name without .gz, in lower case."""
    suffixes = path.suffixes
    if suffixes and suffixes[-1] == ".gz":
        suffixes = suffixes[:-1]
    return suffixes[-1].lower() if suffixes else ""


def check_form(path: Path, name: str) -> None:
    """Raise DataError for a file that is not what its name says, by its first bytes."""
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        return
    if path.suffix == ".gz":
        what, expected = "a gzip file", start.startswith(b"\x1f\x8b")
    elif kind_of(path) == ".parquet":
        what, expected = "a Parquet file", start.startswith(b"PAR1")
    elif kind_of(path) in (".jsonl", ".ndjson") and JSON_LIST.match(start):
        raise DataError(
            f"{name}: is a list of rows in JSON, not a row on each line.",
            "Give the file's name the ending .json.",
        )
    else:
        return
    if not expected:
        raise DataError(
            f"{name}: is not {what}.",
            "Give the file's name the ending of what it is (.jsonl, .json, .csv), or download it"
            " again: a pointer of Git LFS or a page of an error has no rows.",
        )


def unread_kind(path: Path) -> DataError:
    """The error for a file of another form."""
    return DataError(
        f"{path}: files of this kind are not read.",
        f"Known: {', '.join(KINDS)}, all but the last also with .gz.",
    )
