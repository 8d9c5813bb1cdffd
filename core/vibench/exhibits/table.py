"""One type of table for all that is printed: reports, exhibits, the gate and lists.

A table is text in columns, laid out by nobody yet. The terminal folds it to its width, Markdown
and LaTeX write it whole. Numbers keep their parts (error, interval, mark), so that each form can
set them in its own way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vibench.exhibits.shades import Shade

__all__ = ["Column", "Fit", "Table", "TableCell", "Tone", "numbers", "words"]

Tone = Literal["", "strong", "dim", "good", "caution", "doubt", "warning", "alarm"]
"""What a text is worth noting for; a terminal has a colour for each."""

Fit = Literal["parts", "fold", "whole"]
"""What a terminal does with a table that is wider than it: print it in parts, fold words over
lines, or leave each row on its line, which the terminal then breaks."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """One place of a table as plain text; each part is "" where there is no such thing.

    `text` is a number ("12.3") or words, and may have several lines. `error` is printed after a
    ±, `interval` is "[+1.0, +3.4]", `mark` "†" or "*", and `coverage` "11/15" for a number that
    is the mean of fewer cells than a complete store has. `words` says that `text` is no number.
    """

    text: str
    error: str = ""
    interval: str = ""
    mark: str = ""
    coverage: str = ""
    words: bool = False
    tone: Tone = ""

    @property
    def line(self) -> str:
        """All parts in one line: "12.3 ±0.4 [11.5, 13.1]† (11/15)"."""
        parts = [self.text, f"±{self.error}" if self.error else "", self.interval]
        joined = " ".join(filter(None, parts)) + self.mark
        return f"{joined} ({self.coverage})" if self.coverage else joined


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a head, which may have several lines, and a cell for each row.

    Columns of `words` are aligned left and can be folded; numbers are aligned right and cannot.
    `group` is a heading over neighbouring columns. `values` are the numbers behind the cells,
    and `shades` their colours in a heatmap; () without. A column that `follows` belongs to the
    one before it (the paper's numbers) and is never printed apart from it.
    """

    head: str
    cells: tuple[TableCell, ...]
    words: bool = False
    group: str = ""
    values: tuple[float | None, ...] = ()
    shades: tuple[Shade | None, ...] = ()
    highlighted: bool = False
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equally many cells. The first `pinned` ones are repeated in each part."""

    columns: tuple[Column, ...]
    title: str = ""
    pinned: int = 1
    fit: Fit = "parts"

    @property
    def rows(self) -> Iterable[tuple[TableCell, ...]]:
        """The cells, row by row."""
        return zip(*(column.cells for column in self.columns), strict=True)

    def without(self, head: str) -> Table:
        """Return the table without the column of that head."""
        columns = tuple(column for column in self.columns if column.head != head)
        # One pinned column fewer if it is one of them.
        pinned = sum(column.head != head for column in self.columns[: self.pinned])
        return replace(self, columns=columns, pinned=pinned)


def words(head: str, cells: Iterable[str]) -> Column:
    """Return a column of words."""
    return Column(head, tuple(TableCell(cell, words=True) for cell in cells), words=True)


def numbers(head: str, cells: Sequence[str]) -> Column:
    """Return a column of numbers that are written already."""
    return Column(head, tuple(map(TableCell, cells)))
