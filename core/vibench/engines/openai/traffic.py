"""Requests on their way to an endpoint: a loop in a thread of its own, and the hand-over.

The caller's thread and the loop share one interpreter lock, so what passes between them
passes in batches: as much as piled up while the other side was busy.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from vibench.collector import often, seldom
from vibench.engines.openai.address import Address
from vibench.engines.openai.failures import complaint, failed
from vibench.engines.openai.pace import ALONE, Pace, backoff
from vibench.engines.openai.patience import Patience, waiting
from vibench.engines.openai.replies import Answer, Trouble
from vibench.engines.openai.requests import Dialect
from vibench.engines.openai.wire import Wire
from vibench.records import ChatRequest, Completion

__all__ = ["Limits", "Traffic"]

CROWD = 8
"""So many different requests that fail in a row are not to blame for it themselves."""
NOTICE_SECONDS = 1.0
"""How often it is said that an endpoint is waited for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Connections at once, seconds for a request, how often one is tried, and seconds that an
    endpoint which answers nobody is waited for."""

    connections: int
    timeout: float
    attempts: int
    patience: float


@dataclass(slots=True, eq=False)
class _Item:
    """A request under way (the only place where its attempts are counted)."""

    request: ChatRequest
    attempts: int = 0


class Traffic:
    """One endpoint's connections. `submit`, `take` and `close` are for one thread."""

    def __init__(self, address: Address, dialect: Dialect, limits: Limits) -> None:
        self._address, self._dialect, self._limits = address, dialect, limits
        self._pace = Pace(limits.connections)
        self._patience = Patience(address.base_url, limits.patience)
        self._loop = asyncio.new_event_loop()
        self._wire: Wire | None = None
        # What the two threads hand each other; appending and popping are atomic.
        self._inbox: deque[ChatRequest] = deque()
        self._outbox: deque[Completion] = deque()
        self._called = self._signalled = False
        self._ready = threading.Event()
        self._failure: Exception | None = None
        # The loop's own.
        self._queue: deque[_Item] = deque()
        self._held: list[tuple[float, int, _Item]] = []
        self._number = itertools.count()
        self._active = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._stuck: set[_Item] = set()
        self._silences = 0
        self._answered = self._ending = self._down = False
        self._thread = threading.Thread(target=self._run, name="endpoint", daemon=True)
        self._thread.start()
        seldom()

    # --- the caller's side ---

    def reach(self) -> None:
        """See that something listens there; comes first. Raises EndpointError if nothing does,
        UsageError if nothing can."""
        trouble = asyncio.run_coroutine_threadsafe(self._connect(), self._loop).result()
        if trouble is not None:
            raise complaint(trouble, self._address, self._dialect.model)

    def submit(self, requests: Sequence[ChatRequest]) -> None:
        """Send these, in their order, as soon as the pace allows."""
        self._inbox.extend(requests)
        if not self._called:
            self._called = True
            self._loop.call_soon_threadsafe(self._collect)

    def take(self, notice: Callable[[str], None]) -> list[Completion]:
        """Wait for completions and return all there are; `notice` is told what is waited for
        while the endpoint answers nobody.

        Raises UsageError or EndpointError for what is wrong with every request, after all
        that was answered has been taken.
        """
        while True:
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
                notice(waiting(self._address.base_url, silence, pause))

    def close(self) -> None:
        """Cancel what is under way and end the thread. Comes once."""
        often()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            if threading.current_thread() is not self._thread:  # Where the collector called it.
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

    async def _connect(self) -> Trouble | None:
        self._wire = Wire(self._address, self._limits.connections, self._limits.timeout)
        trouble = await self._wire.knock(self._patience.at_opening, self._patience.in_vain)
        if trouble is not None and trouble.unreachable:
            self._patience.give_up()
        return trouble

    def _collect(self) -> None:
        self._called = False
        while self._inbox:
            self._queue.append(_Item(self._inbox.popleft()))
        self._pump()

    def _pump(self) -> None:
        """Start what may start now, and come back when more may."""
        if self._ending or self._failure is not None:
            return
        now = self._loop.time()
        while self._held and self._held[0][0] <= now:
            self._queue.appendleft(heapq.heappop(self._held)[2])
        if now >= self._pace.resume:
            while self._queue and self._active < int(self._pace.window):
                self._active += 1
                task = self._loop.create_task(self._work(self._queue.popleft()))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        due = [self._held[0][0]] if self._held else []
        if self._queue and now < self._pace.resume:
            due.append(self._pace.resume)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(min(due), self._pump) if due else None

    async def _work(self, item: _Item | None) -> None:
        """Put one request after another, as long as the window has room for it."""
        assert self._wire is not None
        try:
            while item is not None and self._failure is None:
                lessons, begun = self._dialect.lessons, self._loop.time()
                item.attempts += 1
                found = await self._wire.ask(self._dialect.body(item.request))
                if isinstance(found, Answer):
                    self._answer(item, found, begun)
                else:
                    self._trouble(item, found, begun, lessons)
                item = self._next()
        except Exception as error:  # A defect here must not leave the caller waiting.
            self._fail(error)
        finally:
            self._active -= 1
            self._pump()

    def _next(self) -> _Item | None:
        window = int(self._pace.window)
        if self._held or self._active < window:
            self._pump()
        if not self._queue or self._active > window or self._loop.time() < self._pace.resume:
            return None
        return self._queue.popleft()

    def _answer(self, item: _Item, found: Answer, begun: float) -> None:
        self._heard(begun)
        self._done(
            Completion(
                item.request.id,
                found.text,
                found.finish,
                found.prompt_tokens,
                found.completion_tokens,
                thought=found.thought,
            )
        )

    def _heard(self, begun: float) -> None:
        self._answered, self._down = True, False
        self._stuck.clear()
        self._silences = 0
        self._pace.answered(begun)
        self._patience.answered(self._loop.time())

    def _trouble(self, item: _Item, found: Trouble, begun: float, lessons: int) -> None:
        """Try again, give the request up, or give everything up."""
        if found.parameter is not None and (
            self._dialect.drop(found.parameter) or self._dialect.lessons > lessons
        ):
            item.attempts -= 1
            self._queue.appendleft(item)
            return
        if found.wrong is not None and not (found.at_first and self._answered):
            self._complain(found)
            return
        if found.final:
            self._heard(begun)
            self._give_up(item, found)
            return
        if (found.retry_after or 0.0) > self._limits.patience:
            self._complain(replace(found, wrong="away"))
            return
        self._patience.failed(begun)
        again = self._slow_down(item, found, begun)
        self._down = self._nobody_is_answered(found)
        if self._down and self._patience.spent(self._loop.time()):
            self._complain(replace(found, wrong=None))
        elif not self._down and item.attempts >= self._limits.attempts:
            self._give_up(item, found)
        else:
            if self._down:
                # While the endpoint answers nobody its failures are not the request's; and the
                # last try comes when patience ends, not a pause later.
                item.attempts -= 1
                if found.retry_after is None:
                    again = min(again, self._patience.end)
                    self._pace.resume = min(self._pace.resume, self._patience.end)
            heapq.heappush(self._held, (again, next(self._number), item))

    def _slow_down(self, item: _Item, found: Trouble, begun: float) -> float:
        """Adapt the pace to what went wrong; when the request may be sent again."""
        now, pace = self._loop.time(), self._pace
        if found.cause == "rate limit":
            self._stuck.add(item)
            return pace.limited(begun, now, found.retry_after, item.attempts)
        if found.cause == "server error" or found.unreachable:
            self._stuck.add(item)
            return pace.stalled(begun, now, found.retry_after)
        # A time-out, a cut connection, or what cannot be read: a proxy whose server is away.
        self._stuck.add(item)
        self._silences += 1
        if self._silences >= CROWD and len(self._stuck) >= CROWD:
            # Each may take minutes to fail, and be billed: one at a time, at once.
            pace.alone()
            return pace.stalled(begun, now, found.retry_after)
        if found.cause == "time-out":
            pace.overloaded()
        return now + backoff(item.attempts, 0.1, 2, 0.5)

    def _nobody_is_answered(self, found: Trouble) -> bool:
        """Whether a failure is the endpoint's rather than the request's: nothing gets through
        to it, or many different requests fail one after another through several pauses.

        One request at a time is sent then, at growing intervals, until one is answered or
        patience ends.
        """
        if found.unreachable:
            return True
        stalled = self._pace.stalls >= ALONE or self._silences >= CROWD
        return stalled and len(self._stuck) >= CROWD

    def _give_up(self, item: _Item, found: Trouble) -> None:
        detail = self._address.scrub(found.detail)
        if item.attempts > 1:
            detail = f"{detail} ({item.attempts} attempts)".strip()
        self._done(failed(item.request.id, found, detail))

    def _complain(self, found: Trouble) -> None:
        silence = self._patience.silence(self._loop.time())
        self._fail(complaint(found, self._address, self._dialect.model, silence))

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
            self._signal()

    def _done(self, completion: Completion) -> None:
        self._outbox.append(completion)
        if not self._signalled:
            self._signalled = True
            self._loop.call_soon(self._signal)

    def _signal(self) -> None:
        self._signalled = False
        self._ready.set()
