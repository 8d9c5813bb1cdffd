"""Asking at endpoints within a budget: what each request may cost is set aside before it is
sent, so that no answer can make the sum larger than allowed."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vibench.errors import EndpointError, UsageError, VibenchError
from vibench.interfaces import Session
from vibench.prices import Price, Spending, dollars
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Sampling,
)
from vibench.records import canonical_json as as_json
from vibench.sessions.bills import Bill
from vibench.sessions.spending_record import FILE, Spent, line_of, read_spent

if TYPE_CHECKING:
    from vibench.sessions.stage_work import StageWork
    from vibench.store.artefacts import Store
    from vibench.store.leases import Lease

__all__ = ["Metered", "Purse", "worst"]

WRITE_SECONDS = 1.0


def worst(request: ChatRequest, bill: Bill) -> float:
    """Return the most that a request can cost, in dollars.

    No tokenizer makes more tokens of a text than it has bytes, and what else an endpoint puts
    around messages is shorter than the rest of the request's record.
    """
    # An upper bound is needed, not an estimate: the sum of what is set aside must cover whatever
    # the endpoint bills.
    size = len(as_json(asdict(request)).encode("utf-8", "surrogatepass"))
    return bill.usd(size, request.sampling.max_tokens) or 0.0


class Purse:
    """The money of one run: spent, set aside and left. Used from one thread."""

    def __init__(self, store: Store, run: str, spending: Spending) -> None:
        self.store, self.run, self.spending = store, run, spending
        self.path = store.root / "runs" / self.run / FILE
        self.spent = Spent()
        self.reserved = 0.0
        self.meters: dict[int, Metered] = {}
        """The sessions that are metered in this turn."""
        self._turning = False
        self._fresh: dict[tuple[str, str], Spent] = {}
        self._written = time.monotonic()

    def written(self) -> str:
        """Return it as a text for another process of the run, see `read`."""
        return json.dumps({"run": self.run, "spending": asdict(self.spending)})

    @classmethod
    def read(cls, store: Store, text: str) -> Purse:
        """Return the purse that another process of the run wrote."""
        table: dict[str, Any] = json.loads(text)
        prices = {model: Price(**price) for model, price in table["spending"]["prices"].items()}
        return cls(store, table["run"], Spending(prices, table["spending"]["budget"]))

    @property
    def budget(self) -> float | None:
        return self.spending.budget

    @contextmanager
    def metered(self, work: StageWork, session: Session, bill: Bill | None) -> Iterator[Session]:
        """A judge's session for a stage, metered if it has a bill: one at an endpoint."""
        if bill is None:
            yield session
            return
        with self.turn(work):
            yield self.meter(session, bill, work)

    @contextmanager
    def turn(self, work: StageWork) -> Iterator[None]:
        """While sessions are metered. With a budget, processes that share the run and its
        store take turns; a turn within a turn is the same one."""
        if self._turning:
            yield
            return
        lock = self._wait(work) if self.budget is not None else None
        self._turning = True
        try:
            # Another process may have spent since the last turn: the record on disk counts, not
            # what this process remembers.
            self.spent, self.reserved = read_spent(self.path), 0.0
            yield
        finally:
            self.write()
            self.meters.clear()
            self._turning = False
            if lock is not None:
                lock.close()

    def meter(self, session: Session, bill: Bill, work: StageWork) -> Metered:
        """A session whose answers are paid for from this purse; the same one throughout a
        turn, whichever stage it is asked for."""
        if id(session) not in self.meters:
            self.meters[id(session)] = Metered(session, self, bill, work.stage.key)
        return self.meters[id(session)]

    def _wait(self, work: StageWork) -> Lease:
        # Polled, not blocked on: the lease lies in the store, which may be shared by machines
        # without a common lock manager.
        while (lock := self.store.lock(f"spending-{self.run}")) is None:
            work.progress(0, 0, "waiting for another process that shares this run's budget")
            time.sleep(0.2)
        return lock

    def reserve(self, amount: float) -> bool:
        """Set an amount aside, if what is left suffices."""
        if self.budget is None:
            return True
        # If the lease was taken over (this machine slept, say), another process spends by now, and
        # both together could exceed the budget.
        self.store.leases.check_cheaply(f"spending-{self.run}")
        # A budget of 0 refuses even models whose price is 0: it says that nothing is to be asked.
        if self.budget == 0 or self.spent.usd + self.reserved + amount > self.budget:
            return False
        self.reserved += amount
        return True

    def release(self, amount: float) -> None:
        self.reserved -= amount

    def pay(self, stage: str, model: str, spent: Spent) -> None:
        """Count an answer; with a budget it is on record when this poll is over, else within
        a second."""
        account = (stage, model)
        self._fresh[account] = self._fresh.get(account, Spent()) + spent
        self.spent += spent

    def tick(self) -> None:
        """Write what is due."""
        if self.budget is not None or time.monotonic() - self._written > WRITE_SECONDS:
            self.write()

    def write(self) -> None:
        self._written = time.monotonic()
        if not self._fresh:
            return
        lines = "".join(line_of(*account, spent) for account, spent in self._fresh.items()).encode()
        self._fresh = {}
        self.store.run_folder(self.run)
        with self.store.explained():
            # One write of whole lines in append mode: lines of several processes do not mix, and a
            # kill can tear the last one only, which readers skip.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                os.write(descriptor, lines)
            finally:
                os.close(descriptor)

    def spent_out(self, model: str, amount: float) -> VibenchError:
        """Return the error that ends the asking: a UsageError if nothing could be asked at all."""
        if not self.budget:
            return UsageError(
                f"The budget is $0: vibench sends nothing to '{model}' at its endpoint.",
                "Set one with --budget-usd; `vibench plan` shows the expected cost.",
            )
        if not self.spent.calls:
            return UsageError(
                f"The budget of {dollars(self.budget)} is too small: a single call to '{model}' "
                f"may cost {dollars(amount)}.",
                "Set a larger --budget-usd, or limit answers to fewer tokens (max_tokens of the "
                "judge or of sampling).",
            )
        return EndpointError(
            f"Budget reached: {dollars(self.spent.usd)} of {dollars(self.budget)} spent on "
            f"{self.spent.calls:,} calls; the next call to '{model}' could exceed it.",
            "All answers so far are kept. To resume, rerun the same command with a larger "
            "--budget-usd.",
        )


