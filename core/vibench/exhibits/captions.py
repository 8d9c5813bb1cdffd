"""Captions: the text above and below a table or figure, the same in every form."""

from __future__ import annotations

from collections.abc import Iterable

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.text import clean

__all__ = [
    "TO_MAKE",
    "UNITS",
    "above",
    "below",
    "has_paper",
    "headings",
    "notes_of",
    "price_of_command",
    "title",
    "to_make",
]

TO_MAKE = "To make it:"
"""The words before the command that makes what is missing."""


UNITS = {
    "%": "in %",
    "points": "differences in percentage points",
    "count": "counts",
    "r": "Pearson's r",
}
MAX_MISSING = 6
"""Missing cells that a caption lists."""


def title(exhibit: Exhibit, numbered: bool = True) -> str:
    """Return the title, with the paper's number ("Table 5: ...") if `numbered`, and "(partial)"
    where a part of it is missing."""
    kind, _, number = exhibit.name.partition("-")
    text = clean(exhibit.title) + (" (partial)" if exhibit.partial else "")
    return f"{kind.capitalize()} {number}: {text}" if numbered and number.isdigit() else text


def above(exhibit: Exhibit) -> str:
    """Return the settings of the cells that went in, the columns, and the unit: "judge mistral;
    beta 0.1; in %"."""
    parts = [f"{clean(name)} {clean(value)}" for name, value in exhibit.settings.items()]
    if exhibit.columns:
        parts.append(f"columns: {clean(exhibit.columns)}")
    return "; ".join(filter(None, [*parts, UNITS.get(exhibit.unit, "")]))


def below(exhibit: Exhibit, errors: bool = True) -> list[str]:
    """Return the lines below an exhibit: its notes, how to read it, what is missing, and the
    command that makes that. Pictures, which have no numbers behind a ±, do without the line on
    `errors`."""
    command = to_make(exhibit)
    lines = [*price_of_command(exhibit), f"{TO_MAKE} {command}"] if command else []
    return [*notes_of(exhibit, errors), *lines]


def price_of_command(exhibit: Exhibit) -> list[str]:
    """Return the line on how many answers the command that makes what is missing asks for."""
    if exhibit.answers is None or not to_make(exhibit):
        return []
    return [
        f"That takes at most {exhibit.answers:,} answers of models; what is in the store is used "
        "again. vibench plan shows the rest of it."
    ]


def to_make(exhibit: Exhibit) -> str:
    """Return the command that makes what is missing; "" if nothing is."""
    return clean(exhibit.command, 1000) if exhibit.missing else ""


def notes_of(exhibit: Exhibit, errors: bool = True) -> list[str]:
    """Return the lines of `below`, but for the command."""
    entries = [e for panel in exhibit.panels for row in panel.entries for e in row]
    notes = [clean(note, 600) for note in exhibit.notes]
    reading = _reading(exhibit, entries, " ".join(notes))
    lines = (line for line in reading if errors or not line.startswith("±"))
    return [*notes, *lines, *_missing(exhibit)]


def headings(panel: Panel) -> list[str]:
    """Return the group of each column, "" where there is none."""
    spread = [clean(heading) for heading, many in panel.groups for _ in range(many)]
    return (spread + [""] * len(panel.columns))[: len(panel.columns)]


def has_paper(entries: Iterable[Entry]) -> bool:
    """Return whether any of these has a number of the paper's to show."""
    return any(e.paper is not None or e.paper_text for e in entries)


def _reading(exhibit: Exhibit, entries: list[Entry], notes: str) -> Iterable[str]:
    if exhibit.error and any(e.error is not None for e in entries):
        yield f"±: {clean(exhibit.error)}."
    if exhibit.kind == "heatmap" and any(e.low is not None for e in entries):
        yield "Intervals are in the CSV and JSON forms."
    marks = {e.mark for e in entries}
    if "*" in marks and "*" not in notes:
        yield "* the 95 % interval excludes 0."
    if "†" in marks and "†" not in notes:
        yield "† the 95 % interval excludes 0, also after Benjamini-Hochberg."
    parts = {(e.of, e.wanted) for e in entries if e.value is not None}
    less = next((part for part in sorted(parts) if part[0] < part[1]), None)
    if less and len(parts) == 1:
        yield f"Each number is of {less[0]:,}, where a complete store has {less[1]:,}."
    elif less:
        yield f"({less[0]:,}/{less[1]:,}): of {less[0]:,}, where a complete store has {less[1]:,}."
    if has_paper(entries):
        yield "paper: the number that the paper prints."


def _missing(exhibit: Exhibit) -> Iterable[str]:
    if not exhibit.missing:
        return
    listed = "; ".join(clean(what) for what in exhibit.missing[:MAX_MISSING])
    rest = len(exhibit.missing) - MAX_MISSING
    yield f"Missing: {listed}{f'; and {rest:,} more' if rest > 0 else ''}."
