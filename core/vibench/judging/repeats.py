"""Repeats: a question asked several times, the keys of its repeats, and their combination."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from vibench.records import Outcome, Rubric, Verdict

__all__ = ["NO_MAJORITY", "averaged", "combined", "repeat_keys"]

OPEN_ENDED = "expression/"
"""Metrics of which an eval may record only those that it found (`Eval.metrics`)."""

NO_MAJORITY = "no majority"
"""The cause for a question with exactly one answer, if none has a majority of the repeats."""


def repeat_keys(key: str, repeats: int = 1, repeat: int = 0) -> tuple[str, ...]:
    """Return the keys of a question's repeats that a stage asks: of all `repeats`, or of the one
    with the index `repeat`."""
    # The first has the key of a question that is asked once: a run that adds repeats to an
    # earlier one pays only for the further ones.
    if repeat:
        return (f"{key}#{repeat}",)
    return (key, *(f"{key}#{i}" for i in range(1, repeats)))


def combined(
    rubric: Rubric, verdicts: Sequence[Verdict], spelling: Callable[[str], str] = str
) -> Verdict:
    """Combine the verdicts of a question's repeats into one.

    It has each label that more than half of the scored repeats have, in the order and the words
    in which they first come, with the explanation of the first scored one. Labels of one
    `spelling` are one. It is unscored if no repeat
    is scored, with the cause of the first; and with `NO_MAJORITY` if the question has exactly one
    answer and none has more than half.
    """
    scored = [v for v in verdicts if v.unscored is None]
    if not scored:
        return verdicts[0]
    # In reverse, so that the first wording stays.
    written = {spelling(label): label for v in reversed(scored) for label in reversed(v.labels)}
    votes = Counter(name for v in scored for name in dict.fromkeys(map(spelling, v.labels)))
    # Exactly half is not a majority: with two repeats it would make a label of every slip.
    labels = tuple(written[name] for name, n in votes.items() if 2 * n > len(scored))
    cause = None if labels or rubric.several else NO_MAJORITY
    return Verdict(rubric.name, rubric.turn, labels, cause, scored[0].explanation)


def averaged(repeats: Sequence[Sequence[Outcome]]) -> list[Outcome]:
    """Average one sample's outcomes over the repeats.

    Each metric and turn has the mean over the repeats that scored it, and is unscored with the
    first cause if none did.
    """
    grouped: dict[tuple[str, int], list[Outcome]] = {}
    for outcomes in repeats:
        for outcome in outcomes:
            grouped.setdefault((outcome.metric, outcome.turn), []).append(outcome)
    # An eval with open-ended metrics records only the values that it found. A repeat that found
    # some of a turn has looked for all of them there, so the others count as 0 in it: without
    # that, a value found once in three repeats would have the mean 1.
    searched = Counter(
        turn
        for outcomes in repeats
        for turn in {
            o.turn for o in outcomes if o.metric.startswith(OPEN_ENDED) and o.value is not None
        }
    )
    means = []
    for (metric, turn), outcomes in grouped.items():
        scores = [o.value for o in outcomes if o.value is not None]
        first = outcomes[0]
        if not scores:
            means.append(first)
            continue
        repeated = searched[turn] if metric.startswith(OPEN_ENDED) else len(scores)
        means.append(replace(first, value=math.fsum(scores) / repeated, unscored=None))
    return means
