"""Playing an eval's dialogues against engines: many at once, none of them knowing it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vibench.boundary import Breach, checked_ask, checked_conversation
from vibench.errors import StageError, VibenchError
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
    Thought,
    Transcript,
)
from vibench.thoughts import CUT_OFF

if TYPE_CHECKING:
    from vibench.sessions.defects import Defects
    from vibench.sessions.replies import Replies

__all__ = ["DialogueTable", "Player", "Stream", "play", "request_seed", "spoken"]


NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Player:
    """A subject on an open session that answers for a role."""

    session: Session
    subject: Subject


@dataclass(slots=True)
class _Going:
    """A dialogue under way (the only place where a conversation grows)."""

    table: DialogueTable
    sample: Sample
    dialogue: Generator[Ask, Reply, tuple[Message, ...]] | None
    asks: int = 0
    role: str = "subject"
    request: ChatRequest | None = None
    said: tuple[Message, ...] = ()
    spoken: list[tuple[Message, str]] = field(default_factory=list)
    """Every reply, as the message that it becomes, and the thought before it."""
    finish: Finish = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    answers: int = 0
    cut_off: int = 0


def request_seed(seed: int, sample: str, ask: int) -> int:
    """The seed of one request: of the run's seed, the sample and the place in its dialogue.

    It does not depend on the subject, so that vanilla and induced models draw the same
    random numbers and their difference has less noise.
    """
    digest = hashlib.sha256(f"{seed}\n{sample}\n{ask}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


@dataclass(frozen=True, slots=True, eq=False)
class DialogueTable:
    """The conversations of one stage: an eval, the players, and how answers are drawn.

    Its `name` is no other table's in this process, so that an answer to a dialogue that was
    given up is never taken for another one's. `replies` are on record where they cost money.
    `defects` take in the samples that the eval's code raises on; without them one such ends
    the table.
    """

    evaluation: Eval
    players: Mapping[str, Player]
    sampling: Sampling
    seed: int
    name: str = field(default_factory=lambda: f"table {next(NUMBERS)}")
    replies: Replies | None = None
    defects: Defects | None = None


class Stream:
    """Dialogues under way, of one table or of many."""

    def __init__(self) -> None:
        self._going: dict[str, _Going] = {}
        self._sessions: dict[int, Session] = {}
        self._ended: list[tuple[DialogueTable, Transcript]] = []
        self.broken: dict[DialogueTable, Exception] = {}
        """Tables whose eval broke in a dialogue; nothing more is played at them."""

    def __len__(self) -> int:
        """Return the number of dialogues under way."""
        return len(self._going)

    def begin(self, table: DialogueTable, sample: Sample) -> None:
        """Start a sample's dialogue."""
        for player in table.players.values():
            # By identity, since several roles may share one session.
            self._sessions[id(player.session)] = player.session
        entry = _Going(table, sample, None)
        try:
            entry.dialogue = table.evaluation.dialogue(sample)
        except Exception as e:
            self._break(entry, e)
            return
        self._advance(entry, None)

    def step(self) -> list[tuple[DialogueTable, Transcript]]:
        """Wait for answers and go on with their dialogues; those that ended since."""
        # Dialogues may have ended without asking anything, all of it being on record: then waiting
        # for a session would wait for ever.
        if not self._ended:
            for session in self._sessions.values():
                for completion in session.poll():
                    assert isinstance(completion, Completion)
                    # An answer without a dialogue belongs to a table that was given up, on the
                    # same session.
                    entry = self._going.pop(completion.id, None)
                    if entry is not None:
                        self._receive(entry, completion)
        ended, self._ended = self._ended, []
        return ended

    def _receive(self, entry: _Going, completion: Completion) -> None:
        if entry.table in self.broken:
            return
        if completion.finish == "error":
            assert entry.dialogue is not None
            entry.dialogue.close()
            who = "" if entry.role == "subject" else f"{entry.role}: "
            self._end(entry, entry.said, f"{who}{completion.error}", completion.passing)
            return
        if entry.table.replies is not None:
            assert entry.request is not None
            entry.table.replies.add(entry.role, entry.request, completion)
        self._advance(entry, completion)

    def _advance(self, entry: _Going, answer: Completion | None) -> None:
        """Ask on, until something is asked that is not on record."""
        # A loop, not recursion: a conversation of hundreds of turns may be on record from its
        # first to its last.
        while (request := self._next(entry, answer)) is not None:
            replies = entry.table.replies
            answer = replies.find(entry.role, request) if replies is not None else None
            if answer is None:
                entry.request = request
                self._going[request.id] = entry
                entry.table.players[entry.role].session.submit(request)
                return

    def _next(self, entry: _Going, answer: Completion | None) -> ChatRequest | None:
        """Return the next request of a dialogue; None if it has ended."""
        if answer is not None and entry.role == "subject":
            entry.prompt_tokens += answer.prompt_tokens
            entry.completion_tokens += answer.completion_tokens
            entry.finish = answer.finish
            entry.answers += 1
            entry.cut_off += answer.finish == "length"
        assert entry.dialogue is not None
        if answer is not None:
            message = Message("assistant" if entry.role == "subject" else "user", answer.text)
            entry.spoken.append((message, answer.thought))
            # All of the tokens went into a thought: there is no answer to go on with, and an empty
            # one would be scored as if the model had said nothing.
            if answer.finish == "length" and not answer.text.strip():
                entry.dialogue.close()
                whose = "" if entry.role == "subject" else f"{entry.role}: "
                self._end(entry, entry.said, f"{whose}{CUT_OFF}")
                return None
            if entry.role == "subject":
                entry.said = (*entry.said, message)
        reply = None if answer is None else Reply(answer.text, answer.finish, answer.thought)
        try:
            ask = next(entry.dialogue) if reply is None else entry.dialogue.send(reply)
            ask = checked_ask(ask, entry.table.evaluation.roles)
        except StopIteration as stop:
            self._finish(entry, stop.value)
            return None
        except Exception as e:
            self._break(entry, e)
            return None
        player = entry.table.players[ask.role]
        who = player.subject
        if ask.role != "subject":
            # The eval words the system prompt of the roles it invents. The subject keeps its own,
            # which an inducer may have written.
            who = Subject(who.model, who.adapter, ask.system)
        entry.role = ask.role
        if ask.role == "subject":
            entry.said = spoken(entry.sample, ask.messages)
        name = f"{entry.table.name}/{entry.sample.id}#{entry.asks}"
        # The number of the ask is part of the seed: two turns of one conversation must not draw
        # the same random numbers.
        seed = request_seed(entry.table.seed, entry.sample.id, entry.asks)
        entry.asks += 1
        return ChatRequest(name, who, ask.messages, entry.table.sampling, seed)

    def _finish(self, entry: _Going, messages: object) -> None:
        """End a dialogue with the conversation that it returned."""
        try:
            conversation = checked_conversation(messages, "the messages that dialogue returned")
        except Breach as e:
            self._break(entry, e)
        else:
            self._end(entry, conversation, None)

    def _break(self, entry: _Going, error: Exception) -> None:
        """End a dialogue in which the eval's code raised: its sample is unscored, or where too
        many are, nothing more is played at its table."""
        defects = entry.table.defects
        # An error of vibench itself (a lost lease, a full disk) is no fault of the sample.
        if defects is None or isinstance(error, VibenchError):
            self.broken[entry.table] = error
            return
        reason = defects.add(entry.sample.id, f"dialogue (ask {entry.asks + 1})", error)
        self._end(entry, entry.said, reason)
        try:
            defects.check(defects.total)
        except StageError as e:
            self.broken[entry.table] = e

    def _end(
        self,
        entry: _Going,
        messages: tuple[Message, ...],
        error: str | None,
        passing: bool = False,
    ) -> None:
        finish: Finish = "error" if error and error != CUT_OFF else entry.finish
        transcript = Transcript(
            entry.sample,
            messages,
            finish,
            error,
            entry.prompt_tokens,
            entry.completion_tokens,
            entry.answers,
            entry.cut_off,
            passing=passing,
            thoughts=_thoughts(entry, messages),
        )
        self._ended.append((entry.table, transcript))


def spoken(sample: Sample, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the conversation in a request: without a system prompt of the eval's own."""
    own = messages[: len(sample.messages)] == sample.messages
    return messages if own else tuple(itertools.dropwhile(lambda m: m.role == "system", messages))


def _thoughts(entry: _Going, messages: Sequence[Message]) -> tuple[Thought, ...]:
    """The thoughts of a conversation, each with the message that it led to."""
    thoughts: list[Thought] = []
    begin = len(entry.sample.messages)
    start = begin if tuple(messages[:begin]) == entry.sample.messages else 0
    for reply, thought in entry.spoken:
        places = (
            index
            for index in range(start, len(messages))
            if messages[index].role == reply.role
            and messages[index].content.strip() == reply.content.strip()
        )
        index = next(places, len(messages))
        start = index + 1 if index < len(messages) else start
        if thought:
            thoughts.append(Thought(index, thought))
    return tuple(thoughts)


def play(table: DialogueTable, samples: Sequence[Sample]) -> list[Transcript]:
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
