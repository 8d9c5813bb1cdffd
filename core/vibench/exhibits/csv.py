"""A table or figure as CSV and JSON, for other programs: a row for each entry, not rounded."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from vibench.exhibits.captions import headings
from vibench.exhibits.exhibit import Exhibit
from vibench.text import clean, spreadsheet_safe

__all__ = ["FIELDS", "as_csv", "as_json", "records"]

FIELDS: Final = (
    *("exhibit", "panel", "row", "group", "column", "value", "error", "low", "high", "mark"),
    *("of", "wanted", "text", "paper", "paper_error", "paper_text", "unit"),
)
LONGEST = 10_000


def records(exhibit: Exhibit) -> Iterable[dict[str, Any]]:
    """A flat record for each entry, empty ones too. `group` is the heading over the column;
    None where there is no number."""
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
                    "value": _number(entry.value),
                    "error": _number(entry.error),
                    "low": _number(entry.low),
                    "high": _number(entry.high),
                    "mark": clean(entry.mark),
                    "of": entry.of,
                    "wanted": entry.wanted,
                    "text": clean(entry.text, LONGEST),
                    "paper": _number(entry.paper),
                    "paper_error": _number(entry.paper_error),
                    "paper_text": clean(entry.paper_text, LONGEST),
                    "unit": exhibit.unit,
                }


def as_csv(exhibits: Sequence[Exhibit]) -> str:
    """All entries of all exhibits under one head; empty where there is no number."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    for exhibit in exhibits:
        for record in records(exhibit):
            writer.writerow({name: spreadsheet_safe(cell) for name, cell in record.items()})
    return out.getvalue()


def as_json(exhibits: Sequence[Exhibit]) -> str:
    """Each exhibit with what is said about it, and its entries."""
    whole = [
        {
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
            "missing": [clean(what, LONGEST) for what in exhibit.missing],
            "command": clean(exhibit.command, LONGEST),
            "entries": list(records(exhibit)),
        }
        for exhibit in exhibits
    ]
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
