"""Answers of two judges to the same questions, counted by cluster while they are read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.preferences.values import normalise
from vibench.stats.paired_counts import Counts, PairedCounts
from vibench.stats.shares import Interval, Share, cluster_share, mean_score
from vibench.store.columns import read_parquet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vibench.plugins import Plugins

__all__ = [
    "AnswerShape",
    "JudgeAnswer",
    "LabelQuestion",
    "QuestionId",
    "RubricComparison",
    "RubricTally",
    "answers",
    "clusters",
    "named",
    "shapes",
]

QuestionId = tuple[str, str, int]
"""A question of one set of transcripts: sample, rubric, turn."""

NONE = "none"


@dataclass(frozen=True, slots=True)
class JudgeAnswer:
    """The labels of a verdict, by the names that `normalise` gives them, or why there are
    none. An empty set is an answer: none applies."""

    labels: frozenset[str]
    unscored: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerShape:
    """The answers that a rubric takes: one of `labels` or, if `several`, any number of them;
    `labels` is None where any may be named."""

    labels: tuple[str, ...] | None
    several: bool


@dataclass(frozen=True, slots=True)
class LabelQuestion:
    """Is this label among the answers? As both judges answered, by cluster."""

    label: str
    paired: PairedCounts


@dataclass(frozen=True, slots=True)
class RubricComparison:
    """Two judges on one rubric of one eval.

    `total` questions were put to both; `unscored` and `causes` are each one's. `jaccard` is
    the mean over the label sets that both scored (1 where both are empty), None where a
    single label is asked for. `seldom` labels were named too seldom to be a question.
    """

    eval: str
    rubric: str
    total: int
    scored: int
    unscored: tuple[Share, Share]
    causes: tuple[Mapping[str, int], Mapping[str, int]]
    questions: tuple[LabelQuestion, ...]
    jaccard: Interval | None
    seldom: int


@dataclass(slots=True)
class _Cluster:
    total: int = 0
    unscored: list[int] = field(default_factory=lambda: [0, 0])
    scored: int = 0
    jaccard: float = 0.0


class RubricTally:
    """One rubric of one eval while it is counted."""

    def __init__(self) -> None:
        self.clusters: defaultdict[str, _Cluster] = defaultdict(_Cluster)
        self.labels: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(
            lambda: defaultdict(lambda: [0, 0, 0])
        )
        self.causes: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self.single = True

    def add(self, cluster: str, first: JudgeAnswer, second: JudgeAnswer) -> None:
        """Count both answers to one question."""
        counts = self.clusters[cluster]
        counts.total += 1
        unscored = False
        for n, answer in enumerate((first, second)):
            if answer.unscored is not None:
                counts.unscored[n] += 1
                self.causes[n][answer.unscored.partition(":")[0]] += 1
                unscored = True
        if unscored:
            return
        counts.scored += 1
        # Two empty sets agree fully.
        union, common = first.labels | second.labels, first.labels & second.labels
        counts.jaccard += len(common) / len(union) if union else 1.0
        # As long as both always give exactly one label, it looks like a choice of one.
        self.single = self.single and len(first.labels) == len(second.labels) == 1
        for label in union:
            # 0: both named it, 1: only the first, 2: only the second.
            which = 0 if label in common else 1 if label in first.labels else 2
            self.labels[label][cluster][which] += 1

    def compared(
        self, evaluation: str, rubric: str, shape: AnswerShape | None, minimum: int
    ) -> RubricComparison:
        """Return the counts of a rubric.

        `shape` is None where the eval is gone: then it is inferred from the answers. Of label
        sets, labels are questions that either judge named at least `minimum` times."""
        seen = tuple(sorted(self.labels))
        shape = shape or AnswerShape(seen if self.single else None, not self.single)
        labels = self._asked_about(shape, minimum)
        total = self._column([c.total for c in self.clusters.values()])
        scored = self._column([c.scored for c in self.clusters.values()])
        unscored = [self._column([c.unscored[n] for c in self.clusters.values()]) for n in (0, 1)]
        sums = self._column([c.jaccard for c in self.clusters.values()])
        return RubricComparison(
            evaluation,
            rubric,
            int(total.sum()),
            int(scored.sum()),
            (cluster_share(unscored[0], total), cluster_share(unscored[1], total)),
            self.causes,
            tuple(LabelQuestion(label, self.paired(label)) for label in labels),
            mean_score(sums, scored) if shape.several else None,
            len(set(seen) - set(labels)) if shape.several else 0,
        )

    def _asked_about(self, shape: AnswerShape, minimum: int) -> Sequence[str]:
        """One of two labels is enough: that there is `yes`, or the last one listed."""
        # Of open label sets only frequent labels are compared: a label named once says nothing
        # about agreement.
        if shape.several or shape.labels is None:
            often = {
                label: max(sum(c[0] + c[n] for c in by.values()) for n in (1, 2))
                for label, by in self.labels.items()
            }
            return sorted((n for n in often if often[n] >= minimum), key=lambda n: (-often[n], n))
        if len(shape.labels) == 2:
            return ("yes",) if "yes" in shape.labels else shape.labels[-1:]
        return shape.labels

    def paired(self, label: str) -> PairedCounts:
        by: Mapping[str, Sequence[int]] = self.labels.get(label, {})
        rows = []
        for name, cluster in self.clusters.items():
            if cluster.scored:
                # The cluster's scored answers that neither judge gave the label to are the rest.
                both, first, second = by.get(name, (0, 0, 0))
                rows.append(Counts(both, first, second, cluster.scored - both - first - second))
        return PairedCounts.of(rows)

    @staticmethod
    def _column(numbers: Sequence[float]) -> NDArray[np.float64]:
        import numpy as np

        return np.array(numbers, dtype=float)


def shapes(
    plugins: Plugins, config: Mapping[str, Any], transcripts: Path
) -> dict[str, AnswerShape]:
    """The rubrics of an eval (its part of a stage's spec) with the answers they take, as the
    eval itself says; empty if its plugin is gone."""
    from vibench.store.record_tables import read_transcripts

    try:
        evaluation = plugins.build("eval", config["name"], config["asked"])
    except UsageError:
        return {}
    answer_shapes: dict[str, AnswerShape] = {}
    for transcript in read_transcripts(transcripts):
        if transcript.error is None:
            try:
                rubrics = list(evaluation.rubrics(transcript))
            except Exception:  # Its sample is unscored, and another one shows the rubric.
                continue
            for rubric in rubrics:
                labels = rubric.labels
                normalised = None if labels is None else tuple(map(spelt, labels))
                answer_shapes.setdefault(rubric.name, AnswerShape(normalised, rubric.several))
        # Rubrics are the same for all transcripts in most evals: stop as soon as each was seen.
        if set(evaluation.rubric_names) <= answer_shapes.keys():
            break
    return answer_shapes


def answers(path: Path) -> Iterator[tuple[QuestionId, JudgeAnswer]]:
    """The rows of a `verdicts.parquet`."""
    names = ["sample", "rubric", "turn", "labels", "unscored"]
    table = read_parquet(path, names)
    columns = (table[name].to_pylist() for name in names)
    for sample, rubric, turn, labels, unscored in zip(*columns, strict=True):
        yield (sample, rubric, turn), JudgeAnswer(named(labels), unscored)


def clusters(path: Path) -> dict[str, str]:
    """The cluster of each sample of a `transcripts.parquet`."""
    table = read_parquet(path, ["sample", "cluster"])
    return dict(zip(table["sample"].to_pylist(), table["cluster"].to_pylist(), strict=True))


def named(labels: Sequence[str]) -> frozenset[str]:
    """Labels as they are compared; `none` is the empty set."""
    return frozenset(map(spelt, labels)) - {NONE, ""}


@lru_cache(maxsize=1 << 16)
def spelt(label: str) -> str:
    return normalise(label)
