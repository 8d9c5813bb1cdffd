"""Panels of entries as colours, with the numbers on them where they fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from vibench.exhibits.canvas import named, plain, width, wrapped
from vibench.exhibits.captions import UNITS, headings
from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.exhibits.numbers import published, written
from vibench.exhibits.shades import HIGHLIGHT, Scale, colours, scale_of

__all__ = ["draw", "legend", "size"]

CELL, WIDEST, LINE = 0.26, 0.62, 0.2  # inches: a cell at least and at most, a line of text
NUMBER, BOLD = 6.5, 1.1  # points; how much wider bold letters are
NAME = 200.0  # points: the widest name
LABEL = 80.0  # points: room that there always is for what an axis is of
FEW = 3.2  # inches: panels of few columns have room for their title
BAR = 0.95  # inches: the colour bar with its numbers


def size(panel: Panel, exhibit: Exhibit) -> tuple[float, float]:
    """Return the inches that a panel needs, wide and high."""
    names = max((width(named(row, NAME)) for row in panel.rows), default=0) / 72
    heads = max((width(_head(panel, i)) for i in range(len(panel.columns))), default=0) / 72
    wide = max(FEW, _cell(panel, exhibit) * len(panel.columns))
    upright = heads if _upright(panel, exhibit) else LINE
    labels = LINE * (bool(exhibit.rows) + bool(exhibit.columns) + bool(panel.title))
    rows = _row(panel, exhibit) * len(panel.rows)
    return names + wide + BAR + 0.6, rows + upright + labels + 0.35


def draw(figure: Any, axes: Sequence[Any], exhibit: Exhibit) -> None:
    """Draw every panel on its axes, and one colour bar for all."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    scale = scale_of(exhibit)
    mapped = ScalarMappable(Normalize(scale.low, scale.high), ListedColormap(colours(scale)))
    for axis, panel in zip(axes, exhibit.panels, strict=True):
        _panel(axis, panel, exhibit, scale)
    bar = figure.colorbar(
        mapped, ax=list(axes), fraction=0.03, pad=0.02, aspect=20, **_bar_placement(axes)
    )
    # The colour bar is as high as two panels at most, so its label has to fit those.
    beside = sum(_row(p, exhibit) * len(p.rows) for p in exhibit.panels[:2])
    bar.set_label(wrapped(UNITS.get(exhibit.unit, ""), max(LABEL, 72 * beside)))
    bar.outline.set_visible(False)


def legend(exhibit: Exhibit) -> list[str]:
    """Return the explanation of cells that are not plain numbers on a colour."""
    entries = [e for panel in exhibit.panels for row in panel.entries for e in row]
    lines = ["Hatched: not in the store."] if any(e.value is None for e in entries) else []
    if any(e.value is not None and e.of < e.wanted for e in entries):
        lines.append("In italics: the mean of a part only.")
    return lines


def _bar_placement(axes: Sequence[Any]) -> dict[str, Any]:
    """Return the place of the colour bar: at the top, no longer than two panels."""
    return {"shrink": min(1.0, 2 / len(axes)), "anchor": (0.0, 1.0), "panchor": (1.0, 1.0)}


def _panel(axis: Any, panel: Panel, exhibit: Exhibit, scale: Scale) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    fits = _fits(panel, exhibit)
    shaded = []
    for y, row in enumerate(panel.entries):
        for x, entry in enumerate(row):
            corner, shade = (x - 0.5, y - 0.5), scale.shade(entry.value)
            if not shade:
                lacking: dict[str, Any] = {"facecolor": "white", "edgecolor": "0.6"}
                axis.add_patch(Rectangle(corner, 1, 1, linewidth=0.5, hatch="////", **lacking))
                continue
            shaded.append(Rectangle(corner, 1, 1, facecolor=shade.background))
            if fits:
                _number(axis, x, y, _texts(entry, exhibit), entry, shade.text)
    # One collection is drawn much faster than thousands of patches.
    axis.add_collection(
        PatchCollection(shaded, match_original=True, edgecolor="white", linewidth=0.5)
    )
    axis.set_xlim(-0.5, len(panel.columns) - 0.5)
    # Downwards, so that rows are in the order of the table.
    axis.set_ylim(len(panel.rows) - 0.5, -0.5)
    _names(axis, panel, exhibit)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    if panel.title:
        axis.set_title(named(panel.title, 400, 11), loc="left", fontweight="bold")


