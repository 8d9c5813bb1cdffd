"""What QA evals say while planning: quickly, without lm-eval, and with what is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench import DataError, SpecError, UsageError
from vibench.data import DataFiles
from vibench.errors import MissingExtra, UnknownName
from vibench.plugins import Plugins
from vibench_evals.qa.any_task import AnyTask
from vibench_evals.qa.gsm8k import GSM8K
from vibench_evals.qa.mmlu import MMLU, MMLUPro
from vibench_evals.qa.tasks import definition, definitions, home, leaves
from vibench_evals.qa.truthfulqa import TruthfulQA

HUB = DataFiles(None, False, {})


@pytest.fixture
def plugins() -> Plugins:
    plugins = Plugins()
    for name, cls in {
        "mmlu": MMLU,
        "mmlu-pro": MMLUPro,
        "gsm8k": GSM8K,
        "truthfulqa": TruthfulQA,
        "lm-eval": AnyTask,
    }.items():
        plugins.register("eval", name, cls, "the tests")
    return plugins


def asks(
    plugins: Plugins, name: str, data: DataFiles = HUB, limit: int | None = None, **said: Any
) -> Any:
    return plugins.build("eval", name, said).asks(data, limit)


# --- what is said ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tasks", "hub", "requests"),
    [
        ("mmlu", 57, ["cais/mmlu"], 56_168),
        ("mmlu-pro", 14, ["TIGER-Lab/MMLU-Pro"], 12_032),
        ("gsm8k", 1, ["openai/gsm8k"], 1_319),
        ("truthfulqa", 3, ["truthfulqa/truthful_qa"], 10_621),
        ("lm-eval:arc_easy", 1, ["allenai/ai2_arc"], 0),
        ("lm-eval:ai2_arc", 2, ["allenai/ai2_arc"], 0),
    ],
)
def test_a_plan_knows_the_tasks_where_they_come_from_and_how_much_there_is(
    plugins: Plugins, name: str, tasks: int, hub: list[str], requests: int
) -> None:
    said = asks(plugins, name)
    assert len(said["tasks"]) == tasks
    assert said["data"] == {"hub": hub}
    assert said["requests"] == requests
    assert said["lm_eval"]
    json.dumps(said)


def test_a_limit_holds_for_each_task_of_a_group(plugins: Plugins) -> None:
    assert asks(plugins, "mmlu", limit=2)["requests"] == 4 * 2 * 57
    assert asks(plugins, "mmlu", limit=2, subjects=["anatomy"])["requests"] == 4 * 2
    assert asks(plugins, "gsm8k", limit=5000)["requests"] == 1_319
    assert asks(plugins, "truthfulqa", limit=10, parts=["mc1"])["requests"] == 50
    assert asks(plugins, "mmlu", limit=2) != asks(plugins, "mmlu", limit=3)
    assert "clusters" not in asks(plugins, "mmlu", subjects=["anatomy", "virology"])
    assert asks(plugins, "mmlu", subjects=["anatomy"])["clusters"] == "question"


def test_planning_does_not_import_lm_eval_or_torch() -> None:
    code = (
        "import sys; from vibench.data import DataFiles\n"
        "from vibench_evals.qa.mmlu import MMLU\n"
        "MMLU(subjects=[]).asks(DataFiles(None, False, {}), 5)\n"
        "print([m for m in ('lm_eval', 'torch', 'datasets', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_local_folder_is_known_by_its_files_content(
    plugins: Plugins, real_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "gsm8k").mkdir()
    for name in ("test", "train"):
        shutil.copy(real_data / "gsm8k" / f"{name}.jsonl.gz", tmp_path / "gsm8k")
    there = asks(plugins, "gsm8k", DataFiles(real_data, False, {}))["data"]
    copied = asks(plugins, "gsm8k", DataFiles(tmp_path, False, {}))["data"]
    assert there == copied
    assert set(there["files"]) == {"gsm8k/test", "gsm8k/train"}
    row = json.dumps({"question": "1 + 1?", "answer": "#### 2"})
    (tmp_path / "gsm8k" / "test.jsonl.gz").unlink()
    (tmp_path / "gsm8k" / "test.jsonl").write_text(row + "\n")
    assert asks(plugins, "gsm8k", DataFiles(tmp_path, False, {}))["data"] != there


def test_the_hubs_own_form_in_a_folder_is_taken_too(plugins: Plugins, tmp_path: Path) -> None:
    for name in ("allenai/ai2_arc", "mmlu"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "test.parquet").write_bytes(b"rows")
        (tmp_path / name / ".cache").mkdir()
        (tmp_path / name / ".cache" / "etag.json").write_text("{}")
    data = DataFiles(tmp_path, False, {})
    arc = asks(plugins, "lm-eval:arc_easy", data)["data"]
    assert list(arc["files"]) == ["allenai/ai2_arc/test.parquet"]
    mmlu = asks(plugins, "mmlu", data)["data"]
    assert list(mmlu["files"]) == ["cais/mmlu/test.parquet"]


# --- what is wrong -----------------------------------------------------------------


def test_an_unknown_task_is_answered_with_those_that_are_near(plugins: Plugins) -> None:
    with pytest.raises(UnknownName, match="no lm-eval task called 'arc_eazy'") as caught:
        asks(plugins, "lm-eval:arc_eazy")
    assert "Did you mean arc_easy" in caught.value.hint
    assert "lm_eval ls tasks" in caught.value.hint


def test_an_unknown_subject_is_answered_with_those_that_are_near(plugins: Plugins) -> None:
    with pytest.raises(UnknownName, match="no subject of mmlu called 'anatomie'") as caught:
        asks(plugins, "mmlu", subjects=["anatomie"])
    assert caught.value.hint == "Did you mean anatomy?"
    with pytest.raises(UnknownName, match="no subject of mmlu-pro called 'computer science'"):
        asks(plugins, "mmlu-pro", subjects=["computer science"])


def test_a_task_without_a_name_is_told_how_to_write_it(plugins: Plugins) -> None:
    with pytest.raises(SpecError) as caught:
        asks(plugins, "lm-eval")
    assert "lm-eval:TASK" in caught.value.hint


@pytest.mark.parametrize("name", ["mmlu", "gsm8k", "truthfulqa", "mmlu-pro", "lm-eval:arc_easy"])
def test_a_folder_without_the_questions_names_both_ways_to_have_them(
    plugins: Plugins, name: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as caught:
        asks(plugins, name, DataFiles(tmp_path, False, {}))
    assert str(tmp_path) in caught.value.message
    assert "Put " in caught.value.hint
    assert "leave --data out" in caught.value.hint


def test_missing_worked_examples_are_told_of_with_how_to_go_on(
    plugins: Plugins, real_data: Path
) -> None:
    data = DataFiles(real_data, False, {})
    with pytest.raises(DataError, match="has no 'validation' split, from which the 5") as caught:
        asks(plugins, "mmlu-pro", data)
    assert "--set mmlu-pro.num_fewshot=0" in caught.value.hint
    assert "mmlu_pro/validation.jsonl" in caught.value.hint
    files = asks(plugins, "mmlu-pro", data, num_fewshot=0)["data"]["files"]
    assert list(files) == ["mmlu_pro/test"]


@pytest.mark.parametrize(
    ("task", "what"),
    [
        ("humaneval", "runs code that the model writes"),
        ("mmmu_val_accounting", "shows pictures or plays sounds"),
        ("wikitext", "has no metric of single texts"),
    ],
)
def test_a_task_that_cannot_be_measured_is_refused(plugins: Plugins, task: str, what: str) -> None:
    with pytest.raises(UsageError, match=f"'{task}' {what}"):
        asks(plugins, f"lm-eval:{task}")


def test_without_lm_eval_the_extra_is_named(
    plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vibench.engines import model_files as loading

    found: Callable[[str], Any] = loading.find_spec
    monkeypatch.setattr(
        loading, "find_spec", lambda name: None if name == "lm_eval" else found(name)
    )
    with pytest.raises(
        MissingExtra, match="The eval 'gsm8k' needs the Python package 'lm_eval'"
    ) as e:
        asks(plugins, "gsm8k")
    assert e.value.hint == "Install it with: pip install 'vibench[qa]'"


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"chat_template": "always"}, "expected one of subject, never"),
        ({"num_fewshot": -1}, "num_fewshot is -1"),
        ({"max_gen_toks": 0}, "max_gen_toks is 0"),
        ({"gen_kwargs": {"top_k": 3}}, "gen_kwargs.top_k is not a known key"),
        ({"gen_kwargs": {"temperature": -1}}, "gen_kwargs.temperature is -1"),
    ],
)
def test_a_wrong_parameter_is_named(plugins: Plugins, said: dict[str, Any], what: str) -> None:
    with pytest.raises(SpecError) as caught:
        plugins.build("eval", "gsm8k", said)
    assert what in caught.value.message


# --- lm-eval's definitions -----------------------------------------------------------


def test_groups_tags_and_tasks_are_told_apart() -> None:
    assert definition("mmlu", home()).kind == "group"
    assert definition("ai2_arc", home()).kind == "tag"
    assert definition("gsm8k", home()).kind == "task"


def test_errors_are_clustered_by_the_tasks_of_a_group_and_not_of_a_tag(plugins: Plugins) -> None:
    groups = {
        name: getattr(plugins.build("eval", name, {}), "group", None)
        for name in ("mmlu", "mmlu-pro", "lm-eval:mmlu", "lm-eval:ai2_arc", "gsm8k", "truthfulqa")
    }
    assert [name for name, group in groups.items() if group] == ["mmlu", "mmlu-pro", "lm-eval:mmlu"]


def test_the_tasks_of_a_group_have_what_its_includes_and_the_group_set() -> None:
    found = {leaf.name: leaf for leaf in leaves("mmlu", home())}
    anatomy = found["mmlu_anatomy"].settings
    assert anatomy["dataset_name"] == "anatomy"
    assert anatomy["fewshot_split"] == "dev"
    assert found["mmlu_anatomy"].dataset == "cais/mmlu"


@pytest.mark.slow
def test_every_name_is_read_as_lm_eval_reads_it() -> None:
    """lm-eval's index takes seconds to build; this is why there is another."""
    from lm_eval.tasks import TaskManager

    theirs = TaskManager().task_index
    ours = definitions(home())
    # One file of lm-eval's defines a group beside tasks that its Python code makes.
    others = {name for name in set(theirs) ^ set(ours) if not name.startswith("scrolls")}
    assert others == set()
    for name in set(theirs) & set(ours):
        kind = theirs[name].kind.name.lower().removeprefix("py_")
        assert (ours[name].kind, ours[name].file) == (kind, theirs[name].yaml_path)
        if kind == "tag":
            assert set(ours[name].members) == theirs[name].tags
