"""The stages that each run of a store refers to, finished or not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.errors import StoreError
from vibench.plan.cells import CELLS, read_cells
from vibench.plan.upgrades import STAGES
from vibench.stages.outcomes import OutcomesSpec
from vibench.store.columns import read_parquet
from vibench.store.contents import StageId
from vibench.store.files import check_readable, listed

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["stages_by_run", "stages_of_run"]


def stages_by_run(store: Store) -> Mapping[str, frozenset[StageId]]:
    """Return the stages of every run, by its id; `vibench data` leaves runs without a record.

    Raises StoreError if a list of stages is damaged or cannot be read now: nothing could tell
    then which results are in use.
    """
    with store.explained():
        folders = sorted(path for path in listed(store.root / "runs") if path.is_dir())
    return {folder.name: stages_of_run(folder) for folder in folders}


def stages_of_run(folder: Path) -> frozenset[StageId]:
    """Return the stages that a run's folder names: those of its plan, and the scores of its cells.

    Raises StoreError as `stages_by_run` does.
    """
    import pyarrow as pa

    stages: set[StageId] = set()
    name = STAGES
    try:
        if (folder / STAGES).exists():
            table = read_parquet(folder / STAGES, ["key", "kind"])
            pairs = zip(table["kind"].to_pylist(), table["key"].to_pylist(), strict=True)
            stages.update(StageId(kind, key) for kind, key in pairs)
        name = CELLS
        if (folder / CELLS).exists():
            cells = read_cells(folder)
            stages.update(StageId(OutcomesSpec.kind, cell.outcomes) for cell in cells)
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
        check_readable(folder / name, error)
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise StoreError(
            f"The file {name} of the run {folder.name} is damaged ({why}), so the results that "
            "this run uses are not known.",
            f"Remove {folder / name} and rerun the run's command, which writes it again, or remove "
            f"{folder}.",
        ) from error
    return frozenset(stages)
