"""`vibench store`: what a store holds, its check, its cleaning, and stores of others.

Nothing here imports anything heavy; each command's body lies elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vibench.cli.options import STORE, StoreOption

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("ls")
def _ls(store: StoreOption = STORE, as_json: JsonOption = False) -> None:
    """List the size of a store, by kind of result and by run."""
    from vibench.cli.store.size_list import list_sizes

    list_sizes(store, as_json)


@app.command("verify")
def _verify(store: StoreOption = STORE) -> None:
    """Check every file against its digest.

    Changes nothing; exits with 1 if a file is damaged.
    """
    from vibench.cli.store.upkeep import verify

    raise typer.Exit(verify(store))


@app.command("prune")
def _prune(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be removed.")
    ] = False,
    ledgers: Annotated[
        bool,
        typer.Option("--ledgers", help="Also remove paid answers that no run refers to."),
    ] = False,
    store: StoreOption = STORE,
) -> None:
    """Remove results that no run refers to, and leftovers.

    Answers of judges and endpoints are kept unless you pass --ledgers.
    """
    from vibench.cli.store.upkeep import prune

    prune(store, dry_run, ledgers)


@app.command("export")
def _export(
    run: Annotated[str, typer.Argument(help="A run's id (vibench results).")],
    file: Annotated[Path, typer.Argument(help="The .tar file to write.")],
    ledgers: Annotated[
        bool,
        typer.Option(
            "--ledgers", help="Also write all stored answers of its judges, of other runs too."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    store: StoreOption = STORE,
) -> None:
    """Write one run and all its results to a file.

    `vibench store import` reads it into another store.
    """
    from vibench.cli.store.exchange import export_run

    export_run(store, run, file, ledgers, force)


@app.command("import")
def _import(
    source: Annotated[
        Path, typer.Argument(metavar="FILE-OR-STORE", help="An exported file or another store.")
    ],
    store: StoreOption = STORE,
    registry: Annotated[
        list[Path] | None,
        typer.Option("--registry", help="Overlays of the registry, for a store of format 1."),
    ] = None,
) -> None:
    """Import an exported run or another store.

    The source is not changed, and results in your store are kept. Of a store of an earlier version
    only paid answers are imported.
    """
    from vibench.cli.store.exchange import import_path

    import_path(source, store, registry or ())
