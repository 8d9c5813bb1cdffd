"""Panels of entries as bars, horizontal ("bars") or upright ("columns"), with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vibench.exhibits.canvas import COLOURS, fitted, named, width
from vibench.exhibits.captions import UNITS, has_paper, headings
from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.exhibits.numbers import written
from vibench.text import clean

__all__ = ["draw", "legend", "size"]

BAR, BETWEEN = 0.17, 0.12  # inches: a bar, the room between groups of them
LONG, WIDEST = 4.2, 14.0  # inches: the axis along which bars grow; the other, if upright
NAME, SERIES = 200.0, 150.0  # points: the widest name of a group, and in the legend
NOTE = 6.5  # points

DIAMOND: Final = {
    "marker": "D",
    "markersize": 3.5,
    "linestyle": "none",
    "color": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.8,
}


def size(panel: Panel, exhibit: Exhibit) -> tuple[float, float]:
    """Return the inches that a panel needs, wide and high."""
    names = max((width(named(row, NAME)) for row in panel.rows), default=0) / 72
    lines = math.ceil((len(panel.columns) + 1) / _abreast(panel, exhibit))
    legend = 0.22 * lines + 0.1 if _series(panel) else 0
    wide, across = _wide(panel, exhibit), max(2, len(panel.rows)) * _step(panel)
    if exhibit.kind == "bars":
        return names + wide + 0.9, across + legend + 0.9
    turned = names if _turned(panel) else 0.15
    return wide + 1.0, 2.6 + turned + legend + 0.6


def draw(figure: Any, axes: Sequence[Any], exhibit: Exhibit) -> None:
    """Draw every panel on its axes, with a legend where it has several columns."""
    for axis, panel in zip(axes, exhibit.panels, strict=True):
        canvas = Canvas(axis, exhibit.kind == "columns")
        for series in range(len(panel.columns)):
            _bars(canvas, panel, exhibit, series)
        _frame(axis, panel, exhibit, canvas.upright)
        if panel.title:
            axis.set_title(named(panel.title, 300, 11), loc="left", fontweight="bold")
        if has_paper(e for row in panel.entries for e in row):
            # Without points: it only adds the diamond to the legend.
            axis.plot([], [], label="paper", **DIAMOND)
        if _series(panel):
            corner = {"loc": "lower left", "bbox_to_anchor": (0, 1.06 if panel.title else 1.0)}
            axis.legend(ncols=_abreast(panel, exhibit), frameon=False, fontsize=8, **corner)
    # Last, when every axis knows the range of its own bars.
    _alike(axes, exhibit.kind == "columns")


def _alike(axes: Sequence[Any], upright: bool) -> None:
    """Give every panel the same range of numbers, so that bars can be compared across panels."""
    limits = [axis.get_ylim() if upright else axis.get_xlim() for axis in axes]
    low, high = min(low for low, _ in limits), max(high for _, high in limits)
    for axis in axes:
        (axis.set_ylim if upright else axis.set_xlim)(low, high)


def legend(exhibit: Exhibit) -> list[str]:
    """Return the explanation of the lines across the ends of bars."""
    entries = [e for panel in exhibit.panels for row in panel.entries for e in row]
    if any(e.low is not None for e in entries):
        return ["Lines across the ends: 95 % intervals."]
    if any(e.error is not None for e in entries):
        return [f"Lines across the ends, to both sides: the {exhibit.error or 'error'}."]
    return []


@dataclass(frozen=True, slots=True)
class Canvas:
    """Axes on which bars grow to the right, or up if `upright`."""

    axis: Any
    upright: bool

    def bar(self, position: float, end: float, thick: float, colour: str) -> None:
        draw_bar = self.axis.bar if self.upright else self.axis.barh
        draw_bar(position, end, thick, color=colour, edgecolor="white", linewidth=0.4)

    def line(self, position: float, low: float, high: float) -> None:
        draw_line = self.axis.vlines if self.upright else self.axis.hlines
        draw_line(position, low, high, color="0.15", linewidth=1)

    def diamond(self, position: float, value: float) -> None:
        x, y = (position, value) if self.upright else (value, position)
        self.axis.plot(x, y, **DIAMOND)

    def note(self, position: float, end: float, text: str, rising: bool, colour: str) -> None:
        """Write a few words behind the end of a bar; behind upright bars they are upright."""
        away = 3 if rising else -3
        where: dict[str, Any] = {"xy": (end, position), "xytext": (away, 0), "va": "center"}
        where["ha"] = "left" if rising else "right"
        if self.upright:
            side = "bottom" if rising else "top"
            where = {"xy": (position, end), "xytext": (0, away), "ha": "center", "va": side}
            # A lone mark is short enough to stay level.
            where["rotation"] = 90 if len(text) > 2 else 0
        words = fitted(text.replace("-", "\u2212"), 80, NOTE)
        if words:
            how = {"textcoords": "offset points", "fontsize": NOTE, "color": colour}
            self.axis.annotate(words, **where, **how)


def _bars(canvas: Canvas, panel: Panel, exhibit: Exhibit, series: int) -> None:
    """Draw one column of the panel: a bar for each of its rows, or the text it has instead."""
    many = len(panel.columns)
    # The bars of a group fill 0.8 of its step, and are centred on it.
    thick = 0.8 / many
    for row, entries in enumerate(panel.entries):
        entry, position = entries[series], row + thick * (series - (many - 1) / 2)
        if entry.value is None or not math.isfinite(entry.value):
            canvas.note(position, 0, clean(entry.text) or "no data", True, "0.45")
            continue
        canvas.bar(position, entry.value, thick, COLOURS[series])
        low, high = _reach(entry)
        if low is not None and high is not None:
            canvas.line(position, low, high)
        if entry.paper is not None:
            canvas.diamond(position, entry.paper)
        ends = [v for v in (entry.value, low, high, entry.paper) if v is not None]
        rising = entry.value >= 0
        cell = written(entry, exhibit, intervals=False)
        text = cell.text + cell.mark if many == 1 else cell.mark
        text += f" ({cell.coverage})" if cell.coverage else ""
        canvas.note(position, max(ends) if rising else min(ends), text.strip(), rising, "0.15")
    # A bar without length, for the legend: the first real one may be missing.
    canvas.axis.bar(0, 0, 0, color=COLOURS[series], label=_head(panel, series))


def _reach(entry: Entry) -> tuple[float | None, float | None]:
    """Return the ends of the whisker: the interval, or the error to both sides."""
    if entry.low is not None and entry.high is not None:
        return entry.low, entry.high
    if entry.error is None or entry.value is None:
        return None, None
    return entry.value - entry.error, entry.value + entry.error


def _frame(axis: Any, panel: Panel, exhibit: Exhibit, upright: bool) -> None:
    names = [named(row, NAME) for row in panel.rows]
    line, along = (axis.axhline, axis.yaxis) if upright else (axis.axvline, axis.xaxis)
    line(0, color="0.2", linewidth=0.8)
    # Margins also where bars end at zero, or their notes would touch the frame.
    axis.use_sticky_edges = False
    unit = named(UNITS.get(exhibit.unit, ""), 300)
    if upright:
        turned = {"rotation": 90} if _turned(panel) else {}
        axis.set_xticks(range(len(names)), names, **turned)
        axis.set_xlim(-0.6, max(2, len(names)) - 0.4)
        axis.set_ylabel(unit)
        axis.margins(y=0.12)
        axis.set_ylim(bottom=_start(panel))
    else:
        axis.set_yticks(range(len(names)), names)
        # Downwards, so that rows are in the order of the table.
        axis.set_ylim(max(2, len(names)) - 0.4, -0.6)
        axis.set_xlabel(unit)
        axis.margins(x=0.15)
        axis.set_xlim(left=_start(panel))
    along.grid(True, color="0.88")
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines["bottom" if upright else "left"].set_visible(False)
    axis.tick_params(axis="x" if upright else "y", length=0)


def _start(panel: Panel) -> float | None:
    """Return zero if nothing is drawn below it; None leaves the axis as it is."""
    entries = [e for row in panel.entries for e in row]
    ends = [end for e in entries for end in (e.value, e.paper, *_reach(e)) if end is not None]
    return 0 if ends and min(ends) >= 0 else None


def _series(panel: Panel) -> bool:
    return len(panel.columns) > 1 or has_paper(e for row in panel.entries for e in row)


def _head(panel: Panel, column: int) -> str:
    group, name = headings(panel)[column], panel.columns[column]
    return named(f"{name} ({group})" if group else name, SERIES, 8)


def _wide(panel: Panel, exhibit: Exhibit) -> float:
    """Return the inches that the axes are wide."""
    across = max(2, len(panel.rows)) * _step(panel)
    return LONG if exhibit.kind == "bars" else min(max(across, LONG), WIDEST)


def _abreast(panel: Panel, exhibit: Exhibit) -> int:
    """Return how many names a line of the legend has room for."""
    widest = max((width(_head(panel, i), 8) for i in range(len(panel.columns))), default=0)
    return max(1, min(4, int(72 * _wide(panel, exhibit) / (widest + 42))))


def _step(panel: Panel) -> float:
    """Return the inches from one group of bars to the next."""
    return BAR * len(panel.columns) + BETWEEN if len(panel.columns) > 1 else 0.25


def _turned(panel: Panel) -> bool:
    rows = max(2, len(panel.rows))
    step = min(max(_step(panel), LONG / rows), WIDEST / rows)
    return any(width(named(row, NAME)) + 6 > 72 * step for row in panel.rows)
