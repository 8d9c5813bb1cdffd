"""Two models that judged under one name are two judges, wherever they are named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vibench.errors import UsageError
from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.report_document import report_document
from vibench.exhibits.report_records import report_csv
from vibench.page.run_words import run_words
from vibench.paper.cell_selection import Cells
from vibench.paper.choice import Choice
from vibench.plan import Cell
from vibench.plugins import Plugins
from vibench.report.run_report import RunReport, run_report
from vibench.results import load_results
from vibench.results.judge_labels import JudgeLabels, judge_plugin
from vibench.store.artefacts import Store

OTHER = "mistral (gpt-4.1-mini at openai)"
OWN = {"mistral.model": "mistralai/Mistral-7B-Instruct-v0.3", "mistral.engine": ""}


@pytest.mark.parametrize(
    ("judge", "parameters", "engine", "label"),
    [
        ("mistral", OWN, "vllm", "mistral"),
        ("mistral", {**OWN, "mistral.max_tokens": 9}, "vllm", "mistral"),
        ("mistral", {"mistral.model": "gpt-4.1-mini", "mistral.engine": "openai"}, "vllm", OTHER),
        ("mistral", {"mistral.model": "x", "mistral.engine": ""}, "vllm", "mistral (x at vllm)"),
        ("mistral", {**OWN, "mistral.engine": "openai"}, "vllm",
         "mistral (mistralai/Mistral-7B-Instruct-v0.3 at openai)"),
        ("o4-mini", {"o4-mini.model": "o4-mini", "o4-mini.engine": "openai"}, "vllm", "o4-mini"),
        # Its name is that of a model that was shut down, and another stands in.
        ("o4-mini", {"o4-mini.model": "gpt-5.6-terra", "o4-mini.engine": "openai"}, "vllm",
         "o4-mini (gpt-5.6-terra at openai)"),
        ("rules", {}, "vllm", "rules"),
        ("", {}, "vllm", ""),
        ("gone", {"gone.model": "x", "gone.engine": "openai"}, "vllm", "gone (x at openai)"),
    ],
)  # fmt: skip
def test_a_judge_that_asked_another_model_than_its_own_is_called_by_it(
    plugins: Plugins, judge: str, parameters: dict[str, str], engine: str, label: str
) -> None:
    assert JudgeLabels(plugins).label(judge, parameters, engine) == label
    assert judge_plugin(label) == judge


@pytest.fixture
def judged(store: Store, runs: Any) -> RunReport:
    """Two runs of the same cells, judged by two models under the name `mistral`."""
    for run, model, engine, shift in (
        ("own", OWN["mistral.model"], "", 0.0),
        ("other", "gpt-4.1-mini", "openai", 1.0),
    ):
        cells: list[Cell] = []
        for inducer, value in (("none", ""), ("prompt", "empathy")):
            scores = {f"{i}": {"refusal": abs(shift - i % 2)} for i in range(8)}
            base = cells[0].outcomes if cells else None
            cells.append(
                runs.cell(
                    scores, inducer=inducer, value=value, eval="advbench", judge="mistral",
                    vanilla=base,
                )
            )  # fmt: skip
        parameters = {"judge": {"mistral": {"model": model, "engine": engine}}}
        runs.run(run, cells, parameters=parameters)
    return run_report(store, ["all"])


def test_they_are_never_in_one_table_or_family(judged: RunReport) -> None:
    assert [(table.judge, len(table.rows)) for table in judged.report.tables] == [
        ("mistral", 2),
        (OTHER, 2),
    ]
    assert {row.family for row in judged.report.rows if row.contrast} == {
        "advbench judged by mistral",
        f"advbench judged by {OTHER}",
    }
    assert f"judge: {OTHER}" in as_markdown(report_document(judged.report))
    assert f",{OTHER}," in report_csv(judged.report)
    assert judged.judges == {"own": ("mistral",), "other": (OTHER,)}
    [record] = [record for record in judged.records if record["id"] == "other"]
    assert ("judges", OTHER) in run_words(record, "", judged.judges["other"]).request


def test_an_exhibit_takes_one_of_them_by_its_name_in_full(judged: RunReport) -> None:
    assert Cells(judged, Choice()).judge("advbench") == "mistral"
    assert Cells(judged, Choice(judge="mistral")).judge("advbench") == "mistral"
    assert Cells(judged, Choice(judge=OTHER)).judge("advbench") == OTHER
    with pytest.raises(UsageError, match="no judge called 'rules'"):
        Cells(judged, Choice(judge="rules"))


def test_a_name_that_several_share_is_no_choice(judged: RunReport) -> None:
    more = f"{OTHER[:-1]}-2)"
    rows = tuple(
        replace(row, judge=more) if row.judge == "mistral" else row for row in judged.report.rows
    )
    several = replace(judged, report=replace(judged.report, rows=rows))
    with pytest.raises(UsageError, match=r"'mistral' matches 2 judges in these runs"):
        Cells(several, Choice(judge="mistral"))


def test_tables_of_results_name_the_model(judged: RunReport, store: Store) -> None:
    found = load_results(store.root, run="all")
    rows = found.sql(
        "select judge, avg(score) as m from outcomes group by 1 order by 1"
    ).to_pylist()
    assert [row["judge"] for row in rows] == ["mistral", OTHER]
    assert {row["latest"] for row in found.cells.to_pylist()} == {True}
    assert OTHER in repr(found)
