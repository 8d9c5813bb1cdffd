"""Tidy rows, one for each sample, turn and metric: in batches, in one table, or in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import SpecError, StoreError
from vibench.results.answers import writable, write
from vibench.results.stored_cells import rows_path
from vibench.stages.outcomes import OutcomesSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from vibench.results.database import Database

__all__ = ["FORMS", "export", "tidy_batches", "tidy_schema"]

FORMS = ("parquet", "csv")

ROWS = 250_000
"""About how many rows are put in order at once."""


def tidy_batches(database: Database) -> Iterator[pa.RecordBatch]:
    """Yield the view `outcomes`, by cell in the order of the runs, then by sample, turn, metric."""
    for files in _together(database):
        rows = database.outcomes_sql(files)
        yield from database.batches(
            f"select * exclude (position) from ({rows}) order by position, sample, turn, metric"
        )


def _together(database: Database) -> Iterator[list[str]]:
    """Yield the outcomes files, as many at a time as have about `ROWS` rows."""
    chosen = database.selection
    sizes = {
        str(rows_path(chosen.store, OutcomesSpec.kind, stored.cell.outcomes)): stored.facts.get(
            "outcomes", ROWS
        )
        for stored in chosen.finished
    }
    batch: list[str] = []
    batch_rows = 0
    # Sorting is within these groups alone: files come in the order of the cells, and memory
    # holds one group.
    for file in database.files(OutcomesSpec.kind):
        if batch and batch_rows + sizes[file] > ROWS:
            yield batch
            batch, batch_rows = [], 0
        batch.append(file)
        batch_rows += sizes[file]
    if batch:
        yield batch


def tidy_schema(database: Database) -> pa.Schema:
    """Return the columns with their types."""
    return database.query("from outcomes limit 0").schema


def export(database: Database, path: Path, replace: bool = False) -> int:
    """Write the tidy rows into a Parquet or CSV file, completely or not at all; return their
    number.

    Memory holds the rows of a few cells at a time. Raises SpecError for a file of
    another kind, one that exists (unless `replace`) or cannot be written, StoreError if no cell
    has a result.
    """
    form = path.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise SpecError(
            f"{path}: the name does not say what kind of file to write.",
            "Name one that ends in .parquet or .csv.",
        )
    writable(path, replace)
    if not database.selection.finished:
        raise nothing_finished(database)
    return write(form, path, tidy_schema(database), tidy_batches(database))


def nothing_finished(database: Database) -> StoreError:
    """Return the error that there is nothing to export, with a cause."""
    chosen = database.selection
    runs = ", ".join(f"{run.id} ({run.status})" for run in chosen.runs)
    causes: dict[str, Any] = {stored.cause: None for stored in chosen.cells if stored.cause}
    why = f" One cause: {next(iter(causes))}" if causes else ""
    return StoreError(
        f"None of the {len(chosen.cells)} selected cells of the runs {runs} has a result yet.{why}",
        "Rerun the command of the run to resume it. `vibench results` lists the runs.",
    )