class Metered(Session):
    """A session at an endpoint whose answers are counted, and whose requests wait until what
    they may cost can be set aside."""

    def __init__(self, session: Session, purse: Purse, bill: Bill, stage: str) -> None:
        self.session, self.purse, self.bill, self.stage = session, purse, bill, stage
        self.shard = session.shard
        self._held: deque[tuple[ChatRequest, float]] = deque()
        self.flying: dict[str, tuple[ChatRequest, float]] = {}

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        """Send a request, as soon as the budget has room for it."""
        if isinstance(request, LoglikelihoodRequest):
            self.session.submit(request)
            return
        if self.purse.budget is None:
            self.flying[request.id] = request, 0.0
            self.session.submit(request)
            return
        self._held.append((request, worst(request, self.bill)))
        self._send()

    def _send(self) -> None:
        while self._held and self.purse.reserve(self._held[0][1]):
            request, amount = self._held.popleft()
            self.flying[request.id] = request, amount
            self.session.submit(request)

    def poll(self) -> Sequence[Completion | Loglikelihood]:
        """As the session's. Raises EndpointError once all that was sent is received, of the
        purse's other sessions too, and the budget is too small for the next request
        (UsageError where it never did)."""
        if self._held and not self.flying:
            self._send()
        # As long as a request is under way, its answer may cost less than what is set aside for
        # it, and free enough for the next one. Only with none under way is the budget reached.
        if self._held and not any(answer.flying for answer in self.purse.meters.values()):
            raise self.purse.spent_out(self.bill.model, self._held[0][1])
        answers = self.session.poll()
        self._count([answer for answer in answers if isinstance(answer, Completion)])
        self.purse.tick()
        self._send()
        return answers

    def _count(self, completions: Sequence[Completion]) -> None:
        prompts, answers, guessed, usd = [], [], 0, 0.0
        for completion in completions:
            # None: asked by a stage that broke, and paid for all the same.
            request, reserved = self.flying.pop(completion.id, (None, 0.0))
            self.purse.release(reserved)
            if completion.prompt_tokens and (completion.completion_tokens or not completion.text):
                usd += self.bill.usd(completion.prompt_tokens, completion.completion_tokens) or 0.0
            # The endpoint says that it bills nothing for this one, or nothing is known of it.
            elif request is None or completion.free:
                continue
            else:
                # No usage was reported, and yet the call may have been billed: it is counted at
                # the most it can have cost, because a budget must hold in the worst case.
                usd, guessed = usd + worst(request, self.bill), guessed + 1
            prompts.append(completion.prompt_tokens)
            answers.append(completion.completion_tokens)
        if prompts:
            unpriced = frozenset() if self.bill.price else frozenset({self.bill.model})
            spent = Spent(len(prompts), sum(prompts), sum(answers), usd, unpriced, guessed)
            self.purse.pay(self.stage, self.bill.model, spent)

    def left_out(self, sampling: Sampling) -> tuple[str, ...]:
        """As the session's."""
        return self.session.left_out(sampling)

    def close(self) -> None:
        """Nothing: the session is its opener's."""
