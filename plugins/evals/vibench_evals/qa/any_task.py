"""Any task of lm-evaluation-harness, or of the user's own: `lm-eval:arc_easy`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from vibench import Data, Parameter, UsageError
from vibench_evals.qa.definition_files import DefinitionFiles, definition_files
from vibench_evals.qa.plugin import QA
from vibench_evals.qa.settings import Examples, Prompting, Writing
from vibench_evals.qa.sources import QuestionSource, content
from vibench_evals.qa.tasks import Leaf, definition, home, leaves

__all__ = ["AnyTask"]


class AnyTask(QA):
    """Any other task, group or tag that lm-eval has: lm-eval:TASK."""

    metrics = ("*",)
    not_shares = ("bleu*", "chrf*", "ter*", "rouge*")

    @dataclass(frozen=True, kw_only=True)
    class Parameters(Writing, Examples, Prompting):
        task: Annotated[
            str,
            Parameter(
                "lm-eval's name of a task, a group or a tag.", minimum_length=1, argument=True
            ),
        ]
        # No key holds the folder's name: `asks` adds the content of its definitions.
        include_path: Annotated[
            str, Parameter("A folder with task definitions (YAML) of your own.", key=False)
        ] = ""

    settings: Parameters

    @property
    def label(self) -> str:
        return f"lm-eval:{self.settings.task}"

    @property
    def group(self) -> bool:  # type: ignore[override]
        """A group's tasks are parts of one thing, as MMLU's subjects; those of a tag are not."""
        # Names are looked up in lm-eval's own files: importing its registry takes seconds.
        return definition(self.settings.task, *self.folders()).kind == "group"

    def folders(self) -> tuple[Path, ...]:
        """Return the folders of definitions, the user's own first, as in lm-eval. Raises
        UsageError for a folder that does not exist."""
        if not self.settings.include_path:
            return (home(),)
        folder = Path(self.settings.include_path).expanduser().resolve()
        if not folder.is_dir():
            raise UsageError(
                f"There is no folder {folder}, which {self.label}.include_path names.",
                "Set it to the folder with the task's YAML file.",
            )
        return folder, home()

    def leaves(self) -> Sequence[Leaf]:
        return list(leaves(self.settings.task, *self.folders()))

    def source(self, data: Data, leaves: Sequence[Leaf]) -> QuestionSource:
        """As for every eval, but files that a definition itself names are read where it says."""
        files = {leaf.name: definition_files(leaf) for leaf in leaves}
        undefined = [leaf for leaf in leaves if files[leaf.name] is None]
        rest = super().source(data, undefined) if undefined else None
        by_task = {name: paths for name, paths in files.items() if paths is not None}
        return DefinitionFiles(by_task, rest) if by_task or rest is None else rest

    def asks(self, data: Data, limit: int | None) -> Mapping[str, Any]:
        """Beside what every eval says: the user's own definitions, and the code beside them."""
        asks = super().asks(data, limit)
        folder = self.folders()[0]
        if folder == home():
            return asks
        # Functions in a definition (`!function`) live in Python files beside it and decide the
        # result too.
        mine = [leaf for leaf in self.leaves() if leaf.file.is_relative_to(folder)]
        code = {f for leaf in mine for f in leaf.file.parent.rglob("*.py")}
        return {
            **asks,
            "definitions": {leaf.name: json.dumps(leaf.settings, default=str) for leaf in mine},
            "code": {str(file.relative_to(folder)): content(file) for file in sorted(code)},
        }

    def requests(self, tasks: int, limit: int | None) -> int:
        """Return 0: the number is unknown before the questions are read."""
        return 0
