"""Finding transcripts in the store itself: what the page asks its server for."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vibench.page.blocks import body_of, line_of
from vibench.page.facts import Facts
from vibench.page.harm import Shown
from vibench.page.sets import TranscriptSet
from vibench.page.transcript_choice import spread
from vibench.page.transcripts import read_set

__all__ = ["Asked", "Search"]

KEPT = 6
"""Sets that are kept as they were read."""
QUERIES = 32
PATIENCE = 0.6
"""Seconds that a list may take; what it has not looked through by then is said."""
LEARNT = 48
"""Sets that are read to know which questions there are."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. Words are as in the catalogue, None for any; `facts` are numbers of
    `Facts`, one of which a transcript has; `text` is somewhere in it, in any case."""

    model: str | None = None
    inducer: str | None = None
    value: str | None = None
    settings: str | None = None
    eval: str | None = None
    facts: frozenset[int] = frozenset()
    text: str = ""

    def fits(self, one: TranscriptSet) -> bool:
        own = {"settings": ", ".join(one.settings)}
        words = ("model", "inducer", "value", "settings", "eval")
        return all(
            getattr(self, name) in (None, own.get(name, getattr(one, name, ""))) for name in words
        )

    @property
    def everything(self) -> bool:
        """Whether each transcript of a set that fits is meant."""
        return not self.facts and not self.text


@dataclass(frozen=True, slots=True)
class _Read:
    """A set as it was read."""

    shown: Sequence[Shown]
    lines: Sequence[list[Any]]
    places: Mapping[str, int]


@dataclass(slots=True)
class _Query:
    """How far a search has come: what it found, and where it goes on."""

    left: list[int]
    found: list[tuple[int, int]] = field(default_factory=list)


class Search:
    """Used from several threads. Raises DataError for a file that cannot be read."""

    def __init__(self, sets: Sequence[TranscriptSet], redact: bool = False) -> None:
        self.sets = sets
        self.facts = Facts()
        self._redact = redact
        self._lock = threading.RLock()
        self._read: OrderedDict[int, _Read] = OrderedDict()
        self._counted: set[int] = set()
        self._queries: OrderedDict[Asked, _Query] = OrderedDict()

    def page(self, asked: Asked, offset: int, limit: int) -> dict[str, Any]:
        """A page of what fits: {total, exact, of, note, rows}, rows being [set, *line]. Not
        exact if there was no time to look through everything; asked again it goes on."""
        with self._lock:
            fitting = [i for i, one in enumerate(self.sets) if asked.fits(one)]
            of = sum(one.rows for one in self.sets)
            if asked.everything:
                rows = list(self._slice(fitting, offset, limit))
                total = sum(self.sets[i].rows for i in fitting)
                return {"total": total, "exact": True, "of": of, "note": "", "rows": rows}
            query = self._query(asked, fitting)
            end = time.monotonic() + PATIENCE
            while query.left and (len(query.found) < offset + limit or time.monotonic() < end):
                if time.monotonic() >= end and query.found[offset:]:
                    break
                self._look(asked, query)
            rows = [
                [place, *self._open(place).lines[row]]
                for place, row in query.found[offset : offset + limit]
            ]
            done = len(fitting) - len(query.left)
            note = f"looked through {done:,} of {len(fitting):,} sets" if query.left else ""
            total, exact = len(query.found), not query.left
            return {"total": total, "exact": exact, "of": of, "note": note, "rows": rows}

    def one(self, place: int, sample: str) -> dict[str, Any]:
        """{line, body} of a transcript, both None if there is none."""
        with self._lock:
            read = self._open(place)
            at = read.places.get(sample)
            if at is None:
                return {"line": None, "body": None}
            return {"line": read.lines[at], "body": body_of(read.shown[at])}

    def learn(self) -> dict[str, Any]:
        """Read on, for a while, in sets spread over all: {facts, done}; facts are [number,
        kind, judge, question, answer, how many]."""
        with self._lock:
            wanted = [p for p in spread(len(self.sets), LEARNT) if p not in self._counted]
            end = time.monotonic() + PATIENCE
            while wanted and time.monotonic() < end:
                self._open(wanted.pop(0))
            facts = [[number, *fact] for number, fact in enumerate(self.facts.rows())]
            return {"facts": facts, "done": not wanted}

    def _slice(self, places: Sequence[int], offset: int, limit: int) -> Iterator[list[Any]]:
        for place in places:
            rows = self.sets[place].rows
            if offset < rows and limit > 0:
                lines = self._open(place).lines[offset : offset + limit]
                limit -= len(lines)
                yield from ([place, *line] for line in lines)
            offset = max(0, offset - rows)

    def _query(self, asked: Asked, fitting: Sequence[int]) -> _Query:
        query = self._queries.setdefault(asked, _Query(list(fitting)))
        self._queries.move_to_end(asked)
        while len(self._queries) > QUERIES:
            self._queries.popitem(last=False)
        return query

    def _look(self, asked: Asked, query: _Query) -> None:
        place = query.left.pop(0)
        read, text = self._open(place), asked.text.lower()
        for row, line in enumerate(read.lines):
            if asked.facts and asked.facts.isdisjoint(line[3]):
                continue
            if not text or text in _text(read.shown[row]):
                query.found.append((place, row))

    def _open(self, place: int) -> _Read:
        if place not in self._read:
            shown = tuple(read_set(self.sets[place], self._redact))
            # Facts are counted once, however often a set is read.
            facts = self.facts if place not in self._counted else self.facts.uncounted()
            lines = [line_of(one, facts) for one in shown]
            self._counted.add(place)
            self._read[place] = _Read(shown, lines, {line[0]: i for i, line in enumerate(lines)})
            while len(self._read) > KEPT:
                self._read.popitem(last=False)
        self._read.move_to_end(place)
        return self._read[place]


def _text(one: Shown) -> str:
    parts = [
        one.sample,
        one.cluster,
        one.error or "",
        *(text for pair in one.about for text in pair),
    ]
    parts += [text or "" for _, text in (*one.messages, *one.thoughts)]
    for _, verdict in one.verdicts:
        parts += [*verdict.labels, verdict.unscored or "", verdict.explanation]
    return "\n".join(parts).lower()
