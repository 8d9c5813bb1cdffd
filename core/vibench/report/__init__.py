"""A plain report: results of cells -> rows with contrasts -> tables, sentences, files.

`build(cells, failed)` makes a `Report`; `terminal.show(report, console)` prints it, and
`export.markdown`, `export.csv` and `export.json` write it.
"""

from __future__ import annotations

from vibench.report.headlines import headlines
from vibench.report.outcomes import Outcomes, load_outcomes, outcomes_of
from vibench.report.rows import CellResult, FailedCell, Row
from vibench.report.tables import Report, Table, build

__all__ = [
    "CellResult",
    "FailedCell",
    "Outcomes",
    "Report",
    "Row",
    "Table",
    "build",
    "headlines",
    "load_outcomes",
    "outcomes_of",
]
