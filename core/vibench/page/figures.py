"""The tables and figures as a page has them: tables whose cells are shaded or carry bars."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vibench.exhibits.captions import above, below, title
from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.exhibits.layout import Column, columns, labels
from vibench.exhibits.numbers import Shown
from vibench.exhibits.shades import Shade, scale_of
from vibench.text import clean

__all__ = ["Bar", "Cell", "Figure", "Grid", "figures"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from `start`, `length` long, and its interval, in hundredths of the cell."""

    start: float
    length: float
    zero: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One number in words, what it is sorted by, and how it is drawn."""

    shown: Shown
    order: float | None
    shade: Shade | None
    bar: Bar | None
    paper: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """One panel. `heads` are (name, highlighted, words); `groups` (name, how many columns)."""

    title: str
    corner: str
    groups: tuple[tuple[str, int], ...]
    heads: tuple[tuple[str, bool, bool], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One exhibit."""

    name: str
    title: str
    about: str
    notes: tuple[str, ...]
    kind: str
    grids: tuple[Grid, ...]


def figures(exhibits: Iterable[Exhibit]) -> tuple[list[Figure], list[Figure]]:
    """Those that there is something of, and those that the store has nothing of."""
    made = [(exhibit, _figure(exhibit)) for exhibit in exhibits]
    return [f for e, f in made if not e.empty], [f for e, f in made if e.empty]


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
    heads: list[tuple[str, bool, bool]] = []
    cells: list[list[Cell]] = []
    groups: list[tuple[str, int]] = []
    for i, column in enumerate(columns(panel, exhibit)):
        entries = [row[i] for row in panel.entries]
        parts = [_cells(column, entries, exhibit)]
        heads.append((column.head, column.highlighted, column.words))
        if column.paper:
            parts.append([Cell(Shown(text), None, None, None, True) for text in column.paper])
            heads.append(("paper", False, column.words))
        cells += parts
        if groups and groups[-1][0] == column.group:
            groups[-1] = (column.group, groups[-1][1] + len(parts))
        else:
            groups.append((column.group, len(parts)))
    rows = zip(labels(panel), zip(*cells, strict=True), strict=True) if cells else ()
    named = any(name for name, _ in groups)
    return Grid(
        clean(panel.title),
        clean(exhibit.rows),
        tuple(groups) if named else (),
        tuple(heads),
        tuple(rows),
    )


def _cells(column: Column, entries: Sequence[Entry], exhibit: Exhibit) -> list[Cell]:
    scale = scale_of(exhibit) if exhibit.kind == "heatmap" else None
    drawn = exhibit.kind in ("bars", "columns")
    reach = _reach(exhibit) if drawn else (0.0, 1.0)
    return [
        Cell(
            shown,
            value,
            scale.shade(value) if scale else None,
            _bar(entry, *reach) if drawn else None,
        )
        for shown, value, entry in zip(column.cells, column.values, entries, strict=True)
    ]


def _reach(exhibit: Exhibit) -> tuple[float, float]:
    """From where to where bars and intervals go, zero among it."""
    ends = [
        end
        for panel in exhibit.panels
        for row in panel.entries
        for e in row
        for end in (e.value, e.low, e.high)
        if end is not None and math.isfinite(end)
    ]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    return (low, high) if high > low else (0.0, 1.0)


def _bar(entry: Entry, low: float, high: float) -> Bar | None:
    if entry.value is None or not math.isfinite(entry.value):
        return None

    def place(value: float) -> float:
        return round(100 * (min(max(value, low), high) - low) / (high - low), 2)

    zero, end = place(0), place(entry.value)
    return Bar(
        min(zero, end),
        round(abs(end - zero), 2),
        zero,
        None if entry.low is None else place(entry.low),
        None if entry.high is None else place(entry.high),
    )
