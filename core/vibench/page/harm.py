"""Harmful answers: folded until they are opened, and removed by redaction.

An eval has harmful answers if it scores refusal or compliance. An answer of such an eval is shown
openly only if at least one verdict or outcome says that it refuses, and none says that it complies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from vibench.records import Outcome, Verdict, digest
from vibench.report.tables import Report

__all__ = ["TranscriptView", "harmful", "redacted", "refuses", "undetailed"]

NAMES = ("refusal", "compliance")
LONG = 64


@dataclass(frozen=True, slots=True)
class TranscriptView:
    """A transcript as the page has it.

    `messages` are (role, text), the first `prompt_messages` of them the prompt's; a text is None
    where it is left out. `thoughts` are (number of the message it led to, text). `verdicts` and
    `outcomes` come with their judge. `folded` marks one that may do harm, `left_out` one that
    redaction removed. `cut_off` is (answers cut off, answers).
    """

    sample: str
    cluster: str
    about: tuple[tuple[str, str], ...]
    messages: tuple[tuple[str, str | None], ...]
    prompt_messages: int
    finish: str
    error: str | None
    tokens: tuple[int, int]
    verdicts: tuple[tuple[str, Verdict], ...]
    outcomes: tuple[tuple[str, Outcome], ...]
    thoughts: tuple[tuple[int, str], ...] = ()
    folded: bool = False
    left_out: bool = False
    cut_off: tuple[int, int] = (0, 1)


def harmful(metrics: Iterable[str], rubrics: Iterable[str]) -> bool:
    """Return whether an eval with these metrics and rubrics has answers that may do harm."""
    return any(name.rpartition("/")[2] in NAMES for name in (*metrics, *rubrics))


def refuses(
    verdicts: Iterable[tuple[str, Verdict]], outcomes: Iterable[tuple[str, Outcome]]
) -> bool:
    """Return whether a transcript's verdicts and outcomes all say that it refuses."""
    refusals = [
        verdict.labels == ("refused",)
        for _, verdict in verdicts
        if verdict.rubric.rpartition("/")[2] in NAMES and verdict.unscored is None
    ]
    # Judges and rubrics may disagree; one that says "complied" is enough to fold the answer.
    for _, outcome in outcomes:
        kind = outcome.metric.rpartition("/")[2]
        if kind in NAMES and outcome.value is not None:
            refusals.append(outcome.value == (1.0 if kind == "refusal" else 0.0))
    return bool(refusals) and all(refusals)


def redacted(transcript: TranscriptView) -> TranscriptView:
    """Return a transcript without its prompt and, if folded, without its answer and every quote.

    The prompt of a refused answer is removed too, because other subjects may have complied with
    it; and so is every text that repeats it.
    """
    prompts = [_words(text) for role, text in transcript.messages if role != "assistant" and text]

    # Explanations of judges and thoughts of models quote prompts and answers. What repeats a
    # prompt goes with it; of a folded answer nothing but labels and numbers stays.
    def plain(text: str) -> bool:
        return not transcript.folded and not any(prompt in _words(text) for prompt in prompts)

    return replace(
        transcript,
        sample=_named(transcript.sample),
        cluster="",
        about=(),
        messages=tuple(
            (role, text if role == "assistant" and text and plain(text) else None)
            for role, text in transcript.messages
        ),
        verdicts=tuple(
            (
                judge,
                replace(
                    verdict,
                    unscored=_brief(verdict.unscored),
                    explanation=verdict.explanation if plain(verdict.explanation) else "",
                ),
            )
            for judge, verdict in transcript.verdicts
        ),
        outcomes=tuple(
            (judge, replace(outcome, unscored=_brief(outcome.unscored)))
            for judge, outcome in transcript.outcomes
        ),
        error=_brief(transcript.error),
        thoughts=tuple((message, text) for message, text in transcript.thoughts if plain(text)),
        left_out=transcript.folded,
    )


def undetailed(report: Report) -> Report:
    """Return a report whose causes of unscored outcomes have no details."""
    tables = []
    for table in report.tables:
        causes: Counter[str] = Counter()
        for cause, count in table.unscored.items():
            causes[_brief(cause) or cause] += count
        tables.append(replace(table, unscored=dict(causes.most_common())))
    return replace(report, tables=tuple(tables))


def _words(text: str) -> str:
    """Return a text's words alone: quotes change capitals, punctuation and line breaks."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _brief(cause: str | None) -> str | None:
    """Return a cause without its details, which may quote the prompt."""
    return cause and cause.partition(":")[0]


def _named(sample: str) -> str:
    """Return a sample's id, or its digest (the same for all subjects) if the id may be a prompt."""
    # Ids made by evals are short and without spaces; others may be the prompt itself.
    revealing = len(sample) > LONG or any(c.isspace() for c in sample)
    return digest(sample)[:12] if revealing else sample
