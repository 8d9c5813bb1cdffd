"""Requests on their way to an endpoint: a loop in a thread of its own, and the hand-over.

The caller's thread and the loop share one interpreter lock, so each wake-up of one interrupts
the other. What passes between them therefore passes in batches: as much as piled up while the
other side was busy.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from vibench.collector import collect_as_before, collect_seldom
from vibench.engines.openai.address import Address
from vibench.engines.openai.failures import endpoint_error, failed_completion
from vibench.engines.openai.limits import Limits
from vibench.engines.openai.outage import Outage
from vibench.engines.openai.pace import Pace
from vibench.engines.openai.patience import Patience, waiting_line
from vibench.engines.openai.replies import CallFailure, ChatReply
from vibench.engines.openai.requests import Dialect
from vibench.engines.openai.wire import Wire
from vibench.records import ChatRequest, Completion

__all__ = ["Traffic"]

NOTICE_SECONDS = 1.0
"""Seconds between two notices that an endpoint does not answer."""


@dataclass(slots=True, eq=False)
class _Request:
    """A request under way (the only place where its attempts are counted)."""

    request: ChatRequest
    attempts: int = 0


class Traffic:
    """One endpoint's connections. `submit`, `take` and `close` are for one thread."""

    def __init__(self, address: Address, dialect: Dialect, limits: Limits) -> None:
        self._address, self._dialect, self._limits = address, dialect, limits
        self._pace = Pace(limits.connections)
        self._patience = Patience(address.base_url, limits.patience)
        self._outage = Outage(self._pace)
        self._loop = asyncio.new_event_loop()
        self._wire: Wire | None = None
        # The hand-over between the two threads. It needs no lock: appending to a deque and popping
        # from it are atomic, and each end is used by one thread only.
        self._inbox: deque[ChatRequest] = deque()
        self._outbox: deque[Completion] = deque()
        self._called = self._signalled = False
        self._ready = threading.Event()
        self._failure: Exception | None = None
        # From here on for the loop's thread alone. `_held` is a heap of requests that wait for
        # their next attempt; the numbers keep it from comparing requests of one time.
        self._queue: deque[_Request] = deque()
        self._held: list[tuple[float, int, _Request]] = []
        self._number = itertools.count()
        self._active = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._answered = self._ending = self._down = False
        self._thread = threading.Thread(target=self._run, name="endpoint", daemon=True)
        self._thread.start()
        collect_seldom()

    # --- the caller's side ---

    def reach(self) -> None:
        """Check that something listens at the address; to be called first.

        Raises EndpointError if nothing listens there, UsageError if nothing can.
        """
        failure = asyncio.run_coroutine_threadsafe(self._connect(), self._loop).result()
        if failure is not None:
            raise endpoint_error(failure, self._address, self._dialect.model)

    def submit(self, requests: Sequence[ChatRequest]) -> None:
        """Send these, in their order, as soon as the pace allows."""
        self._inbox.extend(requests)
        # One wake-up for everything that is submitted until the loop gets round to it.
        if not self._called:
            self._called = True
            self._loop.call_soon_threadsafe(self._collect)

    def take(self, notice: Callable[[str], None]) -> list[Completion]:
        """Wait for completions and return all there are.

        `notice` gets a line now and then while the endpoint answers no request. Raises
        UsageError or EndpointError for what is wrong with every request, once all completions
        before it have been taken.
        """
        while True:
            # In this order: cleared before the outbox is read, an answer that comes in between
            # sets it again; and the failure is read first, since what was answered before it
            # must be in the outbox by then.
            self._ready.clear()
            failure = self._failure
            taken = []
            while self._outbox:
                taken.append(self._outbox.popleft())
            if taken:
                return taken
            if failure is not None:
                raise failure
            if not self._ready.wait(NOTICE_SECONDS) and self._down:
                now = self._loop.time()
                silence, pause = self._patience.silence(now), self._pace.resume - now
                notice(waiting_line(self._address.base_url, silence, pause))

    def close(self) -> None:
        """Cancel the requests under way and end the thread. To be called once."""
        collect_as_before()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            # The garbage collector may end a forgotten session in any thread, also in the loop's,
            # which cannot wait for its own end.
            if threading.current_thread() is not self._thread:
                self._thread.join()

    # --- the loop's side ---

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._shut())
            self._loop.close()

    async def _shut(self) -> None:
        self._ending = True
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._wire is not None:
            await self._wire.close()

    async def _connect(self) -> CallFailure | None:
        self._wire = Wire(self._address, self._limits.connections, self._limits.timeout)
        failure = await self._wire.knock(self._patience.at_opening, self._patience.in_vain)
        if failure is not None and failure.unreachable:
            self._patience.give_up()
        return failure

    def _collect(self) -> None:
        # Cleared before the inbox is read: what is appended after that calls again.
        self._called = False
        while self._inbox:
            self._queue.append(_Request(self._inbox.popleft()))
        self._pump()

    def _pump(self) -> None:
        """Start the requests that may start now; set a timer for when more may."""
        if self._ending or self._failure is not None:
            return
        now = self._loop.time()
        # To the head of the queue: the request has waited longest, and its stage waits for it.
        while self._held and self._held[0][0] <= now:
            self._queue.appendleft(heapq.heappop(self._held)[2])
        if now >= self._pace.resume:
            while self._queue and self._active < int(self._pace.window):
                self._active += 1
                task = self._loop.create_task(self._work(self._queue.popleft()))
                # The loop itself holds tasks by weak references only.
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        due = [self._held[0][0]] if self._held else []
        if self._queue and now < self._pace.resume:
            due.append(self._pace.resume)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(min(due), self._pump) if due else None

    async def _work(self, item: _Request | None) -> None:
        """Send one request after another, as long as the window has room for them."""
        # A task for each place in the window, not for each request: there is then nothing to start
        # between an answer and the next request.
        assert self._wire is not None
        try:
            while item is not None and self._failure is None:
                lessons, sent = self._dialect.lessons, self._loop.time()
                item.attempts += 1
                reply = await self._wire.ask(self._dialect.body(item.request))
                if isinstance(reply, ChatReply):
                    self._answer(item, reply, sent)
                else:
                    self._fail_request(item, reply, sent, lessons)
                item = self._next()
        except Exception as error:  # A defect here must not leave the caller waiting for ever.
            self._fail(error)
        finally:
            self._active -= 1
            self._pump()

    def _next(self) -> _Request | None:
        """Return the next request for a task that is free; None if it should end."""
        window = int(self._pace.window)
        if self._held or self._active < window:
            self._pump()
        # More tasks than the window has places: it has narrowed, and this one makes room.
        if not self._queue or self._active > window or self._loop.time() < self._pace.resume:
            return None
        return self._queue.popleft()

    def _answer(self, item: _Request, reply: ChatReply, sent: float) -> None:
        self._hear(sent)
        self._done(
            Completion(
                item.request.id,
                reply.text,
                reply.finish,
                reply.prompt_tokens,
                reply.completion_tokens,
                thought=reply.thought,
            )
        )

    def _hear(self, sent: float) -> None:
        """Note that the endpoint has answered a request that was sent at `sent`."""
        self._answered, self._down = True, False
        self._outage.answered()
        self._pace.answered(sent)
        self._patience.answered(self._loop.time())

    def _fail_request(
        self, item: _Request, failure: CallFailure, sent: float, lessons: int
    ) -> None:
        """Send a request again, give it up, or give everything up; `lessons` is the dialect's
        count from when it was sent."""
        # The dialect learns from the first such refusal, and the others that were under way with
        # the old one are sent again too. None of it counts as an attempt: the request is new.
        if failure.parameter is not None and (
            self._dialect.drop(failure.parameter) or self._dialect.lessons > lessons
        ):
            item.attempts -= 1
            self._queue.appendleft(item)
            return
        if failure.wrong is not None and not (failure.at_first and self._answered):
            self._fail_all(failure)
            return
        # A refusal of this one request is an answer as far as the endpoint's health goes.
        if failure.final:
            self._hear(sent)
            self._give_up(item, failure)
            return
        if (failure.retry_after or 0.0) > self._limits.patience:
            self._fail_all(replace(failure, wrong="away"))
            return
        self._patience.failed(sent)
        again = self._outage.failed(item, item.attempts, failure, sent, self._loop.time())
        self._down = self._outage.explains(failure)
        if self._down and self._patience.spent(self._loop.time()):
            self._fail_all(replace(failure, wrong=None))
        elif not self._down and item.attempts >= self._limits.attempts:
            self._give_up(item, failure)
        else:
            if self._down:
                # While the endpoint answers nobody its failures are not the request's; and the
                # last try comes when patience ends, not a pause later.
                item.attempts -= 1
                if failure.retry_after is None:
                    again = min(again, self._patience.end)
                    self._pace.resume = min(self._pace.resume, self._patience.end)
            heapq.heappush(self._held, (again, next(self._number), item))

    def _give_up(self, item: _Request, failure: CallFailure) -> None:
        """Answer a request with its failure."""
        detail = self._address.scrub(failure.detail)
        if item.attempts > 1:
            detail = f"{detail} ({item.attempts} attempts)".strip()
        self._done(failed_completion(item.request.id, failure, detail))

    def _fail_all(self, failure: CallFailure) -> None:
        """End all requests with the error that a failure stands for."""
        silence = self._patience.silence(self._loop.time())
        self._fail(endpoint_error(failure, self._address, self._dialect.model, silence))

    def _fail(self, error: Exception) -> None:
        # The first error is the cause; those that follow from it would hide it.
        if self._failure is None:
            self._failure = error
            self._signal()

    def _done(self, completion: Completion) -> None:
        self._outbox.append(completion)
        # At the end of this turn of the loop, so that all answers of the turn wake the caller once.
        if not self._signalled:
            self._signalled = True
            self._loop.call_soon(self._signal)

    def _signal(self) -> None:
        self._signalled = False
        self._ready.set()
