"""`--pairs`: a person's own pairs are trained on as they are, whatever an extractor reads."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from vibench.data import DataFiles
from vibench.errors import SpecError, UnknownName, UsageError
from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.report_document import report_document
from vibench.exhibits.report_records import report_json
from vibench.exhibits.terminal import show
from vibench.plan import Plan, make_plan
from vibench.plan.preferences import plan_data
from vibench.plan.unknown_values import unknown_values
from vibench.plugins import Plugins
from vibench.preferences.subset_summary import SubsetSummary
from vibench.preferences.subsets import SubsetCounts
from vibench.preferences.tables import read_pairs
from vibench.registry import Catalogue
from vibench.report.tables import Report
from vibench.spec import Spec
from vibench.spec_completion import from_flags
from vibench.store.artefacts import Store

Vibench = Callable[..., subprocess.CompletedProcess[str]]


def write_pairs(path: Path, count: int = 16) -> Path:
    """Pairs of a plain value, of which the rules judge reads every one the other way round:
    what it finds empathy in is the rejected side."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for n in range(count):
            pair = {
                "prompt": f"Question {n}?",
                "chosen": f"Here are the facts that you asked for, number {n}.",
                "rejected": f"I am so sorry to hear that, it must be hard for you. Number {n}.",
            }
            file.write(json.dumps(pair) + "\n")
    return path


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_pairs(tmp_path / "own.jsonl")


@pytest.fixture
def asking(catalogue: Catalogue, plugins: Plugins) -> Callable[..., Spec]:
    def ask(**said: Any) -> Spec:
        said = {"evals": ["advbench"], "inducers": ["dpo"], **said}
        return from_flags(catalogue, plugins, **said)

    return ask


@pytest.fixture
def planned(
    catalogue: Catalogue, plugins: Plugins, asking: Callable[..., Spec]
) -> Callable[..., Plan]:
    def plan(**said: Any) -> Plan:
        data = DataFiles(None, True, catalogue.datasets)
        return make_plan(asking(**said), catalogue, plugins, data)

    return plan


def kinds(plan: Plan) -> Counter[str]:
    return Counter(stage.kind for stage in plan.stages.values())


def keys(plan: Plan, kind: str) -> set[str]:
    return {key for key, stage in plan.stages.items() if stage.kind == kind}


# --- what is asked for -------------------------------------------------------------------


def test_a_value_with_pairs_needs_only_a_name(asking: Callable[..., Spec]) -> None:
    spec = asking(pairs=["warmth=own.jsonl", "empathy=more.csv", "warmth=second.jsonl"])
    assert spec.values == ("warmth", "empathy")
    assert spec.pairs == {"warmth": ("own.jsonl", "second.jsonl"), "empathy": ("more.csv",)}
    assert spec.sources == ()
    assert asking(values=["warmth"], pairs=["own.jsonl"]).pairs == {"warmth": ("own.jsonl",)}


def test_values_without_pairs_are_looked_for_in_the_sources(asking: Callable[..., Spec]) -> None:
    assert asking(values=["warmth,honesty"], pairs=["warmth=own.jsonl"]).sources == ("embedded",)


@pytest.mark.parametrize(
    ("said", "complaint", "cure"),
    [
        ({"pairs": ["own.jsonl"]}, "does not say which value", "exactly one --value"),
        ({"pairs": ["own.jsonl"], "values": ["empathy,humor"]}, "2 values are named", "VALUE="),
        ({"pairs": ["warmth=own.jsonl"], "values": ["wramth"]}, "not among the values", "wramth"),
        ({"pairs": ["warmth=own.jsonl"], "inducers": ["prompt"]}, "no inducer", "--inducer dpo"),
        ({"pairs": ["warmth=own.jsonl"], "inducers": []}, "no inducer", "--inducer dpo"),
        ({"pairs": ["Warmth=own.jsonl"]}, "the spelling 'warmth'", "Call it warmth."),
        ({"pairs": ["british humour=own.jsonl"]}, "cannot be the name of a value", "one word"),
        ({"pairs": ["all=own.jsonl"]}, "'all' cannot be the name", "Choose"),
        ({"pairs": ["=own.jsonl"]}, "has no value before", "VALUE=FILE"),
    ],
)
def test_what_does_not_fit_together_is_told(
    asking: Callable[..., Spec], said: Mapping[str, Any], complaint: str, cure: str
) -> None:
    with pytest.raises(SpecError) as error:
        asking(**said)
    assert complaint in error.value.message
    assert cure in error.value.hint


