"""Each subject's cells beside the vanilla cells they are compared with, every file read once."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vibench.records import canonical_json
from vibench.results.cells import CellResult
from vibench.results.outcomes import Outcomes
from vibench.results.vanilla_cells import VanillaCells

__all__ = ["Comparison", "comparisons"]

Pair = tuple[CellResult, CellResult | None]
"""A cell and its vanilla cell."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A cell and its vanilla cell, with the outcomes of both. There is no vanilla cell for a
    vanilla cell, and where it has no result."""

    cell: CellResult
    outcomes: Outcomes
    vanilla_cell: CellResult | None = None
    vanilla_outcomes: Outcomes | None = None


def comparisons(
    cells: Sequence[CellResult], values: Collection[str] | None
) -> Iterator[list[Comparison]]:
    """Yield the cells of one subject after another, each subject's seeds in order.

    Each seed is compared with the vanilla cell of the same seed. `values` as in `load_outcomes`.
    In memory at a time are the outcomes of one subject's seeds and of their vanilla cells.
    """
    subjects = _subjects(cells)
    order = {id(cell): i for i, pairs in enumerate(subjects) for cell, _ in pairs}
    bases = [next((base for _, base in pairs if base), pairs[0][0]) for pairs in subjects]
    held: dict[Hashable, Outcomes] = {}
    # Subjects follow the vanilla cells that they are compared with, which are then still
    # held: otherwise each subject would read its vanilla cell's file again.
    for i in sorted(range(len(subjects)), key=lambda i: (order[id(bases[i])], i)):
        pairs = sorted(subjects[i], key=lambda pair: pair[0].seed)
        needed = {_source(cell): cell for pair in pairs for cell in pair if cell}
        # What the next subject does not need is dropped here.
        held = {source: _outcomes(source, needed, held, values) for source in needed}
        yield [
            Comparison(cell, held[_source(cell)], base, held[_source(base)] if base else None)
            for cell, base in pairs
        ]


def _subjects(cells: Sequence[CellResult]) -> list[list[Pair]]:
    """Return the cells that differ in nothing but their seed, each with its vanilla cell."""
    vanilla = VanillaCells(cells)
    subjects: dict[str, list[Pair]] = {}
    for cell in cells:
        subject = canonical_json({**cell.subject, "parameters": dict(cell.parameters)})
        subjects.setdefault(subject, []).append((cell, vanilla.serving(cell)))
    return list(subjects.values())


def _source(cell: CellResult) -> Hashable:
    """Return the identity of a cell's outcomes. Cells of several seeds may share a file, in
    evals that do not depend on the seed."""
    return id(cell.outcomes) if isinstance(cell.outcomes, Outcomes) else str(cell.outcomes)


def _outcomes(
    source: Hashable,
    needed: Mapping[Hashable, CellResult],
    held: Mapping[Hashable, Outcomes],
    values: Collection[str] | None,
) -> Outcomes:
    return held[source] if source in held else needed[source].load(values)
