"""Findings: the results of cells become rows with contrasts, and rows become tables.

`build(cells, failed)` makes a `Report`, and `run_report.run_report(store, runs)` that of runs;
`terminal.show(report, console)` prints it, and `export.markdown`, `export.csv` and
`export.json` write it.
"""

from __future__ import annotations

from vibench.report.headlines import headlines
from vibench.report.rows import Row
from vibench.report.tables import Report, Table, build

__all__ = ["Report", "Row", "Table", "build", "headlines"]
