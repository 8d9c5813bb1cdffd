"""The runs of a store: which there are, what was asked of each, and which cells it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.errors import StoreError, StoreFault, UnknownName
from vibench.plan.cells import CELLS, read_cells
from vibench.stages.outcomes import OutcomesSpec
from vibench.store.artefacts import MANIFEST
from vibench.store.files import check_readable
from vibench.store.run_records import damaged_run

if TYPE_CHECKING:
    from vibench.plan import Cell
    from vibench.store.artefacts import Store

__all__ = ["RunProgress", "StoredRun", "progress", "read_run", "read_runs", "run_ids"]

ALL = "all"
"""Stands for every run of a store."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run, with its record and its cells as they were planned."""

    id: str
    record: Mapping[str, Any]
    cells: tuple[Cell, ...]

    @property
    def status(self) -> str:
        """ "complete", "incomplete", "interrupted" or "running". The last also stands for a
        run that was killed, which could not update its record."""
        status: str = self.record["status"]
        return status

    @property
    def spec(self) -> Mapping[str, Any]:
        """The matrix that was asked for."""
        spec: Mapping[str, Any] = self.record.get("spec", {})
        return spec

    @property
    def failures(self) -> Mapping[str, Mapping[str, Any]]:
        """The failures by the key of their stage, each with a message and a hint."""
        return {failure["stage"]: failure for failure in self.record.get("failures", ())}


@dataclass(frozen=True, slots=True)
class RunProgress:
    """The counts of a run's cells: all, those with a result, and those that failed."""

    cells: int
    finished: int
    failed: int

    @property
    def remaining(self) -> int:
        """The cells that neither have a result nor failed."""
        return self.cells - self.finished - self.failed


def run_ids(store: Store, names: Sequence[str] = ()) -> list[str]:
    """Return the ids of the named runs, the one touched last at the end: the last run's if
    none is named, every run's for `all`.

    Raises StoreError for a store without runs, UnknownName for a run that is not there.
    """
    ids = store.runs()
    if not ids:
        raise StoreError(
            f"There is no run in the store {store.root}.",
            "Make one with `vibench run --inducer dpo --eval anthrobench`, or name another "
            "store with --store.",
        )
    if ALL in names:
        return ids
    for name in names:
        if name not in ids:
            raise UnknownName("run", name, ids)
    return [run for run in ids if run in names] or ids[-1:]


def read_runs(store: Store, names: Sequence[str] = (ALL,)) -> list[StoredRun]:
    """Return the named runs in the order of `run_ids`.

    Of all runs the damaged ones are reported and left out. Raises what `run_ids` raises, and what
    `read_run` does for a run that is named, or if none can be read.
    """
    runs: list[StoredRun] = []
    errors: list[StoreError] = []
    for name in run_ids(store, names):
        try:
            runs.append(read_run(store, name))
        except StoreError as error:
            if isinstance(error, StoreFault) or ALL not in names:
                raise
            errors.append(error)
    if errors and not runs:
        raise errors[0]
    for damage in errors:
        store.tell(f"{damage.message} It is left out. {damage.hint}")
    return runs


def read_run(store: Store, run: str) -> StoredRun:
    """Return one run of the store. Raises StoreError if its record or its list of cells is
    damaged, or cannot be read now."""
    return StoredRun(run, store.read_run(run), tuple(_read_cells(store, run)))


def progress(store: Store, run: StoredRun) -> RunProgress:
    """Count a run's cells by the manifests that are there, without checking any file."""
    # Lists of runs are for orientation: a stat for each cell, where a report reads manifests.
    manifests = [
        (cell.outcomes, store.folder(OutcomesSpec.kind, cell.outcomes) / MANIFEST)
        for cell in run.cells
    ]
    finished = {key for key, manifest in manifests if manifest.exists()}
    failed = run.failures.keys() - finished  # another run may have made them since
    return RunProgress(
        len(run.cells),
        sum(cell.outcomes in finished for cell in run.cells),
        sum(cell.outcomes in failed for cell in run.cells),
    )


def _read_cells(store: Store, run: str) -> list[Cell]:
    import pyarrow as pa

    folder = store.root / "runs" / run
    try:
        return read_cells(folder)
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
        check_readable(folder / CELLS, error)
        why = str(error).splitlines()[0]
        raise damaged_run(store.root, run, "list of cells", why) from error
