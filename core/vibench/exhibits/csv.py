"""CSV as every command prints it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vibench.text import spreadsheet_safe

__all__ = ["as_csv"]


def as_csv(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> str:
    """Return records as CSV with a head, empty for None; no cell passes for a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: spreadsheet_safe(cell) for name, cell in record.items()})
    return text.getvalue()
