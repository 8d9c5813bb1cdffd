"""The frame of a table of outcomes: turns of samples down, metrics across. Most cells of an
eval have the same frame, so it is worked out once."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vibench.results.turns import Turns
from vibench.store.columns import integers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Names = NDArray[np.str_]
    Codes = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = ["COLUMNS", "EXPRESSION", "Frame", "Layout", "coded", "frame_of"]

EXPRESSION = "expression/"
"""Metrics `expression/VALUE` are open-ended: an eval may record only the values that were
found, so a scored sample without a row for a value did not express it, and counts 0. Where a
sample has several turns the same holds for each turn by itself."""

COLUMNS = ("sample", "cluster", "turn", "metric")
"""The columns that make the frame of a table: its first ones."""

_last_frames: deque[tuple[Any, Frame]] = deque(maxlen=4)
"""The columns that were read last, with their frames. Four, as the cells of a report come from
a few evals and judges in turn."""

_last_names: deque[tuple[Any, Names, Codes]] = deque(maxlen=16)
"""The dictionaries that were sorted last."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of outcomes in a table of some `metrics`.

    `columns` gives each metric's column. `open_ended` is true for metrics of the frame that are
    expressions, `is_kept` for outcomes of a kept metric; `cells` are the places of those in the
    table, row by row. `open_columns` are the columns of expressions, and `unasked` (rows x
    these) is true where there is no outcome. `repeated` is a (row, column) with several
    outcomes, which is an error; None if there is none.
    """

    metrics: tuple[str, ...]
    columns: Mapping[str, int]
    open_ended: Truths
    is_kept: Truths
    cells: Codes
    open_columns: Sequence[int]
    unasked: Truths
    repeated: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Frame:
    """The distinct turns, sorted; the place of each outcome among them (`row`); and the same
    for metrics."""

    rows: Turns
    row: Codes
    metrics: Names
    metric: Codes
    _layouts: dict[frozenset[str] | None, Layout] = field(default_factory=dict, compare=False)

    def layout(self, values: Collection[str] | None) -> Layout:
        """Return the layout of the metrics that are kept: of the open-ended expressions those of
        `values` (all if None), and those that were recorded for every sample."""
        key = None if values is None else frozenset(values)
        if key not in self._layouts:
            self._layouts[key] = self._lay_out(key)
        return self._layouts[key]

    def _lay_out(self, values: frozenset[str] | None) -> Layout:
        import numpy as np

        open_ended = np.char.startswith(self.metrics, EXPRESSION)
        # An expression that has an outcome in every turn with any expression was recorded for
        # all of them, found or not: it is a metric like others, whatever values are kept.
        open_turns = np.zeros(len(self.rows), dtype=bool)
        open_turns[self.row[open_ended[self.metric]]] = True
        full = np.bincount(self.metric, minlength=len(self.metrics)) == open_turns.sum()
        # A cell can have thousands of expressions, one for each value found in any answer: the
        # table that a report compares has columns for few of them.
        expressions = [EXPRESSION + value for value in sorted(values or ())]
        keep = full | ~open_ended | (values is None)
        keep[[i for i in _places(self.metrics, expressions) if i >= 0]] = True
        metrics: list[str] = self.metrics[keep].tolist()
        # A kept value that nobody expressed has no outcome at all, and still gets a column:
        # that it was never expressed is a finding.
        if open_ended.any():
            metrics += [name for name in expressions if name not in metrics]
        # Outcomes go to their cell in one assignment: `row * width + column`, in a flat table.
        places = np.full(len(self.metrics), -1)
        places[keep] = np.arange(keep.sum())
        column = places[self.metric]
        is_kept = column >= 0
        cells = self.row[is_kept] * len(metrics) + column[is_kept]
        outcomes_in_place = np.bincount(cells, minlength=len(self.rows) * len(metrics))
        # Two outcomes in one cell would overwrite each other silently.
        repeated = None
        if len(outcomes_in_place) and outcomes_in_place.max() > 1:
            repeated = divmod(int(outcomes_in_place.argmax()), len(metrics))
        open_columns = [m for m, name in enumerate(metrics) if name.startswith(EXPRESSION)]
        unasked = outcomes_in_place.reshape(len(self.rows), len(metrics))[:, open_columns] == 0
        columns = {name: m for m, name in enumerate(metrics)}
        return Layout(
            tuple(metrics), columns, open_ended, is_kept, cells, open_columns, unasked, repeated
        )


def frame_of(table: Any) -> Frame:
    """Return the frame of a table: the same object for tables with the same columns."""
    # `read_parquet` returns the same objects for leading columns that equal those of the file
    # before, so that comparing them takes no time in the common case.
    columns = table.select(COLUMNS)
    for columns_before, frame in tuple(_last_frames):
        if columns_before.equals(columns):
            return frame
    frame = Frame(*_rows(table), *coded(table["metric"]))
    _last_frames.append((columns, frame))
    return frame


def _rows(table: Any) -> tuple[Turns, Codes]:
    """Return the distinct turns of all samples, sorted, and each outcome's place among them."""
    import numpy as np

    samples, row = coded(table["sample"])
    turns = np.zeros(len(samples), dtype=np.int64)
    turn = integers(table["turn"])
    if turn.any():
        # Pairs of sample and turn as single numbers sort many times faster than pairs.
        width = int(turn.max()) + 1
        keys, row = np.unique(row * width + turn, return_inverse=True)
        samples, turns = samples[keys // width], keys % width
    names, cluster = coded(table["cluster"])
    clusters = np.empty(len(samples), dtype=names.dtype if len(names) else "U1")
    clusters[row] = names[cluster]
    return Turns(samples, turns, clusters), row


def coded(column: Any, nulls: bool = False) -> tuple[Names, Codes]:
    """Return the distinct strings, sorted, and each row's position among them: -1 where it is
    null, which is an error unless `nulls`."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    chunk = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if not pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_encode()
    distinct, rank = _sorted(chunk.dictionary)
    if nulls and chunk.null_count:
        # Nulls take the place behind the last name, where -1 is appended.
        codes = integers(chunk.indices, null=len(rank))
        return distinct, np.append(rank, -1)[codes]
    return distinct, rank[integers(chunk.indices)]


def _sorted(dictionary: Any) -> tuple[Names, Codes]:
    """Return the strings sorted, each once, and the place of each among them."""
    import numpy as np

    # Sorting strings takes longer than anything else here, and comparing two dictionaries of
    # Arrow little: the samples of an eval come again with each of its cells.
    for dictionary_before, distinct, rank in tuple(_last_names):
        if dictionary_before.equals(dictionary):
            return distinct, rank
    names = np.asarray(dictionary.to_pylist(), dtype=str)
    distinct, rank = np.unique(names, return_inverse=True)
    _last_names.append((dictionary, distinct, rank))
    return distinct, rank


def _places(names: Names, sought: Sequence[str]) -> list[int]:
    """Return the place of each sought name among sorted names; -1 where it is missing."""
    import numpy as np

    if not len(names) or not sought:
        return [-1] * len(sought)
    positions = np.minimum(np.searchsorted(names, sought), len(names) - 1)
    present = names[positions] == np.asarray(sought)
    places: list[int] = np.where(present, positions, -1).tolist()
    return places
