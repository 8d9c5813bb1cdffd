"""What a page says that only the executing side can tell: how judges agree, what was paid."""

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
    """How far judges agree over the same transcripts, and each run's cost in words."""
    costs = {
        str(record["id"]): told(record["cost"])
        for record in collected.records
        if record.get("cost")
    }
    return Supplement(tuple(judge_pairs(store, collected)), costs)


def judge_pairs(store: Store, collected: RunReport) -> Iterator[JudgePair]:
    """Every two judges of each run that judged the same transcripts."""
    if len({cell.judge for cell in collected.cells}) < 2:
        return
    plugins = Plugins.discover()
    for record in collected.records:
        run = str(record["id"])
        have: dict[JudgeId, set[str]] = {}
        for one in judged(store, plugins, run):
            have.setdefault(one.judge, set()).add(one.transcripts)
        for first, second in combinations(sorted(have), 2):
            if have[first] & have[second]:
                yield _judge_pair(store, plugins, first, second, run)


def _judge_pair(
    store: Store, plugins: Plugins, first: JudgeId, second: JudgeId, run: str
) -> JudgePair:
    try:
        compared, _, _ = between(store, plugins, first.full, second.full, run)
    except UsageError as error:
        return JudgePair(str(first), str(second), 0, (), clean(str(error), 400))
    names = (compared.first, compared.second)
    rows = tuple(
        _agreed(one.eval, one.rubric, question, names)
        for one in compared.found
        for question in one.questions
    )
    return JudgePair(clean(names[0]), clean(names[1]), compared.sets, rows)


def _agreed(
    evaluation: str, rubric: str, question: LabelQuestion, names: tuple[str, str]
) -> QuestionAgreement:
    found = agreement(question.paired, names)
    words = metric_words(rubric)
    return QuestionAgreement(
        clean(evaluation),
        words if question.label == "yes" else f"{words}: {clean(question.label)}",
        found.agreement.of,
        found.agreement.clusters,
        (found.agreement.value, found.agreement.low, found.agreement.high),
        (found.kappa.value, found.kappa.low, found.kappa.high),
        clean(found.kappa.reason),
        found.first.value,
        found.second.value,
    )
