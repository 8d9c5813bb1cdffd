"""Tokens and texts that end a generation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["StopTexts", "cut", "stop_tokens"]

SLACK = 4
"""Tokens that are decoded beyond the longest stop text: some tokenizers drop a space at the
beginning of what they decode."""


def stop_tokens(generation_config: Any, tokenizer: Any, turn_end: int | None) -> frozenset[int]:
    """Return every token that ends an answer.

    These are the end-of-text tokens of the checkpoint (`generation_config`) and of the
    tokenizer, and `turn_end`, the special token that the chat template puts after an
    assistant's message: a base model trained under an instruct model's template ends its
    answers with that one.
    """
    stops: set[int] = set()
    for token in (generation_config.eos_token_id, tokenizer.eos_token_id, turn_end):
        # A checkpoint lists several end tokens where its template has one of its own.
        if isinstance(token, int):
            stops.add(token)
        elif token is not None:
            stops.update(token)
    return frozenset(stops)


class StopTexts:
    """Searches the new tokens of one generation for stop texts, as they come.

    Special tokens are decoded as they are written, so that one of them may be a stop text.
    """

    def __init__(self, tokenizer: Any, texts: Sequence[str]) -> None:
        self.texts = tuple(text for text in texts if text)
        self.tokenizer = tokenizer
        # Every token but a special one stands for a byte at least, so a stop text spans no more
        # tokens than it has bytes. Decoding the whole answer each time would cost its square.
        self.reach = SLACK + max((len(text.encode()) for text in self.texts), default=0)
        self._seen = 0

    def ends(self, ids: Sequence[int]) -> int | None:
        """Return the number of new tokens with which the first stop text is complete, or None.

        `ids` are all new tokens so far, more of them with each call.
        """
        if not self.texts:
            return None
        seen, self._seen = self._seen, len(ids)
        # First one decoding of everything since the last call; token by token only on a hit.
        if not self._holds(ids[max(0, seen + 1 - self.reach) :]):
            return None
        for end in range(seen + 1, len(ids) + 1):
            if self._holds(ids[max(0, end - self.reach) : end]):
                return end
        return None

    def _holds(self, ids: Sequence[int]) -> bool:
        text = self.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False)
        return any(stop in text for stop in self.texts)


def cut(text: str, stops: Sequence[str]) -> str:
    """Return the text before the first of the stop texts."""
    positions = [position for stop in stops if stop and (position := text.find(stop)) >= 0]
    return text[: min(positions, default=len(text))]
