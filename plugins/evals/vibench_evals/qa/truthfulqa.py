"""TruthfulQA by lm-eval (Lin et al., 2022)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args

from vibench import Data, DataError, Parameter, read_csv
from vibench_evals.qa.plugin import QA, within
from vibench_evals.qa.settings import Prompting, Writing
from vibench_evals.qa.sources import (
    HubRow,
    QuestionRows,
    QuestionSource,
    SplitFiles,
    holds,
    rows_json,
    snapshot,
)
from vibench_evals.qa.tasks import Leaf

__all__ = ["TruthfulQA"]

QUESTIONS = 817
Part = Literal["mc1", "mc2", "gen"]
PARTS: tuple[Part, ...] = get_args(Part)
REQUESTS: Mapping[Part, int] = {"mc1": 5, "mc2": 7, "gen": 1}
"""For a question, on average."""

COLUMNS = {
    "type": "Type",
    "category": "Category",
    "question": "Question",
    "best_answer": "Best Answer",
    "correct_answers": "Correct Answers",
    "incorrect_answers": "Incorrect Answers",
    "source": "Source",
}
"""What the hub's columns are called in the published CSV file."""


class TruthfulQA(QA):
    """817 questions that people answer wrongly: chosen answers (mc1, mc2) and written ones."""

    label = "truthfulqa"
    group = False
    names: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "truthfulqa_mc1": {"acc": "mc1"},
        "truthfulqa_mc2": {"acc": "mc2"},
    }
    metrics = ("mc1", "mc2", "bleu_*", "rouge1_*", "rouge2_*", "rougeL_*")
    not_shares = tuple(
        f"{score}_{what}"
        for score in ("bleu", "rouge1", "rouge2", "rougeL")
        for what in ("max", "diff")
    )

    # The prompt has six examples of its own and lm-eval adds none: no number of examples here.
    @dataclass(frozen=True, kw_only=True)
    class Parameters(Writing, Prompting):
        parts: Annotated[
            tuple[Part, ...],
            Parameter(
                "mc1, mc2: the likelihood of given answers; gen: written ones.",
                minimum_items=1,
                unique=True,
            ),
        ] = PARTS

    settings: Parameters

    def leaves(self) -> Sequence[Leaf]:
        parts = [part for part in PARTS if part in self.settings.parts]
        return [leaf for part in parts for leaf in within(f"truthfulqa_{part}", "truthfulqa")]

    def requests(self, tasks: int, limit: int | None) -> int:
        questions = QUESTIONS if limit is None else min(QUESTIONS, limit)
        return questions * sum(REQUESTS[part] for part in self.settings.parts)

    def asks(self, data: Data, limit: int | None) -> Mapping[str, Any]:
        """Written answers are scored by further packages, whose versions count too."""
        asks = super().asks(data, limit)
        if "gen" not in self.settings.parts:
            return asks
        return {**asks, "scored_by": {n: version(n) for n in ("sacrebleu", "rouge-score")}}

    def local(self, data: Data, leaves: Sequence[Leaf]) -> QuestionSource:
        """The published files: TruthfulQA.csv for `gen`, mc_task.json for the others."""
        assert data.folder is not None
        files = SplitFiles(data, "truthfulqa")
        names = {"mc": ("mc_task.json.gz", "mc_task.json"), "gen": ("TruthfulQA.csv",)}
        needed = dict.fromkeys(_kind(leaf) for leaf in leaves)
        paths: dict[str, Path] = {}
        for kind in needed:
            try:
                paths[kind] = files.file(*names[kind])
            except DataError:
                if holds(data.folder, leaves[0].dataset):
                    return snapshot(data.folder, leaves)
                raise

        def build(leaf: Leaf) -> Mapping[str, Sequence[HubRow]]:
            kind = _kind(leaf)
            rows = _written(paths[kind]) if kind == "gen" else _chosen(paths[kind])
            return {"validation": rows}

        return QuestionRows({f"truthfulqa/{kind}": path for kind, path in paths.items()}, build)


def _kind(leaf: Leaf) -> str:
    return "gen" if leaf.name.endswith("_gen") else "mc"


def _chosen(path: Path) -> list[HubRow]:
    """{answer: 1 or 0} of the published file -> the hub's choices and labels."""
    rows: list[HubRow] = []
    kinds = {"question": str, "mc1_targets": dict, "mc2_targets": dict}
    for row in rows_json(path, kinds):
        targets_ = {name: row[name] for name in ("mc1_targets", "mc2_targets")}
        targets = {
            name: {"choices": list(answers), "labels": list(answers.values())}
            for name, answers in targets_.items()
        }
        rows.append({"question": row["question"], **targets})
    return rows


def _written(path: Path) -> list[HubRow]:
    """The published columns -> the hub's; answers are separated by semicolons."""
    rows: list[HubRow] = []
    for row in read_csv(path, *COLUMNS.values()):
        columns: dict[str, Any] = {name: row[column] for name, column in COLUMNS.items()}
        for name in ("correct_answers", "incorrect_answers"):
            parts = (part.strip() for part in columns[name].split(";"))
            columns[name] = [part for part in parts if part]
        rows.append(columns)
    return rows
