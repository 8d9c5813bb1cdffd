"""Running one stage: its body, and its artefact with where it came from."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.sessions.work import Work, hardware, versions
from vibench.store.compaction import compact

if TYPE_CHECKING:
    from vibench.plan import Stage
    from vibench.store.artefacts import Store

__all__ = ["make"]


def make(stage: Stage, store: Store, work: Callable[[Path], Work]) -> Mapping[str, Any]:
    """Run a stage and commit its artefact with its provenance; then compact the ledgers that
    outlive it."""
    started = time.time()
    manifest: dict[str, Any] = {
        "label": stage.label,
        "needs": list(stage.need_keys),
        "spec": stage.spec.table(),
        "versions": versions(),
        "hardware": hardware(),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
    }
    # The artefact appears at once and whole: until the folder is moved into its place, a kill
    # leaves nothing that could be taken for a result.
    with store.making(stage.kind, stage.key, manifest) as folder:
        facts = stage.spec.run(work(folder))
        manifest["facts"] = dict(facts)
        manifest["seconds"] = round(time.time() - started, 3)
    # After the commit: until then, its ledger is what a resumed run goes on from.
    store.clear(stage.key)
    for name in stage.spec.shared_ledgers():
        compact(store, name)
    return facts
