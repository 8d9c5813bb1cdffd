"""A panel as columns of text, each with the paper's own beside it where there is any."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vibench.exhibits.captions import has_paper, headings
from vibench.exhibits.exhibit import Exhibit, Panel
from vibench.exhibits.numbers import Shown, shown
from vibench.text import clean

__all__ = ["Column", "columns", "labels"]

LONGEST = 80
"""Characters of a name; it is whole in CSV and JSON."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `values` are its numbers, for shading; `paper` is () where the paper has
    none of it. `words` says that it holds text rather than numbers."""

    group: str
    head: str
    cells: tuple[Shown, ...]
    values: tuple[float | None, ...]
    paper: tuple[str, ...] = ()
    highlighted: bool = False
    words: bool = False


def labels(panel: Panel) -> list[str]:
    """The names of the rows."""
    return [clean(row, LONGEST) for row in panel.rows]


def columns(panel: Panel, exhibit: Exhibit) -> list[Column]:
    """The columns of a panel. Heatmaps have no intervals: those are in CSV and JSON. A part
    that is the same of all numbers is said below the exhibit, not beside each."""
    made = []
    every = [e for p in exhibit.panels for row in p.entries for e in row if e.value is not None]
    alike = len({(e.of, e.wanted) for e in every}) == 1
    for i, (group, name) in enumerate(zip(headings(panel), panel.columns, strict=True)):
        entries = [row[i] for row in panel.entries]
        cells = tuple(shown(e, exhibit, exhibit.kind != "heatmap") for e in entries)
        if alike:
            cells = tuple(replace(cell, coverage="") for cell in cells)
        made.append(
            Column(
                group,
                clean(name, LONGEST),
                cells,
                tuple(e.value for e in entries),
                tuple(cell.paper for cell in cells) if has_paper(entries) else (),
                name in panel.highlighted,
                any(e.text and e.value is None for e in entries)
                and all(e.value is None for e in entries),
            )
        )
    return made
