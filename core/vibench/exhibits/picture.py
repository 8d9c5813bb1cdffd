"""A heatmap, bars or columns as PNG, SVG or PDF, by matplotlib."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from vibench.errors import UsageError
from vibench.exhibits.canvas import FORMATS, canvas, saved, wrapped
from vibench.exhibits.captions import above, below, title
from vibench.exhibits.exhibit import Exhibit, Panel

__all__ = ["PICTURED", "picture"]

PICTURED: Final = ("heatmap", "bars", "columns")
"""The kinds of exhibits that are pictures; a "table" is not."""

SERIES = 8
"""Columns that one panel of bars can tell apart."""

SMALL = 7.0  # points


def picture(exhibit: Exhibit, form: str) -> bytes:
    """Return the file's content; `form` is "png", "svg" or "pdf". The same numbers are the same
    bytes. Panels are below each other, and the caption is below them.

    Raise UsageError for a table or another form, MissingExtra without matplotlib.
    """
    if exhibit.kind not in PICTURED or form not in FORMATS:
        raise UsageError(
            f"The {exhibit.kind} '{exhibit.name}' cannot be drawn as {form}.",
            f"Exhibits of the kinds {', '.join(PICTURED)} have pictures, as {', '.join(FORMATS)}; "
            "every exhibit has --format terminal, markdown, latex, csv and json.",
        )
    with canvas("Drawing a figure"):
        return saved(_figure(exhibit), form)


def _figure(exhibit: Exhibit) -> Any:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from vibench.exhibits import bars, heatmap

    # More series than colours would repeat a colour in one legend.
    if exhibit.kind != "heatmap":
        panels = tuple(part for panel in exhibit.panels for part in _split(panel))
        exhibit = replace(exhibit, panels=panels)
    drawer = heatmap if exhibit.kind == "heatmap" else bars
    sizes = [drawer.size(panel, exhibit) for panel in exhibit.panels]
    wide, heights = max(wide for wide, _ in sizes), [high for _, high in sizes]
    room = 72 * wide * 0.95 - 15  # letters are put on whole pixels, which widens lines
    head = wrapped(title(exhibit), room, 13.5)  # bold letters are wider
    lines = filter(None, [above(exhibit), *drawer.legend(exhibit), *below(exhibit, errors=False)])
    foot = "\n".join(wrapped(line, room, SMALL) for line in lines)
    around = 0.2 * (head.count("\n") + 2) + 0.12 * (foot.count("\n") + 2)
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)
    figure = Figure(figsize=(wide, sum(heights) + around), layout=layout)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    axes = [figure.add_subplot(grid[i, 0]) for i in range(len(heights))]
    drawer.draw(figure, axes, exhibit)
    figure.suptitle(head, x=0.01, ha="left", fontsize=12, fontweight="bold")
    figure.supxlabel(foot, x=0.01, ha="left", fontsize=SMALL, color="0.3")
    return figure


def _split(panel: Panel) -> list[Panel]:
    """Return the panel in parts of no more columns than there are colours."""
    many = len(panel.columns)
    if many <= SERIES:
        return [panel]
    # Rounded up, and then in parts of about the same size.
    parts = -(-many // SERIES)
    step = -(-many // parts)
    spread = [heading for heading, n in panel.groups for _ in range(n)]
    spread += [""] * (many - len(spread))
    return [
        replace(
            panel,
            title=f"{panel.title} ({start // step + 1} of {parts})".strip(),
            columns=panel.columns[start : start + step],
            entries=tuple(row[start : start + step] for row in panel.entries),
            groups=tuple((heading, 1) for heading in spread[start : start + step]),
        )
        for start in range(0, many, step)
    ]
