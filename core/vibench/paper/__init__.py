"""The paper's tables and figures out of a store, and the paper's own numbers beside them.

`exhibits(collected, names, choice)` makes them as data (`vibench.exhibits.exhibit`);
`NAMES` says which there are. `paper_tables.json` and `value_data.json` hold the paper's own
numbers, with the table that each stands in.
"""

from __future__ import annotations

from vibench.paper.catalogue import NAMES, exhibits
from vibench.paper.cell_selection import Choice
from vibench.paper.section4 import HumanPrecision, SubsetSize, ValueData, value_data

__all__ = [
    "NAMES",
    "Choice",
    "HumanPrecision",
    "SubsetSize",
    "ValueData",
    "exhibits",
    "value_data",
]