def _texts(entry: Entry, exhibit: Exhibit) -> tuple[str, str]:
    """Return a number with its mark, and the paper's in brackets, "" if there is none."""
    cell, paper = written(entry, exhibit, intervals=False), published(entry, exhibit).line
    return cell.text + cell.mark, f"({paper})" if paper else ""


def _number(axis: Any, x: int, y: int, texts: tuple[str, str], entry: Entry, colour: str) -> None:
    """Write a number: in italics if it is a mean of fewer cells than all, bold if it is marked †,
    with the paper's below it in brackets."""
    text = "\n".join(filter(None, texts))
    style = "italic" if entry.of < entry.wanted else "normal"
    weight = "bold" if "†" in entry.mark else "normal"
    placement = {"ha": "center", "va": "center", "fontsize": NUMBER, "linespacing": 1.05}
    drawn = axis.text(
        x,
        y,
        plain(text.replace("-", "\u2212")),
        color=colour,
        style=style,
        weight=weight,
        **placement,
    )
    drawn.set_in_layout(False)  # it lies within the axes, and measuring it takes long


def _names(axis: Any, panel: Panel, exhibit: Exhibit) -> None:
    heads = [_head(panel, i) for i in range(len(panel.columns))]
    turned = {"rotation": 90} if _upright(panel, exhibit) else {}
    axis.set_xticks(range(len(heads)), heads, **turned)
    axis.set_yticks(range(len(panel.rows)), [named(row, NAME) for row in panel.rows])
    for label, name in zip(axis.get_xticklabels(), panel.columns, strict=True):
        if name in panel.highlighted:
            label.set_bbox({"facecolor": HIGHLIGHT, "edgecolor": "none", "pad": 1.2})
    if exhibit.rows:
        high = 72 * _row(panel, exhibit) * len(panel.rows)
        axis.set_ylabel(named(exhibit.rows, max(LABEL, high)))
    if exhibit.columns:
        axis.set_xlabel(named(exhibit.columns, NAME))


def _head(panel: Panel, column: int) -> str:
    group = headings(panel)[column]
    name = panel.columns[column]
    return named(f"{name} ({group})" if group else name, NAME)


def _upright(panel: Panel, exhibit: Exhibit) -> bool:
    cell = max(FEW / max(1, len(panel.columns)), _cell(panel, exhibit))
    return any(width(_head(panel, i)) + 4 > 72 * cell for i in range(len(panel.columns)))


def _widest(panel: Panel, exhibit: Exhibit) -> float:
    """Return the width of the widest number with its mark, in inches; the paper's may be wider."""
    texts = {
        text
        for row in panel.entries
        for entry in row
        if entry.value is not None and math.isfinite(entry.value)
        for text in _texts(entry, exhibit)
    }
    # Measuring text is slow; the widest is among the longest.
    longest = sorted(texts, key=len)[-8:]
    return BOLD * max((width(text, NUMBER) for text in longest), default=0) / 72 + 0.06


def _cell(panel: Panel, exhibit: Exhibit) -> float:
    return min(max(CELL, _widest(panel, exhibit)), WIDEST)


def _fits(panel: Panel, exhibit: Exhibit) -> bool:
    return _widest(panel, exhibit) <= max(WIDEST, FEW / max(1, len(panel.columns)))


def _row(panel: Panel, exhibit: Exhibit) -> float:
    # A second line of text needs a higher row.
    paper = any(e.paper is not None for row in panel.entries for e in row)
    return CELL * (1.3 if paper else 0.85)
