"""Texts that end a generation: looked for in what was just decoded, not in the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["Stopping", "cut"]

SLACK = 4
"""Tokens that are decoded beyond what a stop text can be made of: some tokenizers drop a
space at the beginning of what they decode."""


class Stopping:
    """Whether new tokens hold one of some texts, asked again as they come.

    Special tokens are looked at as they are written, so that one of them may be a stop text.
    """

    def __init__(self, tokenizer: Any, texts: Sequence[str]) -> None:
        self.texts = tuple(text for text in texts if text)
        self.tokenizer = tokenizer
        # Every token but a special one stands for a byte at least.
        self.reach = SLACK + max((len(text.encode()) for text in self.texts), default=0)
        self._seen = 0

    def ends(self, ids: Sequence[int]) -> int | None:
        """How many of the new tokens it takes until the first stop text is whole; None if
        there is none. `ids` are all new tokens so far, more of them each time."""
        if not self.texts:
            return None
        seen, self._seen = self._seen, len(ids)
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
    """What stands before the first of the stop texts."""
    places = [place for stop in stops if stop and (place := text.find(stop)) >= 0]
    return text[: min(places, default=len(text))]
