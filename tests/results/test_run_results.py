"""Every reader of a store takes the same runs, and the same cells of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.report_document import report_document
from vibench.plan.upgrades import STAGES, write_stages
from vibench.report.run_report import run_report
from vibench.results.run_results import run_results
from vibench.results.runs import run_ids
from vibench.results.selection import select
from vibench.store.artefacts import Store

SCORES = {"1": {"m": 1.0}, "2": {"m": 0.0}}


def two_runs(runs: Any) -> None:
    """A cell that both runs have a result of, one that the second has not reached, and two
    that neither has, of which the second run gives the cause."""
    first, again = runs.cell(SCORES), runs.cell({**SCORES, "3": {"m": 1.0}})
    induced = runs.cell(SCORES, inducer="prompt", value="empathy", vanilla=first.outcomes)
    unreached = runs.cell(None, inducer="prompt", value="empathy", vanilla=again.outcomes)
    lost = runs.cell(None, inducer="dpo", value="empathy", vanilla=first.outcomes)
    lost_too = runs.cell(None, inducer="dpo", value="honesty", vanilla=first.outcomes)
    runs.run("one", [first, lost, induced, lost_too], status="interrupted")
    failure = {"stage": lost.outcomes, "message": "The disk is full.", "hint": "Free some."}
    runs.run("two", [again, unreached, lost_too, lost], status="incomplete", failures=[failure])


def test_the_report_and_the_views_have_the_same_cells(runs: Any, store: Store) -> None:
    two_runs(runs)
    for names in ((), ("one",), ("all",)):
        results = run_results(store, names)
        selection = select(store, names)
        assert [cell.key for cell in results.cells] == [
            stored.cell.outcomes for stored in selection.finished
        ]
        assert [record["id"] for record in results.records] == [run.id for run in selection.runs]
        assert run_ids(store, names) == [run.id for run in selection.runs]
        assert run_report(store, names).cells == results.cells


def test_a_later_result_counts_and_a_result_counts_before_none(runs: Any, store: Store) -> None:
    two_runs(runs)
    results = run_results(store, ["all"])
    assert [(cell.inducer, cell.run) for cell in results.cells] == [
        ("prompt", "one"),
        ("none", "two"),
    ]


def test_a_cell_without_a_result_has_its_last_cause(runs: Any, store: Store) -> None:
    two_runs(runs)
    failed = run_results(store, ["all"]).failed
    assert [(cell.value, cell.cause) for cell in failed] == [
        ("empathy", "The disk is full. Free some."),
        ("honesty", "not run yet (the run is incomplete)"),
    ]


def test_a_run_under_way_is_told_from_one_that_was_killed(runs: Any, store: Store) -> None:
    cells = [runs.cell({"s": {"m": 1.0}}), runs.cell(None, inducer="prompt", value="empathy")]
    runs.run("one", cells, status="running")
    stages = SimpleNamespace(key=cells[1].outcomes, kind="outcomes", likeness="l")
    done = SimpleNamespace(key=cells[0].outcomes, kind="outcomes", likeness="k")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vibench.plan.upgrades.plugins_in_use", lambda _: {})
        plan = SimpleNamespace(stages={0: done, 1: stages})
        write_stages(store.run_folder("one") / STAGES, plan)  # type: ignore[arg-type]
    lease = store.leases.take(cells[1].outcomes)
    assert lease is not None
    report = run_report(store, ["one"]).report
    text = as_markdown(report_document(report))
    assert "Run one is running: 1 of 2 stages are done." in text
    assert "1 cell without a result so far." in text
    assert "not reached yet" not in text
    lease.close()
    text = as_markdown(report_document(run_report(store, ["one"]).report))
    assert "Run one was stopped: 1 of 2 stages are done. Rerun its command" in text
    assert "not run yet (the run was stopped)" in text
