"""Scores are those of lm-eval's own command line: both ask the same model the same real
questions, and every number of every question is compared, to the last digit."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from vibench import Adapter, Eval, Measuring, Model, Subject, Tokens, Transcript
from vibench.data import DataFiles
from vibench.embedded import locate
from vibench_evals.qa.gsm8k import GSM8K
from vibench_evals.qa.mmlu import MMLU, MMLUPro
from vibench_evals.qa.plugin import QA
from vibench_evals.qa.tasks import home
from vibench_evals.qa.truthfulqa import TruthfulQA

LIMIT = 3
LONGEST = 48
SUBJECTS = ("anatomy", "high_school_european_history")
"""The second one's questions have passages."""

TASKS = {
    **{f"mmlu_{subject}": f"mmlu/default/mmlu_{subject}.yaml" for subject in SUBJECTS},
    "gsm8k": "gsm8k/gsm8k.yaml",
    "truthfulqa_mc1": "truthfulqa/truthfulqa_mc1.yaml",
    "truthfulqa_mc2": "truthfulqa/truthfulqa_mc2.yaml",
    "truthfulqa_gen": "truthfulqa/truthfulqa_gen.yaml",
    "mmlu_pro_math": "mmlu_pro/mmlu_pro_math.yaml",
}
RENAMED = {"truthfulqa_mc1": {"acc": "mc1"}, "truthfulqa_mc2": {"acc": "mc2"}}

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Setting:
    """A kind of subject, and what both programs are told."""

    adapted: bool = False
    system: str | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    arguments: str = ""


SHORT = 1024
"""A context that many of the prompts are longer than."""

SETTINGS = {
    "vanilla": Setting(flags=("--apply_chat_template",)),
    "both": Setting(
        adapted=True,
        said={"num_fewshot": 4, "fewshot_as_multiturn": False, "max_length": SHORT},
        flags=(
            *("--apply_chat_template", "--fewshot_as_multiturn", "false", "--num_fewshot", "4"),
            *("--system_instruction", "You are kind."),
        ),
        arguments=f",max_length={SHORT}",
        system="You are kind.",
    ),
    "both, in plain text": Setting(
        adapted=True,
        said={"chat_template": "never"},
        flags=("--system_instruction", "You are kind."),
        system="You are kind.",
    ),
}


def lines(path: Path) -> Rows:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def examples(real: Path) -> Rows:
    """Worked examples for MMLU-Pro, which the real data lacks: made of its last questions."""
    rows = [
        r
        for r in lines(real / "mmlu_pro/mmlu_pro_test.derived.jsonl.gz")
        if r["category"] == "math"
    ]
    told = "A: Let's think step by step. We look at each option. The answer is ({answer})."
    return [{**row, "cot_content": told.format(**row)} for row in rows[-6:]]


def questions(real: Path) -> dict[str, dict[str, Rows]]:
    """The rows of each task's splits in the hub's form, made without vibench."""
    mmlu = {s: lines(real / f"mmlu/mmlu_{s}.derived.jsonl.gz") for s in ("test", "dev")}
    with gzip.open(real / "truthfulqa/mc_task.json.gz", "rt", encoding="utf-8") as file:
        chosen = json.load(file)
    for row in chosen:
        for name in ("mc1_targets", "mc2_targets"):
            options = row[name]
            row[name] = {"choices": list(options.keys()), "labels": list(options.values())}
    import pandas as pd

    written = [
        {
            "question": row["Question"],
            "correct_answers": [a.strip() for a in row["Correct Answers"].split(";") if a.strip()],
            "incorrect_answers": [
                a.strip() for a in row["Incorrect Answers"].split(";") if a.strip()
            ],
        }
        for row in pd.read_csv(real / "truthfulqa/TruthfulQA.csv", dtype=str).to_dict("records")
    ]
    pro = [
        r
        for r in lines(real / "mmlu_pro/mmlu_pro_test.derived.jsonl.gz")
        if r["category"] == "math"
    ]
    return {
        **{
            f"mmlu_{subject}": {
                split: [row for row in rows if row["subject"] == subject]
                for split, rows in mmlu.items()
            }
            for subject in SUBJECTS
        },
        "gsm8k": {s: lines(real / f"gsm8k/{s}.jsonl.gz") for s in ("train", "test")},
        "truthfulqa_mc1": {"validation": chosen},
        "truthfulqa_mc2": {"validation": chosen},
        "truthfulqa_gen": {"validation": written},
        "mmlu_pro_math": {"test": pro, "validation": examples(real)},
    }


