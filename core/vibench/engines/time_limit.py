"""A time limit for Python code by somebody else, in whatever thread it runs."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["TimeLimitReached", "time_limit"]

STEP_S = 0.1
"""Time between two looks at the clock."""


class TimeLimitReached(BaseException):
    """The code ran longer than its limit. No Exception, so that the code cannot catch it."""


class _Watch:
    """The deadlines of the threads under a limit, and the thread that looks after them.

    Alarm signals would reach only the main thread, and a worker renders in others too.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.deadlines: dict[int, float] = {}
        self.thread: threading.Thread | None = None

    def add(self, thread: int, deadline: float) -> None:
        with self.lock:
            self.deadlines[thread] = deadline
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._watch, daemon=True)
                self.thread.start()

    def remove(self, thread: int) -> None:
        with self.lock:
            if self.deadlines.pop(thread, None) is None:
                # The exception was sent and may still be on its way: without this, it would end
                # code that runs after the limited one.
                _send(thread, None)

    def _watch(self) -> None:
        while True:
            time.sleep(STEP_S)
            with self.lock:
                now = time.monotonic()
                for thread in [t for t, deadline in self.deadlines.items() if deadline < now]:
                    del self.deadlines[thread]
                    _send(thread, TimeLimitReached)
                if not self.deadlines:
                    self.thread = None
                    return


def _send(thread: int, exception: type[BaseException] | None) -> None:
    target = None if exception is None else ctypes.py_object(exception)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), target)


_WATCH = _Watch()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimitReached in this thread once the block has run for `seconds`.

    A single call of C code is not interrupted: the exception comes when it returns.
    """
    thread = threading.get_ident()
    _WATCH.add(thread, time.monotonic() + seconds)
    try:
        yield
    finally:
        _WATCH.remove(thread)
