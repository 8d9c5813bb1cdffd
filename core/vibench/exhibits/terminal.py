"""A table or figure on a terminal, by rich: shaded where there are colours, else numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Drawing
from rich.text import Text

from vibench.exhibits.captions import above, below, title
from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.layout import Column, columns, labels
from vibench.exhibits.numbers import Shown
from vibench.exhibits.shades import HIGHLIGHT, Scale, scale_of
from vibench.text import clean

__all__ = ["show"]

GAP = 2
HEAD, NARROW, LONGEST = 16, 10, 18
"""Characters of a column's name in a line, in one of a heatmap, and of a word left whole."""
WORDS = 26
"""Characters of a column of text that is folded, at least."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A column as it is printed: its lines of head, and its cells as wide as each other.
    `least` is the narrowest it can be; only text can be narrower than it is."""

    head: str
    cells: tuple[str, ...]
    styles: tuple[str, ...]
    head_style: str = ""
    words: bool = False

    @property
    def wide(self) -> int:
        return max(map(cell_len, (*self.head.split("\n"), *self.cells)))

    @property
    def least(self) -> int:
        return min(self.wide, WORDS) if self.words else self.wide


def show(exhibit: Exhibit, console: Console) -> None:
    """Print an exhibit: title, settings, a table for each panel (in parts where one is wider
    than the terminal), how to read it, and what is missing.

    Everything is printed as plain text, so that markup in a name does nothing.
    """
    console.print(Text(title(exhibit), style="bold"))
    console.print(Text(above(exhibit)))
    coloured = console.color_system is not None and not console.no_color
    scale = scale_of(exhibit) if exhibit.kind == "heatmap" and coloured else None
    for panel in exhibit.panels:
        if panel.title:
            console.print()
            console.print(Text(clean(panel.title), style="italic"))
        rows = labels(panel)
        left = min(max(map(cell_len, (clean(exhibit.rows), *rows))), console.width // 3)
        made = [_drawn(column, exhibit, scale) for column in columns(panel, exhibit)]
        room = console.width - left - GAP
        for part in _parts(made, room):
            console.print()
            console.print(_table((clean(exhibit.rows), *rows), left, part, room))
        if not coloured and panel.highlighted:
            names = (clean(name) for name in panel.columns if name in panel.highlighted)
            console.print(Text(f"Highlighted: {', '.join(names)}."))
    said = below(exhibit)
    if said:
        console.print()
    for line in said:
        console.print(Text(line, style="dim"), soft_wrap=line.startswith("To make it:"))


def _drawn(column: Column, exhibit: Exhibit, scale: Scale | None) -> list[Drawn]:
    """The column, with the paper's behind it where it has that."""
    fold = NARROW if exhibit.kind == "heatmap" else HEAD
    head = "\n".join(_folded(column.group, fold) + _folded(column.head, fold))
    cells = [c.value for c in column.cells] if column.words else _aligned(column.cells)
    styles = ["bold" if "†" in cell.mark else "" for cell in column.cells]
    if scale:
        shades = [scale.shade(value) for value in column.values]
        styles = [
            f"{style} {shade.text} on {shade.background}" if shade else style
            for style, shade in zip(styles, shades, strict=True)
        ]
    head_style = f"bold #000000 on {HIGHLIGHT}" if column.highlighted else ""
    own = _padded(Drawn(head, tuple(cells), tuple(styles), head_style, column.words))
    if not column.paper:
        return [own]
    dim = ("dim",) * len(cells)
    return [own, _padded(Drawn("paper", column.paper, dim, words=column.words))]


def _padded(column: Drawn) -> Drawn:
    """Numbers to the right, with what pads them: rich would strip it behind those without a
    mark."""
    if column.words:
        return column
    wide = column.wide
    head = "\n".join(_right(line, wide) for line in column.head.split("\n"))
    return replace(column, head=head, cells=tuple(_right(cell, wide) for cell in column.cells))


def _right(text: str, wide: int) -> str:
    return " " * (wide - cell_len(text)) + text


def _folded(text: str, width: int) -> list[str]:
    """The lines of a name: between words, within one only where that is endless."""
    lines = textwrap.wrap(text, width, break_long_words=False)
    return [part for line in lines for part in textwrap.wrap(line, max(width, LONGEST))]


def _aligned(cells: Sequence[Shown]) -> list[str]:
    """Values below values, errors below errors, marks below marks."""
    parts = [
        (
            cell.value,
            f" ±{cell.error}" if cell.error else "",
            f" {cell.interval}" if cell.interval else "",
            cell.mark,
            f" ({cell.coverage})" if cell.coverage else "",
        )
        for cell in cells
    ]
    widths = [max(map(cell_len, column)) for column in zip(*parts, strict=True)]
    marks = 3
    lines = []
    for row in parts:
        padded = [
            part.ljust(wide) if i == marks else part.rjust(wide)
            for i, (part, wide) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("".join(padded))
    return lines


def _parts(made: Sequence[list[Drawn]], width: int) -> Iterable[list[Drawn]]:
    """The columns in as many parts as needed for each to fit; the paper's stay beside their
    own, and a part has one at least."""
    part: list[Drawn] = []
    used = 0
    for unit in made:
        need = sum(column.least + GAP for column in unit)
        if part and used + need - GAP > width:
            yield part
            part, used = [], 0
        part = [*part, *unit]
        used += need
    if part:
        yield part


def _table(rows: Sequence[str], left: int, part: Sequence[Drawn], room: int) -> Drawing:
    """A part, with the corner's name and the rows' before it; what `room` is too narrow for
    is folded."""
    drawn = Drawing(
        box=box.SIMPLE_HEAD,
        padding=(0, GAP - 1, 0, 0),  # the box draws a column of its own
        pad_edge=False,
        show_edge=False,
        header_style="",
    )
    drawn.add_column(Text(rows[0]), min_width=left, max_width=left, overflow="fold")
    for column in part:
        drawn.add_column(
            Text(column.head, style=column.head_style),
            min_width=min(column.least, room),
            no_wrap=not column.words and column.wide <= room,
            overflow="fold",
        )
    for i, row in enumerate(rows[1:]):
        cells = (Text(column.cells[i], style=column.styles[i]) for column in part)
        drawn.add_row(Text(row), *cells)
    return drawn
