"""Turns of samples: what outcomes are of, and what two subjects are paired by."""

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
    """What has outcomes: samples, each as often as it has turns, with the cluster of each.
    Sorted by sample, then by turn; two subjects are compared where both agree."""

    samples: Names
    turns: Codes
    clusters: Names
    codes: Codes = field(init=False, repr=False, compare=False)
    """A number for each turn's cluster."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", cluster_codes(self.clusters.tolist()))

    def __len__(self) -> int:
        return len(self.samples)

    def same(self, other: Turns) -> bool:
        """Whether these are the same turns of the same samples."""
        import numpy as np

        return self is other or (
            np.array_equal(self.samples, other.samples) and np.array_equal(self.turns, other.turns)
        )

    def places(self, wanted: Turns) -> Codes:
        """Return where each of the wanted turns is among these; -1 where it is not."""
        import numpy as np

        if not len(self):
            return np.full(len(wanted), -1)
        keys, sought = _numbered([self, wanted])
        place = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
        return np.where(keys[place] == sought, place, -1)

    @classmethod
    def union(cls, several: Sequence[Turns]) -> Turns:
        """Return every turn that any of these has."""
        import numpy as np

        if all(one.same(several[0]) for one in several[1:]):
            return several[0]
        _, first = np.unique(np.concatenate(_numbered(several)), return_index=True)
        return cls(
            np.concatenate([one.samples for one in several])[first],
            np.concatenate([one.turns for one in several])[first],
            np.concatenate([one.clusters for one in several])[first],
        )


def _numbered(several: Sequence[Turns]) -> list[Codes]:
    """Return a number for each turn of each sample, the same for the same ones, in order."""
    import numpy as np

    _, rank = np.unique(np.concatenate([one.samples for one in several]), return_inverse=True)
    turns = np.concatenate([one.turns for one in several])
    numbers = rank * (int(turns.max(initial=0)) + 1) + turns
    return np.split(numbers, np.cumsum([len(one) for one in several])[:-1])
