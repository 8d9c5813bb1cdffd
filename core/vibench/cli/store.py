"""`vibench store`: stores of earlier versions. Imports wait until a command is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vibench.cli.options import STORE, StoreOption

if TYPE_CHECKING:
    from vibench.execute.takeover import Taken

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _root() -> None:
    """Keep `import` a subcommand, even while it is the only one."""


@app.command("import")
def _import(
    old: Annotated[Path, typer.Argument(help="The store of the version before.")],
    store: StoreOption = STORE,
    registry: Annotated[
        list[Path] | None, typer.Option("--registry", help="Overlays of the registry.")
    ] = None,
) -> None:
    """Import judges' verdicts and endpoints' answers.

    OLD is not changed. Its other results are made again by the runs that need them.
    """
    from vibench.data import DataFiles
    from vibench.errors import StoreError
    from vibench.execute.old_store import OldStore
    from vibench.execute.takeover import Takeover
    from vibench.plugins import Plugins
    from vibench.registry import load_catalogue
    from vibench.store.artefacts import Store

    new = Store(store)
    if old.resolve() == new.root.resolve():
        raise StoreError(
            f"{old} cannot be taken over into itself.", "Name a new folder with --store."
        )
    source = OldStore(old)
    new.prepare()
    catalogue = load_catalogue(registry or ())
    data = DataFiles(None, embedded=True, datasets=catalogue.datasets)
    taken = Takeover(source, new, catalogue, Plugins.discover(), data).run()
    for line in lines_of(taken, str(old), store):
        print(line)


def lines_of(taken: Taken, old: str, new: str) -> list[str]:
    """Return lines on the results that were taken over, and those that were not."""
    lines = [
        f"Taken over from {old} into {new}: {taken.verdicts:,} verdicts and {taken.replies:,} "
        f"answers of endpoints{f' ({taken.there:,} were there already)' if taken.there else ''}."
    ]
    lines += [f"  not taken over: {n:,} {cause}." for cause, n in taken.left.most_common()]
    if taken.files:
        lines.append(f"  not taken over: what {taken.files:,} damaged files held.")
    lines.append(
        "Transcripts, adapters and scores are made again; what was taken over is not asked again."
    )
    return lines
