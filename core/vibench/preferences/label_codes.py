"""The labels that a judge wrote, as numbers: millions of labels of which few are distinct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.preferences.values import normalise
from vibench.store.columns import column as arrow_column
from vibench.store.columns import integers

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["LabelCodes", "encode_labels"]


@dataclass(frozen=True, slots=True)
class LabelCodes:
    """The labels that a judge wrote: the distinct raw ones, the count of each, and the index in
    `names` of each one once normalised (-1: no letter or digit, so not a value)."""

    names: Sequence[str]
    raw: Sequence[str]
    counts: Numbers
    name_of: Numbers


def encode_labels(column: pa.ChunkedArray, unscored: Flags) -> tuple[LabelCodes, Numbers]:
    """Return the labels of the scored responses, and the marks that `PairValues` holds."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    (none,) = arrow_column([0], pa.int32())
    lengths = integers(pc.coalesce(pc.list_value_length(column), none))
    response = np.repeat(np.arange(len(column)), lengths)
    # Judges write the same labels over and over: normalise each distinct one once.
    encoded = pc.list_flatten(column).combine_chunks().dictionary_encode()
    written = integers(encoded.indices)
    scored = ~unscored[response]
    response, written = response[scored], written[scored]
    raw: list[str] = encoded.dictionary.to_pylist()
    counts = np.bincount(written, minlength=len(raw))
    normal = [normalise(label) if count else "" for label, count in zip(raw, counts, strict=True)]
    names = sorted(set(normal) - {""})
    index_of = {"": -1, **{name: i for i, name in enumerate(names)}}
    name_of = np.array([index_of[name] for name in normal], dtype=np.int64)
    name = name_of[written]
    valued = name >= 0
    # numpy's own `unique` took 15 times as long on two million of these.
    marks = np.sort(name[valued] * len(column) + response[valued])
    first = np.diff(marks, prepend=-1) != 0
    return LabelCodes(names, raw, counts, name_of), marks[first]
