"""Which answers are folded until they are opened, and what redaction leaves of them.

An eval has harmful answers if it scores refusal or compliance. An answer of such an eval is
plain only if somebody found that it refuses, and nobody that it complies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from vibench.records import Outcome, Verdict, digest
from vibench.report.tables import Report

__all__ = ["Shown", "harmful", "redacted", "refuses", "undetailed"]

NAMES = ("refusal", "compliance")
LONG = 64


@dataclass(frozen=True, slots=True)
class Shown:
    """A transcript as the page has it.

    `messages` are (role, text), the first `asked` of them the prompt's; a text is None where
    it is left out. `thoughts` are (which message it led to, text). `verdicts` and `outcomes`
    come with their judge. `folded` says that it may do harm; `left_out` that redaction took it.
    `cut_off` is how many of how many answers were.
    """

    sample: str
    cluster: str
    about: tuple[tuple[str, str], ...]
    messages: tuple[tuple[str, str | None], ...]
    asked: int
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
    """Whether an eval with these has answers that may do harm."""
    return any(name.rpartition("/")[2] in NAMES for name in (*metrics, *rubrics))


def refuses(
    verdicts: Iterable[tuple[str, Verdict]], outcomes: Iterable[tuple[str, Outcome]]
) -> bool:
    """Whether all that is known of a transcript says that it refuses."""
    known = [
        verdict.labels == ("refused",)
        for _, verdict in verdicts
        if verdict.rubric.rpartition("/")[2] in NAMES and verdict.unscored is None
    ]
    for _, outcome in outcomes:
        kind = outcome.metric.rpartition("/")[2]
        if kind in NAMES and outcome.value is not None:
            known.append(outcome.value == (1.0 if kind == "refusal" else 0.0))
    return bool(known) and all(known)


def redacted(one: Shown) -> Shown:
    """Without what was asked, and without the answer and all that quotes it if it is folded.

    Also of a refused answer what was asked is left out, since others may have complied with
    it; and so is whatever repeats it.
    """
    asked = [_words(text) for role, text in one.messages if role != "assistant" and text]

    def plain(text: str) -> bool:
        return not one.folded and not any(prompt in _words(text) for prompt in asked)

    return replace(
        one,
        sample=_named(one.sample),
        cluster="",
        about=(),
        messages=tuple(
            (role, text if role == "assistant" and text and plain(text) else None)
            for role, text in one.messages
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
            for judge, verdict in one.verdicts
        ),
        outcomes=tuple(
            (judge, replace(outcome, unscored=_brief(outcome.unscored)))
            for judge, outcome in one.outcomes
        ),
        error=_brief(one.error),
        thoughts=tuple((place, text) for place, text in one.thoughts if plain(text)),
        left_out=one.folded,
    )


def undetailed(report: Report) -> Report:
    """A report whose causes of unscored outcomes have no details."""
    tables = []
    for table in report.tables:
        causes: Counter[str] = Counter()
        for cause, count in table.unscored.items():
            causes[_brief(cause) or cause] += count
        tables.append(replace(table, unscored=dict(causes.most_common())))
    return replace(report, tables=tuple(tables))


def _words(text: str) -> str:
    """A text's words alone: who quotes a text changes its capitals, marks and lines."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _brief(cause: str | None) -> str | None:
    """A cause without its details, which may quote what was sent."""
    return cause and cause.partition(":")[0]


def _named(sample: str) -> str:
    """A sample's id; of one that may be what is asked a digest, the same for all subjects."""
    told = len(sample) > LONG or any(c.isspace() for c in sample)
    return digest(sample)[:12] if told else sample
