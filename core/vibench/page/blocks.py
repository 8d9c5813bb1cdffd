"""Transcripts as pages hold them: columns, in blocks that the script opens when needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from vibench.page.facts import Facts
from vibench.page.harm import TranscriptView
from vibench.text import clean

__all__ = ["Block", "blocks", "body_of", "line_of"]

ROWS = 400
CHARACTERS = 1_000_000
"""A block ends after so many rows, or once its texts are this long."""
SNIPPET = 140


@dataclass(frozen=True, slots=True)
class Block:
    """Transcripts: their `lines` in lists, and their `bodies` for when one is open."""

    lines: list[list[Any]]
    bodies: list[list[Any]]


def blocks(transcripts: Iterable[TranscriptView], facts: Facts) -> Iterator[Block]:
    """Yield a set's transcripts in blocks."""
    # Short transcripts fill a block by number, long conversations by size.
    block, length = Block([], []), 0
    for transcript in transcripts:
        block.lines.append(line_of(transcript, facts))
        block.bodies.append(body_of(transcript))
        length += sum(len(text or "") for _, text in (*transcript.messages, *transcript.thoughts))
        if len(block.lines) == ROWS or length > CHARACTERS:
            yield block
            block, length = Block([], []), 0
    if block.lines:
        yield block


def line_of(transcript: TranscriptView, facts: Facts) -> list[Any]:
    """Return [sample, state, beginning of the answer, numbers of its facts]. The state is 0, 1 if
    it is folded, 2 if it is left out, 3 if there is an error in place of an answer."""
    state = 2 if transcript.left_out else 1 if transcript.folded else 3 if transcript.error else 0
    answers = transcript.messages[transcript.prompt_messages :]
    answer = next((text for role, text in answers if role == "assistant"), None)
    # The list must not show what is folded until someone opens it.
    text = "" if state in (1, 2) else transcript.error or answer or ""
    # Cut first: answers may be long, and only their beginning is cleaned.
    snippet = clean(text[: 4 * SNIPPET], SNIPPET)
    return [clean(transcript.sample, 300), state, snippet, facts.of(transcript)]


def body_of(transcript: TranscriptView) -> list[Any]:
    """Return [messages, number of prompt messages, cluster, facts about the sample, finish, error,
    tokens, verdicts, outcomes, (answers cut off, answers), thoughts].

    Verdicts are [judge, rubric, turn, labels, unscored, explanation], outcomes [judge, metric,
    value, unscored, turn], and thoughts [number of the message it led to, text].
    """
    return [
        transcript.messages,
        transcript.prompt_messages,
        transcript.cluster,
        transcript.about,
        transcript.finish,
        transcript.error,
        transcript.tokens,
        [
            [judge, v.rubric, v.turn, v.labels, v.unscored, v.explanation]
            for judge, v in transcript.verdicts
        ],
        [[j, o.metric, o.value, o.unscored, o.turn] for j, o in transcript.outcomes],
        transcript.cut_off,
        transcript.thoughts,
    ]
