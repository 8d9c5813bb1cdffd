"""Tasks that the user defines in a folder of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench import DataError, Outcome, UsageError
from vibench.data import DataFiles
from vibench.errors import UnknownName
from vibench_evals.qa.any_task import AnyTask
from vibench_evals.qa.plugin import QA

Build = Callable[..., QA]
Scores = Callable[..., dict[tuple[str, str], Outcome]]

HUB = DataFiles(None, False, {})
ROWS = [
    {"q": "What barks?", "choices": ["a dog", "a cat"], "answer": 0},
    {"q": "What purrs?", "choices": ["a dog", "a cat"], "answer": 1},
]
TASK = """
task: animals
dataset_path: json
dataset_kwargs:
  data_files:
    test: {data}
output_type: multiple_choice
test_split: test
doc_to_text: !function words.asked
doc_to_choice: "{{{{choices}}}}"
doc_to_target: answer
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a task, the function that it names, and its data."""
    folder = tmp_path / "own"
    folder.mkdir()
    data = tmp_path / "animals.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (folder / "animals.yaml").write_text(TASK.format(data=data))
    (folder / "words.py").write_text("def asked(doc):\n    return f'Q: {doc[\"q\"]} A:'\n")
    return folder


def asks(build: Build, folder: Path, task: str = "animals", data: DataFiles = HUB) -> Any:
    return build(AnyTask, task=task, include_path=str(folder)).asks(data, None)


def test_a_task_of_ones_own_is_asked_and_scored(
    alone: Any, own: Path, build: Build, scores: Scores, data: DataFiles
) -> None:
    animals = build(AnyTask, task="animals", include_path=str(own), chat_template="never")
    transcripts = list(animals.measure(alone, data, None))
    assert [t.messages[0].content for t in transcripts] == [
        "Q: What barks? A:",
        "Q: What purrs? A:",
    ]
    right = [row["choices"][row["answer"]] for row in ROWS]  # type: ignore[index, call-overload]
    expected = [float(t.messages[1].content == r) for t, r in zip(transcripts, right, strict=True)]
    found = scores(animals, transcripts)
    assert [found[f"animals/{n}", "acc"].value for n in range(2)] == expected


def test_what_a_task_is_made_of_counts_and_where_it_lies_does_not(own: Path, build: Build) -> None:
    first = asks(build, own)
    assert "hub" not in first["data"]
    moved = own.with_name("moved")
    shutil.copytree(own, moved)
    (moved / "notes.txt").write_text("not part of the task")
    assert asks(build, moved) == first
    changes = {
        "animals.yaml": "num_fewshot: 0\n",
        "words.py": "# another\n",
        "../animals.jsonl": json.dumps(ROWS[0]) + "\n",
    }
    for name, more in changes.items():
        copy = own.with_name("copy")
        shutil.copytree(own, copy)
        with (copy / name).open("a") as file:
            file.write(more)
        from vibench_evals.qa.tasks import read

        read.cache_clear()
        assert asks(build, copy) != first, name
        shutil.rmtree(copy)


def test_ones_own_definition_comes_before_lm_evals(own: Path, build: Build) -> None:
    text = (own / "animals.yaml").read_text()
    (own / "arc.yaml").write_text(text.replace("task: animals", "task: arc_easy"))
    assert "hub" not in asks(build, own, "arc_easy")["data"]
    assert asks(build, own, "arc_challenge")["data"] == {"hub": ["allenai/ai2_arc"]}


def test_a_group_of_ones_own_may_hold_lm_evals_tasks(
    alone: Any, own: Path, real_data: Path, build: Build, scores: Scores, tmp_path: Path
) -> None:
    (own / "both.yaml").write_text("group: both\ntask:\n- animals\n- arc_easy\n")
    told = asks(build, own, "both")
    assert told["tasks"] == ["animals", "arc_easy"]
    assert told["data"]["hub"] == ["allenai/ai2_arc"]
    assert list(told["data"]["stated"]) == ["animals"]
    assert list(told["definitions"]) == ["animals"]
    both = build(AnyTask, task="both", include_path=str(own))
    assert both.group
    with pytest.raises(DataError, match="has no folder 'allenai/ai2_arc'"):
        both.asks(DataFiles(tmp_path, False, {}), None)


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("task: [animals", "animals.yaml cannot be read", "Correct it"),
        ("include: gone.yaml\ntask: animals\n", "gone.yaml cannot be read", "that includes it"),
        (
            TASK.format(data="gone.jsonl"),
            "'animals' reads gone.jsonl, which does not",
            "data_files",
        ),
    ],
)
def test_a_broken_definition_is_told_of_while_planning(
    own: Path, build: Build, text: str, what: str, hint: str
) -> None:
    (own / "animals.yaml").write_text(text)
    with pytest.raises(UsageError, match=what) as caught:
        asks(build, own)
    assert hint in caught.value.hint


def test_a_folder_or_task_that_is_not_there_is_told_of(own: Path, build: Build) -> None:
    with pytest.raises(UsageError, match=r"no folder .*gone, which lm-eval:animals\.include_path"):
        asks(build, own.with_name("gone"))
    with pytest.raises(UnknownName, match="no lm-eval task called 'animal'") as caught:
        asks(build, own, "animal")
    assert "Did you mean animals" in caught.value.hint
    assert "include_path" in caught.value.hint
