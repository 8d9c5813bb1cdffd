"""The pace of requests to an endpoint: a window of requests at once, and pauses of them all.

The window starts small and doubles with every round of answers until a good part of them is
refused (slow start, as in TCP); from then on each answer widens it a little and each refusal
narrows it by much more, so that a round of refusals cuts it to a quarter while a stray refusal
in ten does not keep it small.
"""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["FIRST", "Pace", "backoff"]

FIRST = 8
"""The window at the start."""
SHORTEST, LONGEST = 0.1, 30.0
"""Seconds of the first pause, and of the longest."""
WIDER, NARROWER = 0.1, 0.75
"""Places that an answer adds to the window, and a refusal takes from it, after slow start."""
ALONE = 3
"""The pause in a row from which on one request at a time is sent."""
REFUSED_SHARE = 0.3
"""The share of refusals that ends slow start; a stray refusal does not."""


def backoff(times: int, first: float, factor: float, draw: float) -> float:
    """Return the seconds to wait after `times` failures; `draw` in [0, 1) spreads them out."""
    # Spread over the upper half, so that requests that failed together do not return together.
    # Beyond some dozens of times the power would overflow.
    return min(LONGEST, first * factor ** (min(times, 40) - 1)) * (0.5 + draw / 2)


class Pace:
    """The window, and the pause. Does no I/O; times are seconds on any one clock."""

    def __init__(self, connections: int, draw: Callable[[], float] = random.random) -> None:
        self.connections = connections
        self.window = float(min(FIRST, connections))
        self.resume = 0.0
        """Nothing is sent before this time."""
        self.stalls = 0
        """Pauses of all requests since the last answer."""
        self._draw = draw
        # Below `_steep` the window grows by one for each answer: that is slow start.
        self._steep = float(connections)
        # The share of refusals, over about the last eight requests.
        self._share = 0.0
        self._paused = float("-inf")
        self._refused = 0

    def answered(self, sent: float) -> None:
        """Widen the window for a request that was sent at `sent` and has been answered."""
        if sent >= self._paused:
            self.stalls = 0
        elif self.stalls >= ALONE:
            # It was under way before the endpoint went away, and says nothing about now.
            return
        self._refused = 0
        self._share -= self._share / 8
        grow = 1.0 if self.window < self._steep else max(WIDER, 1 / self.window)
        self.window = min(float(self.connections), self.window + grow)

    def overloaded(self) -> None:
        """Narrow the window: a request was refused, or timed out, because of too many others."""
        self._share += (1 - self._share) / 8
        self.window = max(1.0, self.window - NARROWER)
        if self._share > REFUSED_SHARE:
            self._steep = max(self.window, float(min(FIRST, self.connections)))

    def limited(self, sent: float, now: float, retry_after: float | None, times: int) -> float:
        """Slow down after a 429; return the time at which the request may be sent again.

        `retry_after` are the seconds that the endpoint asked for, `times` the request's failures.
        """
        self.overloaded()
        self._refused += 1
        wait = backoff(times, 0.25, 2, self._draw()) if retry_after is None else retry_after
        # One 429 is a matter of that request and the window. Several with no answer among them are
        # a limit that is spent, and everything waits for it to be filled again.
        if self._refused >= max(3, self.window // 2):
            self.stalled(sent, now, wait)
        # Not a moment earlier than was asked for, and not all at once.
        return now + wait * (1 + 0.1 * self._draw())

    def stalled(self, sent: float, now: float, retry_after: float | None) -> float:
        """Pause all requests, because the endpoint answers none; return the time of the next one.

        The first pause is short, as one failed request may be an accident. From the third
        on a single request is sent to see whether the endpoint is back.
        """
        # Requests that were sent before the pause began fail by the same outage, a window full of
        # them at once: they make one pause and not a longer one each.
        if sent >= self._paused:
            self.stalls += 1
            self._paused = now
            if self.stalls >= ALONE:
                self.alone()
            pause = backoff(self.stalls, SHORTEST, 3, self._draw())
            self.resume = max(self.resume, now + pause)
        if retry_after is not None:
            self.resume = max(self.resume, now + retry_after)
        return max(self.resume, now + SHORTEST)

    def alone(self) -> None:
        """Send one request at a time until one is answered."""
        # Half of the window that was too much is where slow start ends when the endpoint is back.
        if self.window > 1:
            self._steep = self.window / 2
            self.window = 1.0
