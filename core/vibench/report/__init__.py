"""The findings of a run: results of cells become rows with contrasts, tables and sentences.

`build(cells, failed)` returns a `Report`, and `run_report.run_report(store, runs)` that of runs.
`vibench.exhibits.report_document` draws it and `vibench.exhibits.report_records` writes it as CSV
and JSON.
"""

from __future__ import annotations

from vibench.report.headlines import headlines
from vibench.report.rows import Row
from vibench.report.tables import Report, ReportTable, build

__all__ = ["Report", "ReportTable", "Row", "build", "headlines"]
