"""Copies: pairs of one prompt, chosen and rejected response, word for word."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vibench.records import PreferencePair

__all__ = ["COPY", "Contents"]

COPY = "copy of an earlier pair"
"""Why a copy is dropped."""


class Contents:
    """The contents of pairs that were read, 16 bytes each."""

    __slots__ = ("_digests",)

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def add(self, pair: PreferencePair) -> bool:
        """Add a pair; return False if one of the same content is there already."""
        digest = _digest(pair)
        if digest in self._digests:
            return False
        self._digests.add(digest)
        return True


def _digest(pair: PreferencePair) -> bytes:
    texts = [text for turn in pair.prompt for text in (turn.role, turn.content)]
    texts += (pair.chosen, pair.rejected)
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        content = text.encode()
        # With its length, so that no text runs into the next one.
        digest.update(b"%d:" % len(content) + content)
    return digest.digest()
