"""Facts to find transcripts by: answers to questions, each with a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from vibench.page.harm import TranscriptView
from vibench.records import Outcome, Verdict
from vibench.report.phrases import metric_words
from vibench.text import clean

__all__ = ["Facts"]

NONE = "none of them"


class Facts:
    """The facts of the sets read so far. A question is a rubric or a metric, of one judge."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str, str], int] = {}
        self._counts: list[int] = []
        self._counting = True

    def uncounted(self) -> Facts:
        """Return the same facts with the same numbers, for a set that was counted before."""
        facts = Facts()
        # Shared, not copied: a set read again must get the same numbers.
        facts._known, facts._counts, facts._counting = self._known, self._counts, False
        return facts

    def of(self, transcript: TranscriptView) -> list[int]:
        """Return the numbers of a transcript's facts."""
        numbers = sorted(set(self._numbers(transcript)))
        for number in numbers if self._counting else ():
            self._counts[number] += 1
        return numbers

    def rows(self) -> list[list[Any]]:
        """Return [kind, judge, question, answer, count] of each fact, by number."""
        return [[*fact, self._counts[i]] for fact, i in self._known.items()]

    def __len__(self) -> int:
        return len(self._known)

    def _numbers(self, transcript: TranscriptView) -> Iterator[int]:
        for judge, verdict in transcript.verdicts:
            for answer in _answers(verdict):
                yield self._number("verdict", judge, verdict.rubric, answer)
        for judge, outcome in transcript.outcomes:
            yield self._number("metric", judge, _words(outcome.metric), _score(outcome))

    def _number(self, *fact: str) -> int:
        assert len(fact) == 4
        # Numbers never change once given: the page filters by them while sets are still read.
        number = self._known.setdefault(fact, len(self._known))
        if number == len(self._counts):
            self._counts.append(0)
        return number


def _answers(verdict: Verdict) -> Sequence[str]:
    if verdict.unscored is not None:
        return [_unscored(verdict.unscored)]
    return [_label(label) for label in verdict.labels] or [NONE]


def _score(outcome: Outcome) -> str:
    if outcome.value is None:
        return _unscored(outcome.unscored or "no cause given")
    # Facts are filters: every further number would become a filter of its own.
    return {1.0: "1", 0.0: "0"}.get(outcome.value, "another score")


@lru_cache(maxsize=1 << 16)
def _label(label: str) -> str:
    return clean(label, 80)


@lru_cache(maxsize=1 << 12)
def _words(metric: str) -> str:
    return metric_words(metric, brief=False)


@lru_cache(maxsize=1 << 12)
def _unscored(cause: str) -> str:
    """Return a cause without its details, so that causes that differ in them are one."""
    return f"unscored: {clean(cause.partition(':')[0], 60)}"
