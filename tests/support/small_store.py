"""A store of a few tiny stages, written in milliseconds without a model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vibench.store.artefacts import Store
from vibench.store.contents import StageId

__all__ = ["SCOPE", "add_artefact", "add_run", "key_of", "small_store"]

SCOPE = "5c" * 16
"""Of the judge's ledger."""


def key_of(name: str) -> str:
    """Return a stage's key."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def add_artefact(store: Store, kind: str, name: str, content: str = "") -> StageId:
    """Write an artefact of two files, one of them in a folder."""
    manifest = {"label": f"{name} of the test", "needs": [], "spec": {"scope": SCOPE}, "facts": {}}
    with store.making(kind, key_of(name), manifest) as folder:
        (folder / "text.txt").write_text(content or f"content of {name}\n" * 9)
        (folder / "deep").mkdir()
        (folder / "deep" / "more.txt").write_text(name)
    return StageId(kind, key_of(name))


def add_run(store: Store, run: str, stages: Sequence[StageId]) -> None:
    """Write a run that refers to these stages."""
    record = {"id": run, "status": "complete", "spec": {}, "failures": []}
    store.write_run(run, record)
    columns = {
        "key": [stage.key for stage in stages],
        "kind": [stage.kind for stage in stages],
        "likeness": ["" for _ in stages],
    }
    pq.write_table(pa.table(columns), store.root / "runs" / run / "stages.parquet")


def small_store(root: Path) -> Store:
    """Return a store with the runs `first` and `second`, which share their samples, two ledgers,
    and an artefact of no run."""
    store = Store(root)
    store.prepare()
    samples = add_artefact(store, "samples", "samples")
    for run in ("first", "second"):
        add_run(store, run, [samples, add_artefact(store, "verdicts", run)])
    add_artefact(store, "verdicts", "unused")
    store.ledger(f"judged-{SCOPE}").append([("a", {"labels": ["yes"]}), ("b", {"labels": []})])
    store.ledger(f"judged-{'0d' * 16}").append([("c", {"labels": ["no"]})])
    store.ledger(f"{key_of('lost')}/replies").append([("d", "paid")])
    return store
