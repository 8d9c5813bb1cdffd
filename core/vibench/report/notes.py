"""The lines below a table in every form: outcomes left out, unscored or cut off."""

from __future__ import annotations

from vibench.report.phrases import missing_line, unpaired_line, unscored_line
from vibench.report.tables import Report, ReportTable
from vibench.results.cut_off_warnings import cut_off_lines, cut_off_warnings

__all__ = ["notes", "report_warnings"]


def notes(table: ReportTable) -> list[str]:
    """Return the lines of a table; none where nothing is to be noted."""
    lines = (missing_line(table), unpaired_line(table), unscored_line(table))
    return [*filter(None, lines), *cut_off_lines(table.cells)]


def report_warnings(report: Report) -> list[str]:
    """Return the warnings about answers and replies that were cut off, over all tables."""
    return cut_off_warnings([cell for table in report.tables for cell in table.cells])
