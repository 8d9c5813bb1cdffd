"""Exhibits as records for CSV and JSON: one for each entry, not rounded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from vibench.exhibits.captions import headings
from vibench.exhibits.csv import as_csv
from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.json import as_json
from vibench.text import clean

__all__ = ["FIELDS", "exhibits_csv", "exhibits_json", "records"]

# Names of columns are part of the format: other programs read them.
FIELDS: Final = (
    *("exhibit", "panel", "row", "group", "column", "value", "error", "low", "high", "mark"),
    *("of", "wanted", "text", "paper", "paper_error", "paper_text", "unit"),
)
# More than any name or note needs; but judges write labels, of any length.
LONGEST = 10_000


def records(exhibit: Exhibit) -> Iterable[dict[str, Any]]:
    """Yield a flat record for each entry, empty ones too. `group` is the heading over the column;
    None stands where there is no number."""
    for panel in exhibit.panels:
        groups = headings(panel)
        for row, entries in zip(panel.rows, panel.entries, strict=True):
            for group, column, entry in zip(groups, panel.columns, entries, strict=True):
                yield {
                    "exhibit": exhibit.name,
                    "panel": clean(panel.title, LONGEST),
                    "row": clean(row, LONGEST),
                    "group": group,
                    "column": clean(column, LONGEST),
                    "value": _finite(entry.value),
                    "error": _finite(entry.error),
                    "low": _finite(entry.low),
                    "high": _finite(entry.high),
                    "mark": clean(entry.mark),
                    "of": entry.of,
                    "wanted": entry.wanted,
                    "text": clean(entry.text, LONGEST),
                    "paper": _finite(entry.paper),
                    "paper_error": _finite(entry.paper_error),
                    "paper_text": clean(entry.paper_text, LONGEST),
                    "unit": exhibit.unit,
                }


def exhibits_csv(exhibits: Sequence[Exhibit]) -> str:
    """Return all entries of all exhibits under one head."""
    return as_csv(FIELDS, (record for exhibit in exhibits for record in records(exhibit)))


def exhibits_json(exhibits: Sequence[Exhibit]) -> str:
    """Return each exhibit with its caption, notes and entries."""
    return as_json([_facts(exhibit) for exhibit in exhibits])


def _facts(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "name": exhibit.name,
        "title": clean(exhibit.title, LONGEST),
        "kind": exhibit.kind,
        "unit": exhibit.unit,
        "rows": clean(exhibit.rows, LONGEST),
        "columns": clean(exhibit.columns, LONGEST),
        "error": clean(exhibit.error, LONGEST),
        "settings": {clean(k): clean(v, LONGEST) for k, v in exhibit.settings.items()},
        "notes": [clean(note, LONGEST) for note in exhibit.notes],
        "partial": exhibit.partial,
        "missing": [clean(cell, LONGEST) for cell in exhibit.missing],
        "command": clean(exhibit.command, LONGEST),
        "answers": exhibit.answers,
        "entries": list(records(exhibit)),
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
