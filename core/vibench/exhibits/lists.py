"""Lists that commands print: rows of values under column names, in every form.

A listing has values, not text: JSON and CSV hold them as they are, and a terminal writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.exhibits.csv import as_csv
from vibench.exhibits.document import Block, Document, Paragraph, Section
from vibench.exhibits.json import as_json
from vibench.exhibits.table import Column, Fit, Table, numbers, words
from vibench.text import clean

__all__ = [
    "Listing",
    "interval",
    "listing_csv",
    "listing_document",
    "listing_json",
    "table_of_values",
    "written",
]

NONE = "–"
LONGEST = 10_000
"""Characters of a cell on a terminal; JSON and CSV have it whole."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A title, column names and rows of text, numbers and None.

    Numbers in `percent` columns are shares from 0 to 1, which a terminal writes as percentages.
    Notes are sentences below the rows; a `subtitle` is shown between title and rows.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    percent: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    subtitle: str = ""
    without_rows: str = ""
    """A sentence that a terminal shows in place of no rows; without it, it shows nothing."""


def listing_document(listings: Sequence[Listing]) -> Document:
    """Return a section for each listing that has rows, or a sentence for none; long words are
    folded."""
    return tuple(_section(listing) for listing in listings if listing.rows or listing.without_rows)


def _section(listing: Listing) -> Section:
    if not listing.rows:
        return Section(listing.title, (Paragraph(listing.without_rows),))
    columns = [
        values_column(
            name,
            [row[i] for row in listing.rows],
            _percent if name in listing.percent else written,
        )
        for i, name in enumerate(listing.columns)
    ]
    blocks: list[Block] = [Table(tuple(columns), listing.subtitle, fit="fold")]
    blocks += map(Paragraph, listing.notes)
    return Section(listing.title, tuple(blocks))


def listing_csv(listing: Listing) -> str:
    """Return the rows as CSV."""
    return as_csv(listing.columns, _records(listing))


def listing_json(listing: Listing) -> str:
    """Return the title, the rows by column name, and the notes."""
    content = {"title": listing.title, "rows": _records(listing), "notes": list(listing.notes)}
    return as_json(content)


def _records(listing: Listing) -> list[dict[str, Any]]:
    return [dict(zip(listing.columns, row, strict=True)) for row in listing.rows]


def table_of_values(
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    write: Callable[[Any], str],
    fit: Fit = "whole",
) -> Table:
    """Return rows of values as a table."""
    columns = (values_column(name, [row[i] for row in rows], write) for i, name in enumerate(names))
    return Table(tuple(columns), fit=fit)


def values_column(name: str, values: Sequence[Any], write: Callable[[Any], str]) -> Column:
    """Return a column of values: of numbers if it has some and nothing else."""
    # None may stand among numbers, as a dash; any text makes it a column of words.
    numeric = any(isinstance(value, int | float) for value in values) and all(
        isinstance(value, int | float | None) for value in values
    )
    return (numbers if numeric else words)(clean(name), [write(value) for value in values])


def interval(low: float | None, high: float | None) -> str | None:
    """Return an interval of shares in percent, as text; None if it is not known."""
    return None if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}"


def written(value: Any) -> str:
    """Return a value as a terminal shows it, on one line."""
    match value:
        case None:
            return NONE
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
    return clean(str(value), LONGEST)


def _percent(value: Any) -> str:
    return f"{100 * value:.2f}" if isinstance(value, float) else written(value)
