"""Rows on a screen: each on a line, or a column on a line where the screen is too narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vibench.exhibits.document import Document, Section
from vibench.exhibits.lists import NONE, table_of_values
from vibench.exhibits.table import Table, words
from vibench.exhibits.table_layout import fits
from vibench.exhibits.terminal import show as print_document
from vibench.results.answers import as_text
from vibench.text import clean

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.results.database import QueryResult

__all__ = ["show", "written"]

MAX_WIDTH = 60
"""Characters of a cell that are shown."""


def show(answer: QueryResult, limit: int, screen: Console) -> None:
    """Print the first rows of an answer, and a line if there are more."""
    names = [clean(name) for name in answer.schema.names]
    rows: list[tuple[Any, ...]] = []
    for batch in answer.batches:
        # One row more than is printed shows if there are more, without reading on.
        columns = (column.to_pylist() for column in batch.slice(0, limit + 1 - len(rows)).columns)
        rows += zip(*columns, strict=True)
        # Stop reading: the query may have millions of rows.
        if len(rows) > limit:
            break
    cut = len(rows) > limit
    table = table_of_values(names, rows[:limit], written)
    # Only a terminal wraps lines: files and pipes get a row on a line, however long.
    narrow = screen.is_terminal and not fits(table, screen.width)
    print_document(_records(table) if rows and narrow else (Section("", (table,)),), screen)
    if cut:
        print(f"The first {limit:,} rows; more with --rows N, all with -o FILE or --format csv.")
    elif not rows:
        print("No row.")


def _records(table: Table) -> Document:
    """Return each row as a section with a line for each of its cells."""
    names = words("", [f"  {column.head}" for column in table.columns])
    return tuple(
        Section(
            f"row {number:,}",
            (Table((names, words("", [cell.text for cell in row])), fit="whole"),),
        )
        for number, row in enumerate(table.rows, start=1)
    )


def written(value: Any) -> str:
    """Return a value as text: one line of limited length."""
    match value:
        case None:
            return NONE
        case bool():  # before int, which truths are to Python
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.6g}"
    return clean(as_text(value), MAX_WIDTH)
