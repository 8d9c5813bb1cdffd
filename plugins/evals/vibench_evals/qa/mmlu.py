"""MMLU and MMLU-Pro by lm-eval (Hendrycks et al., 2021; Wang et al., 2024)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol

from vibench import Data, DataError, Parameter, UnknownName
from vibench_evals.qa.plugin import QA, within
from vibench_evals.qa.settings import Examples, Prompting, Writing
from vibench_evals.qa.sources import (
    Build,
    HubRow,
    QuestionRows,
    QuestionSource,
    SplitFiles,
    holds,
    rows_json,
    snapshot,
)
from vibench_evals.qa.tasks import Leaf

__all__ = ["MMLU", "MMLUPro"]


class HasSubjects(Protocol):
    """The parameter of an eval whose questions are in subjects."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The chosen subjects; () for all."""


class BySubject(QA):
    """Multiple-choice questions in subjects, one task each."""

    settings: HasSubjects
    prefix: ClassVar[str]
    """lm-eval's group, the prefix of its tasks' names; and the folder below --data."""
    folder: ClassVar[str]
    """lm-eval's folder of definitions."""
    shots: ClassVar[int]
    """Worked examples, unless their number is set."""
    examples: ClassVar[str]
    """The split they are taken from."""
    columns: ClassVar[Mapping[str, type]]
    """The columns of a row with their types, the subject's first."""
    questions: ClassVar[int]
    each: ClassVar[int]
    """Requests for a question."""

    @property
    def label(self) -> str:
        return self.prefix.replace("_", "-")

    def leaves(self) -> Sequence[Leaf]:
        leaves = within(self.prefix, self.folder)
        by_subject = {leaf.name.removeprefix(f"{self.prefix}_"): leaf for leaf in leaves}
        for subject in self.settings.subjects:
            if subject not in by_subject:
                raise UnknownName(f"subject of {self.label}", subject, by_subject)
        return [by_subject[subject] for subject in self.settings.subjects] or leaves

    def requests(self, tasks: int, limit: int | None) -> int:
        # An estimate: the number of questions of each subject is unknown before they are read.
        share = self.questions * tasks // len(within(self.prefix, self.folder))
        return self.each * (share if limit is None else min(share, limit * tasks))

    @abstractmethod
    def subject_of(self, leaf: Leaf) -> str:
        """Return the subject as the rows spell it."""

    def local(self, data: Data, leaves: Sequence[Leaf]) -> QuestionSource:
        """Return one file per split, with a column for the subject; or the hub's own form."""
        assert data.folder is not None
        files = SplitFiles(data, self.prefix)
        # Without a file of our own form, the folder may hold the data set as the hub has it.
        if files.optional("test") is None and holds(data.folder, leaves[0].dataset):
            return snapshot(data.folder, leaves)
        paths = {"test": files.split("test")}
        examples = files.optional(self.examples)
        # Without worked examples their split is not needed.
        shots = self.shots if self.format.num_fewshot is None else self.format.num_fewshot
        if examples is not None:
            paths[self.examples] = examples
        elif shots:
            raise DataError(
                f"The data folder {data.folder / self.prefix} has no '{self.examples}' split, "
                f"from which the {shots} worked examples before each question are taken.",
                f"Put {self.prefix}/{self.examples}.jsonl there ({leaves[0].dataset} on the hub "
                f"has it), or ask without examples: --set {self.label}.num_fewshot=0",
            )
        return QuestionRows(
            {f"{self.prefix}/{s}": path for s, path in paths.items()}, self.builder(paths)
        )

    def builder(self, paths: Mapping[str, Path]) -> Build:
        """Return a builder of each subject's rows, which reads the files once."""
        read: dict[str, list[dict[str, Any]]] = {}
        column = next(iter(self.columns))

        def build(leaf: Leaf) -> Mapping[str, Sequence[HubRow]]:
            for split, path in paths.items():
                # 57 subjects share a file: it is read once and not once for each subject.
                if split not in read:
                    read[split] = rows_json(path, self.columns)
            subject = self.subject_of(leaf)
            by_split = {
                split: [row for row in rows if row[column] == subject]
                for split, rows in read.items()
            }
            if not by_split["test"]:
                raise DataError(
                    f"{paths['test']} has no question whose {column} is '{subject}'.",
                    f"Name the subjects that it has: --set '{self.label}.subjects=[...]'",
                )
            return {"test": by_split["test"], self.examples: by_split.get(self.examples, ())}

        return build


class MMLU(BySubject):
    """57 subjects of school and profession; the most likely of A, B, C and D counts."""

    prefix = "mmlu"
    folder = "mmlu/default"
    shots = 0
    examples = "dev"
    columns: ClassVar = {"subject": str, "question": str, "choices": list, "answer": int}
    questions = 14_042
    each = 4
    metrics = ("acc",)

    @dataclass(frozen=True, kw_only=True)
    class Parameters(Examples, Prompting):
        subjects: Annotated[
            tuple[str, ...],
            Parameter("Subjects (anatomy, virology, ...); empty for all.", unique=True),
        ] = ()

    settings: Parameters

    def subject_of(self, leaf: Leaf) -> str:
        return str(leaf.settings["dataset_name"])


class MMLUPro(BySubject):
    """14 subjects, up to ten options, the answer at the end of a written chain of thought."""

    prefix = "mmlu_pro"
    folder = "mmlu_pro"
    shots = 5
    examples = "validation"
    columns: ClassVar = {
        "category": str,
        "question": str,
        "options": list,
        "answer": str,
        "cot_content": str,
    }
    questions = 12_032
    each = 1
    metrics = ("exact_match,custom-extract",)

    @dataclass(frozen=True, kw_only=True)
    class Parameters(Writing, Examples, Prompting):
        subjects: Annotated[
            tuple[str, ...],
            Parameter("Subjects (math, computer_science, ...); empty for all.", unique=True),
        ] = ()

    settings: Parameters

    def subject_of(self, leaf: Leaf) -> str:
        return leaf.name.removeprefix("mmlu_pro_").replace("_", " ")
