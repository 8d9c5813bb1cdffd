"""The transfer of checked artefacts, runs and ledgers into a store, which keeps what it has."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.errors import StoreError
from vibench.store.files import sha256
from vibench.store.foreign_store import ForeignArtefact, ForeignStore, shard_rows
from vibench.store.ledger_index import LedgerIndex
from vibench.store.leftovers import owner_mark

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["Transfer", "transfer"]

LEASE = "import"
SHARD_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Transfer:
    """The numbers of artefacts, answers and runs that were added, those that were in the store
    already, and of the latter the answers that the store holds with another content."""

    artefacts: int
    rows: int
    runs: int
    present: int
    different: int


def transfer(foreign: ForeignStore, store: Store) -> Transfer:
    """Add to a store what it lacks. Raises StoreError if another process is importing into it."""
    store.prepare()
    lease = store.lock(LEASE)
    if lease is None:
        raise StoreError(
            f"Another process is importing into the store {store.root}.",
            "Wait until it has ended, then run the same command again.",
        )
    with lease, store.explained():
        artefacts = [_add_artefact(foreign, artefact, store) for artefact in foreign.artefacts]
        finished = {artefact.stage.key for artefact in foreign.artefacts}
        added = present = different = 0
        for name, shards in foreign.shards.items():
            if name.partition("/")[0] in finished:
                continue  # A leftover: the answers of a finished stage are in its artefact.
            counts = _add_rows(foreign, name, shards, store)
            added, present, different = (
                sum(pair) for pair in zip((added, present, different), counts, strict=True)
            )
        # Runs come last: one that is listed has all its results.
        runs = [_add_run(foreign, run, names, store) for run, names in foreign.runs.items()]
    present += artefacts.count(False) + runs.count(False)
    return Transfer(artefacts.count(True), added, runs.count(True), present, different)


def _add_artefact(foreign: ForeignStore, artefact: ForeignArtefact, store: Store) -> bool:
    stage = artefact.stage
    if store.has(stage.kind, stage.key):
        return False
    with store.making(stage.kind, stage.key, dict(artefact.manifest)) as folder:
        for name in artefact.files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            foreign.source.copy(artefact.prefix + name, path)
            if sha256(path) != artefact.manifest["files"][name]["sha256"]:
                raise StoreError(
                    f"{foreign.source.label} changed while it was imported "
                    f"('{artefact.prefix}{name}').",
                    "Run the same command again when nothing writes to it.",
                )
    return True


def _add_rows(
    foreign: ForeignStore, name: str, shards: Sequence[str], store: Store
) -> tuple[int, int, int]:
    """Return how many rows were added, were in the store, and are in the store with another
    value."""
    ledger = store.ledger(name)
    index = LedgerIndex(ledger)
    index.refresh()
    added = present = different = 0
    for rows in _merged(foreign, shards):
        fresh = {key: text for key, text in rows.items() if key not in index}
        present += len(rows) - len(fresh)
        different += sum(text != index.text(key) for key, text in rows.items() if key in index)
        ledger.append_texts(list(fresh.items()))
        added += len(fresh)
        index.refresh()
    return added, present, different


def _merged(foreign: ForeignStore, shards: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield rows in parts that are worth a shard each."""
    rows: dict[str, str] = {}
    for shard in sorted(shards):
        rows.update(shard_rows(foreign.source, shard))
        if len(rows) >= SHARD_ROWS:
            yield rows
            rows = {}
    yield rows


def _add_run(foreign: ForeignStore, run: str, names: Sequence[str], store: Store) -> bool:
    folder = store.root / "runs" / run
    if folder.exists():
        return False
    aside = store.root / "tmp" / f"run-{run}-{uuid.uuid4().hex[:8]}{owner_mark()}"
    aside.mkdir(parents=True)
    try:
        for name in names:
            foreign.source.copy(name, aside / name.rpartition("/")[2])
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return True
