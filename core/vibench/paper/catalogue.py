"""The tables and figures by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from vibench.errors import UnknownName
from vibench.exhibits.exhibit import Exhibit
from vibench.paper import benchmarks, correlations, effects, expression, frequent_values
from vibench.paper.cell_selection import Cells
from vibench.paper.choice import Choice
from vibench.paper.matrix import matrix
from vibench.report.run_report import RunReport

__all__ = ["NAMES", "exhibits"]

MAKERS: Mapping[str, tuple[str, Callable[[Cells], Exhibit]]] = {
    "table-5": ("expression of the induced value by model and setting", expression.table_5),
    "table-6": ("expression of the induced value by value and beta", expression.table_6),
    "table-7": ("the five values expressed most per induced value", frequent_values.table_7),
    "table-8": ("question answering relative to vanilla", benchmarks.table_8),
    "table-10": ("expression at other temperatures, correlation", correlations.table_10),
    "table-11": ("expression under ORPO and DPO, correlation", correlations.table_11),
    "figure-2": (
        "values expressed per induced value, one instruct model",
        frequent_values.figure_2,
    ),
    "figure-3": ("human-like behaviours, one instruct model", effects.figure_3),
    "figure-4": ("human-like behaviours, summed over all models", effects.figure_4),
    "figure-5": ("refusal relative to vanilla by induced value", effects.figure_5),
    "figure-6": ("MMLU-Pro by induced value and model", benchmarks.figure_6),
    "figure-7": ("number of different values expressed", expression.figure_7),
    "figure-10": ("values expressed per induced value, base and SFT", frequent_values.figure_10),
    "figure-11": ("values expressed per induced value, other instruct", frequent_values.figure_11),
    "figure-12": ("human-like behaviours, base models", effects.figure_12),
    "figure-13": ("human-like behaviours, SFT and other instruct", effects.figure_13),
    "matrix": ("induced by expressed values, difference from vanilla", matrix),
}

USUAL = Choice()

NAMES: Mapping[str, str] = {name: title for name, (title, _) in MAKERS.items()}
"""Each table and figure in the paper's order, with a line on it."""


def exhibits(
    collected: RunReport, names: Sequence[str] = (), choice: Choice = USUAL
) -> list[Exhibit]:
    """Return the named tables and figures, in that order; all if none is named.

    Raise UnknownName for a name that is not in `NAMES`, or a judge that no cell has.
    """
    for name in names:
        if name not in MAKERS:
            raise UnknownName("table or figure", name, MAKERS)
    cells = Cells(collected, choice)
    return [MAKERS[name][1](cells) for name in names or MAKERS]
