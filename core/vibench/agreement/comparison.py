"""Two judges over the transcripts that both have judged, or one and people's labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.agreement.counts import (
    AnswerShape,
    JudgeAnswer,
    QuestionId,
    RubricComparison,
    RubricTally,
    answers,
    clusters,
    shapes,
)
from vibench.agreement.judges import JudgeId, StoredVerdicts, choose, judged, newest
from vibench.agreement.labels import PeopleLabels, assigned
from vibench.errors import StoreError, UsageError
from vibench.stages.transcripts import TranscriptsSpec
from vibench.stages.verdicts import VerdictsSpec
from vibench.store.artefacts import CorruptArtefact

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["MINIMUM", "JudgeComparison", "RubricComparison", "against_labels", "between"]

MINIMUM = 10
"""How often a label must be named, by either judge, to be compared for itself."""


@dataclass(frozen=True, slots=True)
class JudgeComparison:
    """The answers of two sides on `sets` sets of transcripts (one per subject and eval).

    `unmatched` questions have a verdict of one judge only. `unknown` counts, by cause, the
    rows of people's labels that are of nothing in the store.
    """

    first: str
    second: str
    sets: int
    rubrics: tuple[RubricComparison, ...]
    unmatched: int = 0
    unknown: Mapping[str, int] | None = None


def between(
    store: Store, plugins: Plugins, first: str, second: str, run: str, minimum: int = MINIMUM
) -> tuple[JudgeComparison, JudgeId, JudgeId]:
    """Compare two judges over what both judged in a run (in the store unless named).

    Raises UsageError: a judge that is unknown, has judged nothing or answers to a name of
    several; judges without transcripts in common; StoreError for a damaged artefact.
    """
    stored = judged(store, plugins, run)
    where = f"in the run {run}" if run else f"in the store {store.root}"
    judges = {verdicts.judge for verdicts in stored}
    ids = (choose(judges, first, plugins, where), choose(judges, second, plugins, where))
    if ids[0] == ids[1]:
        raise UsageError(
            f"'{first}' and '{second}' are the same judge, {ids[0]}.", "Name two different judges."
        )
    first_verdicts, second_verdicts = newest(stored, ids[0]), newest(stored, ids[1])
    shared = [key for key in first_verdicts if key in second_verdicts]
    if not shared:
        raise UsageError(
            f"{ids[0]} and {ids[1]} have judged no transcripts in common {where}.",
            "Have both judge the same answers, which are not generated again: vibench run ... "
            f"--judge {','.join(sorted({i.name for i in ids}))}",
        )
    count = _Count(store, plugins)
    unmatched = 0
    # Set by set, so that the answers of one set of transcripts are in memory at a time.
    for key in shared:
        before = dict(answers(_file(store, VerdictsSpec.kind, first_verdicts[key].verdicts)))
        matched = 0
        for question, answer in count.rows(second_verdicts[key]):
            # Judges may be asked different rubrics; those have no counterpart and are reported.
            if question in before:
                matched += 1
                count.add(second_verdicts[key], question, before[question], answer)
            else:
                unmatched += 1
        unmatched += len(before) - matched
    # Two judges that differ in parameters alone need their keys to be told apart.
    labels = tuple(i.full if str(ids[0]) == str(ids[1]) else str(i) for i in ids)
    comparison = JudgeComparison(
        labels[0], labels[1], len(shared), count.compared(minimum), unmatched
    )
    return comparison, ids[0], ids[1]


def against_labels(
    store: Store, plugins: Plugins, judge: str, path: Path, run: str, minimum: int = MINIMUM
) -> JudgeComparison:
    """Compare a judge with people's labels in a file; the people come first.

    Raises as `between` does, and DataError for a file with a broken row or without a row
    of what this judge judged.
    """
    labels = PeopleLabels.read(path)
    stored = judged(store, plugins, run)
    where = f"in the run {run}" if run else f"in the store {store.root}"
    chosen = choose({one.judge for one in stored}, judge, plugins, where)
    verdicts = newest(stored, chosen)
    questions = {
        key: {question for question, _ in answers(_file(store, VerdictsSpec.kind, one.verdicts))
              if question[0] in labels.samples}
        for key, one in verdicts.items()
    }  # fmt: skip
    # People label transcripts by sample, rubric and turn; find the set that each row is of.
    by_set, unknown = assigned(labels, questions, str(chosen), where)
    count = _Count(store, plugins)
    for key, people_labels in by_set.items():
        for question, answer in count.rows(verdicts[key]):
            if question in people_labels:
                count.add(verdicts[key], question, JudgeAnswer(people_labels[question]), answer)
    compared = count.compared(minimum)
    return JudgeComparison("people", str(chosen), len(by_set), compared, unknown=unknown)


class _Count:
    """The tallies of all rubrics of all evals."""

    def __init__(self, store: Store, plugins: Plugins) -> None:
        self.store, self.plugins = store, plugins
        self.tallies: dict[tuple[str, str], RubricTally] = {}
        self.shapes: dict[str, dict[str, AnswerShape]] = {}
        self.clusters: dict[str, str] = {}
        self.of = ""

    def rows(self, verdicts: StoredVerdicts) -> list[tuple[QuestionId, JudgeAnswer]]:
        """A judge's answers on one set of transcripts, whose clusters are read too."""
        transcripts = _file(self.store, TranscriptsSpec.kind, verdicts.transcripts)
        self.clusters = clusters(transcripts)
        name = str(verdicts.eval["name"])
        if name not in self.shapes:
            self.shapes[name] = shapes(self.plugins, verdicts.eval, transcripts)
        return list(answers(_file(self.store, VerdictsSpec.kind, verdicts.verdicts)))

    def add(
        self,
        verdicts: StoredVerdicts,
        question: QuestionId,
        first: JudgeAnswer,
        second: JudgeAnswer,
    ) -> None:
        key = (str(verdicts.eval["name"]), question[1])
        if key not in self.tallies:
            self.tallies[key] = RubricTally()
        self.tallies[key].add(self.clusters[question[0]], first, second)

    def compared(self, minimum: int) -> tuple[RubricComparison, ...]:
        return tuple(
            tally.compared(evaluation, rubric, self.shapes[evaluation].get(rubric), minimum)
            for (evaluation, rubric), tally in self.tallies.items()
        )


def _file(store: Store, kind: str, key: str) -> Path:
    """The table of an artefact, checked. Raises StoreError if it is damaged or gone."""
    try:
        return store.open(kind, key).file(f"{kind}.parquet")
    except CorruptArtefact as error:
        raise StoreError(
            f"The stored {kind} {key[:12]} cannot be read ({error.message.rstrip('.')}).",
            "Run the command that made them again; intact results are kept.",
        ) from error
