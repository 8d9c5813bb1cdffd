"""Tidy rows, one for each sample, turn and metric: in batches, in one table, or in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import SpecError, StoreError
from vibench.results.answers import writable, write
from vibench.results.stored_cells import rows_path

if TYPE_CHECKING:
    import pyarrow as pa

    from vibench.results.database import Database

__all__ = ["FORMS", "export", "tidy_batches", "tidy_schema"]

FORMS = ("parquet", "csv")

ROWS = 250_000
"""About how many rows are put in order at once."""


def tidy_batches(database: Database) -> Iterator[pa.RecordBatch]:
    """The view `outcomes`, cell by cell as the runs have them, then by sample, turn and metric."""
    for files in _together(database):
        rows = database.outcomes_sql(files)
        yield from database.batches(
            f"select * exclude (position) from ({rows}) order by position, sample, turn, metric"
        )


def _together(database: Database) -> Iterator[list[str]]:
    """The outcomes files, as many at a time as have `ROWS`."""
    chosen = database.selection
    sizes = {
        str(rows_path(chosen.store, "outcomes", stored.cell.outcomes)): stored.facts.get(
            "outcomes", ROWS
        )
        for stored in chosen.finished
    }
    some: list[str] = []
    rows = 0
    for file in database.files("outcomes"):
        if some and rows + sizes[file] > ROWS:
            yield some
            some, rows = [], 0
        some.append(file)
        rows += sizes[file]
    if some:
        yield some


def tidy_schema(database: Database) -> pa.Schema:
    """The columns, with their types."""
    return database.query("from outcomes limit 0").schema


def export(database: Database, path: Path, replace: bool = False) -> int:
    """Write the tidy rows into a Parquet or CSV file, whole or not at all; how many there are.

    In memory is what a few cells have. Raises SpecError for a file of another kind, one that
    is there (unless `replace`) or cannot be written, StoreError if no cell has a result.
    """
    form = path.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise SpecError(
            f"{path}: what kind of file that is to be is not clear from its name.",
            "Name one that ends in .parquet or .csv.",
        )
    writable(path, replace)
    if not database.selection.finished:
        raise nothing_finished(database)
    return write(form, path, tidy_schema(database), tidy_batches(database))


def nothing_finished(database: Database) -> StoreError:
    """That there is nothing to export, and why."""
    chosen = database.selection
    runs = ", ".join(f"{run.id} ({run.status})" for run in chosen.runs)
    causes: dict[str, Any] = {one.cause: None for one in chosen.cells if one.cause}
    why = f" One cause: {next(iter(causes))}" if causes else ""
    return StoreError(
        f"None of the {len(chosen.cells)} cells asked for has a result yet, of the runs {runs}."
        f"{why}",
        "Issue the command that made the run again: it goes on where it stopped. "
        "`vibench results` lists the runs.",
    )