@pytest.fixture(scope="module")
def task_files(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """lm-eval's tasks over local files, as its documentation has it."""
    folder = tmp_path_factory.mktemp("tasks")
    files = []
    for task, splits in questions(real_data).items():
        data_files = {}
        for split, rows in splits.items():
            path = folder / f"{task}-{split}.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
            data_files[split] = str(path)
        text = {
            "include": str(home() / TASKS[task]),
            "dataset_path": "json",
            "dataset_name": None,
            "dataset_kwargs": {"data_files": data_files},
        }
        files.append(folder / f"{task}.yaml")
        files[-1].write_text(json.dumps(text))  # JSON is YAML
    return files


@pytest.fixture(scope="module")
def folder(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real data, and worked examples for MMLU-Pro beside its questions."""
    made = tmp_path_factory.mktemp("data")
    for name in ("mmlu", "gsm8k", "truthfulqa"):
        (made / name).symlink_to(real_data / name)
    (made / "mmlu_pro").mkdir()
    for path in (real_data / "mmlu_pro").iterdir():
        (made / "mmlu_pro" / path.name).symlink_to(path)
    rows = "".join(json.dumps(row) + "\n" for row in examples(real_data))
    (made / "mmlu_pro" / "validation.jsonl").write_text(rows)
    return made


@contextmanager
def command_line(
    subject: Subject, setting: Setting, files: list[Path], out: Path
) -> Iterator[None]:
    """`lm_eval` itself, in a process of its own, which has ended well at the end."""
    arguments = f"pretrained={locate(subject.model.source)},dtype=float32{setting.arguments}"
    if subject.adapter:
        arguments += f",peft={subject.adapter.path}"
    command = [
        *(sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--model_args", arguments),
        *("--tasks", ",".join(map(str, files)), "--limit", str(LIMIT), "--device", "cpu"),
        *("--batch_size", "1", "--gen_kwargs", f"max_gen_toks={LONGEST}"),
        *("--log_samples", "--output_path", str(out), *setting.flags),
    ]
    cache = str(out / "cache")
    alone = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": cache, "OMP_NUM_THREADS": "1"}
    log = out / "log.txt"
    with (
        log.open("w") as file,
        subprocess.Popen(command, env={**os.environ, **alone}, stdout=file, stderr=file) as process,
    ):
        try:
            yield
            assert process.wait() == 0, log.read_text()[-3000:]
        finally:
            process.kill()


def recorded(out: Path) -> tuple[dict[str, Any], dict[str, Rows]]:
    """(results, samples by task) as the command line wrote them."""
    results = json.loads(next(out.rglob("results_*.json")).read_text())
    samples = {}
    for task in TASKS:
        text = next(out.rglob(f"samples_{task}_*.jsonl")).read_text()
        samples[task] = [json.loads(line) for line in text.split("\n") if line]
    return results, samples


def build(cls: type[QA], said: Mapping[str, Any], **own: Any) -> QA:
    properties = cls.parameters["properties"]
    defaults = {name: one["default"] for name, one in properties.items()}
    longest = {"max_gen_toks": LONGEST} if "max_gen_toks" in properties else {}
    return cls(
        **{**defaults, **longest, **{k: v for k, v in said.items() if k in properties}, **own}
    )


def measured(
    measuring: Measuring, setting: Setting, folder: Path
) -> dict[str, tuple[Eval, list[Transcript]]]:
    """Every eval's transcripts."""
    evals = [
        build(MMLU, setting.said, subjects=list(SUBJECTS)),
        build(GSM8K, setting.said),
        build(TruthfulQA, setting.said),
        build(MMLUPro, setting.said, subjects=["math"]),
    ]
    data = DataFiles(folder, embedded=True, datasets={})
    return {e.label: (e, list(e.measure(measuring, data, LIMIT))) for e in evals}


def spelled(row: Mapping[str, Any]) -> dict[str, float]:
    """A record's metrics by the names that vibench gives them."""
    task = row["task"]
    kind = "" if row["filter"] == "none" else f",{row['filter']}"
    return {RENAMED.get(task, {}).get(m, m) + kind: row[m] for m in row["metrics"]}


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_every_question_scores_as_it_does_on_lm_evals_command_line(
    name: str,
    instruct: Model,
    adapter: Adapter,
    measure_alone: Callable[[Subject], Any],
    task_files: list[Path],
    folder: Path,
    tmp_path: Path,
) -> None:
    setting = SETTINGS[name]
    subject = Subject(instruct, adapter if setting.adapted else None, setting.system)
    measuring = measure_alone(subject)
    with command_line(subject, setting, task_files, tmp_path):
        by_eval = measured(measuring, setting, folder)
    results, samples = recorded(tmp_path)

    theirs: dict[str, dict[str, float]] = {}
    for task, rows in samples.items():
        assert {row["doc_id"] for row in rows} == set(range(LIMIT))
        for row in rows:
            theirs.setdefault(f"{task}/{row['doc_id']}", {}).update(spelled({**row, "task": task}))
    ours: dict[str, dict[str, float | None]] = {}
    for evaluation, transcripts in by_eval.values():
        for transcript in transcripts:
            for outcome in evaluation.outcomes(transcript, ()):
                ours.setdefault(outcome.sample, {})[outcome.metric] = outcome.value
    assert ours == theirs

    said = {t.sample.id: t for _, transcripts in by_eval.values() for t in transcripts}
    for task, rows in samples.items():
        for row in rows:
            transcript = said[f"{task}/{row['doc_id']}"]
            assert transcript.messages[0].content == row["arguments"]["gen_args_0"]["arg_0"]
            if "options" in transcript.sample.data:
                options = json.loads(transcript.sample.data["options"])
                assert [(str(o["loglikelihood"]), str(o["greedy"])) for o in options] == [
                    tuple(answers[0]) for answers in row["resps"]
                ]
            else:
                assert transcript.messages[-1].content == row["resps"][0][0]

    for task in TASKS:
        for key, value in results["results"][task].items():
            metric, _, kind = key.partition(",")
            if kind and not metric.endswith("_stderr"):
                mine = spelled({"task": task, "filter": kind, "metrics": [metric], metric: 0})
                found = [m[next(iter(mine))] for s, m in ours.items() if s.startswith(f"{task}/")]
                assert fmean(v for v in found if v is not None) == pytest.approx(value, abs=1e-12)

    if "max_length" in setting.said:
        assert cut_prompts(measuring.asked) == {"loglikelihoods", "answers"}


def cut_prompts(asked: list[tuple[Any, Any]]) -> set[str]:
    """Which kinds of requests fill the short context to its last token."""
    kinds = set()
    for prompt, other in asked:
        if isinstance(other, Tokens):
            if len(prompt.ids) + len(other.ids) == SHORT + 1:
                kinds.add("loglikelihoods")
        elif len(prompt.ids) + LONGEST == SHORT:
            kinds.add("answers")
    return kinds
