"""Search over the transcripts in the store, for a page that is served."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vibench.page.blocks import body_of, line_of
from vibench.page.facts import Facts
from vibench.page.harm import TranscriptView
from vibench.page.sets import TranscriptSet
from vibench.page.transcript_choice import spread
from vibench.page.transcripts import read_set

__all__ = ["Query", "Search"]

CACHED = 6
"""Sets that are cached."""
QUERIES = 32
PATIENCE = 0.6
"""Seconds that a list may take; then it returns, with a note on the sets not yet searched."""
LEARNT = 48
"""Sets that are read to learn the questions."""


@dataclass(frozen=True, slots=True)
class Query:
    """A search. Words are as in the catalogue, None for any; a transcript has to have one of the
    `facts` (numbers in `Facts`) and contain `text`, in upper or lower case."""

    model: str | None = None
    inducer: str | None = None
    value: str | None = None
    settings: str | None = None
    eval: str | None = None
    facts: frozenset[int] = frozenset()
    text: str = ""

    def fits(self, transcripts: TranscriptSet) -> bool:
        settings = {"settings": ", ".join(transcripts.settings)}
        words = ("model", "inducer", "value", "settings", "eval")
        return all(
            getattr(self, name) in (None, settings.get(name, getattr(transcripts, name, "")))
            for name in words
        )

    @property
    def everything(self) -> bool:
        """Return whether every transcript of a set that fits is a match."""
        return not self.facts and not self.text


@dataclass(frozen=True, slots=True)
class _Read:
    """A set in memory; `rows` has the row of each sample."""

    transcripts: Sequence[TranscriptView]
    lines: Sequence[list[Any]]
    rows: Mapping[str, int]


@dataclass(slots=True)
class _Progress:
    """A search under way: its matches (set, row) and the sets that remain."""

    remaining: list[int]
    matches: list[tuple[int, int]] = field(default_factory=list)


class Search:
    """A search that several threads can use. Raises DataError for a file that cannot be read."""

    def __init__(self, sets: Sequence[TranscriptSet], redact: bool = False) -> None:
        self.sets = sets
        self.facts = Facts()
        self._redact = redact
        # The server answers each request in a thread of its own; reads fill the shared cache.
        self._lock = threading.RLock()
        self._read: OrderedDict[int, _Read] = OrderedDict()
        self._counted: set[int] = set()
        self._progress: OrderedDict[Query, _Progress] = OrderedDict()

    def page(self, query: Query, offset: int, limit: int) -> dict[str, Any]:
        """Return a page of matches: {total, exact, of, note, rows}, where rows are [set, *line].

        It is not exact if the time was too short to search everything; the same query resumes.
        """
        with self._lock:
            fitting = [i for i, transcripts in enumerate(self.sets) if query.fits(transcripts)]
            all_rows = sum(transcripts.rows for transcripts in self.sets)
            # Sizes are known without reading, so a list without facts or text is exact at once.
            if query.everything:
                rows = list(self._slice(fitting, offset, limit))
                total = sum(self.sets[i].rows for i in fitting)
                return {"total": total, "exact": True, "of": all_rows, "note": "", "rows": rows}
            progress = self._progress_of(query, fitting)
            # Fill the page first; then use what time is left to count further matches.
            end = time.monotonic() + PATIENCE
            while progress.remaining and (
                len(progress.matches) < offset + limit or time.monotonic() < end
            ):
                # Out of time: part of a page now is better than a full one later.
                if time.monotonic() >= end and progress.matches[offset:]:
                    break
                self._look(query, progress)
            rows = [
                [number, *self._open(number).lines[row]]
                for number, row in progress.matches[offset : offset + limit]
            ]
            done, exact = len(fitting) - len(progress.remaining), not progress.remaining
            note = "" if exact else f"searched {done:,} of {len(fitting):,} sets"
            total = len(progress.matches)
            return {"total": total, "exact": exact, "of": all_rows, "note": note, "rows": rows}

    def one(self, set_number: int, sample: str) -> dict[str, Any]:
        """Return {line, body} of a transcript, both None if there is none."""
        with self._lock:
            read = self._open(set_number)
            row = read.rows.get(sample)
            if row is None:
                return {"line": None, "body": None}
            return {"line": read.lines[row], "body": body_of(read.transcripts[row])}

    def learn(self) -> dict[str, Any]:
        """Read further sets, spread over all, for a while, and return {facts, done}; facts are
        [number, kind, judge, question, answer, count]."""
        with self._lock:
            # Spread over all sets, so that every eval and judge is met early.
            unread = [p for p in spread(len(self.sets), LEARNT) if p not in self._counted]
            end = time.monotonic() + PATIENCE
            while unread and time.monotonic() < end:
                self._open(unread.pop(0))
            facts = [[number, *fact] for number, fact in enumerate(self.facts.rows())]
            return {"facts": facts, "done": not unread}

    def _slice(self, places: Sequence[int], offset: int, limit: int) -> Iterator[list[Any]]:
        for set_number in places:
            rows = self.sets[set_number].rows
            if offset < rows and limit > 0:
                lines = self._open(set_number).lines[offset : offset + limit]
                limit -= len(lines)
                yield from ([set_number, *line] for line in lines)
            offset = max(0, offset - rows)

    def _progress_of(self, query: Query, fitting: Sequence[int]) -> _Progress:
        progress = self._progress.setdefault(query, _Progress(list(fitting)))
        self._progress.move_to_end(query)
        # Every change in the search box is another query.
        while len(self._progress) > QUERIES:
            self._progress.popitem(last=False)
        return progress

    def _look(self, query: Query, progress: _Progress) -> None:
        """Search the next set."""
        set_number = progress.remaining.pop(0)
        read, text = self._open(set_number), query.text.lower()
        for row, line in enumerate(read.lines):
            # The numbers of its facts (see `line_of`).
            if query.facts and query.facts.isdisjoint(line[3]):
                continue
            if not text or text in _text(read.transcripts[row]):
                progress.matches.append((set_number, row))

    def _open(self, set_number: int) -> _Read:
        if set_number not in self._read:
            transcripts = tuple(read_set(self.sets[set_number], self._redact))
            # A set dropped from the cache is read again; its facts must not be counted twice.
            facts = self.facts if set_number not in self._counted else self.facts.uncounted()
            lines = [line_of(transcript, facts) for transcript in transcripts]
            self._counted.add(set_number)
            rows = {line[0]: row for row, line in enumerate(lines)}
            self._read[set_number] = _Read(transcripts, lines, rows)
            while len(self._read) > CACHED:
                self._read.popitem(last=False)
        self._read.move_to_end(set_number)
        return self._read[set_number]


def _text(transcript: TranscriptView) -> str:
    parts = [
        transcript.sample,
        transcript.cluster,
        transcript.error or "",
        *(text for pair in transcript.about for text in pair),
    ]
    parts += [text or "" for _, text in (*transcript.messages, *transcript.thoughts)]
    for _, verdict in transcript.verdicts:
        parts += [*verdict.labels, verdict.unscored or "", verdict.explanation]
    return "\n".join(parts).lower()
