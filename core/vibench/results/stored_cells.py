"""The cells of runs: which have a result, which are the same, and which of those counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vibench.errors import UnknownName
from vibench.plugins import Plugins
from vibench.records import canonical_json
from vibench.results.judge_labels import JudgeLabels, RunLabels
from vibench.stages.outcomes import OutcomesSpec

if TYPE_CHECKING:
    from vibench.plan import Cell
    from vibench.results.runs import StoredRun
    from vibench.store.artefacts import Store

__all__ = ["State", "StoredCell", "digest_of_rows", "rows_path", "stored_cells"]

State = Literal["finished", "failed", "under way", "not run"]
"""Failed cells have a cause; those of a run that is still running are under way."""


@dataclass(frozen=True)
class StoredCell:
    """A cell of a run.

    `judge` is its label (`vibench.results.judge_labels`). `cause` and `hint` say why it failed.
    `latest` is true where no later run that was read has a result of the same cell. `vanilla`
    is the key of the outcomes it is compared with, those of the latest cell too; None for the
    vanilla model. `facts` are those of the outcomes' manifest, empty without a result; `sha256`
    is the digest of their file.
    """

    run: str
    cell: Cell
    parameters: Mapping[str, Any]
    judge: str
    state: State
    facts: Mapping[str, Any]
    cause: str = ""
    hint: str = ""
    latest: bool = True
    vanilla: str | None = None
    sha256: str = ""

    @property
    def finished(self) -> bool:
        """True where the cell has a result."""
        return self.state == "finished"

    @cached_property
    def identity(self) -> str:
        """The text that two runs' cells have in common where they are the same: their model,
        inducer, value, eval, judge, seed and parameters. Another model under the same judge's
        name is another judge."""
        c = self.cell
        return canonical_json(
            [c.model, c.inducer, c.value, c.eval, self.judge, c.seed, dict(self.parameters)]
        )


def stored_cells(
    store: Store,
    runs: Sequence[StoredRun],
    evals: Sequence[str] = (),
    plugins: Plugins | None = None,
) -> list[StoredCell]:
    """Return every cell of these runs in their order; only those of `evals` if any are named.

    A damaged result counts as none, and is set aside so that it is made again. Raises
    UnknownName for an eval that no run has, StoreError for what cannot be read now.
    """
    labels = JudgeLabels(plugins or Plugins.discover())
    cells = [cell for run in runs for cell in _cells_of_run(store, run, labels)]
    known_evals = {stored.cell.eval for stored in cells}
    for name in evals:
        if name not in known_evals:
            raise UnknownName(
                "eval", name, known_evals, "These are the evals of the selected runs."
            )
    return [stored for stored in _compared(cells) if not evals or stored.cell.eval in evals]


def rows_path(store: Store, kind: str, key: str) -> Path:
    """Return the Parquet file that holds an artefact's rows."""
    return store.folder(kind, key).absolute() / f"{kind}.parquet"


def digest_of_rows(kind: str, manifest: Mapping[str, Any] | None) -> str:
    """Return the SHA-256 of the file that holds an artefact's rows; "" without a manifest."""
    if manifest is None:
        return ""
    digest: str = manifest["files"].get(f"{kind}.parquet", {}).get("sha256", "")
    return digest


def _cells_of_run(store: Store, run: StoredRun, labels: JudgeLabels) -> Iterator[StoredCell]:
    run_labels = RunLabels(labels, run.record)
    failures = run.failures
    for cell in run.cells:
        # Of a finished cell the sizes and times of its files are checked, not their hashes:
        # hashing a large store takes minutes.
        with store.explained():
            manifest = store.whole_manifest(OutcomesSpec.kind, cell.outcomes)
        # A stage that failed in this run may have a result from another run.
        failure = failures.get(cell.outcomes) if manifest is None else None
        state: State = "under way" if run.status == "running" else "not run"
        if manifest is not None:
            state = "finished"
        elif failure is not None:
            state = "failed"
        parameters, judge = run_labels.of(cell)
        yield StoredCell(
            run=run.id,
            cell=cell,
            parameters=parameters,
            judge=judge,
            state=state,
            facts=(manifest or {}).get("facts", {}),
            cause=failure["message"] if failure else "",
            hint=failure.get("hint", "") if failure else "",
            sha256=digest_of_rows(OutcomesSpec.kind, manifest),
        )


def _compared(cells: Sequence[StoredCell]) -> list[StoredCell]:
    """Return the cells with `latest` and `vanilla` filled in.

    Of the same cell in several runs the last one with a result counts, or the last one if none
    has. A cell's vanilla key may be that of an earlier run's cell: the one that counts in its
    place is what the cell is compared with.
    """
    # A run that was started later may not have reached a cell yet, or failed at it: until it
    # has a result the earlier run's counts.
    counting: dict[str, int] = {}
    for i, stored in enumerate(cells):
        earlier = counting.get(stored.identity)
        if earlier is None or stored.finished or not cells[earlier].finished:
            counting[stored.identity] = i
    stands_in = {
        stored.cell.outcomes: cells[counting[stored.identity]].cell.outcomes for stored in cells
    }
    return [
        replace(
            stored,
            latest=counting[stored.identity] == i,
            vanilla=stands_in.get(stored.cell.vanilla or ""),
        )
        for i, stored in enumerate(cells)
    ]
