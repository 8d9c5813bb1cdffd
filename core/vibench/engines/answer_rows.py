"""Answers as token ids after the prompt that they answer.

The context of an answer is, token for token, the prompt that is asked. Chat templates do not
give that by themselves: with an answer in the conversation some leave out what the prompt
ends with (a `<think>` that the template opens), some show the system text elsewhere or not at
all (Mistral's before version 7), and some put an empty thought or a channel before the answer.
There the answer is put after the asked prompt, with what the template puts after an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["AnswerFrame", "AnswerRow", "RenderingError"]


class RenderingError(ValueError):
    """A conversation that the chat template refuses, or an answer that does not fit its prompt."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """Token ids of a prompt and its answer; the first `start` are exactly the asked prompt.

    `onto_prompt`: the template alone would have rendered another context or another answer.
    `trimmed`: the template drops whitespace at an end of the answer. `within_thought`: the
    prompt opens a thought that the answer does not close, so that it stands within the thought.
    """

    ids: Sequence[int]
    start: int
    onto_prompt: bool = False
    trimmed: bool = False
    within_thought: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFrame:
    """The text that a chat template puts between a prompt and its answer (whitespace, or
    nothing), and after the answer."""

    lead: str
    end: str

    @classmethod
    def of(cls, prompt: str, whole: str, answer: str) -> AnswerFrame:
        """Read the frame off one conversation, rendered without and with an answer.

        Raises RenderingError if the template does not show the answer.
        """
        before, shown, end = whole.rpartition(answer)
        if not shown:
            raise RenderingError("the chat template does not show an assistant's message")
        head = before[len(prompt) :] if before.startswith(prompt) else ""
        # An empty thought or a channel is neither asked nor part of the answer.
        return cls("" if head.strip() else head, end)

    def body(self, prompt: str, whole: str, answer: str) -> str:
        """The answer as the template shows it: with or without whitespace at its ends. A
        template that changes it in any other way is not followed."""
        ends = (
            *(answer, answer.strip(), answer.rstrip(), answer.lstrip()),
            *(answer.strip("\n"), answer.rstrip("\n"), answer.lstrip("\n")),
        )
        for body in ends:
            if whole == prompt + self.lead + body + self.end:
                return body
        return next((body for body in ends if whole.endswith(body + self.end)), answer)
