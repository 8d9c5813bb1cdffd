"""Which cells count, which stage a model is of, and what is left out of differences."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vibench.paper import Choice, exhibits
from vibench.paper.cell_selection import Cells
from vibench.report.run_report import RunReport


def stage(run: RunReport, model: str) -> str:
    return Cells(run, Choice()).stage(model)


def test_a_models_stage_is_the_registrys(made) -> None:
    made.cell("tiny-base", "none", "", {"refusal": 0.5}, eval="advbench")
    run = made.collected()
    assert stage(run, "tiny-base") == "base"
    assert stage(run, "allenai/OLMo-2-1124-13B-SFT") == "sft"
    assert stage(run, "nobody/knows-it") == "instruct"


def test_else_it_is_what_its_transcripts_were_made_with(made, tmp_path: Path) -> None:
    made.cell("mine", "none", "", {"refusal": 0.5}, eval="advbench")
    manifest = {"spec": {"subject": {"model": {"stage": "base"}}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    made.rows[0] = replace(made.rows[0], transcripts=str(tmp_path / "transcripts.parquet"))
    assert stage(made.collected(), "mine") == "base"
    (tmp_path / "manifest.json").write_text("torn")
    assert stage(made.collected(), "mine") == "instruct"


def test_of_other_parameters_the_setting_of_most_cells_counts(made) -> None:
    for templates, values in ((3, ["humor"]), (10, ["humor", "empathy"])):
        made.cell("M", "none", "", {"expression/humor": 0.1}, issuebench__templates=templates)
        for value in values:
            scores = {f"expression/{value}": (templates / 20, 0.1)}
            made.cell("M", "prompt", value, scores, issuebench__templates=templates)
    (table,) = exhibits(made.collected(), ["table-5"])
    assert table.panels[0].entries[0][1].value == pytest.approx(50)
    assert table.settings["issuebench.templates"] == "10"


def test_seeds_are_averaged_and_a_missing_one_is_named(made) -> None:
    for seed, values in ((0, ["humor", "empathy"]), (1, ["humor"])):
        for value in values:
            scores = {f"expression/{value}": (0.3 + seed / 5, 0.1)}
            made.cell("M", "prompt", value, scores, seed=seed)
    (table,) = exhibits(made.collected(), ["table-5"])
    prompt = table.panels[0].entries[0][1]
    assert (prompt.value, prompt.of) == (pytest.approx(35), 2)  # of 40 and 30
    assert "model M: prompt on 1 of 2 values, seed 1 (issuebench)" in table.missing
    assert "--seed 0,1" in table.command
    assert any(note.startswith("Means over seeds") for note in table.notes)


def test_answers_scored_on_one_side_are_told_of(made) -> None:
    made.cell("M", "none", "", {"refusal": 0.5}, eval="advbench")
    made.cell("M", "dpo+prompt", "humor", {"refusal": (0.6, 0.1)}, eval="advbench")
    change = made.rows[1].contrast
    assert change is not None
    made.rows[1] = replace(made.rows[1], contrast=replace(change, only_treated=3, only_vanilla=4))
    (figure,) = exhibits(made.collected(), ["figure-5"])
    assert "Outcomes left out of differences because the other side is unscored: 7." in figure.notes


def test_without_intervals_there_is_no_mark(made) -> None:
    made.cell("M", "none", "", {"refusal": 0.5}, eval="advbench")
    made.cell("M", "dpo+prompt", "humor", {"refusal": (0.9, 0.4)}, eval="advbench")
    change = made.rows[1].contrast
    assert change is not None
    one_cluster = replace(change, se=None, low=None, high=None, p=None, clusters=1)
    made.rows[1] = replace(made.rows[1], contrast=one_cluster)
    (entry,) = exhibits(made.collected(), ["figure-5"])[0].panels[0].entries[0]
    assert (entry.value, entry.low, entry.mark) == (pytest.approx(40), None, "")
