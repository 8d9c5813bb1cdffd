"""Figure 9: the values that the chosen and the rejected responses of each source express."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vibench.errors import UsageError
from vibench.exhibits.canvas import COLOURS, FORMATS, canvas, fitted, saved
from vibench.store.files import replacing

__all__ = ["FORMATS", "draw"]

MIN_VALUES, MAX_VALUES = 3, 100
"""Values that a panel has room for, and values that it can show."""

NAME, SOURCE = 190.0, 130.0  # points: the widest name of a value, and of a source

CHOSEN, REJECTED = COLOURS[:2]

WIDTH, ROW, AROUND = 6.5, 0.27, 1.1  # inches: a panel, a value in it, its title and axis

Counts = Sequence[tuple[str, int, int]]


def draw(distributions: Mapping[str, Counts], path: Path, top: int = 20, title: str = "") -> None:
    """Save paired bars of the `top` most frequent values, a panel for each source (Figure 9).

    `distributions` gives for each source (value, chosen responses with it, rejected ones), in
    any order. The suffix of `path` sets the format: .png, .svg or .pdf. The same numbers make
    the same file. No display is needed.

    Raise UsageError (another suffix, nothing to draw, a `top` that is not from 1 to 100, a file
    that cannot be written) or MissingExtra (no matplotlib).
    """
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise UsageError(
            f"A figure cannot be saved as '{path.name}'.",
            f"Name a file that ends in {', '.join(f'.{suffix}' for suffix in FORMATS)}.",
        )
    if not distributions:
        raise UsageError("There is no source to draw.", "Name at least one preference source.")
    if not 1 <= top <= MAX_VALUES:
        raise UsageError(f"{top} values cannot be drawn.", f"Set top from 1 to {MAX_VALUES}.")
    with canvas("Drawing the figure of values"):
        picture = _picture(distributions, top, title, form)
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(picture)
    except OSError as error:
        raise UsageError(
            f"The figure {path} cannot be written: {error.strerror or error}.",
            "Name a file in a folder that exists and is writable.",
        ) from error


def _picture(distributions: Mapping[str, Counts], top: int, title: str, form: str) -> bytes:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.patches import Patch

    tops = {source: _most_frequent(counts, top) for source, counts in distributions.items()}
    columns = min(2, len(tops))
    lines = [list(tops.items())[i : i + columns] for i in range(0, len(tops), columns)]
    heights = [AROUND + ROW * max(MIN_VALUES, *(len(rows) for _, rows in line)) for line in lines]
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12, wspace=0.03)
    figure = Figure(figsize=(WIDTH * columns, sum(heights) + 0.5), layout=layout)
    grid = figure.add_gridspec(len(lines), columns, height_ratios=heights)
    for row, line in enumerate(lines):
        for column, (source, rows) in enumerate(line):
            _panel(figure.add_subplot(grid[row, column]), source, rows, top)
    sides = [Patch(color=CHOSEN, label="chosen"), Patch(color=REJECTED, label="rejected")]
    figure.legend(handles=sides, loc="outside upper right", ncols=2, frameon=False)
    if title:
        room = 72 * WIDTH * columns - 180  # the legend's
        figure.suptitle(fitted(title, room, size=13), x=0.01, ha="left", fontsize=13)
    return saved(figure, form)


def _most_frequent(counts: Counts, top: int) -> Counts:
    held = (count for count in counts if count[1] + count[2])
    return sorted(held, key=lambda count: (-count[1] - count[2], count[0]))[:top]


def _panel(axes: Any, source: str, rows: Counts, top: int) -> None:
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    many = f"Top {len(rows)} values" if len(rows) == top else "Values"
    axes.set_title(f"{many} in {fitted(source, SOURCE)}", loc="left", fontweight="bold")
    if not rows:
        axes.set_axis_off()
        axes.text(0, 1, "No response expresses a value.", transform=axes.transAxes, va="top")
        return
    places = range(len(rows))
    for side, colour, shift in ((1, CHOSEN, -0.2), (2, REJECTED, 0.2)):
        widths = [row[side] for row in rows]
        axes.barh([position + shift for position in places], widths, height=0.4, color=colour)
    axes.set_yticks(list(places), [fitted(row[0], NAME) for row in rows])
    axes.set_ylim(max(MIN_VALUES, len(rows)) - 0.4, -0.6)  # the most frequent at the top
    axes.set_xlabel("responses that express the value")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.grid(True, color="0.88")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