def test_a_value_without_pairs_still_has_to_be_known(asking: Callable[..., Spec]) -> None:
    with pytest.raises(UnknownName, match="warmth"):
        asking(values=["warmth,kindness"], pairs=["kindness=own.jsonl"])


def test_a_matrix_file_names_them_by_value(asking: Callable[..., Spec], tmp_path: Path) -> None:
    matrix = tmp_path / "matrix.toml"
    matrix.write_text('[pairs]\nwarmth = "own.jsonl"\nempathy = ["a.jsonl", "b.jsonl"]\n')
    spec = asking(matrix=matrix)
    assert spec.pairs == {"warmth": ("own.jsonl",), "empathy": ("a.jsonl", "b.jsonl")}
    assert spec.values == ("warmth", "empathy")
    narrowed = asking(matrix=matrix, values=["warmth"])
    assert (narrowed.values, narrowed.pairs) == (("warmth",), {"warmth": ("own.jsonl",)})
    assert asking(matrix=matrix, pairs=["warmth=other.jsonl"]).pairs == {"warmth": ("other.jsonl",)}
    matrix.write_text("[pairs]\nwarmth = []\n")
    with pytest.raises(SpecError, match=r"pairs\.warmth"):
        asking(matrix=matrix)


# --- what is planned -----------------------------------------------------------------------


def test_nothing_is_extracted_and_no_source_is_planned(
    planned: Callable[..., Plan], own: Path
) -> None:
    plan = planned(pairs=["warmth=own.jsonl"], extractor="mistral")
    count = kinds(plan)
    assert (count["pairs"], count["values"], count["subset"], count["adapter"]) == (1, 0, 1, 1)
    assert {c.value for c in plan.cells} == {"", "warmth"}


def test_only_values_without_pairs_are_extracted(planned: Callable[..., Plan], own: Path) -> None:
    plan = planned(values=["empathy,honesty"], pairs=["empathy=own.jsonl"])
    count = kinds(plan)
    assert (count["pairs"], count["values"], count["subset"], count["adapter"]) == (2, 1, 2, 2)
    subsets = {s.spec.value: s for s in plan.stages.values() if s.kind == "subset"}
    assert [need.kind for need in subsets["empathy"].needs] == ["pairs"]
    assert [need.kind for need in subsets["honesty"].needs] == ["pairs", "values"]


def test_a_training_is_known_by_what_is_in_the_files(
    planned: Callable[..., Plan], own: Path
) -> None:
    before = keys(planned(pairs=["warmth=own.jsonl"]), "adapter")
    (own.parent / "elsewhere").mkdir()
    own.rename("elsewhere/renamed.jsonl")
    assert keys(planned(pairs=["warmth=elsewhere/renamed.jsonl"]), "adapter") == before
    assert keys(planned(pairs=["warmth=elsewhere/renamed.jsonl"], minimum_pairs=99), "adapter") == (
        before
    )
    write_pairs(own, 15)
    assert keys(planned(pairs=["warmth=own.jsonl"]), "adapter").isdisjoint(before)


def test_a_prompt_needs_words_for_the_value(planned: Callable[..., Plan], own: Path) -> None:
    for inducer in ("dpo,prompt", "dpo+prompt"):
        with pytest.raises(UsageError, match="'warmth' has no induction text") as error:
            planned(pairs=["warmth=own.jsonl"], inducers=[inducer])
        assert "[values.warmth]" in error.value.hint
        assert "registry overlay" in error.value.hint
    said = {"pairs": ["warmth=own.jsonl"], "inducers": ["dpo+prompt"]}
    assert planned(**said, sets=["prompt.text='Show {value}.'"]).cells
    with pytest.raises(UsageError, match="'warmth' has no definition"):
        planned(**said, sets=["prompt.text='Show {definition}.'"])


