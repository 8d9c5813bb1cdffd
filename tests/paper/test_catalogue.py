"""All exhibits at once: empty, partial and complete runs, and what is asked wrongly."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from vibench.errors import UnknownName
from vibench.exhibits.captions import below
from vibench.exhibits.exhibit import Exhibit
from vibench.paper import NAMES, Choice, exhibits
from vibench.plugins import Plugins
from vibench.registry import load_catalogue
from vibench.report.run_report import RunReport
from vibench.results.cells import CellResult
from vibench.results.cut_offs import CutOffs
from vibench.spec_completion import from_flags

MATRIX_FLAGS = {"model": "models", "inducer": "inducers", "value": "values", "eval": "evals"}


def sound(exhibit: Exhibit) -> None:
    """What every drawer may rely on."""
    for panel in exhibit.panels:
        assert len(panel.entries) == len(panel.rows)
        assert all(len(row) == len(panel.columns) for row in panel.entries)
        assert sum(span for _, span in panel.groups) in (0, len(panel.columns))
        assert panel.highlighted <= {*panel.columns, *panel.rows}
        for entry in (e for row in panel.entries for e in row):
            assert 0 <= entry.of <= max(entry.wanted, entry.of)
            if entry.low is not None and entry.high is not None and entry.value is not None:
                assert entry.low - 1e-9 <= entry.value <= entry.high + 1e-9
            if entry.mark:
                assert entry.low is not None
    assert bool(exhibit.command) == bool(exhibit.missing)


def planned(command: str) -> None:
    """The command is one that vibench takes, but for evals that are not installed here."""
    words = shlex.split(command)
    assert words[:2] == ["vibench", "run"]
    flags = list(zip(words[2::2], words[3::2], strict=True))
    plugins = Plugins.discover()
    said = {MATRIX_FLAGS.get(flag[2:], flag[2:]): text for flag, text in flags if flag != "--set"}
    if not {*said["evals"].split(",")} <= {*plugins.names("eval")}:
        return
    lists = {name: (text,) for name, text in said.items() if name in MATRIX_FLAGS.values()}
    sets = [text for flag, text in flags if flag == "--set"]
    spec = from_flags(load_catalogue(()), plugins, sets=sets, **lists)
    assert spec.models


def test_of_a_run_with_nothing_in_it_every_exhibit_is_empty(made) -> None:
    made.cell("tiny-instruct", "none", "", {"other": 0.5}, eval="mine", judge="")
    for exhibit in exhibits(made.collected()):
        sound(exhibit)
        assert exhibit.empty
        assert exhibit.name in NAMES


def test_a_part_of_a_run_gives_parts(made) -> None:
    for model in ("tiny-base", "tiny-instruct"):
        made.cell(model, "none", "", {"expression/humor": 0.2}, counts={"humor": 20})
        made.cell(model, "dpo", "humor", {"expression/humor": (0.6, 0.4)}, counts={"humor": 60})
        made.cell(model, "dpo", "empathy", {"expression/humor": (0.3, 0.1)}, counts={"humor": 30})
    found = {exhibit.name: exhibit for exhibit in exhibits(made.collected())}
    assert list(found) == list(NAMES)
    for exhibit in found.values():
        sound(exhibit)
        if exhibit.missing:
            planned(exhibit.command)
    assert found["table-5"].partial
    assert found["figure-5"].empty
    assert found["figure-5"].missing == ("every model: dpo+prompt on all 2 values (advbench)",)


def test_names_go_in_the_order_asked_and_wrong_ones_are_told(made) -> None:
    run = made.collected()
    assert [e.name for e in exhibits(run, ["matrix", "table-5"])] == ["matrix", "table-5"]
    with pytest.raises(UnknownName) as raised:
        exhibits(run, ["table-55"])
    assert "table-5" in raised.value.hint
    with pytest.raises(UnknownName) as raised:
        exhibits(run, ["table-5"], Choice(judge="nobody"))
    assert "nobody" in raised.value.message


def test_the_papers_order_comes_first(made) -> None:
    for model in ("mine", "Mistral-Base", "Llama-3.1-Base"):
        for value in ("zeal", "violence", "empathy"):
            scores = {f"expression/{value}": (0.5, 0.1)}
            made.cell(model, "prompt", value, scores)
    (matrix, table) = exhibits(made.collected(), ["matrix", "table-5"])
    assert table.panels[0].rows == ("Llama-3.1-Base", "Mistral-Base", "mine")
    assert matrix.panels[0].rows == ("empathy", "violence", "zeal")


def test_the_command_repeats_what_the_run_set(made) -> None:
    made.spec = {
        "profile": "embedded",
        "judges": ["rules"],
        "settings": {
            "sampling": {"temperature": [0.7], "top_p": [0.95], "max_tokens": [32]},
            "dpo": {"learning_rate": [0.0007], "epochs": [3.0], "lora_rank": [8]},
            "issuebench": {"templates": [2]},
        },
        "limit": 20,
        "sources": ["embedded"],
        "engine": "transformers",
        "simulator": "tiny-instruct",
        "extractor": "rules",
    }
    made.cell("tiny-base", "none", "", {"expression/humor": 0.2}, judge="rules", baseline=True)
    scores = {"expression/humor": (0.6, 0.4)}
    made.cell("tiny-base", "dpo", "humor", scores, judge="rules", baseline=True)
    made.rows = [replace(row, cut_offs=CutOffs(answers=20)) for row in made.rows]
    (table,) = exhibits(made.collected(), ["table-5"])
    # Vanilla, prompt and dpo+prompt: 20 answers each, if the store had none of them.
    assert table.answers == 60
    assert "at most 60 answers of models" in below(table)[-2]
    assert table.command == (
        "vibench run --model tiny-base --inducer prompt,dpo+prompt --value humor "
        "--eval issuebench --judge rules --set sampling.max_tokens=32 --set dpo.lora_rank=8 "
        "--set issuebench.templates=2 --limit 20"
    )
    planned(table.command.replace(" --limit 20", ""))


def test_the_command_names_a_model_by_its_folder_and_options_by_their_flags(made) -> None:
    made.spec = {
        "models": ["/models/mine", "org/other"],
        "minimum_pairs": 4,
        "judge_repeats": 3,
        "sources": ["pairs.jsonl"],
    }
    for model in ("mine", "org/other"):
        made.cell(model, "none", "", {"expression/humor": 0.2}, judge="rules")
        made.cell(model, "dpo", "humor", {"expression/humor": (0.6, 0.4)}, judge="rules")
    (table,) = exhibits(made.collected(), ["table-5"])
    words = shlex.split(table.command)
    given = dict(zip(words[2::2], words[3::2], strict=True))
    assert given["--model"] == "/models/mine,org/other"
    assert (given["--minimum-pairs"], given["--judge-repeats"]) == ("4", "3")
    assert given["--source"] == "pairs.jsonl"


def test_each_eval_goes_by_the_papers_own_judge(made) -> None:
    for judge, rate in (("mistral", 0.1), ("o4-mini", 0.3)):
        for evaluation, metric in (("issuebench", "expression/humor"), ("advbench", "refusal")):
            made.cell("M", "none", "", {metric: 0.2}, eval=evaluation, judge=judge)
            scores = {metric: (0.2 + rate, rate)}
            made.cell("M", "dpo+prompt", "humor", scores, eval=evaluation, judge=judge)
    matrix, figure = exhibits(made.collected(), ["matrix", "figure-5"])
    assert matrix.settings["judge"] == "mistral"
    assert matrix.panels[0].entries[0][0].value == pytest.approx(10)
    assert figure.settings["judge"] == "o4-mini"
    assert figure.panels[0].entries[0][0].value == pytest.approx(30)


def test_a_run_without_a_record_has_its_exhibits_too(made, tmp_path: Path) -> None:
    made.cell("M", "prompt", "humor", {"expression/humor": (0.6, 0.4)})
    run = made.collected()
    assert isinstance(run, RunReport)
    assert not run.records
    assert exhibits(run, ["matrix"])[0].panels[0].entries[0][0].value == pytest.approx(40)


def test_the_command_repeats_the_run_of_the_cells_beside_it(made) -> None:
    """Not the last run, which may be about something else; and it names their store."""
    made.cell("tiny-base", "none", "", {"expression/humor": 0.2}, judge="rules", baseline=True)
    made.cell("tiny-base", "dpo", "humor", {"expression/humor": (0.6, 0.4)}, judge="rules")
    ours = {"profile": "embedded", "judges": ["rules"], "limit": 7, "data": "mine"}
    records = ({"id": "a", "spec": ours}, {"id": "b", "spec": {**ours, "limit": 3, "data": None}})
    cell = CellResult("tiny-base", "none", "", "issuebench", "other", Path("none"), run="a")
    other = CellResult("tiny-base", "none", "", "advbench", "other", Path("none"), run="b")
    collected = replace(made.collected(), cells=(cell, other), records=records, store="/a store")
    (table,) = exhibits(collected, ["table-5"])
    assert "--limit 7" in table.command
    assert "--data mine" in table.command
    assert table.command.endswith("--store '/a store'")
