"""The content of a table or figure, before any form draws it: named panels of entries.

Every exhibit is made once, from a `Report`, and drawn as a terminal table, Markdown, LaTeX, CSV,
a picture or a part of the page. A number that the store does not have is an entry without a
value, and the exhibit lists what is missing and the command that would make it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Entry", "Exhibit", "Panel"]

Kind = Literal["table", "heatmap", "bars", "columns"]
Unit = Literal["%", "points", "count", "r", ""]


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of a table or figure, with its uncertainty.

    `value` and its `error`, `low` and `high` are in the exhibit's unit, not rounded; None where
    the store has no such number (then `text` may give the reason in a word). `Exhibit.error`
    names the error. `low` and `high` are a 95 % interval. `mark` is "†" or "*" as in the report's
    tables. `of` counts the numbers (cells, values) behind it, and `wanted` those of a complete
    store; they differ in a partial exhibit. `text` stands in place of a number (the names of
    Table 7).
    """

    value: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None
    mark: str = ""
    of: int = 0
    wanted: int = 0
    text: str = ""
    paper: float | None = None
    paper_error: float | None = None
    paper_text: str = ""

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to show."""
        return self.value is None and not self.text


@dataclass(frozen=True, slots=True)
class Panel:
    """A grid of entries, rows x columns. `groups` are spans of columns under one heading:
    (heading, how many). `highlighted` are columns that stand out (expressed values that were
    induced too, gray in Figure 2)."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    entries: tuple[tuple[Entry, ...], ...]
    groups: tuple[tuple[str, int], ...] = ()
    highlighted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A table or figure.

    `name` is its name on the command line ("table-5"). `kind` is its kind of picture: "heatmap"
    (entries as colours), "bars" (horizontal bars of one or few columns), "columns" (grouped
    vertical bars); a "table" is never a picture. `rows` and `columns` name the axes ("induced
    value", "expressed value"). `error` names the entries' errors, "" if they have none.
    `settings` are those of the cells that went in (judge, beta, ...). `missing` lists what the
    store lacks; `command` makes it, and asks for at most so many `answers` (None where that is
    not known).
    """

    name: str
    title: str
    kind: Kind
    unit: Unit
    panels: tuple[Panel, ...]
    rows: str = ""
    columns: str = ""
    error: str = ""
    digits: int = 1
    notes: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    command: str = ""
    answers: int | None = None

    @property
    def empty(self) -> bool:
        """Return whether the store has no number of it at all."""
        return all(e.empty for panel in self.panels for row in panel.entries for e in row)

    @property
    def partial(self) -> bool:
        """Return whether a part of it is missing."""
        return bool(self.missing) and not self.empty
