"""The paper's tables and figures made from a store, and the paper's own numbers beside them.

`exhibits(collected, names, choice)` returns them as data (`vibench.exhibits.exhibit`); `NAMES`
lists them. `paper_tables.json` and `value_data.json` hold the paper's own numbers, with the table
that each comes from.
"""

from __future__ import annotations

from vibench.paper.catalogue import NAMES, exhibits
from vibench.paper.choice import Choice
from vibench.paper.value_tables import HumanPrecision, SubsetSize, ValueData, value_data

__all__ = [
    "NAMES",
    "Choice",
    "HumanPrecision",
    "SubsetSize",
    "ValueData",
    "exhibits",
    "value_data",
]
