"""How an entry of a table or figure is written: the same digits in every form."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from vibench.exhibits.exhibit import Entry, Exhibit
from vibench.text import clean

__all__ = ["MISSING", "Shown", "is_difference", "number", "shown", "without_paper"]

MISSING: Final = "-"
LONGEST: Final = 400
"""Characters of an entry's text: five names of values, and some."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry's parts as plain text, each "" where the entry has no such thing.

    `value` is "12.3", "+1.2" for differences, the entry's text, or "-". `error` goes behind
    a ±. `interval` is "[+1.0, +3.4]". `coverage` is "11/15" for a number of fewer than all.
    `paper` is the paper's own, with its error behind a ±. `words` says that `value` is text.
    """

    value: str
    error: str = ""
    interval: str = ""
    mark: str = ""
    coverage: str = ""
    paper: str = ""
    words: bool = False

    @property
    def line(self) -> str:
        """All but the paper's, in one line: "12.3 ±0.4 [11.5, 13.1]† (11/15)"."""
        parts = [self.value, f"±{self.error}" if self.error else "", self.interval]
        whole = " ".join(filter(None, parts)) + self.mark
        return f"{whole} ({self.coverage})" if self.coverage else whole


def is_difference(exhibit: Exhibit) -> bool:
    """Whether its numbers are differences, which are written with their sign."""
    return exhibit.unit == "points"


def number(value: float, digits: int, signed: bool = False) -> str:
    """A number with that many decimals; a rounded zero has no sign."""
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    return text if text.strip("+-0.,") else text.lstrip("+-")


def shown(entry: Entry, exhibit: Exhibit, intervals: bool = True) -> Shown:
    """An entry in words; without `intervals` for grids that have no room for them."""
    digits, signed = exhibit.digits, is_difference(exhibit)
    paper = _paper(entry, digits, signed)
    if entry.value is None:
        return Shown(clean(entry.text, LONGEST) or MISSING, paper=paper, words=True)
    error = "" if entry.error is None else number(entry.error, digits)
    interval = ""
    if intervals and entry.low is not None and entry.high is not None:
        interval = f"[{number(entry.low, digits, signed)}, {number(entry.high, digits, signed)}]"
    return Shown(
        number(entry.value, digits, signed),
        error,
        interval,
        clean(entry.mark, 4),
        f"{entry.of:,}/{entry.wanted:,}" if entry.of < entry.wanted else "",
        paper,
    )


def _paper(entry: Entry, digits: int, signed: bool) -> str:
    if entry.paper is None:
        return clean(entry.paper_text, LONGEST)
    text = number(entry.paper, _decimals(entry.paper, digits), signed)
    if entry.paper_error is None:
        return text
    return f"{text} ±{number(entry.paper_error, _decimals(entry.paper_error, digits))}"


def _decimals(value: float, digits: int) -> int:
    """As many as the paper printed, as far as the number still shows them."""
    if not math.isfinite(value):
        return digits
    printed = f"{value:.6f}".rstrip("0").partition(".")[2]
    return max(digits, len(printed))


def without_paper(exhibit: Exhibit) -> Exhibit:
    """The same without the paper's own numbers, which every form shows where there are any."""
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
