"""The outcomes of one cell as columns: samples down, metrics across."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.columns import read_parquet
from vibench.errors import DataError
from vibench.records import Outcome

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Names = NDArray[np.str_]
    Floats = NDArray[np.float64]

__all__ = ["EXPRESSION", "Expressed", "Outcomes", "load_outcomes", "outcomes_of"]

EXPRESSION = "expression/"
"""Metrics `expression/VALUE` are open-ended: an eval may record only the values that were
found, so a scored sample without a row for a value did not express it, and counts 0."""


@dataclass(frozen=True, slots=True)
class Expressed:
    """How many of `of` scored samples hold each value: `counts`, of every value found in any,
    whatever it is, the most frequent first."""

    of: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What one subject scored in one eval.

    `values` is samples x metrics, NaN where unscored or not asked; `samples` are sorted.
    `unscored` counts the unscored outcomes of each metric by cause. `expressed` is there
    where metrics are open-ended expressions.
    """

    samples: Names
    clusters: Names
    metrics: tuple[str, ...]
    values: Floats
    unscored: Mapping[str, Mapping[str, int]]
    expressed: Expressed | None = None

    def columns(self, metrics: Sequence[str], samples: Names) -> Floats:
        """samples x metrics, for any samples and metrics; NaN where there is no score."""
        import numpy as np

        found = np.full((len(samples), len(metrics)), np.nan)
        if not len(self.samples):
            return found
        at = np.minimum(np.searchsorted(self.samples, samples), len(self.samples) - 1)
        known = self.samples[at] == samples
        for m, metric in enumerate(metrics):
            own = self._own(metric)
            if own is not None:
                found[known, m] = own[at[known]]
        return found

    def _own(self, metric: str) -> Floats | None:
        import numpy as np

        if metric in self.metrics:
            return self.values[:, self.metrics.index(metric)]
        others = [i for i, name in enumerate(self.metrics) if name.startswith(EXPRESSION)]
        if not metric.startswith(EXPRESSION) or not others:
            return None
        scored = ~np.isnan(self.values[:, others]).all(axis=1)
        return np.where(scored, 0.0, np.nan)


def load_outcomes(path: Path, values: Collection[str] | None = None) -> Outcomes:
    """Read a Parquet file with the columns sample, cluster, metric, value, unscored.

    Of the open-ended expression metrics those of `values` are kept (all if None), and those
    that the eval recorded for every sample.
    Raises DataError if it cannot be read or a sample has two outcomes of one metric.
    """
    import pyarrow as pa

    names = ["sample", "cluster", "metric", "value", "unscored"]
    try:
        table = read_parquet(path, names)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path}: is no readable table of outcomes ({str(error).splitlines()[0]}).",
            "Remove it and run again: it is made anew.",
        ) from error
    return _outcomes(table, values, str(path))


def outcomes_of(outcomes: Iterable[Outcome], values: Collection[str] | None = None) -> Outcomes:
    """The same out of records."""
    import pyarrow as pa

    rows = list(outcomes)
    text = pa.string()
    table = pa.table(
        {
            "sample": pa.array([o.sample for o in rows], text),
            "cluster": pa.array([o.cluster for o in rows], text),
            "metric": pa.array([o.metric for o in rows], text),
            "value": pa.array([o.value for o in rows], pa.float64()),
            "unscored": pa.array([o.unscored for o in rows], text),
        }
    )
    return _outcomes(table, values, "the outcomes")


def _outcomes(table: Any, values: Collection[str] | None, origin: str) -> Outcomes:
    import numpy as np
    import pyarrow.compute as pc

    def numbers(column: Any) -> tuple[Any, Any]:
        """(distinct strings, sorted; each row's position among them)"""
        coded = column.combine_chunks().dictionary_encode()
        distinct = np.asarray(coded.dictionary.to_pylist(), dtype=str)
        order = np.argsort(distinct)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        return distinct[order], rank[coded.indices.to_numpy()]

    samples, sample = numbers(table["sample"])
    all_metrics, metric = numbers(table["metric"])
    scores = table["value"].to_numpy()
    open_ended = np.char.startswith(all_metrics, EXPRESSION)
    answered = np.zeros(len(samples), dtype=bool)
    if len(table):
        answered[sample[open_ended[metric] & ~np.isnan(scores)]] = True

    expressive = open_ended[metric] if len(table) else np.zeros(0, dtype=bool)
    full = np.bincount(metric, minlength=len(all_metrics)) == len(np.unique(sample[expressive]))
    wanted = [
        str(name)
        for name, is_full in zip(all_metrics, full, strict=True)
        if is_full or _kept(str(name), values)
    ]
    if values is not None and open_ended.any():
        wanted += [EXPRESSION + v for v in sorted(values) if EXPRESSION + v not in wanted]
    place = {name: i for i, name in enumerate(wanted)}
    column = np.array([place.get(str(m), -1) for m in all_metrics], dtype=int)[metric]
    used = column >= 0
    grid = np.full((len(samples), len(wanted)), np.nan)
    asked = np.zeros(grid.shape, dtype=int)
    np.add.at(asked, (sample[used], column[used]), 1)
    if (asked > 1).any():
        s, m = np.argwhere(asked > 1)[0]
        raise DataError(
            f"{origin}: sample '{samples[s]}' has more than one outcome of {wanted[m]}.",
            "An eval yields one outcome for a sample and a metric.",
        )
    grid[sample[used], column[used]] = scores[used]
    for name, m in place.items():
        if name.startswith(EXPRESSION):
            grid[answered & (asked[:, m] == 0), m] = 0.0

    names, cluster = numbers(table["cluster"])
    cluster_of = np.empty(len(samples), dtype=names.dtype if len(names) else "U1")
    cluster_of[sample] = names[cluster]
    causes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in (
        table.filter(pc.is_valid(table["unscored"])).select(["metric", "unscored"]).to_pylist()
    ):
        if row["metric"] in place:
            causes[row["metric"]][row["unscored"]] += 1
    expressed = None
    if open_ended.any():
        found = np.bincount(metric[scores > 0], minlength=len(all_metrics))
        order = np.argsort(-found, kind="stable")
        expressed = Expressed(
            int(answered.sum()),
            {
                sys.intern(str(all_metrics[m]).removeprefix(EXPRESSION)): int(found[m])
                for m in order
                if open_ended[m] and found[m]
            },
        )
    return Outcomes(
        samples,
        cluster_of,
        tuple(wanted),
        grid,
        {m: dict(c) for m, c in causes.items()},
        expressed,
    )


def _kept(metric: str, values: Collection[str] | None) -> bool:
    if values is None or not metric.startswith(EXPRESSION):
        return True
    return metric.removeprefix(EXPRESSION) in values
