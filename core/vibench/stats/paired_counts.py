"""Two judges' answers to the same yes/no questions, counted by cluster.

From counts by cluster (the eval's clusters: issues, instructions) everything about two judges
is computed, so that millions of verdicts are a few thousand numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vibench.stats.clusters import Floats

__all__ = ["Counts", "PairedCounts"]


@dataclass(frozen=True, slots=True)
class Counts:
    """The answers of two judges in one cluster: both yes, only the first, only the second,
    neither."""

    both: int = 0
    first: int = 0
    second: int = 0
    neither: int = 0


@dataclass(frozen=True, slots=True)
class PairedCounts:
    """The same in columns, one row for each cluster."""

    both: Floats
    first: Floats
    second: Floats
    neither: Floats

    @classmethod
    def of(cls, counts: Sequence[Counts]) -> PairedCounts:
        """Return the columns of these counts, one for each cluster."""
        import numpy as np

        rows = [(c.both, c.first, c.second, c.neither) for c in counts]
        return cls(*np.array(rows, dtype=float).reshape(-1, 4).T)

    @property
    def total(self) -> Counts:
        """The counts over all clusters."""
        return Counts(*(int(c.sum()) for c in (self.both, self.first, self.second, self.neither)))

    @property
    def sizes(self) -> Floats:
        """The number of answers in each cluster."""
        return self.both + self.first + self.second + self.neither
