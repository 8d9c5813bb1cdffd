"""Small tables that a command prints: on a terminal, as JSON or as CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Form", "Sheet", "interval", "show"]

Form = Literal["terminal", "json", "csv"]

GAP = 2
"""Characters between columns."""

SHORT = 24
"""Cells of a column that are no longer than this are never broken over lines."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, column names and rows of text, numbers and None; numbers that are shares from
    0 to 1 stand in `percent` columns and are shown as percentages on a terminal. Notes are
    sentences below it."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    percent: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def show(full: Sheet, form: Form, screen: Console, shown: Sequence[Sheet] = ()) -> None:
    """Print `full` as JSON or CSV; on a terminal `shown` if given, which may be less."""
    if form == "json":
        rows = [dict(zip(full.columns, row, strict=True)) for row in full.rows]
        whole = {"title": full.title, "rows": rows, "notes": list(full.notes)}
        print(json.dumps(whole, indent=1, ensure_ascii=False))
    elif form == "csv":
        from vibench.text import spreadsheet_safe

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(full.columns)
        writer.writerows([spreadsheet_safe(cell) for cell in row] for row in full.rows)
    else:
        for sheet in shown or (full,):
            if sheet.rows:
                draw(sheet, screen)


def interval(low: float | None, high: float | None) -> str | None:
    """An interval of shares in words, in percent; None if it is not known."""
    return None if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}"


def draw(sheet: Sheet, screen: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    screen.print(Text(f"\n{sheet.title}", style="bold"))
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
    needed = 0
    texts = [
        [worded(cell, name in sheet.percent) for name, cell in zip(sheet.columns, row, strict=True)]
        for row in sheet.rows
    ]
    for i, name in enumerate(sheet.columns):
        words = all(isinstance(row[i], str | None) for row in sheet.rows)
        width = max((len(row[i]) for row in texts), default=0)
        needed += max(min(width, SHORT), *map(len, name.split())) + GAP
        table.add_column(
            Text(name),
            justify="left" if words else "right",
            overflow="fold",
            min_width=width if width <= SHORT else None,
        )
    for row in texts:
        table.add_row(*map(Text, row))
    # A screen that is too narrow breaks lines; rich alone would leave columns out.
    screen.print(table, width=max(screen.width, needed), crop=False)
    for note in sheet.notes:
        screen.print(note, markup=False)


def worded(cell: Any, percent: bool) -> str:
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case float() if percent:
            return f"{100 * cell:.2f}"
        case float():
            return f"{cell:,.2f}"
        case int():
            return f"{cell:,}"
    # Control characters of a model's text could move the cursor or change colours.
    return "".join(c if c.isprintable() else " " for c in str(cell))
