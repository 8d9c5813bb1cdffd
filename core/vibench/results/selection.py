"""The runs, cells and metrics that a query or an export is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.results.outcomes import EXPRESSION
from vibench.results.runs import StoredRun, read_runs
from vibench.results.stored_cells import StoredCell, stored_cells

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["Selection", "select"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The runs and cells of a store that a query is about. `metrics` (`*` at the end stands for
    any text) narrow the outcomes, if there are any. `complete` are the values for which every
    sample gets an outcome of `expression/VALUE`."""

    store: Store
    runs: tuple[StoredRun, ...]
    cells: tuple[StoredCell, ...]
    metrics: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()

    @property
    def finished(self) -> tuple[StoredCell, ...]:
        """The cells that have outcomes, the same cell once."""
        return tuple(stored for stored in self.cells if stored.latest and stored.finished)


def select(
    store: Store,
    runs: Sequence[str] = (),
    evals: Sequence[str] = (),
    metrics: Sequence[str] = (),
    values: Sequence[str] = (),
) -> Selection:
    """Return the cells of the named runs (the last run if none is named, `all` for all), narrowed
    to some evals and metrics.

    Complete are the induced values, `values` (the registry's) and those of `metrics`.
    Raises StoreError for a store without runs, UnknownName for a run or an eval.
    """
    stored_runs = tuple(read_runs(store, runs))
    cells = tuple(stored_cells(store, stored_runs, evals))
    expressions = [m for m in metrics if m.startswith(EXPRESSION) and not m.endswith("*")]
    complete = dict.fromkeys(
        [
            *(stored.cell.value for stored in cells if stored.cell.value),
            *values,
            *(metric.removeprefix(EXPRESSION) for metric in expressions),
        ]
    )
    return Selection(store, stored_runs, cells, tuple(metrics), tuple(sorted(complete)))
