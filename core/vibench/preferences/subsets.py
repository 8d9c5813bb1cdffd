"""Value subsets: the pairs in which exactly one side expresses the value (paper, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from vibench.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]

__all__ = ["Held", "SubsetCounts", "select", "too_small"]


class Held(IntEnum):
    """Which side of a pair expresses a value. UNSCORED: the values of a side are not known,
    whatever the other side expresses."""

    NEITHER = 0
    CHOSEN = 1
    REJECTED = 2
    BOTH = 3
    UNSCORED = 4


@dataclass(frozen=True, slots=True)
class SubsetCounts:
    """What became of all pairs. The subset has `chosen + rejected` of them: the value was
    on the chosen side, or on the rejected one. `unscored` are pairs with a side whose
    values are not known; they are in no subset."""

    chosen: int
    rejected: int
    both: int
    neither: int
    unscored: int

    @property
    def total(self) -> int:
        """Pairs in the subset."""
        return self.chosen + self.rejected

    def __add__(self, other: SubsetCounts) -> SubsetCounts:
        """The counts over both sets of pairs."""
        return SubsetCounts(
            self.chosen + other.chosen,
            self.rejected + other.rejected,
            self.both + other.both,
            self.neither + other.neither,
            self.unscored + other.unscored,
        )


def select(batch: pa.RecordBatch, held: Codes) -> pa.Table:
    """The stored pairs (columns of `write_pairs`) that have the value on exactly one side,
    flipped where that is the rejected one. `held`: `Held` codes, one per pair."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = np.flatnonzero((held == Held.CHOSEN) | (held == Held.REJECTED))
    turned = pa.array(held[rows] == Held.REJECTED)
    table = pa.Table.from_batches([batch]).take(pa.array(rows))
    chosen, rejected = table["chosen"], table["rejected"]
    sides = {
        "chosen": pc.if_else(turned, rejected, chosen),
        "rejected": pc.if_else(turned, chosen, rejected),
    }
    columns = [sides.get(name, table[name]) for name in table.column_names]
    return pa.table(columns, schema=table.schema)


def too_small(value: str, counts: SubsetCounts, minimum: int) -> UsageError:
    """The error for a subset with fewer than `minimum` pairs."""
    there = (
        f"There is no preference pair in which exactly one side expresses {value}"
        if not counts.total
        else f"Only {counts.total} preference pair{'s' * (counts.total != 1)} express {value} on"
        f" exactly one side, and training needs at least {minimum}"
    )
    rest = (
        f"{counts.both} express it on both sides, {counts.neither} on neither,"
        f" {counts.unscored} could not be scored"
    )
    retry = ", or another judge of the values" if counts.unscored else ""
    return UsageError(
        f"{there} ({rest}).",
        f"Use more preference data or another source{retry}, or name another value.",
    )
