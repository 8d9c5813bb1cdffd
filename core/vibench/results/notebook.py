"""Results for notebooks and scripts: `vibench.load_results`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.results.database import Database, open_database
from vibench.results.tables import cut_off_notes
from vibench.results.tidy import export, tidy_batches, tidy_schema
from vibench.store.artefacts import Store
from vibench.text import clean

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Results", "load_results"]


def load_results(
    store: str | Path = ".vibench",
    run: str | Sequence[str] | None = None,
    evals: str | Sequence[str] | None = None,
    metrics: str | Sequence[str] | None = None,
) -> Results:
    """Return the results of a run: the last of `store` unless `run` names one, several or "all".

    `evals` and `metrics` narrow them ("expression/*": all that begin so). Outcomes are read
    when they are first used. Raises StoreError for a store without runs, UnknownName for a run,
    an eval or a metric that is not there.
    """
    return Results(open_database(Store(store), _names(run), _names(evals), _names(metrics)))


class Results:
    """The outcomes of one or several runs, one row for each sample, turn and metric."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def arrow(self) -> pa.Table:
        """Return the tidy rows as a pyarrow table."""
        import pyarrow as pa

        return pa.Table.from_batches(tidy_batches(self._database), tidy_schema(self._database))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Return the tidy rows in batches, for tables larger than memory."""
        return tidy_batches(self._database)

    def to_pandas(self) -> Any:
        """Return the tidy rows as a pandas DataFrame. Raises UsageError without pandas."""
        return _to_pandas(self.arrow())

    def sql(self, query: str) -> pa.Table:
        """Return DuckDB's answer to one SELECT over the views runs, cells, outcomes, transcripts
        and verdicts (docs/results.md); it has `to_pandas()`. Raises UsageError if it is wrong."""
        return self._database.query(query).table()

    def export(self, path: str | Path, replace: bool = False) -> int:
        """Write the tidy rows to a .parquet or .csv file and return their number."""
        return export(self._database, Path(path), replace)

    @property
    def runs(self) -> pa.Table:
        """One row for each run."""
        return self.sql("from runs")

    @property
    def cells(self) -> pa.Table:
        """One row for each cell of each run."""
        return self.sql("from cells")

    def _facts(self) -> dict[str, str]:
        chosen = self._database.selection
        finished, expected = len(chosen.finished), sum(c.latest for c in chosen.cells)
        cells = [stored.cell for stored in chosen.cells]

        def names(all_of: Iterable[str]) -> str:
            shown_names = [clean(name, 60) for name in dict.fromkeys(all_of) if name]
            return (
                ", ".join(shown_names[:12]) + (", ..." if len(shown_names) > 12 else "") or "none"
            )

        facts = {
            "store": clean(str(chosen.store.root)),
            "runs": names(f"{run.id} ({run.status})" for run in chosen.runs),
            "cells": f"{finished:,} of {expected:,} have a result",
            "models": names(c.model for c in cells),
            "inducers": names(c.inducer for c in cells),
            "values": names(c.value for c in cells),
            "evals": names(c.eval for c in cells),
            "judges": names(stored.judge for stored in chosen.cells),
        }
        facts |= {"metrics": names(chosen.metrics)} if chosen.metrics else {}
        warnings = cut_off_notes(chosen.store, chosen.cells)
        return facts | ({"WARNING": clean(" ".join(warnings), 600)} if warnings else {})

    def __repr__(self) -> str:
        facts = self._facts()
        return "vibench results\n" + "\n".join(f"  {n + ':':<10}{t}" for n, t in facts.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>"
            for name, text in self._facts().items()
        )
        return f"<table><caption>vibench results</caption>{rows}</table>"


def _to_pandas(table: pa.Table) -> Any:
    try:
        import pandas  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "A DataFrame needs the Python package 'pandas', which is not installed.",
            "Install it with: pip install pandas; or use arrow() or sql().",
        ) from error
    return table.to_pandas()


def _names(names: str | Sequence[str] | None) -> Sequence[str]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)
