"""The verdicts of one stage by question, in the ledger that stages of its judge share."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from vibench.store.artefacts import Ledger
from vibench.store.ledger_index import LedgerIndex

__all__ = ["VerdictBook"]

COMMIT_SECONDS = 1.0


class VerdictBook:
    """This stage's verdicts by question: those that were kept, and those to be. Held as JSON:
    there can be half a million of them, with a judge's reasons."""

    def __init__(self, verdicts: LedgerIndex, replies: Ledger | None = None) -> None:
        self.verdicts, self.replies = verdicts, replies
        self.raw: list[tuple[str, str]] = []
        """What a model replied, word for word: kept for later readings, and never held."""
        verdicts.refresh()
        self.rows: dict[str, str] = {}
        self.fresh: list[tuple[str, str]] = []
        self.unread: dict[str, Mapping[str, Any]] = {}
        """New rows as they are, until they are looked at for the first time."""
        self.committed = time.monotonic()

    def __contains__(self, key: str) -> bool:
        # Rows are parsed when they are used. Most of a ledger belongs to other stages, and parsing
        # it all would take minutes where a judge has answered for many models.
        if key not in self.rows and (text := self.verdicts.text(key)) is not None:
            self.rows[key] = text
        return key in self.rows

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        # A fresh row is used once right after it came: parsing its JSON again would be waste.
        unread = self.unread.pop(key, None)
        if unread is not None:
            return unread
        row: Mapping[str, Any] = json.loads(self.rows[key])
        return row

    def note(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep a verdict for this time only."""
        self.rows[key] = json.dumps(row)
        self.unread[key] = row

    def add(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep a new verdict; what is new is committed every second."""
        self.note(key, row)
        self.fresh.append((key, self.rows[key]))
        # One file a second, rather than one an answer: a ledger of half a million small files
        # would take longer to read than to ask again.
        if time.monotonic() - self.committed > COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Write what is new to the disk."""
        if self.replies is not None:
            # Replies first. A reply without its verdict can be read again; a verdict without its
            # reply could never be checked.
            self.replies.append_texts(self.raw)
            self.raw = []
        self.verdicts.ledger.append_texts(self.fresh)
        self.fresh = []
        self.committed = time.monotonic()
