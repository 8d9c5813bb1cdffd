"""Requests that failed in this life of a run: those for a passing cause are no results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vibench.errors import UnansweredError
from vibench.sessions.defects import is_broken
from vibench.store import record_tables as tables
from vibench.thoughts import CUT_OFF

if TYPE_CHECKING:
    from vibench.records import Transcript
    from vibench.store.artefacts import Ledger

__all__ = ["Failed", "is_answered"]


def is_answered(transcript: Transcript) -> bool:
    """Tell a conversation that came to its end, be it that the model was cut off before its
    answer, from one that failed."""
    return transcript.error in (None, CUT_OFF)


@dataclass(slots=True)
class Failed:
    """The failed requests of a stage, or of a judge's for several stages, by name.

    `lasting` holds the rows of what is never going to be answered: results, and unscored.
    `passing` holds the cause of each of the others: while there are any, the stage is not
    finished.
    """

    lasting: dict[str, Any] = field(default_factory=dict)
    passing: dict[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.lasting or name in self.passing

    def add(self, transcripts: Iterable[Transcript]) -> None:
        """Take in conversations that ended in an error."""
        for transcript in transcripts:
            name = transcript.sample.id
            if transcript.passing:
                self.passing[name] = transcript.error or ""
            else:
                self.lasting[name] = tables.transcript_row(transcript)

    def settle(self, ledger: Ledger, stored: dict[str, Any], total: int) -> None:
        """Have a stage's lasting failures among its stored conversations.

        Raises UnansweredError if any failed temporarily. Where nothing at all was
        answered the setting may be to blame rather than the samples: then no failure is put
        on record, so that the next life asks all of them.
        """
        # With nothing answered at all the setting may be to blame, and nothing is recorded (see
        # above).
        if self.passing and stored:
            rows = self.lasting.items()
            ledger.append([(name, row) for name, row in rows if not is_broken(row["error"])])
        self.check("conversations", total)
        stored.update(self.lasting)

    def check(self, requests: str, total: int) -> None:
        """Raise UnansweredError if any failed temporarily."""
        if self.passing:
            raise UnansweredError(requests, total, Counter(self.passing.values()))
