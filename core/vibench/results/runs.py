"""The runs and cells of a store, from their records and manifests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vibench.errors import StoreError, UnknownName
from vibench.plan.cells import CELLS, read_cells
from vibench.plan.parameters import Parameters
from vibench.plugins import Plugins
from vibench.records import canonical_json
from vibench.results.judge_labels import JudgeLabels
from vibench.stages.stage import Cell
from vibench.store.artefacts import MANIFEST, Store
from vibench.store.files import check_readable

__all__ = ["FoundCell", "FoundRun", "cells_of", "path_of", "runs_named", "runs_of"]


def runs_named(store: Store, names: Sequence[str] = ()) -> list[str]:
    """The ids of the runs that are meant: the last one's if none is named, `all` for all.

    Raises StoreError for a store without runs, UnknownName for a run that is not there.
    """
    runs = store.runs()
    if not runs:
        raise StoreError(
            f"There is no run in the store {store.root}.",
            "Make one with `vibench run --inducer dpo --eval anthrobench`, or name another "
            "store with --store.",
        )
    if "all" in names:
        return runs
    for name in names:
        if name not in runs:
            raise UnknownName("run", name, runs)
    return [run for run in runs if run in names] or runs[-1:]


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run: its record, and how many of its cells have a result, and failed. `status` is
    "complete", "incomplete", "interrupted" or "running"; the last also stands for one that was
    killed and could not say so."""

    id: str
    status: str
    cells: int
    finished: int
    failed: int
    record: Mapping[str, Any]

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the run's spec says."""
        spec: Mapping[str, Any] = self.record.get("spec", {})
        return spec


@dataclass(frozen=True, slots=True)
class FoundCell:
    """A cell of a run.

    `state` is "finished", "failed" (`cause` says why), "under way" (its run is) or "not run".
    `latest` says that no later run asked for has a result of the same cell: the same model,
    inducer, value, eval, judge, seed and parameters. `vanilla` is the key of the outcomes it
    is compared with, of such a latest cell too; None for the untouched model. `facts` are
    those of the outcomes' manifest, `answers` those of the transcripts'. `judge` is its label
    (`vibench.results.judge_labels`): another model under the same judge's name is another cell.
    """

    run: str
    cell: Cell
    parameters: Mapping[str, Any]
    state: str
    cause: str
    latest: bool
    vanilla: str | None
    facts: Mapping[str, Any]
    answers: Mapping[str, Any]
    judge: str


def runs_of(store: Store, names: Sequence[str] = ("all",)) -> list[FoundRun]:
    """The named runs (`runs_named`), the one touched last coming last.

    Raises StoreError for a store without runs or a run that cannot be read, UnknownName.
    """
    found = []
    for name in runs_named(store, names):
        record = _record(store, name)
        cells = _cells(store, name)
        failed = {f["stage"] for f in record.get("failures", ())}
        places = [(c, store.folder("outcomes", c.outcomes) / MANIFEST) for c in cells]
        done = {c.outcomes for c, place in places if place.exists()}
        found.append(
            FoundRun(
                name,
                record["status"],
                len(cells),
                sum(c.outcomes in done for c in cells),
                sum(c.outcomes in failed - done for c in cells),
                record,
            )
        )
    return found


def cells_of(store: Store, runs: Sequence[FoundRun], evals: Sequence[str] = ()) -> list[FoundCell]:
    """Every cell of these runs, in their order; those of `evals` if any are named.

    A damaged result counts as none, and is set aside to be made again. Raises UnknownName for
    an eval that none of the runs has, StoreError for what cannot be read.
    """
    found: list[FoundCell] = []
    labels = JudgeLabels(Plugins.discover())
    for run in runs:
        found += _found(store, run, labels)
    known = {one.cell.eval for one in found}
    for name in evals:
        if name not in known:
            raise UnknownName("eval", name, known, "These are the evals of the runs asked for.")
    return [one for one in _latest(found) if not evals or one.cell.eval in evals]


def path_of(store: Store, kind: str, key: str) -> Path:
    """Where an artefact's rows lie."""
    return store.folder(kind, key).absolute() / f"{kind}.parquet"


def _found(store: Store, run: FoundRun, labels: JudgeLabels) -> Iterator[FoundCell]:
    causes = {f["stage"]: f["message"] for f in run.record.get("failures", ())}
    parameters = Parameters(run.record)
    for cell in _cells(store, run.id):
        state, cause = "not run", ""
        with store.explained():
            finished = store.has("outcomes", cell.outcomes)
        if finished:
            state = "finished"
        elif cell.outcomes in causes:
            state, cause = "failed", causes[cell.outcomes]
        elif run.status == "running":
            state = "under way"
        facts = _facts(store, "outcomes", cell.outcomes) if finished else {}
        answers = _facts(store, "transcripts", cell.transcripts)
        own = parameters.of(cell)
        judge = labels.label(cell.judge, own, run.asked.get("engine", ""))
        yield FoundCell(run.id, cell, own, state, cause, True, cell.vanilla, facts, answers, judge)


def _latest(found: Sequence[FoundCell]) -> list[FoundCell]:
    """The same cells, told which of them stand for those of earlier runs."""
    names = [_name(one) for one in found]
    last: dict[str, int] = {}
    for i, (name, one) in enumerate(zip(names, found, strict=True)):
        if name not in last or one.state == "finished" or found[last[name]].state != "finished":
            last[name] = i
    stands_in = {
        one.cell.outcomes: found[last[name]].cell.outcomes
        for name, one in zip(names, found, strict=True)
    }
    return [
        replace(one, latest=last[name] == i, vanilla=stands_in.get(one.vanilla or ""))
        for i, (name, one) in enumerate(zip(names, found, strict=True))
    ]


def _name(one: FoundCell) -> str:
    c = one.cell
    return canonical_json(
        [c.model, c.inducer, c.value, c.eval, one.judge, c.seed, dict(one.parameters)]
    )


def _record(store: Store, run: str) -> Mapping[str, Any]:
    try:
        return store.read_run(run)
    except StoreError as error:
        if not isinstance(error.__cause__, (ValueError, FileNotFoundError)):
            raise
        raise _broken(store, run, "record", error.__cause__) from error


def _cells(store: Store, run: str) -> list[Cell]:
    import pyarrow as pa

    try:
        return read_cells(store.root / "runs" / run)
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
        check_readable(store.root / "runs" / run / CELLS, error)
        raise _broken(store, run, "list of cells", error) from error


def _broken(store: Store, run: str, what: str, error: BaseException) -> StoreError:
    return StoreError(
        f"The {what} of the run {run} cannot be read ({str(error).splitlines()[0]}).",
        "Issue the command that made the run again, which writes it anew and keeps what is "
        f"finished, or remove {store.root / 'runs' / run}.",
    )


def _facts(store: Store, kind: str, key: str) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = (store.manifest(kind, key) or {}).get("facts", {})
    return facts
