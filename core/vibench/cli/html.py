"""Facts for a page that a report does not have: agreement of judges, and costs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from vibench.agreement.comparison import between
from vibench.agreement.counts import LabelQuestion
from vibench.agreement.judges import JudgeId, judged
from vibench.errors import UsageError
from vibench.estimates.costs import told
from vibench.page import JudgePair, QuestionAgreement, Supplement
from vibench.plugins import Plugins
from vibench.report.phrases import metric_words
from vibench.report.run_report import RunReport
from vibench.stats.agreement import agreement
from vibench.text import clean

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["supplement"]


def supplement(store: Store, collected: RunReport) -> Supplement:
    """Return the agreement of judges over the same transcripts, and each run's cost in words."""
    costs = {
        str(record["id"]): told(record["cost"])
        for record in collected.records
        if record.get("cost")
    }
    return Supplement(tuple(judge_pairs(store, collected)), costs)


def judge_pairs(store: Store, collected: RunReport) -> Iterator[JudgePair]:
    """Yield every two judges of each run that judged the same transcripts."""
    # Most runs have one judge: do not discover plugins for them.
    if len({cell.judge for cell in collected.cells}) < 2:
        return
    plugins = Plugins.discover()
    for record in collected.records:
        run = str(record["id"])
        have: dict[JudgeId, set[str]] = {}
        for judgment in judged(store, plugins, run):
            have.setdefault(judgment.judge, set()).add(judgment.transcripts)
        for first, second in combinations(sorted(have), 2):
            # Judges of different evals have nothing in common to compare.
            if have[first] & have[second]:
                yield _judge_pair(store, plugins, first, second, run)


def _judge_pair(
    store: Store, plugins: Plugins, first: JudgeId, second: JudgeId, run: str
) -> JudgePair:
    try:
        compared, _, _ = between(store, plugins, first.full, second.full, run)
    # A page without this pair is still worth writing: it shows the reason.
    except UsageError as error:
        return JudgePair(str(first), str(second), 0, (), clean(str(error), 400))
    names = (compared.first, compared.second)
    rows = tuple(
        _agreed(comparison.eval, comparison.rubric, question, names)
        for comparison in compared.rubrics
        for question in comparison.questions
    )
    return JudgePair(clean(names[0]), clean(names[1]), compared.sets, rows)


def _agreed(
    evaluation: str, rubric: str, question: LabelQuestion, names: tuple[str, str]
) -> QuestionAgreement:
    agreed = agreement(question.paired, names)
    words = metric_words(rubric)
    return QuestionAgreement(
        clean(evaluation),
        words if question.label == "yes" else f"{words}: {clean(question.label)}",
        agreed.agreement.of,
        agreed.agreement.clusters,
        (agreed.agreement.value, agreed.agreement.low, agreed.agreement.high),
        (agreed.kappa.value, agreed.kappa.low, agreed.kappa.high),
        clean(agreed.kappa.reason),
        agreed.first.value,
        agreed.second.value,
    )
