"""The outcomes of one cell as columns: samples (and their turns) down, metrics across."""

from __future__ import annotations

import hashlib
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
from vibench.store.files import check_readable, read_whole

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
    """The values expressed in the samples of a cell: `counts` of the `scored` samples that hold
    each value found in any, the most frequent first. A count is not a whole number where
    verdicts were repeated, as their mean counts."""

    scored: int
    counts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The scores of one subject in one eval.

    `values` is `rows` x metrics, NaN where unscored or not asked. `unscored` counts the
    unscored outcomes of each metric by cause. `expressed` is set where metrics are open-ended
    expressions. `answered` are then the rows in which a judge named values, or named none, and
    `known_values` the only values it can name (None: any), so that a row says nothing of others.
    """

    rows: Turns
    metrics: tuple[str, ...]
    values: Floats
    unscored: Mapping[str, Mapping[str, int]]
    expressed: Expressed | None = None
    answered: Truths | None = None
    known_values: Collection[str] | None = None

    def columns(self, metrics: Sequence[str], rows: Turns) -> Floats:
        """Return the scores of any rows and metrics, rows x metrics; NaN where there is none."""
        import numpy as np

        # Cells of one eval mostly have the same samples, so that searching is the rare case.
        identical = self.rows.same(rows)
        if identical and tuple(metrics) == self.metrics:
            return self.values
        places = np.arange(len(rows)) if identical else self.rows.places(rows)
        present = places >= 0
        columns = np.full((len(rows), len(metrics)), np.nan)
        for m, metric in enumerate(metrics):
            column = self._own(metric)
            if column is not None:
                columns[present, m] = column[places[present]]
        return columns

    def _own(self, metric: str) -> Floats | None:
        import numpy as np

        if metric in self.metrics:
            return self.values[:, self.metrics.index(metric)]
        if not metric.startswith(EXPRESSION) or self.answered is None:
            return None
        # Nobody expressed the value: 0 in rows where the judge answered and could have named it.
        return np.where(self.answered & _can_name(self.known_values, metric), 0.0, np.nan)


def _can_name(known_values: Collection[str] | None, metric: str) -> bool:
    return known_values is None or metric.removeprefix(EXPRESSION) in known_values


def load_outcomes(
    path: Path,
    values: Collection[str] | None = None,
    known_values: Collection[str] | None = None,
    sha256: str = "",
) -> Outcomes:
    """Read a Parquet file with the columns sample, cluster, turn, metric, value, unscored.

    Of the open-ended expression metrics those of `values` are kept (None: all), and those that
    the eval recorded for every sample. Where no value was recorded, those of other values than
    `known_values`, the only ones the judge can find (None: any), are unscored.
    Raises DataError if it cannot be read, if it has another digest than `sha256`, where that is
    known, or if a turn has two outcomes of one metric.
    """
    import pyarrow as pa

    coded_names = ["sample", "cluster", "metric", "unscored"]
    try:
        content = read_whole(path, path.parent)
        # The checksums of Parquet cover its pages, and not what tells how to read them.
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError("its content was changed")
        table = read_parquet(content, [*COLUMNS, "value", "unscored"], coded_names, len(COLUMNS))
    except (pa.ArrowException, OSError, ValueError, KeyError, IndexError) as error:
        check_readable(path, error)
        raise DataError(
            f"{path}: is not a readable table of outcomes ({str(error).splitlines()[0]}).",
            "Remove it and rerun the command: the file is written again.",
        ) from error
    return _outcomes(table, values, known_values, str(path))


def outcomes_of(
    outcomes: Iterable[Outcome],
    values: Collection[str] | None = None,
    known_values: Collection[str] | None = None,
) -> Outcomes:
    """Return the outcomes in records as `load_outcomes` returns those of a file."""
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
    return _outcomes(table, values, known_values, "the outcomes")


def _outcomes(
    table: Any, values: Collection[str] | None, known_values: Collection[str] | None, origin: str
) -> Outcomes:
    import numpy as np

    frame = frame_of(table)
    layout = frame.layout(values)
    if layout.repeated is not None:
        r, m = layout.repeated
        turn = f", turn {frame.rows.turns[r]}," if frame.rows.turns.any() else ""
        raise DataError(
            f"{origin}: sample '{frame.rows.samples[r]}'{turn} has more than one outcome of "
            f"{layout.metrics[m]}.",
            "An eval yields one outcome for a sample, a turn and a metric.",
        )
    rows, metric, open_columns = frame.rows, frame.metric, layout.open_columns
    scores = floats(table["value"])
    grid = np.full((len(rows), len(layout.metrics)), np.nan)
    grid.reshape(-1)[layout.cells] = scores[layout.is_kept]
    causes = _causes(table, metric, frame.metrics, layout.columns)
    if not layout.open_ended.any():
        return Outcomes(rows, layout.metrics, grid, causes, known_values=known_values)

    # A row counts as answered if any of its expressions has a score. It also counts if one is
    # unscored because the judge does not know the value: the judge did answer about the rest.
    answered = np.zeros(len(rows), dtype=bool)
    expressive = layout.open_ended[metric]
    answered[frame.row[expressive & (~np.isnan(scores) | _unknown(table, known_values))]] = True
    unknown = np.array(
        [not _can_name(known_values, layout.metrics[m]) for m in open_columns], dtype=bool
    )
    # No outcome of an expression means 0 in an answered row, unless the judge could not have
    # named the value: then it is unscored. In rows without an answer it stays unscored, NaN.
    lacking = layout.unasked & answered[:, None]
    grid[:, open_columns] = np.where(lacking & ~unknown, 0.0, grid[:, open_columns])
    for m, count in zip(open_columns, (lacking & unknown).sum(axis=0).tolist(), strict=True):
        if count:
            causes_of_metric = causes.setdefault(layout.metrics[m], {})
            causes_of_metric[UNKNOWN_VALUE] = causes_of_metric.get(UNKNOWN_VALUE, 0) + count
    expressed = Expressed(int(answered.sum()), _counts(scores, frame, layout))
    return Outcomes(rows, layout.metrics, grid, causes, expressed, answered, known_values)


def _counts(scores: Floats, frame: Frame, layout: Layout) -> dict[str, float]:
    """Return how many samples hold each value that any holds, the most frequent first."""
    import numpy as np

    # Summed, not counted: the mean of repeated verdicts is a score between 0 and 1.
    held = scores > 0
    samples_holding = np.bincount(frame.metric[held], scores[held], minlength=len(frame.metrics))
    held_open = np.flatnonzero(layout.open_ended & (samples_holding != 0))
    order = held_open[np.argsort(-samples_holding[held_open], kind="stable")]
    names = frame.metrics[order].tolist()
    # A store has thousands of cells that name the same values.
    values = (sys.intern(name.removeprefix(EXPRESSION)) for name in names)
    return dict(zip(values, samples_holding[order].tolist(), strict=True))


def _unknown(table: Any, known_values: Collection[str] | None) -> Truths:
    """Return which outcomes are unscored because the judge does not know the value: it answered
    all the same."""
    import numpy as np
    import pyarrow.compute as pc

    if known_values is None:
        return np.zeros(table.num_rows, dtype=bool)
    return flags(pc.fill_null(pc.equal(table["unscored"].cast("string"), UNKNOWN_VALUE), False))


def _causes(
    table: Any, metric: Codes, metrics: Names, columns: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """Count the unscored outcomes of each metric in `columns` by cause."""
    import numpy as np

    unscored = table["unscored"]
    if unscored.null_count == table.num_rows:
        return {}  # The common case: everything is scored.
    causes, cause = coded(unscored, nulls=True)
    has_cause = cause >= 0
    counts = np.bincount(metric[has_cause] * len(causes) + cause[has_cause])
    pairs = np.flatnonzero(counts)
    counts_by_metric: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for pair, n in zip(pairs.tolist(), counts[pairs].tolist(), strict=True):
        name = str(metrics[pair // len(causes)])
        if name in columns:
            counts_by_metric[name][str(causes[pair % len(causes)])] = n
    return dict(counts_by_metric)
