"""Questions from a folder, from the hub's own form of data, and without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from vibench import (
    DataError,
    Outcome,
    UsageError,
)
from vibench.data import DataFiles
from vibench_evals.qa.any_task import AnyTask
from vibench_evals.qa.gsm8k import GSM8K
from vibench_evals.qa.plugin import QA

Build = Callable[..., QA]
Scores = Callable[..., dict[tuple[str, str], Outcome]]


# --- any other task ----------------------------------------------------------------------


@pytest.fixture
def hub_folder(tmp_path: Path) -> DataFiles:
    """Data sets in the hub's own form: Parquet files, and a README that says what they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def write(dataset: str, config: str, splits: Sequence[str], rows: list[dict[str, Any]]) -> None:
        folder = tmp_path / dataset
        (folder / config).mkdir(parents=True)
        listed = "".join(f"  - split: {s}\n    path: {config}/{s}-*\n" for s in splits)
        head = f"---\nconfigs:\n- config_name: {config}\n  data_files:\n{listed}---\n"
        (folder / "README.md").write_text(head)
        for split in splits:
            name = f"{split}-00000-of-00001.parquet"
            pq.write_table(pa.Table.from_pylist(rows), folder / config / name)

    arc = [
        {
            "id": str(n),
            "question": f"What is {n} and 1?",
            "choices": {"text": [str(n), str(n + 1)], "label": ["A", "B"]},
            "answerKey": "B",
        }
        for n in range(3)
    ]
    three = ("train", "validation", "test")
    write("allenai/ai2_arc", "ARC-Easy", three, arc)
    pages = [{"page": "Rain falls. It is wet. " * n} for n in (1, 200)]
    write(
        "EleutherAI/wikitext_document_level",
        "wikitext-2-raw-v1",
        ("train", "validation", "test"),
        pages,
    )
    return DataFiles(tmp_path, False, {})


def test_a_task_by_name_has_lm_evals_metrics(
    alone: Any, hub_folder: DataFiles, build: Build, scores: Scores
) -> None:
    arc = build(AnyTask, task="arc_easy")
    transcripts = list(arc.measure(alone, hub_folder, 2))
    found = scores(arc, transcripts)
    assert {metric for _, metric in found} == {"acc", "acc_norm"}
    assert {o.cluster for o in found.values()} == {"arc_easy/0", "arc_easy/1"}
    assert (
        transcripts[1].messages[0].content.startswith("<|bos|><|user|>Question: What is 1 and 1?")
    )
    assert [o["text"] for o in json.loads(transcripts[1].sample.data["options"])] == ["1", "2"]


def test_a_task_without_a_metric_of_single_questions_is_refused(
    alone: Any, hub_folder: DataFiles, build: Build
) -> None:
    with pytest.raises(UsageError, match="'wikitext' has no metric of single texts"):
        list(build(AnyTask, task="wikitext").measure(alone, hub_folder, 1))
    assert alone.asked == []


def test_a_data_set_without_a_split_that_is_read_is_told_of(
    alone: Any, hub_folder: DataFiles, tmp_path: Path, build: Build
) -> None:
    (tmp_path / "allenai/ai2_arc/ARC-Easy/train-00000-of-00001.parquet").unlink()
    readme = tmp_path / "allenai/ai2_arc/README.md"
    lines = readme.read_text().split("\n")
    readme.write_text("\n".join(line for line in lines if "train" not in line))
    with pytest.raises(DataError, match="allenai/ai2_arc has no 'train'"):
        list(build(AnyTask, task="arc_easy").measure(alone, hub_folder, 1))


# --- without a network --------------------------------------------------------------------


@pytest.mark.parametrize("offline", [True, False])
def test_without_a_network_and_a_folder_both_ways_are_told_and_soon(
    offline: bool, tmp_path: Path
) -> None:
    """In a process of its own: the hub's client reads its settings when it is imported."""
    code = (
        "from vibench.data import DataFiles; from vibench import DataError\n"
        "from vibench_evals.qa.gsm8k import GSM8K\n"
        "from vibench_evals.qa.task_files import load\n"
        "e = GSM8K(); found = e.leaves()\n"
        "try: load(found, e.source(DataFiles(None, False, {}), found))\n"
        "except DataError as error: print(error.message, '|', error.hint)\n"
    )
    alone = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path)}
    if offline:
        alone["HF_HUB_OFFLINE"] = "1"
    before = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **alone},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "openai/gsm8k can neither be had from the hub" in done.stdout, done.stderr
    why = "HF_HUB_OFFLINE is set" if offline else "http://127.0.0.1:9 does not answer"
    assert f"from the hub ({why}) nor from its cache" in done.stdout
    assert "--data FOLDER" in done.stdout
    assert "Retrying" not in done.stderr
    assert time.monotonic() - before < 120, "imports take seconds; the hub's client half a minute"


def test_a_broken_row_is_named(alone: Any, tmp_path: Path, build: Build) -> None:
    (tmp_path / "gsm8k").mkdir()
    row = json.dumps({"question": "1 + 1?", "answer": "#### 2"})
    (tmp_path / "gsm8k" / "train.jsonl").write_text(f"{row}\n" * 6)
    gsm8k = build(GSM8K)
    for bad, what in (
        (f'{row}\n{{"question": "2', "row 2: not JSON"),
        ('{"question": ""}', "row 1: has no 'answer'"),
        ('{"question": "", "answer": 2}', "row 1: 'answer' is 2, and should be text"),
    ):
        (tmp_path / "gsm8k" / "test.jsonl").write_text(bad)
        with pytest.raises(DataError, match=what):
            list(gsm8k.measure(alone, DataFiles(tmp_path, False, {}), 1))
