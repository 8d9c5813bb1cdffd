"""The numbers that section 4 of the paper gives for the value data (`value_data.json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["HumanPrecision", "SubsetSize", "ValueData", "value_data"]


@dataclass(frozen=True, slots=True)
class SubsetSize:
    """A row of Table 1: pairs with the value on the chosen or the rejected side alone."""

    chosen: int
    rejected: int
    total: int


@dataclass(frozen=True, slots=True)
class HumanPrecision:
    """A row of Table 3: precision against the union, in percent, and mean Jaccard index."""

    precision: float
    jaccard: float


@dataclass(frozen=True, slots=True)
class ValueData:
    """Section 4 in numbers. `subsets` and `humans` go by value (Tables 1 and 3), `averaged`
    by annotator, in percent (Table 2), `labels_per_response` by judge. `without_agreement` is
    the percentage of examples in which the three annotations share no label.
    """

    subsets: Mapping[str, SubsetSize]
    averaged: Mapping[str, float]
    humans: Mapping[str, HumanPrecision]
    labels_per_response: Mapping[str, float]
    without_agreement: float


@cache
def value_data() -> ValueData:
    """Return the paper's Tables 1, 2 and 3 and the means that section 4 states."""
    tables = json.loads(files("vibench.paper").joinpath("value_data.json").read_text("utf-8"))
    return ValueData(
        {value: SubsetSize(**row) for value, row in tables["table_1"]["values"].items()},
        tables["table_2"]["annotators"],
        {value: HumanPrecision(**row) for value, row in tables["table_3"]["values"].items()},
        tables["section_4"]["labels_per_response"],
        tables["section_4"]["without_agreement"],
    )
