"""Value subsets: the pairs in which exactly one side expresses the value (paper, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]

__all__ = ["Held", "SubsetCounts", "counted_causes", "no_own_pair", "select", "too_small"]


class Held(IntEnum):
    """The side of a pair that expresses a value. UNSCORED: the values of a side are not known,
    whatever the other side expresses."""

    NEITHER = 0
    CHOSEN = 1
    REJECTED = 2
    BOTH = 3
    UNSCORED = 4


@dataclass(frozen=True, slots=True)
class SubsetCounts:
    """Counts of all pairs.

    The subset has `chosen + rejected` of them: the value was on the chosen side, or on the
    rejected one. `unscored` are pairs with a side whose values are not known; they are in no
    subset. `own` are pairs that a person made for the value: all of them are the subset, as they
    are, and the other counts are 0.
    """

    chosen: int
    rejected: int
    both: int
    neither: int
    unscored: int
    own: int = 0

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> SubsetCounts:
        """The counts among the facts of a subset's manifest."""
        return cls(**{f.name: facts[f.name] for f in fields(cls) if f.name in facts})

    @property
    def total(self) -> int:
        """Pairs in the subset."""
        return self.chosen + self.rejected + self.own

    def suffices(self, minimum: int) -> bool:
        """Return whether the subset is trained on: a person's own pairs are, however few."""
        return self.total >= (1 if self.own else max(minimum, 1))

    def __add__(self, second: SubsetCounts) -> SubsetCounts:
        """The counts over both sets of pairs."""
        return SubsetCounts(
            self.chosen + second.chosen,
            self.rejected + second.rejected,
            self.both + second.both,
            self.neither + second.neither,
            self.unscored + second.unscored,
            self.own + second.own,
        )


def select(batch: pa.RecordBatch, held: Codes) -> pa.Table:
    """The stored pairs (columns of `write_pairs`) that have the value on exactly one side,
    flipped where that is the rejected one. `held`: `Held` codes, one per pair."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = np.flatnonzero((held == Held.CHOSEN) | (held == Held.REJECTED))
    # A pair whose rejected side expresses the value is flipped: training then favours the value,
    # whichever side the data set preferred.
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


def no_own_pair(value: str, dropped: Mapping[str, int], first: Mapping[str, str]) -> UsageError:
    """The error for files of a person's own pairs in which no row is a pair."""
    return UsageError(
        f"No row of the files that --pairs gives for {value} is a pair"
        f" ({counted_causes(dropped, first)}).",
        "Each row needs a prompt that ends on the user, and two different answers to it.",
    )


def counted_causes(dropped: Mapping[str, int], first: Mapping[str, str]) -> str:
    """Return causes of dropped rows, each with its number of rows and the first one, where it is
    known."""
    return "; ".join(
        f"{cause}: {n:,}" + (f", the first in {first[cause]}" if cause in first else "")
        for cause, n in dropped.items()
    )
