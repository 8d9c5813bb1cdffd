"""Turns of samples: the rows of a table of outcomes, by which two subjects are paired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vibench.stats import cluster_codes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Names = NDArray[np.str_]
    Codes = NDArray[np.int64]

__all__ = ["Turns"]


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns that have outcomes: samples, each as often as it has turns, with the cluster of
    each. Sorted by sample, then by turn; two subjects are compared on the turns of both."""

    samples: Names
    turns: Codes
    clusters: Names
    codes: Codes = field(init=False, repr=False, compare=False)
    """A number for each turn's cluster."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", cluster_codes(self.clusters.tolist()))

    def __len__(self) -> int:
        return len(self.samples)

    def same(self, turns: Turns) -> bool:
        """Return if these are the same turns of the same samples."""
        import numpy as np

        return self is turns or (
            np.array_equal(self.samples, turns.samples) and np.array_equal(self.turns, turns.turns)
        )

    def places(self, sought: Turns) -> Codes:
        """Return the place of each sought turn among these; -1 where it is missing."""
        import numpy as np

        if not len(self):  # There is no place that searchsorted could be clipped to.
            return np.full(len(sought), -1)
        keys, numbers = _numbered([self, sought])
        places = np.minimum(np.searchsorted(keys, numbers), len(keys) - 1)
        return np.where(keys[places] == numbers, places, -1)

    @classmethod
    def union(cls, several: Sequence[Turns]) -> Turns:
        """Return every turn that any of these has."""
        import numpy as np

        # Mostly the same object, as frames are shared between cells.
        if all(turns.same(several[0]) for turns in several[1:]):
            return several[0]
        _, first = np.unique(np.concatenate(_numbered(several)), return_index=True)
        return cls(
            np.concatenate([turns.samples for turns in several])[first],
            np.concatenate([turns.turns for turns in several])[first],
            np.concatenate([turns.clusters for turns in several])[first],
        )


def _numbered(several: Sequence[Turns]) -> list[Codes]:
    """Return a number for each turn of each sample, the same for the same ones, in order."""
    import numpy as np

    # Ranks are taken over all of them together, so that numbers can be compared across them.
    _, rank = np.unique(np.concatenate([each.samples for each in several]), return_inverse=True)
    turns = np.concatenate([each.turns for each in several])
    numbers = rank * (int(turns.max(initial=0)) + 1) + turns
    return np.split(numbers, np.cumsum([len(each) for each in several])[:-1])
