"""The outcomes of one cell as columns: samples (and their turns) down, metrics across."""

from __future__ import annotations

import sys
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.columns import flags, floats, integers, read_parquet
from vibench.errors import DataError
from vibench.files import check_readable
from vibench.records import UNKNOWN_VALUE, Outcome
from vibench.report.turns import Turns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Names = NDArray[np.str_]
    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Truths = NDArray[np.bool_]
    Frame = tuple[Turns, Codes, Names, Codes]
    """(the distinct turns, sorted; each outcome's place among them; the distinct metrics,
    sorted; each outcome's place among them)"""

__all__ = ["EXPRESSION", "Expressed", "Outcomes", "load_outcomes", "outcomes_of"]

EXPRESSION = "expression/"
"""Metrics `expression/VALUE` are open-ended: an eval may record only the values that were
found, so a scored sample without a row for a value did not express it, and counts 0. Where a
sample has several turns the same holds for each turn by itself."""


_last: deque[tuple[Any, Names, Codes]] = deque(maxlen=16)
"""The dictionaries that were sorted last: cell after cell has the same samples."""

FRAME = ("sample", "cluster", "turn", "metric")
"""The columns that say what a score is of."""

_last_frames: deque[tuple[Any, Frame]] = deque(maxlen=4)
"""The last of them, with what they come to."""