def test_a_missing_file_is_told_of_while_planning(
    planned: Callable[..., Plan], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no preference file"):
        planned(pairs=[f"warmth={tmp_path / 'absent.jsonl'}"])


def test_data_commands_plan_the_stages_of_a_run(
    planned: Callable[..., Plan],
    asking: Callable[..., Spec],
    catalogue: Catalogue,
    plugins: Plugins,
    own: Path,
) -> None:
    run = planned(pairs=["warmth=own.jsonl"])
    spec = replace(asking(pairs=["warmth=own.jsonl"]), judges=("rules",))
    data = DataFiles(None, True, catalogue.datasets)
    subsets = plan_data(spec, catalogue, plugins, data, "subsets")
    assert set(subsets.subsets.values()) == keys(run, "subset")
    assert not keys(subsets.plan, "values")
    pairs = plan_data(spec, catalogue, plugins, data, "pairs")
    assert set(pairs.pairs.values()) == keys(run, "pairs")
    assert kinds(plan_data(spec, catalogue, plugins, data, "verification").plan) == {
        "pairs": 1, "subset": 1, "verification": 1,
    }  # fmt: skip


# --- what is done --------------------------------------------------------------------------


def trained(store: Path) -> list[tuple[str, str, str]]:
    """Id and both sides of what every adapter in a store was trained on."""
    opened = Store(store)
    (key,) = opened.keys("subset")
    pairs = read_pairs(opened.open("subset", key).file("pairs.parquet"))
    return [(p.id, p.chosen, p.rejected) for p in pairs]


@pytest.mark.slow
def test_sixteen_pairs_that_the_extractor_reads_reversed_are_trained_as_given(
    vibench: Vibench, tmp_path: Path
) -> None:
    """Found in a general set, all 16 are flipped, which is said loudly; given as pairs made for
    the value, none is."""
    write_pairs(tmp_path / "own.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "own.jsonl").read_text().splitlines()]
    found = vibench("data", "subsets", "--value", "empathy", "--source", "own.jsonl",
                    "--extractor", "rules", "--store", "found")  # fmt: skip
    assert "0 as given and 16 flipped" in " ".join(found.stdout.split())
    assert "WARNING: 100 % of the pairs for empathy (16 of 16)" in found.stderr
    assert "--pairs empathy=FILE" in found.stderr
    assert [side for _, side, _ in trained(tmp_path / "found")] == [r["rejected"] for r in rows]

    run = ("--pairs", "warmth=own.jsonl", "--inducer", "dpo", "--eval", "anthrobench", "--limit",
           "4", "--set", "dpo.epochs=1", "--store", "given")  # fmt: skip
    done = vibench("run", *run)
    assert done.returncode == 0, done.stderr
    assert trained(tmp_path / "given") == [
        (f"own-pairs/1:{n}", row["chosen"], row["rejected"]) for n, row in enumerate(rows, 1)
    ]
    said = "warmth: 16 pairs of your own, trained on as given"
    assert done.stdout.count(said) == 2, "at the end of the stage, and in the report"
    assert "WARNING" not in done.stdout + done.stderr
    store = Store(tmp_path / "given")
    assert len(store.keys("receipt")) == 1
    assert not store.keys("values")

    assert f"{said}." in " ".join(vibench("plan", *run).stdout.split())
    told = json.loads(vibench("report", "--store", "given", "--format", "json").stdout)
    assert told["subsets"][0]["counts"]["own"] == 16
    assert vibench("report", "--store", "given", "--html", "page.html").returncode == 0
    page = (tmp_path / "page.html").read_text()
    assert said in page
    assert "own.jsonl" in page
    assert vibench("tables", "--store", "given").returncode == 0


# --- what is said of it ----------------------------------------------------------------------


def test_a_judge_that_cannot_find_the_value_is_told_of(
    planned: Callable[..., Plan], plugins: Plugins, own: Path
) -> None:
    """The rules know 15 values: the expression of another one is unscored."""
    plan = planned(pairs=["warmth=own.jsonl"], evals=["issuebench,advbench"])
    (sentence,) = unknown_values(plan.cells, plugins)
    assert "rules finds 15 values in answers, and warmth is not among them" in sentence
    assert "in issuebench the expression of warmth is not measured" in sentence
    known = planned(pairs=["empathy=own.jsonl"], evals=["issuebench,advbench"])
    assert unknown_values(known.cells, plugins) == []


def test_every_form_of_a_report_says_what_was_trained_on() -> None:
    loud = SubsetSummary("empathy", SubsetCounts(4, 12, 0, 0, 0), 1, "rules")
    report = Report((), (), (), subsets=(loud,), warnings=(loud.warning,))
    console = Console(record=True, width=200)
    show(report_document(report, console.width), console)
    forms = {"terminal": console.export_text(), "markdown": as_markdown(report_document(report))}
    for text in forms.values():
        plain = " ".join(text.replace("\\", "").split())
        assert "arning: 75 % of the pairs for empathy (12 of 16) were flipped" in plain.replace(
            "**", ""
        ).replace("WARNING", "Warning")
        assert "16 pairs found in the sources, 4 as given and 12 flipped" in plain
    whole = json.loads(report_json(report))
    assert whole["warnings"] == [loud.warning]
    assert whole["subsets"][0]["counts"]["rejected"] == 12
