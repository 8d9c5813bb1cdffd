"""The outcomes of one cell as columns: samples (and their turns) down, metrics across."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import DataError
from vibench.records import UNKNOWN_VALUE, Outcome
from vibench.results.frames import COLUMNS, EXPRESSION, Frame, Layout, coded, frame_of
from vibench.results.turns import Turns
from vibench.store.columns import flags, floats, read_parquet
from vibench.store.files import check_readable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Names = NDArray[np.str_]
    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Truths = NDArray[np.bool_]

__all__ = ["EXPRESSION", "Expressed", "Outcomes", "load_outcomes", "outcomes_of"]


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

    coded_names = ["sample", "cluster", "metric", "unscored"]
    try:
        table = read_parquet(path, [*COLUMNS, "value", "unscored"], coded_names, len(COLUMNS))
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

    frame = frame_of(table)
    layout = frame.layout(values)
    if layout.repeated is not None:
        r, m = layout.repeated
        turn = f", turn {frame.rows.turns[r]}," if frame.rows.turns.any() else ""
        raise DataError(
            f"{origin}: sample '{frame.rows.samples[r]}'{turn} has more than one outcome of "
            f"{layout.wanted[m]}.",
            "An eval yields one outcome for a sample, a turn and a metric.",
        )
    rows, metric, open_columns = frame.rows, frame.metric, layout.open_columns
    scores = floats(table["value"])
    grid = np.full((len(rows), len(layout.wanted)), np.nan)
    grid.reshape(-1)[layout.cells] = scores[layout.used]
    causes = _causes(table, metric, frame.metrics, layout.place)
    if not layout.open_ended.any():
        return Outcomes(rows, layout.wanted, grid, causes, known=known)

    answered = np.zeros(len(rows), dtype=bool)
    expressive = layout.open_ended[metric]
    answered[frame.row[expressive & (~np.isnan(scores) | _unknown(table, known))]] = True
    unknown = np.array([not _can_name(known, layout.wanted[m]) for m in open_columns], dtype=bool)
    lacking = layout.unasked & answered[:, None]
    grid[:, open_columns] = np.where(lacking & ~unknown, 0.0, grid[:, open_columns])
    for m, of in zip(open_columns, (lacking & unknown).sum(axis=0).tolist(), strict=True):
        if of:
            before = causes.setdefault(layout.wanted[m], {})
            before[UNKNOWN_VALUE] = before.get(UNKNOWN_VALUE, 0) + of
    expressed = Expressed(int(answered.sum()), _counts(scores, frame, layout))
    return Outcomes(rows, layout.wanted, grid, causes, expressed, answered, known)


def _counts(scores: Floats, frame: Frame, layout: Layout) -> dict[str, float]:
    """Return how many samples hold each value that any holds, the most frequent first."""
    import numpy as np

    held = scores > 0
    found = np.bincount(frame.metric[held], scores[held], minlength=len(frame.metrics))
    held_open = np.flatnonzero(layout.open_ended & (found != 0))
    order = held_open[np.argsort(-found[held_open], kind="stable")]
    names = frame.metrics[order].tolist()
    values = (sys.intern(name.removeprefix(EXPRESSION)) for name in names)
    return dict(zip(values, found[order].tolist(), strict=True))


def _unknown(table: Any, known: Collection[str] | None) -> Truths:
    """Which outcomes are of a value that the judge does not know: it answered all the same."""
    import numpy as np
    import pyarrow.compute as pc

    if known is None:
        return np.zeros(table.num_rows, dtype=bool)
    return flags(pc.fill_null(pc.equal(table["unscored"].cast("string"), UNKNOWN_VALUE), False))


def _causes(
    table: Any, metric: Codes, metrics: Names, place: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """The unscored outcomes of each metric in `place`, by cause."""
    import numpy as np

    unscored = table["unscored"]
    if unscored.null_count == table.num_rows:
        return {}
    causes, cause = coded(unscored, nulls=True)
    told = cause >= 0
    counts = np.bincount(metric[told] * len(causes) + cause[told])
    pairs = np.flatnonzero(counts)
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for pair, n in zip(pairs.tolist(), counts[pairs].tolist(), strict=True):
        name = str(metrics[pair // len(causes)])
        if name in place:
            found[name][str(causes[pair % len(causes)])] = n
    return dict(found)
