"""The replies of conversations that cost money, on record one by one.

A conversation is committed when it ends. One that a kill, a budget or an endpoint breaks off
is paid for up to there: played again it finds its replies here, and only the rest is asked.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vibench.records import ChatRequest, Completion, digest
from vibench.thoughts import split

if TYPE_CHECKING:
    from vibench.sessions.bills import Bill, Role
    from vibench.store.artefacts import Ledger
    from vibench.store.ledger_index import LedgerIndex

__all__ = ["Replies", "reply_key"]

COMMIT_SECONDS = 1.0


class Replies:
    """The replies of one stage's conversations, of every role; `bills` are of those that are
    asked at endpoints, `pools` hold replies that were taken over from another store."""

    def __init__(
        self,
        ledger: Ledger,
        bills: Mapping[Role, Bill],
        pools: Mapping[Role, LedgerIndex] | None = None,
    ) -> None:
        self._ledger, self._bills = ledger, bills
        self._pools = pools or {}
        for pool in self._pools.values():
            pool.refresh()
        self._kept = ledger.texts()
        self._fresh: list[tuple[str, str]] = []
        self._committed = time.monotonic()
        self._asked = self._prompt_tokens = self._completion_tokens = 0
        self._usd: float | None = 0.0
        for text in self._kept.values():
            self._count(json.loads(text))

    def find(self, role: str, request: ChatRequest) -> Completion | None:
        """Return the reply that an earlier life of the run got to the same request, if it did."""
        pool = self._pools.get(_billed(role))
        # Nothing is on record: most stages, for which hashing every request would be waste.
        if not self._kept and not pool:
            return None
        # The key is made of the content of the request, so that a conversation played again finds
        # its replies however its stage was cut into shards.
        key = reply_key(role, request)
        text = self._kept.get(key)
        if text is None and pool and (text := pool.text(key)) is not None:
            # Copied into the ledger of this stage: its facts count what its conversations cost,
            # whoever paid.
            self._keep(key, text)
        if text is None:
            return None
        row = json.loads(text)
        text_of_answer, finish, thought = row["text"], row["finish"], row.get("thought")
        if thought is None:  # Of a version that did not part thoughts from answers.
            part = split(text_of_answer, finish, lone=True)
            text_of_answer, thought = part.answer, part.thought
            finish = finish if part.ended else "length"
        return Completion(request.id, text_of_answer, finish, *row["tokens"], thought=thought)

    def add(self, role: str, request: ChatRequest, reply: Completion) -> None:
        """Keep a reply; what is new is committed every second."""
        tokens = reply.prompt_tokens, reply.completion_tokens
        bill = self._bills.get(_billed(role))
        row = {
            "role": role,
            "text": reply.text,
            "thought": reply.thought,
            "finish": reply.finish,
            "tokens": tokens,
            "usd": bill and bill.usd(*tokens),
        }
        self._keep(reply_key(role, request), json.dumps(row))

    def _keep(self, key: str, text: str) -> None:
        self._count(json.loads(text))
        self._fresh.append((key, text))
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Have on disk what is not yet."""
        self._ledger.append_texts(self._fresh)
        self._fresh = []
        self._committed = time.monotonic()

    def facts(self) -> dict[str, Any]:
        """Return counts of what was asked at endpoints, for the manifest; dollars by the price
        that held when each was asked, null where a price is not known."""
        return {
            "asked": self._asked,
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": self._completion_tokens,
            "usd": None if self._usd is None else round(self._usd, 6),
        }

    def _count(self, row: Mapping[str, Any]) -> None:
        bill = self._bills.get(_billed(row["role"]))
        if bill is None:
            return
        prompts, answers = row["tokens"]
        self._asked += 1
        self._prompt_tokens += prompts
        self._completion_tokens += answers
        usd = bill.usd(prompts, answers) if row["usd"] is None else row["usd"]
        self._usd = None if usd is None or self._usd is None else self._usd + usd


def _billed(role: str) -> Role:
    """All roles but the subject's are one model's."""
    return "subject" if role == "subject" else "simulator"


def reply_key(role: str, request: ChatRequest) -> str:
    """A request's seed tells the place in its conversation, and its draw from another's."""
    assert isinstance(request.messages, tuple)
    messages = [asdict(message) for message in request.messages]
    return digest([role, request.subject.system, messages, asdict(request.sampling), request.seed])
