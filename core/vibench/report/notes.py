"""What stands below a table in every form: what was left out, unscored and cut off."""

from __future__ import annotations

from vibench.report.cut_off_words import cut_off_lines
from vibench.report.phrases import missing_line, unpaired_line, unscored_line
from vibench.report.tables import Table

__all__ = ["notes"]


def notes(table: Table) -> list[str]:
    """Return the lines that there are."""
    lines = (missing_line(table), unpaired_line(table), unscored_line(table))
    return [*filter(None, lines), *cut_off_lines(table.cells)]
