"""Answers as token ids after the prompt that they answer.

The context of an answer is, token for token, the prompt that the model gets when it is asked.
Chat templates alone do not guarantee that: with an answer in the conversation some leave out the
end of the prompt (a `<think>` that the template opens), some show the system text elsewhere or
not at all (Mistral's before version 7), and some put an empty thought or a channel before the
answer. There the answer is put after the prompt, with the text that the template puts after one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["AnswerFrame", "AnswerRow", "RenderingError"]


class RenderingError(ValueError):
    """A conversation that the chat template refuses, or an answer that does not fit its prompt."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """Token ids of a prompt and its answer; the first `start` are exactly the prompt.

    `onto_prompt`: the template alone would have rendered another context or another answer.
    `trimmed`: the template drops whitespace at an end of the answer. `within_thought`: the
    prompt opens a thought that the answer does not close, so that all of it is inside the thought.
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
    def of(cls, prompt: str, answered: str, answer: str) -> AnswerFrame:
        """Read the frame off a conversation, rendered without (`prompt`) and with (`answered`) an
        answer.

        Raises RenderingError if the template does not show the answer.
        """
        before, separator, end = answered.rpartition(answer)
        if not separator:
            raise RenderingError("the chat template does not show an assistant's message")
        head = before[len(prompt) :] if before.startswith(prompt) else ""
        # An empty thought or a channel before the answer is part of neither the prompt nor the
        # answer, and a model that is asked may write another one: it is left out.
        return cls("" if head.strip() else head, end)

    def body(self, prompt: str, answered: str, answer: str) -> str:
        """Return the answer as the template shows it: with or without whitespace at its ends."""
        # A template that changes the answer in any other way (drops the thought in it, say) is not
        # followed: the answer is trained on and scored as it is.
        candidates = (
            *(answer, answer.strip(), answer.rstrip(), answer.lstrip()),
            *(answer.strip("\n"), answer.rstrip("\n"), answer.lstrip("\n")),
        )
        for body in candidates:
            if answered == prompt + self.lead + body + self.end:
                return body
        # The template renders another context, so only the end of its text can be compared.
        return next((body for body in candidates if answered.endswith(body + self.end)), answer)
