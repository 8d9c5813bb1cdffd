"""Playing an eval's dialogues against engines: many at once, none of them knowing it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from vibench.interfaces import Eval, Session
from vibench.records import (
    Ask,
    ChatRequest,
    Completion,
    Finish,
    Message,
    Reply,
    Sample,
    Sampling,
    Subject,
    Transcript,
)

__all__ = ["Player", "Stream", "Table", "play", "request_seed"]


NUMBERS = itertools.count()
"""Names of dialogues, each its own in this process: an answer to a dialogue that was given up
is never taken for another one's."""


@dataclass(frozen=True, slots=True)
class Player:
    """Who answers for a role: a subject on an open session."""

    session: Session
    subject: Subject


@dataclass(slots=True)
class _Going:
    """A dialogue under way (the only place where a conversation grows)."""

    table: Table
    name: str
    sample: Sample
    dialogue: Generator[Ask, Reply, tuple[Message, ...]]
    asks: int = 0
    role: str = "subject"
    said: tuple[Message, ...] = ()
    finish: Finish = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0


def request_seed(seed: int, sample: str, ask: int) -> int:
    """The seed of one request: of the run's seed, the sample and the place in its dialogue.

    It does not depend on the subject, so that vanilla and induced models draw the same
    random numbers and their difference has less noise.
    """
    digest = hashlib.sha256(f"{seed}\n{sample}\n{ask}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What one stage plays: an eval, who answers, how answers are drawn."""

    evaluation: Eval
    players: Mapping[str, Player]
    sampling: Sampling
    seed: int


class Stream:
    """Dialogues under way, of one table or of many."""

    def __init__(self) -> None:
        self._going: dict[str, _Going] = {}
        self._sessions: dict[int, Session] = {}
        self._ended: list[tuple[Table, Transcript]] = []
        self.broken: dict[Table, Exception] = {}
        """Tables whose eval broke in a dialogue; nothing more is played at them."""

    def __len__(self) -> int:
        """How many dialogues are under way."""
        return len(self._going)

    def begin(self, table: Table, sample: Sample) -> None:
        """Start a sample's dialogue."""
        for player in table.players.values():
            self._sessions[id(player.session)] = player.session
        name = f"dialogue {next(NUMBERS)}"
        entry = _Going(table, name, sample, table.evaluation.dialogue(sample))
        self._advance(entry, None)

    def step(self) -> list[tuple[Table, Transcript]]:
        """Wait for answers and go on with their dialogues; those that ended since."""
        if not self._ended:
            for session in self._sessions.values():
                for completion in session.poll():
                    assert isinstance(completion, Completion)
                    entry = self._going.pop(completion.id, None)
                    if entry is not None:
                        self._receive(entry, completion)
        ended, self._ended = self._ended, []
        return ended

    def _receive(self, entry: _Going, completion: Completion) -> None:
        if entry.table in self.broken:
            return
        if completion.finish == "error":
            entry.dialogue.close()
            who = "" if entry.role == "subject" else f"{entry.role}: "
            self._end(entry, entry.said, f"{who}{completion.error}")
            return
        if entry.role == "subject":
            entry.prompt_tokens += completion.prompt_tokens
            entry.completion_tokens += completion.completion_tokens
            entry.finish = completion.finish
            entry.said = (*entry.said, Message("assistant", completion.text))
        self._advance(entry, Reply(completion.text, completion.finish))

    def _advance(self, entry: _Going, reply: Reply | None) -> None:
        try:
            ask = next(entry.dialogue) if reply is None else entry.dialogue.send(reply)
        except StopIteration as stop:
            self._end(entry, stop.value, None)
            return
        except Exception as e:
            self.broken[entry.table] = e
            return
        player = entry.table.players[ask.role]
        who = player.subject
        if ask.role != "subject":
            who = Subject(who.model, who.adapter, ask.system)
        entry.role = ask.role
        if ask.role == "subject":
            entry.said = ask.messages
        request = f"{entry.name}#{entry.asks}"
        self._going[request] = entry
        seed = request_seed(entry.table.seed, entry.sample.id, entry.asks)
        player.session.submit(ChatRequest(request, who, ask.messages, entry.table.sampling, seed))
        entry.asks += 1

    def _end(self, entry: _Going, messages: tuple[Message, ...], error: str | None) -> None:
        transcript = Transcript(
            entry.sample,
            messages,
            "error" if error else entry.finish,
            error,
            entry.prompt_tokens,
            entry.completion_tokens,
        )
        self._ended.append((entry.table, transcript))


def play(table: Table, samples: Sequence[Sample]) -> list[Transcript]:
    """Play the dialogues of `samples` to their ends, all at once; transcripts in their order.

    A completion that is an error ends its dialogue: the transcript says so and holds what
    was said until then.
    """
    stream = Stream()
    finished: dict[str, Transcript] = {}
    for sample in samples:
        stream.begin(table, sample)
    while len(finished) < len(samples):
        for _, transcript in stream.step():
            finished[transcript.sample.id] = transcript
        if table in stream.broken:
            raise stream.broken[table]
    return [finished[s.id] for s in samples]
