"""Runs and cells as a store has them: what state they are in, and which stand for others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import StoreError, UnknownName
from vibench.plan import Cell
from vibench.results.runs import progress, read_runs
from vibench.results.stored_cells import stored_cells
from vibench.store.artefacts import Store

Pair = tuple[Cell, Cell]


def states(store: Store, run: str = "all") -> list[tuple[str, str]]:
    return [(one.state, one.cause) for one in stored_cells(store, read_runs(store, [run]))]


def test_a_cell_is_finished_failed_under_way_or_not_run(runs: Any, store: Store) -> None:
    done, failed, left = (runs.cell(None if i else {"1": {"m": 1.0}}, seed=i) for i in range(3))
    failure = {"stage": failed.outcomes, "message": "The disk is full."}
    runs.run("r", [done, failed, left], status="running", failures=[failure])
    assert states(store) == [("finished", ""), ("failed", "The disk is full."), ("under way", "")]
    runs.run("r", [done, failed, left], status="interrupted", failures=[failure])
    assert states(store)[2] == ("not run", "")
    [run] = read_runs(store)
    counts = progress(store, run)
    assert (counts.cells, counts.finished, counts.failed, counts.remaining) == (3, 1, 1, 1)


def test_a_failed_cell_that_another_run_finished_is_finished(runs: Any, store: Store) -> None:
    cell = runs.cell({"1": {"m": 1.0}})
    runs.run("r", [cell], failures=[{"stage": cell.outcomes, "message": "gone wrong"}])
    assert states(store) == [("finished", "")]
    assert progress(store, read_runs(store)[0]).failed == 0


def test_a_damaged_result_is_no_result(
    pair: Pair, store: Store, damage: Callable[[Path], None]
) -> None:
    damage(store.folder("outcomes", pair[1].outcomes) / "outcomes.parquet")
    assert [state for state, _ in states(store)] == ["finished", "not run"]


def test_of_the_same_cell_in_two_runs_the_later_result_stands(runs: Any, store: Store) -> None:
    few, more = {"1": {"m": 1.0}}, {"1": {"m": 1.0}, "2": {"m": 0.0}}
    old = runs.cell(few)
    induced = runs.cell(few, inducer="dpo", value="empathy", vanilla=old.outcomes)
    new, unfinished = runs.cell(more), runs.cell(None, inducer="dpo", value="empathy")
    runs.run("one", [old, induced])
    runs.run("two", [new, replace(unfinished, vanilla=new.outcomes)])
    found = stored_cells(store, read_runs(store))
    assert [(one.run, one.cell.inducer, one.latest) for one in found] == [
        ("one", "none", False),
        ("one", "dpo", True),
        ("two", "none", True),
        ("two", "dpo", False),
    ]
    assert found[1].vanilla == new.outcomes, "what it is compared with is there to be joined"
    assert [one.latest for one in stored_cells(store, read_runs(store, ["one"]))] == [True, True]


def test_other_parameters_make_another_cell(runs: Any, store: Store) -> None:
    weak = runs.cell({"1": {"m": 1.0}}, inducer="dpo", value="empathy")
    strong = runs.cell({"1": {"m": 0.5}}, inducer="dpo", value="empathy")
    runs.run("one", [weak])
    runs.run("two", [strong], parameters={"inducer": {"dpo": {"beta": 0.9, "epochs": 5}}})
    assert all(one.latest for one in stored_cells(store, read_runs(store)))


def test_what_is_not_there_is_said(pair: Pair, store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no run in the store"):
        read_runs(Store(tmp_path / "nowhere"))
    with pytest.raises(UnknownName, match="Did you mean one"):
        read_runs(store, ["onne"])
    with pytest.raises(UnknownName, match="Did you mean talk"):
        stored_cells(store, read_runs(store), ["tlk"])


def test_a_broken_run_is_named(pair: Pair, store: Store) -> None:
    folder = store.root / "runs" / "one"
    (folder / "cells.parquet").write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="list of cells of the run one") as caught:
        read_runs(store)
    assert str(folder) in caught.value.hint
    (folder / "run.json").write_text("{")
    with pytest.raises(StoreError, match="record of the run one cannot be read"):
        read_runs(store)
