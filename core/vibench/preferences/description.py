"""The contents of a table of pairs: their number, lengths and turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.preferences.tables import pair_batches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Lengths", "PairDescription", "describe"]

TURN = '"role": '
"""What each turn has once in a prompt's JSON; in a turn's text its quotes are escaped."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of texts, in characters."""

    mean: float
    median: float
    longest: int


@dataclass(frozen=True, slots=True)
class PairDescription:
    """A source's pairs. `multi_turn` are those whose prompt has more than one turn of the
    user; lengths are None without pairs."""

    pairs: int
    multi_turn: int
    chosen: Lengths | None
    rejected: Lengths | None


def describe(path: Path) -> PairDescription:
    """Describe a file written by `write_pairs`, in one pass. Raises DataError."""
    import pyarrow.compute as pc

    pairs = multi_turn = 0
    sides: dict[str, list[NDArray[np.int32]]] = {"chosen": [], "rejected": []}
    for batch in pair_batches(path):
        pairs += len(batch)
        turns = pc.count_substring(batch["prompt"], TURN)
        multi_turn += pc.sum(pc.greater(turns, 2)).as_py() or 0
        for side, side_lengths in sides.items():
            side_lengths.append(pc.utf8_length(batch[side]).to_numpy(zero_copy_only=False))
    return PairDescription(
        pairs, multi_turn, _lengths(sides["chosen"]), _lengths(sides["rejected"])
    )


def _lengths(lengths: Sequence[NDArray[np.int32]]) -> Lengths | None:
    import numpy as np

    if not sum(map(len, lengths)):
        return None
    all_lengths = np.concatenate(lengths)
    return Lengths(float(all_lengths.mean()), float(np.median(all_lengths)), int(all_lengths.max()))
