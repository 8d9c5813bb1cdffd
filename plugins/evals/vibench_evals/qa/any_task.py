"""Any task of lm-evaluation-harness: `lm-eval:arc_easy`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from vibench_evals.qa.plugin import QA
from vibench_evals.qa.settings import schema
from vibench_evals.qa.tasks import Leaf, definition, home, leaves

__all__ = ["AnyTask"]


class AnyTask(QA):
    """Any other task, group or tag that lm-eval has: lm-eval:TASK."""

    metrics = ("*",)
    parameters: ClassVar[Mapping[str, Any]] = {
        **schema(
            writes=True,
            task={
                "type": "string",
                "minLength": 1,
                "x-argument": True,
                "description": "lm-eval's name of a task, a group or a tag",
            },
        ),
        "required": ["task"],
    }

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.task: str = parameters["task"]

    @property
    def label(self) -> str:
        return f"lm-eval:{self.task}"

    @property
    def group(self) -> bool:  # type: ignore[override]
        """A group's tasks are parts of one thing, as MMLU's subjects; those of a tag are not."""
        return definition(self.task, home()).kind == "group"

    def leaves(self) -> Sequence[Leaf]:
        return list(leaves(self.task, home()))

    def requests(self, tasks: int, limit: int | None) -> int:
        """Not known before the questions are read."""
        return 0
