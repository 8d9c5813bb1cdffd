"""The base of all QA evals: they plan without lm-eval, and measure with it."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from vibench import (
    Data,
    Eval,
    Measuring,
    Outcome,
    Transcript,
    UsageError,
    Verdict,
    require_packages,
)
from vibench_evals.qa.settings import TaskSettings
from vibench_evals.qa.sources import Hub, QuestionSource, snapshot
from vibench_evals.qa.tasks import Leaf, home, leaves, lm_eval_version

__all__ = ["QA", "within"]


class QA(Eval):
    """An eval that lm-evaluation-harness asks and scores."""

    measures = True
    version: ClassVar[str] = "2"
    names: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """New names of metrics by task, where tasks share lm-eval's name."""
    group: bool = True
    """True to cluster errors by task. If false, or with a single task, each question is its
    own cluster."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.format = TaskSettings.of(self.settings)

    @property
    @abstractmethod
    def label(self) -> str:
        """The name on the command line."""

    @abstractmethod
    def leaves(self) -> Sequence[Leaf]:
        """lm-eval's tasks. Raises UnknownName."""

    @abstractmethod
    def requests(self, tasks: int, limit: int | None) -> int:
        """About how many requests there are; 0 if that is not known."""

    def local(self, data: Data, leaves: Sequence[Leaf]) -> QuestionSource:
        """The questions in the folder that the user names. Raises DataError."""
        assert data.folder is not None
        return snapshot(data.folder, leaves)

    def source(self, data: Data, leaves: Sequence[Leaf]) -> QuestionSource:
        """From the folder that the user names if one is, else from the hub."""
        if data.folder is not None:
            return self.local(data, leaves)
        return Hub(tuple(dict.fromkeys(leaf.dataset for leaf in leaves)))

    def asks(self, data: Data, limit: int | None) -> Mapping[str, Any]:
        """Return what determines the result beside the parameters. Raises MissingExtra,
        UnknownName, DataError, and UsageError for a task that cannot run here."""
        require_packages("lm_eval", "datasets", what=f"The eval '{self.label}'", extra="qa")
        leaves = self.leaves()
        for leaf in leaves:
            leaf.check()
        # Part of the key: with a single task each question is a cluster of its own, which changes
        # the standard errors and not the answers.
        alone = {"clusters": "question"} if self.group and len(leaves) == 1 else {}
        return {
            **alone,
            "lm_eval": lm_eval_version(),
            "tasks": [leaf.name for leaf in leaves],
            "data": self.source(data, leaves).identity,
            "limit": limit,
            "requests": self.requests(len(leaves), limit),
        }

    def measure(self, measuring: Measuring, data: Data, limit: int | None) -> Iterable[Transcript]:
        """A transcript for each question: the prompt as it was put, and the answer (of
        options the most likely one)."""
        if measuring.tokenizer is None:
            raise UsageError(
                f"The eval '{self.label}' sends tokens, which endpoints do not accept.",
                "Use --engine transformers or --engine vllm.",
            )
        # Imports lm-eval, which takes seconds, and only a run needs it.
        from vibench_evals.qa.requests import Question, ask

        leaves = self.leaves()
        source = self.source(data, leaves)
        group = self.group and len(leaves) > 1
        yield from ask(
            measuring,
            Question(self.label, leaves, source, self.format, limit, self.names, group),
        )

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        """lm-eval's metrics of the question, as numbers."""
        sample = transcript.sample
        metrics: dict[str, float | None] = json.loads(sample.data["metrics"])
        for metric, value in metrics.items():
            cause = transcript.error or ("not a finite number" if value is None else None)
            yield Outcome(sample.id, sample.cluster, metric, None if cause else value, cause)


def within(name: str, folder: str) -> list[Leaf]:
    """The tasks behind a name that is defined in one folder of lm-eval's."""
    return list(leaves(name, home() / folder))
