"""The values that each response of a set of preference pairs expresses, in columns.

A source of the paper's size has half a million responses and thousands of value names, so
what is kept is one number per response and name, and nothing of the responses' texts.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.errors import DataError
from vibench.preferences.label_codes import LabelCodes, encode_labels
from vibench.preferences.subsets import Held, SubsetCounts, select
from vibench.preferences.tables import pair_batches, unreadable, write_groups
from vibench.preferences.values import normalise
from vibench.store.columns import column as made
from vibench.store.columns import flags, read_parquet, strings

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]
    Numbers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["PairValues", "ValueShare", "write_subset"]

SIDES = ("chosen", "rejected")

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class ValueShare:
    """The number of responses that express a value, by the side of their pair (paper, Figure 9)."""

    value: str
    chosen: int
    rejected: int

    @property
    def total(self) -> int:
        """Responses that express it."""
        return self.chosen + self.rejected


class PairValues:
    """The values that each response of one `pairs` artefact expresses, in columns.

    Values are known by the name that `normalise` gives them, and names asked for are
    normalised too. A pair with an unscored side has no known value: it is in no subset, and
    counted. A response that is scored counts in the distribution whatever the other side is.
    """

    __slots__ = ("_labels", "_marks", "_starts", "_unknown", "pairs", "unscored")

    def __init__(
        self, labels: LabelCodes, marks: Numbers, unknown: Flags, unscored: Counter[str]
    ) -> None:
        """`marks`: name * responses + response for each name that a response expresses,
        sorted, each once; responses are 2 * pair + side. `unknown`: per pair, whether a side
        is unscored. `unscored`: responses by cause."""
        import numpy as np

        self.pairs: int = len(unknown)
        self.unscored = unscored
        self._labels = labels
        self._marks = marks
        self._unknown = unknown
        width = 2 * self.pairs
        # Marks are sorted by name first, so that a value's responses are one slice of them.
        self._starts: Numbers = np.searchsorted(marks, np.arange(len(labels.names) + 1) * width)

    @classmethod
    def read(cls, pairs: Path, verdicts: Path) -> PairValues:
        """Read what the verdicts of a `values` stage say of the pairs of its `pairs` stage.

        Raises DataError if a file is damaged, or if the verdicts are not of these pairs'
        responses in their order.
        """
        ids = _columns(pairs, "pairs", ["id"])["id"]
        table = _columns(verdicts, "verdicts", ["sample", "labels", "unscored"])
        _check_in_step(pairs, ids, verdicts, table["sample"])
        unscored = flags(table["unscored"].is_valid())
        labels, marks = encode_labels(table["labels"], unscored)
        unknown = unscored[0::2] | unscored[1::2]
        return cls(labels, marks, unknown, _causes(table["unscored"]))

    @property
    def names(self) -> Sequence[str]:
        """Every value named anywhere, sorted."""
        return self._labels.names

    def held(self, value: str) -> Codes:
        """Return the side of each pair that expresses the value: `Held` codes, shape (pairs,)."""
        import numpy as np

        codes = np.zeros(2 * self.pairs, dtype=np.uint8)
        codes[self._responses(value)] = 1
        # A pair's two responses are neighbours; CHOSEN + REJECTED is BOTH.
        sides = codes.reshape(-1, 2)
        held: Codes = sides[:, 0] * np.uint8(Held.CHOSEN) + sides[:, 1] * np.uint8(Held.REJECTED)
        # Last: an unscored side outweighs whatever the other side expresses.
        held[self._unknown] = Held.UNSCORED
        return held

    def counts(self, value: str) -> SubsetCounts:
        """The size of the value's subset, and what became of the other pairs."""
        import numpy as np

        held = np.bincount(self.held(value), minlength=len(Held)).tolist()
        return SubsetCounts(
            chosen=held[Held.CHOSEN],
            rejected=held[Held.REJECTED],
            both=held[Held.BOTH],
            neither=held[Held.NEITHER],
            unscored=held[Held.UNSCORED],
        )

    def all_counts(self) -> dict[str, SubsetCounts]:
        """The same for every value named anywhere, by name in alphabetical order."""
        import numpy as np

        if not self._labels.names:
            return {}
        width = 2 * self.pairs
        # Only marks of pairs both sides of which are scored: the others are in no subset.
        marks = self._marks[~self._unknown[self._marks % width // 2]]
        name, rejected = marks // width, (marks % 2).astype(bool)
        # A pair's two responses are neighbours, so marks of both sides stand side by side.
        pair = np.flatnonzero((np.diff(marks) == 1) & ~rejected[:-1])
        size = len(self._labels.names)
        both_sides = np.bincount(name[pair], minlength=size)
        chosen_only = np.bincount(name[~rejected], minlength=size) - both_sides
        rejected_only = np.bincount(name[rejected], minlength=size) - both_sides
        unscored = int(self._unknown.sum())
        neither = self.pairs - unscored - chosen_only - rejected_only - both_sides
        columns = (c.tolist() for c in (chosen_only, rejected_only, both_sides, neither))
        counts = (SubsetCounts(a, b, c, d, unscored) for a, b, c, d in zip(*columns, strict=True))
        return dict(zip(self._labels.names, counts, strict=True))

    def distribution(self) -> list[ValueShare]:
        """Return the number of responses that express each value; the most frequent first, ties by
        name."""
        import numpy as np

        size = len(self._labels.names)
        name = np.repeat(np.arange(size), np.diff(self._starts))
        rejected = self._marks % 2 == 1
        sides = (
            np.bincount(name[~rejected], minlength=size).tolist(),
            np.bincount(name[rejected], minlength=size).tolist(),
        )
        shares = map(ValueShare, self._labels.names, *sides)
        return sorted(shares, key=lambda share: (-share.total, share.value))

    def written(self, value: str) -> Counter[str]:
        """The spellings that became this value, as the judge wrote them, and how often."""
        import numpy as np

        indices = np.flatnonzero(self._labels.name_of == self._index(value)).tolist()
        return Counter({self._labels.raw[i]: int(self._labels.counts[i]) for i in indices})

    def _index(self, value: str) -> int:
        """The value's place among the names; past the last one if nobody named it."""
        names, name = self._labels.names, normalise(value)
        index = bisect.bisect_left(names, name)
        return index if index < len(names) and names[index] == name else len(names)

    def _responses(self, value: str) -> Numbers:
        index = self._index(value)
        if index == len(self._labels.names):
            return self._marks[:0]
        return self._marks[self._starts[index] : self._starts[index + 1]] - index * 2 * self.pairs


def write_subset(
    path: Path,
    sources: Sequence[tuple[Path, PairValues]],
    value: str,
    progress: Progress | None = None,
) -> SubsetCounts:
    """Write the pairs of all sources, in order, in which exactly one side expresses `value`.

    Each source is its pairs file and what its responses express. A pair whose rejected side
    expresses the value is flipped and keeps its id; a pair with an unscored side is left out
    and counted. The file has the form that `write_pairs` gives. `progress(done, total,
    note)` counts pairs read. Raises DataError if a pairs file is damaged, or has other pairs
    than were judged (paper, section 4).
    """
    total = sum(expressed.pairs for _, expressed in sources)

    def kept() -> Iterator[pa.Table]:
        done = 0
        for pairs, expressed in sources:
            for batch, held in _in_step(pairs, expressed.held(value)):
                if progress is not None:
                    progress(done, total, "pairs")
                done += len(batch)
                yield select(batch, held)

    # Pairs files do not fit into memory: stream them, and flip batch by batch.
    write_groups(path, kept())
    return sum(
        (expressed.counts(value) for _, expressed in sources), start=SubsetCounts(0, 0, 0, 0, 0)
    )


def _in_step(pairs: Path, held: Codes) -> Iterator[tuple[pa.RecordBatch, Codes]]:
    """A file's batches, each with its pairs' codes."""
    done = 0
    for batch in pair_batches(pairs):
        yield batch, held[done : done + len(batch)]
        done += len(batch)
    if done != len(held):
        raise DataError(
            f"{pairs} has {done} pairs, and the values of {len(held)} were given.",
            "Remove the file and run again: vibench writes it again.",
        )


def _columns(path: Path, what: str, names: list[str]) -> pa.Table:
    import pyarrow as pa

    try:
        return read_parquet(path, names)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, what, error) from error


def _check_in_step(
    pairs: Path, ids: pa.ChunkedArray, verdicts: Path, samples: pa.ChunkedArray
) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    hint = "Remove both and run again: vibench writes them again."
    if len(samples) != 2 * len(ids):
        raise DataError(
            f"{verdicts} has {len(samples)} verdicts for the {2 * len(ids)} responses of {pairs}.",
            hint,
        )
    # The values of a source are stored apart from its pairs: a row too few or too many would give
    # every later pair another pair's values.
    for offset, side in enumerate(SIDES):
        sample_names = samples.take(made(range(offset, len(samples), 2), pa.int64()))
        ending, between = strings([side, "/"])
        equal = flags(pc.equal(sample_names, pc.binary_join_element_wise(ids, ending, between)))
        if not equal.all():
            mismatch = int(np.flatnonzero(~equal)[0])
            raise DataError(
                f"{verdicts}, row {2 * mismatch + offset + 1}: is of '{sample_names[mismatch]}' "
                f"where {pairs} has '{ids[mismatch]}/{side}'.",
                hint,
            )


def _causes(unscored: pa.ChunkedArray) -> Counter[str]:
    import pyarrow.compute as pc

    causes: Counter[str] = Counter()
    for row in pc.value_counts(unscored.drop_null()).to_pylist():
        causes[row["values"].partition(":")[0]] += row["counts"]
    return causes
