"""`vibench results export`, `sql` and `views`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from vibench.cli.results.output import show
from vibench.cli.screen import console
from vibench.errors import SpecError, UnknownName
from vibench.exhibits.json import as_json
from vibench.exhibits.lists import Listing, listing_document
from vibench.exhibits.terminal import show as print_document
from vibench.results import tidy
from vibench.results.answers import TEXTS, writable, write, write_text
from vibench.results.database import open_database
from vibench.results.runs import run_ids
from vibench.results.views import COLUMNS, PARAMETERS
from vibench.run_options import split_names
from vibench.store.artefacts import Store
from vibench.text import clean

__all__ = ["ask", "export", "show_views"]

TABLE = "table"
FORMS = (TABLE, *TEXTS, "parquet")
ENDINGS = {"csv": "csv", "json": "json", "md": "markdown", "parquet": "parquet"}


def export(
    root: str,
    path: Path,
    runs: Sequence[str],
    evals: Sequence[str],
    metrics: Sequence[str],
    force: bool,
) -> int:
    """Write the tidy table and print the runs and cells it holds."""
    # Before the database is opened: a large query should not end in "the file exists".
    writable(path, force)
    store = Store(root)
    database = open_database(store, split_names(runs), split_names(evals), split_names(metrics))
    rows = tidy.export(database, path, force)
    chosen = database.selection
    names = [run.id for run in chosen.runs]
    # Who names no run gets the last one, and is told that there are others.
    run_count = len(run_ids(store, ["all"]))
    note = "" if runs or run_count == 1 else f", the last of {run_count} (--run all: of all)"
    which = f"the run {names[0]}{note}" if len(names) == 1 else f"{len(names)} runs"
    of_cells = "" if metrics else f" from {len(chosen.finished):,} cells"
    screen = console()
    screen.print(
        f"Wrote {path}: {rows:,} rows{of_cells} of {which}.",
        markup=False,
        soft_wrap=True,
    )
    unfinished = sum(c.latest for c in chosen.cells) - len(chosen.finished)
    if unfinished:
        screen.print(
            f"{unfinished:,} cells have no result yet and are not in it; `vibench results "
            f"{names[-1]}` lists them.",
            markup=False,
            soft_wrap=True,
        )
    return 0


def ask(
    root: str,
    query: str,
    form: str,
    path: Path | None,
    runs: Sequence[str],
    rows: int,
    force: bool,
) -> int:
    """Print the answer to a query, or write it to a file."""
    form = _form(form, path)
    if not query.strip():
        raise SpecError(
            "There is no query.",
            'Give one: vibench results sql "select metric, avg(score) from outcomes group by all"'
            "; `vibench results views` lists the columns.",
        )
    if path is not None:
        writable(path, force)
    answer = open_database(Store(root), split_names(runs) or ("all",)).query(query)
    if path is not None:
        written = write(form, path, answer.schema, answer.batches)
        console().print(f"Wrote {path}: {written:,} rows.", markup=False, soft_wrap=True)
    elif form == TABLE:
        show(answer, rows, console())
    else:
        write_text(form, sys.stdout, answer.schema, answer.batches)
    return 0


def _form(form: str, path: Path | None) -> str:
    """Return the requested form; without --format the one of the file's ending."""
    if form and form not in FORMS:
        raise UnknownName("format", form, FORMS)
    if path is None:
        if form == "parquet":
            raise SpecError("Parquet cannot be printed.", "Name a file: -o answer.parquet")
        return form or TABLE
    ending = path.suffix.removeprefix(".").lower()
    if not form and ending not in ENDINGS:
        raise SpecError(
            f"{path}: the name does not say what form to write.",
            f"Name one that ends in .{', .'.join(ENDINGS)}, or give --format.",
        )
    form = form or ENDINGS[ending]
    if form == TABLE:
        raise SpecError(
            "A table can only be printed.", "Give --format csv, json, markdown or parquet."
        )
    return form


def show_views(root: str, json_form: bool) -> int:
    """Print the views' columns, with their types in this store."""
    database = open_database(Store(root))
    views: dict[str, list[tuple[str, str, str]]] = {}
    for view, columns in COLUMNS.items():
        # The views themselves know their types, and the parameters that this store has.
        columns_of_view = database.query(f"describe {view}").table().to_pylist()
        about = {**columns, **dict.fromkeys(database.parameters, columns.get(PARAMETERS, ""))}
        views[view] = [
            (row["column_name"], row["column_type"].lower(), about[row["column_name"]])
            for row in columns_of_view
        ]
    if json_form:
        heads = ("column", "type", "what")
        described = {
            view: [dict(zip(heads, row, strict=True)) for row in rows]
            for view, rows in views.items()
        }
        sys.stdout.write(as_json(described))
        return 0
    listings = []
    for view, rows in views.items():
        quoted = [
            (f'"{clean(name)}"' if name in database.parameters else name, kind, description)
            for name, kind, description in rows
        ]
        listings.append(Listing(view, ("column", "type", "what"), quoted))
    print_document(listing_document(listings), console())
    return 0
