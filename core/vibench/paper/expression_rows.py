"""Rows of the expression of any value.

A report has the rows of values that were induced or that the eval records for every answer; for
any further value the outcomes are read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vibench.paper.cell_selection import Cells
from vibench.paper.choice import CellKey
from vibench.report.comparisons import Comparison
from vibench.report.findings import findings
from vibench.report.rows import Expression, Row
from vibench.results.cells import CellResult
from vibench.results.outcomes import EXPRESSION, Outcomes
from vibench.results.vanilla_cells import VanillaCells

__all__ = ["ExpressionRows", "expression_rows"]

ExpressionRows = dict[tuple[CellKey, str], list[Row]]


def expression_rows(cells: Cells, keys: Sequence[CellKey], names: Sequence[str]) -> ExpressionRows:
    """Return the rows of `expression/NAME` of each cell, one for each seed with answers there."""
    by_cell: ExpressionRows = {(key, name): [] for key in keys for name in names}
    vanilla: dict[int, Outcomes] = {}
    for key in keys:
        rows = {name: cells.rows(key, EXPRESSION + name) for name in names}
        for seed, expression in cells.expressed(key).items():
            # Reading outcomes again is slow: only for values that the report has no row of.
            lacking = {name for name in names if seed not in rows[name]}
            read = {row.metric: row for row in _read(cells, expression, lacking, vanilla)}
            for name in names:
                row = rows[name].get(seed) or read.get(EXPRESSION + name)
                by_cell[key, name] += [row] if row else []
    return by_cell


def _read(
    cells: Cells, expression: Expression, names: set[str], vanilla: dict[int, Outcomes]
) -> Iterator[Row]:
    """Yield a cell's rows of these values. `vanilla` caches the outcomes of untouched models, which
    many cells are compared with."""
    cells_of_run = cells.collected.cells
    cell = next((c for c in cells_of_run if _same(c, expression)), None) if names else None
    if cell is None:
        return
    base = VanillaCells(cells_of_run).serving(cell)
    if base is not None and id(base) not in vanilla:
        vanilla[id(base)] = base.load(names)
    before = None if base is None else vanilla[id(base)]
    yield from findings([Comparison(cell, cell.load(names), base, before)])[0]


def _same(cell: CellResult, expression: Expression) -> bool:
    # Expressions have no key, so compare all that identifies a cell.
    names = ("model", "inducer", "value", "eval", "judge", "seed", "parameters")
    return all(getattr(cell, name) == getattr(expression, name) for name in names)
