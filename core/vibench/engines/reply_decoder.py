"""What a model of this machine replied: its tokens as an answer and a thought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vibench.engines.chat_template import Renderer
from vibench.engines.stops import cut
from vibench.records import ChatRequest, Completion, Finish, Tokens
from vibench.thoughts import is_mark, knows_thoughts, opening, split

__all__ = ["ReplyDecoder"]

TAIL = 24
"""Tokens at a prompt's end that are looked at for the mark that opens a thought."""


class ReplyDecoder:
    """Decodes the replies of one model.

    Special tokens are left out of texts, but those that mark thoughts and channels are needed
    to tell a thought from the answer: they are recognised by their ids. What was asked in
    tokens is answered as it is, thoughts included: its eval owns how text is read.
    """

    def __init__(self, renderer: Renderer) -> None:
        self.renderer, self.tokenizer = renderer, renderer.tokenizer
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
        """The reply to a request. `ids` are its new tokens without the one that ended them,
        `ended` says whether one, or a stop text, did, and `tokens` counts them with it."""
        whole = self._text(request, ids)
        text = cut(whole, request.stop)
        finish: Finish = "stop" if ended or len(text) < len(whole) else "length"
        counts = len(prompt), tokens
        if isinstance(request.messages, Tokens):
            return Completion(request.id, text, finish, *counts)
        chat = request.subject.rendering == "chat"
        part = split(
            text,
            finish,
            opened=self._opening(prompt) if chat else "",
            lone=chat and self._knows_thoughts,
        )
        finish = finish if part.ended else "length"
        return Completion(request.id, part.answer, finish, *counts, thought=part.thought)

    def _text(self, request: ChatRequest, ids: Sequence[int]) -> str:
        if isinstance(request.messages, Tokens) or self._marks.isdisjoint(ids):
            return self.renderer.said(ids, request.messages)
        shown = [id for id in ids if id not in self._special or id in self._marks]
        return str(self.tokenizer.decode(shown, clean_up_tokenization_spaces=False))

    def _opening(self, prompt: Sequence[int]) -> str:
        tail = list(prompt[-TAIL:])
        return opening(str(self.tokenizer.decode(tail, clean_up_tokenization_spaces=False)))
