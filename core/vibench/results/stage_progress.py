"""The progress of a run that has not ended: its stages that are done, and whether it lives."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.plan.upgrades import STAGES
from vibench.store.columns import read_parquet

if TYPE_CHECKING:
    from vibench.results.runs import StoredRun
    from vibench.store.artefacts import Store

__all__ = ["StageProgress", "stage_progress"]

PAUSE_SECONDS = 0.5
"""A run holds no lease for a moment between two stages."""


@dataclass(frozen=True, slots=True)
class StageProgress:
    """The stages of a run that have a result, of all of them; `running` while a process works on
    one of the others."""

    done: int
    stages: int
    running: bool

    def sentence(self, run: str) -> str:
        """Return the progress for people."""
        counts = f"{self.done:,} of {self.stages:,} stages are done"
        if self.running:
            return f"Run {run} is running: {counts}."
        return f"Run {run} was stopped: {counts}. Rerun its command to resume it."


def stage_progress(store: Store, run: StoredRun) -> StageProgress | None:
    """Return the progress of a run without an end in its record; None for any other run, and
    where the list of its stages is not there yet."""
    if run.status != "running":
        return None
    path = store.run_folder(run.id) / STAGES
    try:
        table = read_parquet(path)
    except (OSError, ValueError):
        return None
    pairs = zip(table["kind"].to_pylist(), table["key"].to_pylist(), strict=True)
    listed = store.listing()
    left = {key for kind, key in pairs if not listed(kind, key)}
    running = _is_worked_on(store, left)
    if left and not running:
        time.sleep(PAUSE_SECONDS)
        running = _is_worked_on(store, left)
    return StageProgress(table.num_rows - len(left), table.num_rows, running)


def _is_worked_on(store: Store, keys: set[str]) -> bool:
    return any(store.leases.is_held(name) for name in store.leases.names() if name in keys)
