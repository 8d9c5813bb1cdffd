"""Transcripts as pages hold them: columns, in blocks that are opened when they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from vibench.page.facts import Facts
from vibench.page.harm import Shown
from vibench.text import clean

__all__ = ["Block", "blocks", "body_of", "line_of"]

ROWS = 400
CHARACTERS = 1_000_000
"""A block ends after so many rows, or once its texts are this long."""
SNIPPET = 140


@dataclass(frozen=True, slots=True)
class Block:
    """What lists need (`lines`) and what an open transcript needs (`bodies`)."""

    lines: list[list[Any]]
    bodies: list[list[Any]]


def blocks(shown: Iterable[Shown], facts: Facts) -> Iterator[Block]:
    """Cut a set's transcripts into blocks."""
    block, length = Block([], []), 0
    for one in shown:
        block.lines.append(line_of(one, facts))
        block.bodies.append(body_of(one))
        length += sum(len(text or "") for _, text in (*one.messages, *one.thoughts))
        if len(block.lines) == ROWS or length > CHARACTERS:
            yield block
            block, length = Block([], []), 0
    if block.lines:
        yield block


def line_of(one: Shown, facts: Facts) -> list[Any]:
    """[sample, state, beginning of the answer, numbers of its facts]. The state is 0, 1 if it
    is folded, 2 if it is left out, 3 if there is an error in place of an answer."""
    state = 2 if one.left_out else 1 if one.folded else 3 if one.error else 0
    answer = next((text for role, text in one.messages[one.asked :] if role == "assistant"), None)
    snippet = "" if state in (1, 2) else clean((one.error or answer or "")[: 4 * SNIPPET], SNIPPET)
    return [clean(one.sample, 300), state, snippet, facts.of(one)]


def body_of(one: Shown) -> list[Any]:
    """[messages, how many of them ask, cluster, facts about the sample, finish, error, tokens,
    verdicts, outcomes, how many of how many answers were cut off, thoughts]; verdicts are [judge,
    rubric, turn, labels, unscored, explanation], outcomes [judge, metric, value, unscored, turn]
    and thoughts [which message it led to, text]."""
    return [
        one.messages,
        one.asked,
        one.cluster,
        one.about,
        one.finish,
        one.error,
        one.tokens,
        [[j, v.rubric, v.turn, v.labels, v.unscored, v.explanation] for j, v in one.verdicts],
        [[j, o.metric, o.value, o.unscored, o.turn] for j, o in one.outcomes],
        one.cut_off,
        one.thoughts,
    ]