@dataclass(frozen=True, slots=True)
class Expressed:
    """How many of `of` scored samples hold each value: `counts`, of every value found in any,
    whatever it is, the most frequent first. Not a whole number where the mean of repeated
    verdicts counts."""

    of: int
    counts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What one subject scored in one eval.

    `values` is `rows` x metrics, NaN where unscored or not asked. `unscored` counts the
    unscored outcomes of each metric by cause. `expressed` is there where metrics are
    open-ended expressions; `answered` are then the rows that a judge named values in (or none),
    and `known` the only ones it can name, any if None: it says nothing of another one.
    """

    rows: Turns
    metrics: tuple[str, ...]
    values: Floats
    unscored: Mapping[str, Mapping[str, int]]
    expressed: Expressed | None = None
    answered: Truths | None = None
    known: Collection[str] | None = None

    def columns(self, metrics: Sequence[str], rows: Turns) -> Floats:
        """rows x metrics, for any rows and metrics; NaN where there is no score."""
        import numpy as np

        same = self.rows.same(rows)
        if same and tuple(metrics) == self.metrics:
            return self.values
        place = np.arange(len(rows)) if same else self.rows.places(rows)
        known = place >= 0
        columns = np.full((len(rows), len(metrics)), np.nan)
        for m, metric in enumerate(metrics):
            own = self._own(metric)
            if own is not None:
                columns[known, m] = own[place[known]]
        return columns

    def _own(self, metric: str) -> Floats | None:
        import numpy as np

        if metric in self.metrics:
            return self.values[:, self.metrics.index(metric)]
        if not metric.startswith(EXPRESSION) or self.answered is None:
            return None
        return np.where(self.answered & _can_name(self.known, metric), 0.0, np.nan)


def _can_name(known: Collection[str] | None, metric: str) -> bool:
    return known is None or metric.removeprefix(EXPRESSION) in known


def load_outcomes(
    path: Path,
    values: Collection[str] | None = None,
    known: Collection[str] | None = None,
) -> Outcomes:
    """Read a Parquet file with the columns sample, cluster, turn, metric, value, unscored.

    Of the open-ended expression metrics those of `values` are kept (all if None), and those
    that the eval recorded for every sample. Those of values that are not `known`, the only ones
    that the judge can find (any if None), are unscored where no value was recorded.
    Raises DataError if it cannot be read or a turn has two outcomes of one metric.
    """
    import pyarrow as pa

    names = ["sample", "cluster", "metric", "unscored"]
    try:
        table = read_parquet(path, [*names, "turn", "value"], names)
    except (pa.ArrowException, OSError) as error:
        check_readable(path, error)
        raise DataError(
            f"{path}: is no readable table of outcomes ({str(error).splitlines()[0]}).",
            "Remove it and run again: it is made anew.",
        ) from error
    return _outcomes(table, values, known, str(path))


def outcomes_of(
    outcomes: Iterable[Outcome],
    values: Collection[str] | None = None,
    known: Collection[str] | None = None,
) -> Outcomes:
    """The same out of records."""
    import pyarrow as pa

    rows = list(outcomes)
    text = pa.string()
    table = pa.table(
        {
            "sample": pa.array([o.sample for o in rows], text),
            "cluster": pa.array([o.cluster for o in rows], text),
            "turn": pa.array([o.turn for o in rows], pa.int16()),
            "metric": pa.array([o.metric for o in rows], text),
            "value": pa.array([o.value for o in rows], pa.float64()),
            "unscored": pa.array([o.unscored for o in rows], text),
        }
    )
    return _outcomes(table, values, known, "the outcomes")


def _outcomes(
    table: Any, values: Collection[str] | None, known: Collection[str] | None, origin: str
) -> Outcomes:
    import numpy as np

    rows, row, all_metrics, metric = _frame(table)
    scores = floats(table["value"])
    open_ended = np.char.startswith(all_metrics, EXPRESSION)
    expressive = open_ended[metric]
    answered = np.zeros(len(rows), dtype=bool)
    answered[row[expressive & (~np.isnan(scores) | _unknown(table, known))]] = True
    asked_open = np.zeros(len(rows), dtype=bool)
    asked_open[row[expressive]] = True

    full = np.bincount(metric, minlength=len(all_metrics)) == asked_open.sum()
    # A cell can have thousands of metrics, one for each value that was found in an answer.
    named: list[str] = all_metrics.tolist()
    asked_for = [EXPRESSION + value for value in sorted(values or ())]
    kept = full | ~open_ended | (values is None)
    kept[[i for i in _places(all_metrics, asked_for) if i >= 0]] = True
    wanted = [named[i] for i in np.flatnonzero(kept)]
    if open_ended.any():
        wanted += [name for name in asked_for if name not in wanted]
    place = {name: i for i, name in enumerate(wanted)}
    places = np.full(len(named), -1)
    places[kept] = np.arange(kept.sum())
    column = places[metric]
    used = column >= 0
    cells = row[used] * len(wanted) + column[used]
    asked = np.bincount(cells, minlength=len(rows) * len(wanted))
    if len(asked) and asked.max() > 1:
        r, m = divmod(int(asked.argmax()), len(wanted))
        turn = f", turn {rows.turns[r]}," if rows.turns.any() else ""
        raise DataError(
            f"{origin}: sample '{rows.samples[r]}'{turn} has more than one outcome of {wanted[m]}.",
            "An eval yields one outcome for a sample, a turn and a metric.",
        )
    grid = np.full((len(rows), len(wanted)), np.nan)
    grid.reshape(-1)[cells] = scores[used]
    open_columns = [m for name, m in place.items() if name.startswith(EXPRESSION)]
    unasked = asked.reshape(grid.shape)[:, open_columns] == 0
    unknown = np.array([not _can_name(known, wanted[m]) for m in open_columns], dtype=bool)
    lacking = unasked & answered[:, None]
    grid[:, open_columns] = np.where(lacking & ~unknown, 0.0, grid[:, open_columns])

    expressed = None
    if open_ended.any():
        held = scores > 0
        found = np.bincount(metric[held], scores[held], minlength=len(all_metrics))
        held_open = np.flatnonzero(open_ended & (found != 0))
        order = held_open[np.argsort(-found[held_open], kind="stable")]
        values_held = (sys.intern(named[m].removeprefix(EXPRESSION)) for m in order.tolist())
        counts = dict(zip(values_held, found[order].tolist(), strict=True))
        expressed = Expressed(int(answered.sum()), counts)
    causes = _causes(table, metric, all_metrics, place)
    for m, of in zip(open_columns, (lacking & unknown).sum(axis=0).tolist(), strict=True):
        if of:
            before = causes.setdefault(wanted[m], {})
            before[UNKNOWN_VALUE] = before.get(UNKNOWN_VALUE, 0) + of
    return Outcomes(
        rows, tuple(wanted), grid, causes,
        expressed, answered if open_ended.any() else None, known,
    )  # fmt: skip


def _unknown(table: Any, known: Collection[str] | None) -> Truths:
    """Which outcomes are of a value that the judge does not know: it answered all the same."""
    import numpy as np
    import pyarrow.compute as pc

    if known is None:
        return np.zeros(table.num_rows, dtype=bool)
    return flags(pc.fill_null(pc.equal(table["unscored"].cast("string"), UNKNOWN_VALUE), False))


def _frame(table: Any) -> Frame:
    """Return what scores are of. Cell after cell it is the same, and then the same objects."""
    columns = table.select(FRAME)
    for known, frame in tuple(_last_frames):
        if known.equals(columns):
            return frame
    frame = (*_rows(table), *_coded(table["metric"]))
    _last_frames.append((columns, frame))
    return frame


def _rows(table: Any) -> tuple[Turns, Codes]:
    """(the distinct turns of all samples, sorted; each outcome's place among them)"""
    import numpy as np

    samples, row = _coded(table["sample"])
    turns = np.zeros(len(samples), dtype=np.int64)
    turn = integers(table["turn"])
    if turn.any():
        width = int(turn.max()) + 1
        keys, row = np.unique(row * width + turn, return_inverse=True)
        samples, turns = samples[keys // width], keys % width
    names, cluster = _coded(table["cluster"])
    clusters = np.empty(len(samples), dtype=names.dtype if len(names) else "U1")
    clusters[row] = names[cluster]
    return Turns(samples, turns, clusters), row


def _coded(column: Any) -> tuple[Names, Codes]:
    """(distinct strings, sorted; each row's position among them). Nulls are an error."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    whole = column.combine_chunks()
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    distinct, rank = _sorted(whole.dictionary)
    return distinct, rank[integers(whole.indices)]


def _sorted(dictionary: Any) -> tuple[Names, Codes]:
    """(its strings, sorted, each once; the place of each among them)"""
    import numpy as np

    for known, distinct, rank in tuple(_last):
        if known.equals(dictionary):
            return distinct, rank
    names = np.asarray(dictionary.to_pylist(), dtype=str)
    distinct, rank = np.unique(names, return_inverse=True)
    _last.append((dictionary, distinct, rank))
    return distinct, rank


def _causes(
    table: Any, metric: Codes, metrics: Names, place: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """The unscored outcomes of each metric in `place`, by cause."""
    import numpy as np
    import pyarrow.compute as pc

    told = flags(pc.is_valid(table["unscored"]))
    if not told.any():
        return {}
    causes, cause = _coded(table["unscored"].filter(pc.is_valid(table["unscored"])))
    pairs, counts = np.unique(metric[told] * len(causes) + cause, return_counts=True)
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for pair, n in zip(pairs.tolist(), counts.tolist(), strict=True):
        name = str(metrics[pair // len(causes)])
        if name in place:
            found[name][str(causes[pair % len(causes)])] = n
    return dict(found)


def _places(names: Names, wanted: Sequence[str]) -> list[int]:
    """Where each of these is among sorted names; -1 where it is not."""
    import numpy as np

    if not len(names) or not wanted:
        return [-1] * len(wanted)
    at = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    found = names[at] == np.asarray(wanted)
    places: list[int] = np.where(found, at, -1).tolist()
    return places
