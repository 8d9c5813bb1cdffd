"""Replies of models on this machine: new tokens, decoded into an answer and a thought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vibench.engines.chat_template import Renderer
from vibench.engines.stops import cut
from vibench.records import ChatRequest, Completion, Finish, Tokens
from vibench.thoughts import is_mark, knows_thoughts, opening, split

__all__ = ["ReplyDecoder"]

TAIL = 24
"""Tokens at a prompt's end that are searched for a mark that opens a thought."""


class ReplyDecoder:
    """The decoding of one model's replies.

    Special tokens are left out of texts, except those that mark thoughts and channels, which
    are needed to tell a thought from the answer. Replies to prompts in tokens are left as they
    are, thoughts included: how their text is read is up to the eval.
    """

    def __init__(self, renderer: Renderer) -> None:
        self.renderer, self.tokenizer = renderer, renderer.tokenizer
        # Marks are recognised by their ids: as text, a model may write one about thoughts, as it
        # may any other word.
        added: dict[int, Any] = self.tokenizer.added_tokens_decoder
        self._special = {id for id, token in added.items() if token.special}
        self._special |= set(self.tokenizer.all_special_ids)
        self._marks = {id for id in self._special if id in added and is_mark(str(added[id]))}
        self._knows_thoughts = knows_thoughts(str(self.tokenizer.chat_template or ""))

    def completion(
        self,
        request: ChatRequest,
        prompt: Sequence[int],
        ids: Sequence[int],
        ended: bool,
        tokens: int,
    ) -> Completion:
        """Return the reply to a request.

        `ids` are its new tokens without the end token, `ended` is true if an end token or a stop
        text ended them, and `tokens` is their number with the end token.
        """
        decoded = self._text(request, ids)
        text = cut(decoded, request.stop)
        finish: Finish = "stop" if ended or len(text) < len(decoded) else "length"
        counts = len(prompt), tokens
        if isinstance(request.messages, Tokens):
            return Completion(request.id, text, finish, *counts)
        # A closing mark that nothing opened ends a thought only in a chat whose template has such
        # marks: in plain text, or of another model, it is a word like any other.
        chat = request.subject.rendering == "chat"
        part = split(
            text,
            finish,
            opened=self._opening(prompt) if chat else "",
            lone=chat and self._knows_thoughts,
        )
        # A thought without an end leaves no answer, whatever ended the generation.
        finish = finish if part.ended else "length"
        return Completion(request.id, part.answer, finish, *counts, thought=part.thought)

    def _text(self, request: ChatRequest, ids: Sequence[int]) -> str:
        if isinstance(request.messages, Tokens) or self._marks.isdisjoint(ids):
            return self.renderer.decode(ids, request.messages)
        visible = [id for id in ids if id not in self._special or id in self._marks]
        return str(self.tokenizer.decode(visible, clean_up_tokenization_spaces=False))

    def _opening(self, prompt: Sequence[int]) -> str:
        tail = list(prompt[-TAIL:])
        return opening(str(self.tokenizer.decode(tail, clean_up_tokenization_spaces=False)))
