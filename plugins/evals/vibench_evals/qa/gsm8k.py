"""GSM8K by lm-eval (Cobbe et al., 2021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vibench import Data
from vibench_evals.qa.plugin import QA, within
from vibench_evals.qa.settings import Examples, Prompting, Writing
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

__all__ = ["GSM8K"]

QUESTIONS = 1_319


class GSM8K(QA):
    """School mathematics in words; the number that a written solution ends on."""

    label = "gsm8k"
    group = False
    metrics = ("exact_match,strict-match", "exact_match,flexible-extract")

    @dataclass(frozen=True, kw_only=True)
    class Parameters(Writing, Examples, Prompting):
        pass

    def leaves(self) -> Sequence[Leaf]:
        return within("gsm8k", "gsm8k")

    def requests(self, tasks: int, limit: int | None) -> int:
        return QUESTIONS if limit is None else min(QUESTIONS, limit)

    def local(self, data: Data, leaves: Sequence[Leaf]) -> QuestionSource:
        """Worked examples are drawn from `train`."""
        assert data.folder is not None
        files = SplitFiles(data, "gsm8k")
        # Without a file of our own form, the folder may hold the data set as the hub has it.
        if files.optional("test") is None and holds(data.folder, leaves[0].dataset):
            return snapshot(data.folder, leaves)
        paths = {split: files.split(split) for split in ("test", "train")}

        def build(leaf: Leaf) -> Mapping[str, Sequence[HubRow]]:
            kinds = {"question": str, "answer": str}
            return {split: rows_json(path, kinds) for split, path in paths.items()}

        return QuestionRows({f"gsm8k/{split}": path for split, path in paths.items()}, build)
