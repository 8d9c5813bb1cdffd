"""A panel of an exhibit as a table, with the paper's own numbers beside the store's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vibench.exhibits.captions import has_paper, headings
from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.exhibits.numbers import published, written
from vibench.exhibits.shades import Scale, scale_of
from vibench.exhibits.table import Column, Table, words
from vibench.text import clean

__all__ = ["table_of"]

LONGEST = 80
"""Characters of a name; it is whole in CSV and JSON."""


def table_of(panel: Panel, exhibit: Exhibit) -> Table:
    """Return a panel as a table: the rows' names, and a column for each of its columns, followed
    by the paper's where the paper has any of it.

    Heatmaps have no intervals: those are in CSV and JSON. A coverage that is the same of all
    numbers is left to the caption.
    """
    # Beside each number the same "(11/15)" would be noise; below, it is said once.
    everything = [e for p in exhibit.panels for row in p.entries for e in row]
    alike = len({(e.of, e.wanted) for e in everything if e.value is not None}) == 1
    scale = scale_of(exhibit) if exhibit.kind == "heatmap" else None
    columns = [words(clean(exhibit.rows), [clean(row, LONGEST) for row in panel.rows])]
    for i, group in enumerate(headings(panel)):
        entries = [row[i] for row in panel.entries]
        column = _column(panel.columns[i], entries, exhibit, scale, alike)
        column = replace(column, group=group, highlighted=panel.columns[i] in panel.highlighted)
        columns.append(column)
        if has_paper(entries):
            paper = tuple(published(entry, exhibit) for entry in entries)
            columns.append(Column("paper", paper, column.words, group, follows=True))
    return Table(tuple(columns), clean(panel.title))


def _column(
    name: str, entries: Sequence[Entry], exhibit: Exhibit, scale: Scale | None, alike: bool
) -> Column:
    cells = [written(entry, exhibit, intervals=scale is None) for entry in entries]
    if alike:
        cells = [replace(cell, coverage="") for cell in cells]
    values = tuple(entry.value for entry in entries)
    return Column(
        clean(name, LONGEST),
        tuple(cells),
        words=any(entry.text for entry in entries) and all(value is None for value in values),
        values=values,
        shades=tuple(map(scale.shade, values)) if scale else (),
    )
