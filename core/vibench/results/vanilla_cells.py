"""The vanilla cell that each cell is compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vibench.results.cells import CellResult

__all__ = ["VanillaCells"]

Group = tuple[str, str, str, int]


class VanillaCells:
    """The vanilla cells among some cells, found by the cells that are compared with them."""

    def __init__(self, cells: Iterable[CellResult]) -> None:
        self._by_group: defaultdict[Group, list[CellResult]] = defaultdict(list)
        for cell in cells:
            if cell.vanilla:
                self._by_group[_group(cell)].append(cell)

    def serving(self, cell: CellResult) -> CellResult | None:
        """Return the vanilla cell that a cell is compared with; None for a vanilla cell, and
        where that one has no result."""
        if cell.vanilla:
            return None
        return next((v for v in self._by_group.get(_group(cell), ()) if v.serves(cell)), None)


def _group(cell: CellResult) -> Group:
    # A vanilla cell serves none with another of these; comparing parameters takes longer.
    return cell.model, cell.eval, cell.judge, cell.seed
