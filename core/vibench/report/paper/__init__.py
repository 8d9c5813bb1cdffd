"""The paper's tables and figures out of a store, and the paper's own numbers beside them.

`exhibits(collected, names, choice)` makes them as data (`vibench.report.exhibits`);
`NAMES` says which there are. `paper_tables.json` and `value_data.json` hold the paper's own
numbers, with the table that each stands in.
"""

from __future__ import annotations

from vibench.report.paper.catalogue import NAMES, exhibits
from vibench.report.paper.choosing import Choice
from vibench.report.paper.section4 import HumanPrecision, SubsetSize, ValueData, value_data

__all__ = [
    "NAMES",
    "Choice",
    "HumanPrecision",
    "SubsetSize",
    "ValueData",
    "exhibits",
    "value_data",
]
