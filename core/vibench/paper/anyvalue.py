"""Rows of the expression of any value: a report has those of the values that were induced or
that the eval records for every answer, and for the others the outcomes are read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vibench.paper.cell_selection import Cells, Place
from vibench.report.comparisons import Comparison
from vibench.report.findings import findings
from vibench.report.rows import Expression, Row
from vibench.results.cells import CellResult
from vibench.results.outcomes import EXPRESSION, Outcomes

__all__ = ["Found", "expression_rows"]

Found = dict[tuple[Place, str], list[Row]]


def expression_rows(cells: Cells, places: Sequence[Place], names: Sequence[str]) -> Found:
    """The rows of `expression/NAME` at each place, one for each seed that has answers there."""
    found: Found = {(at, name): [] for at in places for name in names}
    vanilla: dict[int, Outcomes] = {}
    for at in places:
        known = {name: cells.rows(at, EXPRESSION + name) for name in names}
        for seed, one in cells.expressed(at).items():
            lacking = {name for name in names if seed not in known[name]}
            read = {row.metric: row for row in _read(cells, one, lacking, vanilla)}
            for name in names:
                row = known[name].get(seed) or read.get(EXPRESSION + name)
                found[at, name] += [row] if row else []
    return found


def _read(
    cells: Cells, one: Expression, names: set[str], vanilla: dict[int, Outcomes]
) -> Iterator[Row]:
    """`vanilla` keeps what was read of untouched models, which many cells are compared with."""
    every = cells.collected.cells
    cell = next((c for c in every if _same(c, one)), None) if names else None
    if cell is None:
        return
    base = None if cell.vanilla else next((c for c in every if c.serves(cell)), None)
    if base is not None and id(base) not in vanilla:
        vanilla[id(base)] = base.load(names)
    before = None if base is None else vanilla[id(base)]
    yield from findings([Comparison(cell, cell.load(names), base, before)])[0]


def _same(cell: CellResult, one: Expression) -> bool:
    names = ("model", "inducer", "value", "eval", "judge", "seed", "parameters")
    return all(getattr(cell, name) == getattr(one, name) for name in names)
