"""`vibench results`: the runs in a store, their cells, and their outcomes as tables.

Nothing here imports anything heavy; each command's body lies elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from vibench.cli.options import STORE, StoreOption

__all__ = ["app"]


class _ListedByDefault(TyperGroup):
    """`vibench results` and `vibench results RUN` are `vibench results list [RUN]`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # A first word that is no command is a run's id.
        if "--help" not in args[:1] and (not args or args[0] not in self.commands):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ListedByDefault,
    rich_markup_mode=None,
)

RunOption = Annotated[
    list[str] | None,
    typer.Option("--run", help="A run's id, or all. Repeat or separate by ','."),
]
EvalOption = Annotated[
    list[str] | None,
    typer.Option("--eval", help="Only these evals. Repeat or separate by ','."),
]
MetricOption = Annotated[
    list[str] | None,
    typer.Option("--metric", help="Only these metrics ('expression/*': any that begins so)."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


@app.command("list")
def _list(
    run: Annotated[str, typer.Argument(help="A run's id: list its cells; else all runs.")] = "",
    store: StoreOption = STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the runs in the store, or the cells of one run.

    Shows what was requested and how much of it is finished.
    """
    from vibench.cli.results.run_list import list_cells, list_runs

    raise typer.Exit(list_cells(store, run, as_json) if run else list_runs(store, as_json))


@app.command("export")
def _export(
    output: Annotated[Path, typer.Option("--output", "-o", help="A .parquet or .csv file.")],
    run: RunOption = None,
    evals: EvalOption = None,
    metrics: MetricOption = None,
    force: ForceOption = False,
    store: StoreOption = STORE,
) -> None:
    """Write the outcomes of runs as one table.

    One row for each sample, turn and metric; of the last run unless --run names others.
    """
    from vibench.cli.results.queries import export

    raise typer.Exit(export(store, output, run or (), evals or (), metrics or (), force))


@app.command("sql")
def _sql(
    query: Annotated[str, typer.Argument(help="One SELECT over the views.")] = "",
    form: Annotated[
        str,
        typer.Option("--format", help="table, csv, json, markdown or parquet; by -o's ending."),
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file for the answer.")
    ] = None,
    force: ForceOption = False,
    run: RunOption = None,
    rows: Annotated[int, typer.Option(min=1, help="How many rows a table shows.")] = 100,
    schema: Annotated[bool, typer.Option("--schema", help="Show the views instead.")] = False,
    store: StoreOption = STORE,
) -> None:
    """Query the store in SQL with DuckDB.

    Covers all runs unless --run names some. The store is only read. The views are runs, cells,
    outcomes, transcripts and verdicts.
    """
    from vibench.cli.results.queries import ask, show_views

    if schema:
        raise typer.Exit(show_views(store, False))
    raise typer.Exit(ask(store, query, form, output, run or (), rows, force))


@app.command("views")
def _views(
    store: StoreOption = STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Describe the views and columns for `results sql`."""
    from vibench.cli.results.queries import show_views

    raise typer.Exit(show_views(store, as_json))
