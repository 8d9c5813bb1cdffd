"""One of several stages whose conversations are played in one stream: what is left of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vibench.sessions.request_failures import Failed, is_answered
from vibench.store import record_tables as tables

if TYPE_CHECKING:
    from vibench.records import Sample, Transcript
    from vibench.sessions.dialogues import DialogueTable
    from vibench.sessions.work import Work

__all__ = ["Playing", "transcript_row"]

COMMIT_SECONDS = 5.0
"""How often the conversations of stages that are played together are committed."""


class Playing:
    """One stage of several that are played together."""

    def __init__(self, work: Work, samples: Sequence[Sample], table: DialogueTable) -> None:
        self.work, self.table, self.total = work, table, len(samples)
        self.ledger = work.store.ledger(work.stage.key)
        stored = self.ledger.texts()
        self.missing = [s for s in samples if s.id not in stored]
        self.left = len(self.missing)
        self.fresh: list[tuple[str, Any]] = []
        self.failed = Failed()
        self.committed = time.monotonic()

    def add(self, transcript: Transcript) -> None:
        if is_answered(transcript):
            self.fresh.append(transcript_row(transcript))
        else:
            self.failed.add([transcript])
        self.left -= 1
        if time.monotonic() - self.committed > COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        if self.table.replies is not None:
            self.table.replies.commit()
        self.ledger.append(self.fresh)
        self.fresh = []
        self.committed = time.monotonic()
        self.work.progress(self.total - self.left, self.total, "conversations")


def transcript_row(transcript: Transcript) -> tuple[str, Any]:
    return transcript.sample.id, tables.transcript_row(transcript)
