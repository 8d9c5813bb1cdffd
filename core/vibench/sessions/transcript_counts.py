"""Counts of the transcripts that an eval measures, for the manifest of its stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from vibench.boundary import Breach, checked_transcript
from vibench.errors import StageError
from vibench.records import Transcript

__all__ = ["TranscriptCounts"]


class TranscriptCounts:
    """Counts of transcripts, taken on their way to the table."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.error = ""

    def counting(self, transcripts: Iterable[Transcript]) -> Iterator[Transcript]:
        for measured in transcripts:
            try:
                transcript = checked_transcript(measured)
            except Breach as breach:
                raise StageError(f"{self.name} breaks its contract: {breach}.") from breach
            if transcript.sample.id in self.seen:
                raise StageError(
                    f"{self.name} measured the sample '{transcript.sample.id}' more than once."
                )
            self.seen.add(transcript.sample.id)
            answers, cut_off = transcript.length_counts
            self.counts["answers"] += answers
            self.counts["cut_off"] += cut_off
            self.counts["prompt_tokens"] += transcript.prompt_tokens
            self.counts["completion_tokens"] += transcript.completion_tokens
            if transcript.error is not None:
                self.counts["errors"] += 1
                self.error = self.error or transcript.error
            yield transcript

    def facts(self) -> dict[str, Any]:
        """Return them for the manifest. Raises StageError where nothing was measured."""
        if not self.seen:
            raise StageError(f"{self.name} measured no sample at all.")
        if self.counts["errors"] == len(self.seen):
            raise StageError(f"Every sample failed; the first: {self.error}")
        names = ("errors", "answers", "cut_off", "prompt_tokens", "completion_tokens")
        return {"transcripts": len(self.seen), **{name: self.counts[name] for name in names}}
