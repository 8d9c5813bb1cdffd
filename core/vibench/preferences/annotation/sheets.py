"""The kit's CSV files: cells no spreadsheet takes for formulas, and conversations as text.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@`. Such a cell is written with an
apostrophe before it, which is taken off when the file is read.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from vibench.data import read_text
from vibench.errors import DataError
from vibench.preferences.annotation.items import Item
from vibench.preferences.rows import FileRow
from vibench.text import spreadsheet_original, spreadsheet_safe

__all__ = ["conversation", "item_columns", "read_sheet", "write_sheet"]

_SPLIT = re.compile(r"(?<=[;,\t])(?=[=+\-@])")
_DELIMITERS = ",;\t"


def conversation(item: Item) -> str:
    """The turns as text, for reading.

    Lines of a turn are indented, and separators before a formula character are followed by
    a space, so that nothing passes for a cell of its own if the file is opened wrongly.
    """
    turns = []
    for message in item.messages:
        # With another separator than it was written with, a cell could fall apart, and its rest
        # begin with a formula character.
        text = _SPLIT.sub(" ", "\n  ".join(message.content.splitlines()))
        turns.append(f"{message.role.capitalize()}:\n  {text}")
    return "\n\n".join(turns)


def item_columns(items: Sequence[Item]) -> list[str]:
    """label_1, label_2, ... for as many labels as an item has."""
    width = max((len(item.labels) for item in items), default=0)
    return [f"label_{number}" for number in range(1, width + 1)]


def write_sheet(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file that spreadsheets read as UTF-8; every cell quoted and safe."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        writer.writerows([spreadsheet_safe(cell) for cell in row] for row in rows)


def read_sheet(path: Path, columns: Sequence[str]) -> Iterator[FileRow]:
    """The rows of a CSV file that has `columns`, as they were meant; blank rows are passed.

    Separators may be commas, semicolons or tabs: spreadsheets save what their country
    uses. Raises DataError naming file and row.
    """
    text = read_text(path)
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # the default refuses long responses
    # The header holds no conversation, so that its commonest separator is the file's.
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        header = next(reader, [])
        absent = [column for column in columns if column not in header]
        if absent:
            raise DataError(
                f"{path} has no column '{absent[0]}'.",
                f"Its columns are: {', '.join(header) or 'none, the file is empty'}.",
            )
        for number, cells in enumerate(reader, start=1):
            # Spreadsheets append empty rows when they save.
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise DataError(
                    f"{path}, row {number}: has {len(cells)} cells, and the header {len(header)}.",
                    f"Fix the row that ends on line {reader.line_num}.",
                )
            meant = map(spreadsheet_original, cells)
            yield FileRow(str(path), number, dict(zip(header, meant, strict=True)))
    except csv.Error as error:
        raise DataError(
            f"{path}, row {number + 1}: cannot be read as CSV ({error}).",
            f"Look at line {reader.line_num}; the file may be cut short.",
        ) from error
