"""Rows on a screen: each on a line, or below each other where the screen is too narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vibench.results.answers import as_text
from vibench.text import clean

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.results.database import Answer

__all__ = ["show", "show_rows", "worded"]

NULL = "–"

WIDEST = 60
"""Characters of a cell that are shown."""

GAP = 2
"""Characters between columns."""


def show(answer: Answer, most: int, screen: Console) -> None:
    """The first rows of an answer, and whether there are more."""
    names = [clean(name) for name in answer.schema.names]
    rows: list[list[str]] = []
    for batch in answer.batches:
        columns = (column.to_pylist() for column in batch.slice(0, most + 1 - len(rows)).columns)
        rows += [list(map(worded, row)) for row in zip(*columns, strict=True)]
        if len(rows) > most:
            break
    more = len(rows) > most
    rows = rows[:most]
    if rows and screen.is_terminal and _width(names, rows) > screen.width:
        _show_long(names, rows, screen)
    else:
        show_rows(names, rows, screen)
    if more:
        print(f"The first {most:,} rows; more with --rows N, all with -o FILE or --format csv.")
    elif not rows:
        print("No row.")


def show_rows(names: Sequence[str], rows: Sequence[Sequence[str]], screen: Console) -> None:
    """One line each, however long (rich would cut them off); texts as `worded` gives them."""
    from rich.cells import cell_len
    from rich.text import Text

    widths = [max(cell_len(row[i]) for row in (names, *rows)) for i in range(len(names))]
    right = [
        bool(rows) and all(isinstance(row[i], _Number) or row[i] == NULL for row in rows)
        for i in range(len(names))
    ]

    def line(row: Sequence[str]) -> str:
        parts = []
        for cell, width, numbers in zip(row, widths, right, strict=True):
            gap = " " * (width - cell_len(cell))
            parts.append(gap + cell if numbers else cell + gap)
        return (" " * GAP).join(parts).rstrip()

    screen.print(Text(line(names), style="bold"), soft_wrap=True)
    if rows:
        screen.print(Text("\n".join(map(line, rows))), soft_wrap=True)


def _width(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    from rich.cells import cell_len

    return sum(max(cell_len(row[i]) for row in (names, *rows)) + GAP for i in range(len(names)))


def _show_long(names: Sequence[str], rows: Sequence[Sequence[str]], screen: Console) -> None:
    from rich.text import Text

    widest = max(map(len, names))
    for number, row in enumerate(rows, start=1):
        screen.print(Text(f"row {number:,}", style="bold"))
        for name, cell in zip(names, row, strict=True):
            screen.print(Text(f"  {name:<{widest}}  {cell}"), soft_wrap=True)


class _Number(str):
    """A number in words."""


def worded(value: Any) -> str:
    """A value in words, on one line and not endless."""
    match value:
        case None:
            return NULL
        case bool():
            return "yes" if value else "no"
        case int():
            return _Number(f"{value:,}")
        case float():
            return _Number(f"{value:.6g}")
        case _:
            return clean(as_text(value), WIDEST)
