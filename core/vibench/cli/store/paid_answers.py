"""`vibench store import` of a store of an earlier version: the answers that were paid for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.data import DataFiles
from vibench.errors import StoreError
from vibench.execute.old_store import OldStore
from vibench.execute.takeover import Takeover
from vibench.plugins import Plugins
from vibench.registry import load_catalogue
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from vibench.execute.takeover import Taken

__all__ = ["import_paid_answers"]


def import_paid_answers(old: Path, store: str, registry: Sequence[Path]) -> None:
    """Import judges' verdicts and endpoints' answers, and print how many."""
    new = Store(store)
    if old.resolve() == new.root.resolve():
        raise StoreError(
            f"{old} cannot be taken over into itself.", "Name a new folder with --store."
        )
    source = OldStore(old)
    new.prepare()
    catalogue = load_catalogue(registry)
    data = DataFiles(None, embedded=True, datasets=catalogue.datasets)
    taken = Takeover(source, new, catalogue, Plugins.discover(), data).run()
    for line in _lines(taken, str(old), store):
        print(line)


def _lines(taken: Taken, old: str, new: str) -> list[str]:
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
