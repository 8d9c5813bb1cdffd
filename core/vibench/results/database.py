"""DuckDB over a store: its views, and nothing else that it could read or write."""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import StoreError, UnknownName, UsageError
from vibench.results.outcomes import EXPRESSION
from vibench.results.selection import Selection, select
from vibench.results.stored_cells import rows_path
from vibench.results.tables import cells_table, parameter_names, runs_table
from vibench.results.views import COLUMNS, PARAMETERS, identifier, literal, outcomes_sql, texts_sql
from vibench.stages.outcomes import OutcomesSpec
from vibench.stages.transcripts import TranscriptsSpec
from vibench.store.files import explain, refusal

if TYPE_CHECKING:
    import pyarrow as pa

    from vibench.store.artefacts import Store

__all__ = ["Database", "QueryResult", "open_database"]

BATCH = 50_000
"""Rows of an answer that are in memory at once."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query, in batches that can be iterated once."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]

    def table(self) -> pa.Table:
        """Return all rows in one table."""
        import pyarrow as pa

        return pa.Table.from_batches(self.batches, self.schema)


class Database:
    """The views of `views.COLUMNS` over a selection, in memory.

    It can read the Parquet files of the store and nothing else: no other file, no network, no
    extension, and no setting can be changed. It runs only queries that read, so nothing can be
    written either.
    """

    def __init__(self, selection: Selection) -> None:
        import duckdb

        self.selection = selection
        self.parameters = parameter_names(selection.cells)
        # Large queries spill to disk, by default into the user's working directory.
        folder = Path(tempfile.mkdtemp(prefix="vibench-"))
        self.close = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._connection = duckdb.connect()
        try:
            self._make_views()
            self._lock(folder)
            self._check_metrics()
        except BaseException:
            self.close()
            raise

    def _make_views(self) -> None:
        run = self._connection.execute
        # The tables behind the views are in a schema of their own: `cells.found` has columns
        # for joining (position, known_values) that users do not see.
        run("create schema cells")
        for name, table in (
            ("runs", runs_table(self.selection.store, self.selection.runs)),
            ("cells.found", cells_table(self.selection.store, self.selection.cells)),
        ):
            self._connection.register("given", table)
            run(f"create table {name} as select * from given")
            self._connection.unregister("given")
        columns = "* exclude (position, known_values)"
        run(f"create view cells as select {columns} from cells.found order by position")
        outcomes = self.outcomes_sql(self.files(OutcomesSpec.kind))
        run(f"create view outcomes as select * exclude (position) from ({outcomes})")
        for kind in (TranscriptsSpec.kind, "verdicts"):
            run(f"create view {kind} as {texts_sql(kind, self.files(kind))}")

    def _lock(self, folder: Path) -> None:
        # In this order: what is allowed is set first, then everything else is turned off, and
        # at the end no setting can be changed any more, not even by a query.
        artefacts = str((self.selection.store.root / "artefacts").absolute())
        for setting in (
            f"allowed_directories = [{literal(artefacts)}]",
            f"temp_directory = {literal(str(folder))}",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "python_enable_replacements = false",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"set {setting}")

    def _check_metrics(self) -> None:
        if not self.selection.metrics:
            return
        stored = self.stored_metrics()
        # A metric that is misspelt would give an empty table, which looks like a result.
        for metric in self.selection.metrics:
            start = metric.removesuffix("*")
            is_expression = start == metric and metric.startswith(EXPRESSION)
            if is_expression and any(name.startswith(EXPRESSION) for name in stored):
                continue  # Nobody expressed the value, which is a result: every sample counts 0.
            if not any(m.startswith(start) if start != metric else m == metric for m in stored):
                raise UnknownName(
                    "metric", metric, stored, "These are stored for the selected cells."
                )

    def stored_metrics(self) -> list[str]:
        """Return the metrics that the selected cells have outcomes of."""
        if not (files := self.files(OutcomesSpec.kind)):
            return []
        paths = ", ".join(map(literal, files))
        rows = self._connection.execute(f"select distinct metric from read_parquet([{paths}])")
        return sorted(name for (name,) in rows.fetchall())

    def files(self, kind: str) -> list[str]:
        """Return the files of finished cells' rows of a kind, each once, in the cells' order."""
        keys = [getattr(stored.cell, kind) for stored in self.selection.finished]
        return [
            str(path)
            for key in dict.fromkeys(filter(None, keys))
            if (path := rows_path(self.selection.store, kind, key)).exists()
        ]

    def outcomes_sql(self, files: Sequence[str]) -> str:
        """Return the SQL of the tidy rows of some outcomes files."""
        chosen = self.selection
        return outcomes_sql(files, self.parameters, chosen.complete, chosen.metrics)

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a query written by vibench. Raises StoreError for a damaged file."""
        import duckdb
        import pyarrow as pa

        try:
            yield from self._connection.sql(query).to_arrow_reader(BATCH)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            self._check_readable(error)
            raise StoreError(
                f"The store {self.selection.store.root} cannot be read: "
                f"{_printable(str(error)).splitlines()[0]}.",
                "Rerun the command of the run: it makes again what is damaged.",
            ) from error

    def query(self, text: str) -> QueryResult:
        """Return the answer to a user's query; its rows are read when they are iterated.

        Raises UsageError, with DuckDB's message and the columns there are, if it is not one
        statement that reads, or is wrong. Iterating the rows may raise it too.
        """
        import duckdb

        try:
            statements = self._connection.extract_statements(text)
            # DuckDB runs several statements and returns the last one's rows.
            if len(statements) != 1:
                raise UsageError(
                    f"The query has {len(statements)} statements, not one.",
                    "Give one SELECT; several tables are joined in it.",
                )
            if not _reads(statements[0]):
                raise UsageError(
                    f"A query only reads, and this is {_kind(statements[0])}.",
                    "Give a SELECT (or FROM, WITH, PIVOT, DESCRIBE, SUMMARIZE). To keep an answer, "
                    "name a file with -o.",
                )
            try:
                reader = self._connection.sql(statements[0]).to_arrow_reader(BATCH)
            except duckdb.Error:
                # The error of sql() lacks the position in the query, which execute() gives.
                self._connection.execute(statements[0])
                raise
        except duckdb.Error as error:
            self._check_readable(error)
            raise self.explained(error, text) from error
        return QueryResult(reader.schema, self._read(reader, text))

    def _read(self, reader: pa.RecordBatchReader, text: str) -> Iterator[pa.RecordBatch]:
        import duckdb
        import pyarrow as pa

        try:
            yield from reader
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            self._check_readable(error)
            raise self.explained(error, text) from error

    def _check_readable(self, error: Exception) -> None:
        """Raise StoreError where a file could not be read, whatever is in it."""
        if refused := refusal(error):
            raise explain(refused, self.selection.store.root) from error

    def explained(self, error: Exception, text: str) -> UsageError:
        """Return DuckDB's message about a query, with the views and columns there are."""
        views = [v for v in COLUMNS if re.search(rf"\b{v}\b", text, re.IGNORECASE)]
        lines = [f"The views are {', '.join(COLUMNS)}."]
        for view in views if _about_columns(error) else ():
            lines.append(f"{view} has: {', '.join(c for c in COLUMNS[view] if c != PARAMETERS)}.")
            if PARAMETERS in COLUMNS[view] and self.parameters:
                lines.append(f"Its parameters are quoted: {self._some_parameters()}.")
        lines.append("`vibench results views` describes each column.")
        refusal = UsageError("", "\n  ".join(lines))
        # DuckDB points at the place below the line, so its lines stay lines.
        refusal.message = _printable(str(error))
        return refusal

    def _some_parameters(self) -> str:
        names = [identifier(name) for name in self.parameters]
        return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def open_database(
    store: Store,
    runs: Sequence[str] = ("all",),
    evals: Sequence[str] = (),
    metrics: Sequence[str] = (),
) -> Database:
    """Return the views over some runs of a store (all unless named), complete for the values of
    the registry. Raises what `select` does, and UnknownName for a metric."""
    from vibench.registry import load_catalogue

    return Database(select(store, runs, evals, metrics, tuple(load_catalogue().values)))


def _reads(statement: Any) -> bool:
    """Return if a statement only reads."""
    # PIVOT is several statements to DuckDB, of which one makes a type.
    # Anything else that comes as MULTI is refused, as one of its statements might write.
    kind: str = statement.type.name
    return kind == "SELECT" or (
        kind == "MULTI" and statement.query.lstrip().lower().startswith("pivot")
    )


def _kind(statement: Any) -> str:
    name = statement.type.name.replace("_", " ")
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name} statement"


def _about_columns(error: Exception) -> bool:
    return type(error).__name__ == "BinderException"


def _printable(text: str) -> str:
    """Return the lines without control characters: DuckDB quotes what is in the files."""
    lines = (
        "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp") else " " for c in line)
        for line in text.splitlines()
    )
    return "\n".join(line.rstrip() for line in lines if line.strip())
