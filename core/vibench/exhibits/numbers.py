"""The numbers of exhibits as text: the same digits in every form."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from vibench.exhibits.exhibit import Entry, Exhibit
from vibench.exhibits.table import TableCell
from vibench.text import clean

__all__ = ["MISSING", "is_difference", "number", "published", "without_paper", "written"]

MISSING: Final = "-"
LONGEST: Final = 400
"""Characters of an entry's text: five names of values, and some."""


def is_difference(exhibit: Exhibit) -> bool:
    """Return whether its numbers are differences, which are written with their sign."""
    return exhibit.unit == "points"


def number(value: float, digits: int, signed: bool = False) -> str:
    """Return a number with that many decimals; a rounded zero has no sign."""
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    return text if text.strip("+-0.,") else text.lstrip("+-")


def written(entry: Entry, exhibit: Exhibit, intervals: bool = True) -> TableCell:
    """Return an entry as a cell; without `intervals` for grids that have no room for them."""
    digits, signed = exhibit.digits, is_difference(exhibit)
    if entry.value is None:
        return TableCell(clean(entry.text, LONGEST) or MISSING, words=True)
    error = "" if entry.error is None else number(entry.error, digits)
    interval = ""
    if intervals and entry.low is not None and entry.high is not None:
        interval = f"[{number(entry.low, digits, signed)}, {number(entry.high, digits, signed)}]"
    coverage = f"{entry.of:,}/{entry.wanted:,}" if entry.of < entry.wanted else ""
    return TableCell(
        number(entry.value, digits, signed), error, interval, clean(entry.mark, 4), coverage
    )


def published(entry: Entry, exhibit: Exhibit) -> TableCell:
    """Return the paper's own number of an entry, with the digits that the paper prints."""
    if entry.paper is None:
        return TableCell(clean(entry.paper_text, LONGEST), words=True, tone="dim")
    digits = exhibit.digits
    text = number(entry.paper, _decimals(entry.paper, digits), is_difference(exhibit))
    error = ""
    if entry.paper_error is not None:
        error = number(entry.paper_error, _decimals(entry.paper_error, digits))
    return TableCell(text, error, tone="dim")


def _decimals(value: float, digits: int) -> int:
    """Return the decimals that the paper printed, as far as the number still shows them."""
    if not math.isfinite(value):
        return digits
    printed = f"{value:.6f}".rstrip("0").partition(".")[2]
    return max(digits, len(printed))


def without_paper(exhibit: Exhibit) -> Exhibit:
    """Return an exhibit without the paper's numbers, which every form shows if it has any."""
    panels = tuple(
        replace(
            panel,
            entries=tuple(
                tuple(replace(e, paper=None, paper_error=None, paper_text="") for e in row)
                for row in panel.entries
            ),
        )
        for panel in exhibit.panels
    )
    return replace(exhibit, panels=panels)
