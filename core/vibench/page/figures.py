"""The tables and figures on a page: tables whose cells are shaded or have bars."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vibench.exhibits.captions import above, below, title
from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.exhibits.exhibit_table import table_of
from vibench.exhibits.shades import Shade
from vibench.exhibits.table import Column, TableCell
from vibench.text import clean

__all__ = ["Bar", "Figure", "FigureCell", "Grid", "figures"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from `start`, `length` long, and its interval, in hundredths of the cell."""

    start: float
    length: float
    zero: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FigureCell:
    """A cell, the number it is sorted by, and the colour or bar it is drawn with. `paper` marks
    the paper's own numbers."""

    cell: TableCell
    order: float | None = None
    shade: Shade | None = None
    bar: Bar | None = None
    paper: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A panel. `heads` are (name, highlighted, words); `groups` (name, number of columns)."""

    title: str
    corner: str
    groups: tuple[tuple[str, int], ...]
    heads: tuple[tuple[str, bool, bool], ...]
    rows: tuple[tuple[str, tuple[FigureCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """An exhibit."""

    name: str
    title: str
    about: str
    notes: tuple[str, ...]
    kind: str
    grids: tuple[Grid, ...]


def figures(exhibits: Iterable[Exhibit]) -> tuple[list[Figure], list[Figure]]:
    """Return the figures that the store has numbers for, and those that it does not."""
    drawn = [(exhibit, _figure(exhibit)) for exhibit in exhibits]
    return [f for e, f in drawn if not e.empty], [f for e, f in drawn if e.empty]


def _figure(exhibit: Exhibit) -> Figure:
    return Figure(
        clean(exhibit.name),
        title(exhibit),
        above(exhibit),
        tuple(below(exhibit)),
        exhibit.kind,
        tuple(_grid(panel, exhibit) for panel in exhibit.panels),
    )


def _grid(panel: Panel, exhibit: Exhibit) -> Grid:
    labels, *columns = table_of(panel, exhibit).columns
    groups: list[tuple[str, int]] = []
    for column in columns:
        if groups and groups[-1][0] == column.group:
            groups[-1] = (column.group, groups[-1][1] + 1)
        else:
            groups.append((column.group, 1))
    # Columns that follow (the paper's numbers) have no entries of their own.
    cells, number = [], 0
    for column in columns:
        if column.follows:
            cells.append([FigureCell(cell, paper=True) for cell in column.cells])
            continue
        cells.append(_cells(column, [row[number] for row in panel.entries], exhibit))
        number += 1
    rows = zip((label.text for label in labels.cells), zip(*cells, strict=True), strict=True)
    return Grid(
        clean(panel.title),
        labels.head,
        tuple(groups) if any(name for name, _ in groups) else (),
        tuple((column.head, column.highlighted, column.words) for column in columns),
        tuple(rows) if cells else (),
    )


def _cells(column: Column, entries: Sequence[Entry], exhibit: Exhibit) -> list[FigureCell]:
    drawn = exhibit.kind in ("bars", "columns")
    # One range for all panels, so that bars compare across them.
    reach = _reach(exhibit) if drawn else (0.0, 1.0)
    shades = column.shades or (None,) * len(entries)
    return [
        FigureCell(cell, value, shade, _bar(entry, *reach) if drawn else None)
        for cell, value, shade, entry in zip(
            column.cells, column.values, shades, entries, strict=True
        )
    ]


def _reach(exhibit: Exhibit) -> tuple[float, float]:
    """Return the ends of bars and intervals, with zero between them."""
    ends = [
        end
        for panel in exhibit.panels
        for row in panel.entries
        for e in row
        for end in (e.value, e.low, e.high)
        if end is not None and math.isfinite(end)
    ]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    # All zero: take any range that bars can be divided by.
    return (low, high) if high > low else (0.0, 1.0)


def _bar(entry: Entry, low: float, high: float) -> Bar | None:
    if entry.value is None or not math.isfinite(entry.value):
        return None

    def position(value: float) -> float:
        return round(100 * (min(max(value, low), high) - low) / (high - low), 2)

    zero, end = position(0), position(entry.value)
    return Bar(
        min(zero, end),
        round(abs(end - zero), 2),
        zero,
        None if entry.low is None else position(entry.low),
        None if entry.high is None else position(entry.high),
    )
