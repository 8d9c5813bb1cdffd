"""How many requests an endpoint is sent at once, and when it is left alone.

The window begins small and doubles with every round of answers until a good part of them is
refused; from then on each answer widens it a little and each refusal narrows it by much
more, so that a round of refusals cuts it to a quarter while a stray one in ten does not keep
it small.
"""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["FIRST", "Pace", "backoff"]

FIRST = 8
"""The window to begin with."""
SHORTEST, LONGEST = 0.1, 30.0
"""Seconds of the first pause, and of the longest."""
WIDER, NARROWER = 0.1, 0.75
"""What an answer adds to the window, and a refusal takes from it, once slow start is over."""
ALONE = 3
"""The pause from which on one request at a time is sent."""
GOOD_PART = 0.3
"""The share of refusals that ends slow start."""


def backoff(times: int, first: float, factor: float, draw: float) -> float:
    """Seconds to wait after failing `times` times; `draw` in [0, 1) spreads them out."""
    # Beyond some dozens of times the power is no float any more.
    return min(LONGEST, first * factor ** (min(times, 40) - 1)) * (0.5 + draw / 2)


class Pace:
    """The window, and the pause. Does no I/O; times are seconds on any one clock."""

    def __init__(self, most: int, draw: Callable[[], float] = random.random) -> None:
        self.most = most
        self.window = float(min(FIRST, most))
        self.resume = 0.0
        """Nothing is sent before this time."""
        self.stalls = 0
        """Pauses of everything since the last answer."""
        self._draw = draw
        self._steep = float(most)
        self._share = 0.0
        self._paused = float("-inf")
        self._refused = 0

    def answered(self, begun: float) -> None:
        """A request that began at `begun` was answered."""
        if begun >= self._paused:
            self.stalls = 0
        elif self.stalls >= ALONE:  # It was under way before the endpoint went away.
            return
        self._refused = 0
        self._share -= self._share / 8
        grow = 1.0 if self.window < self._steep else max(WIDER, 1 / self.window)
        self.window = min(float(self.most), self.window + grow)

    def overloaded(self) -> None:
        """A request was refused, or kept waiting, for want of room."""
        self._share += (1 - self._share) / 8
        self.window = max(1.0, self.window - NARROWER)
        if self._share > GOOD_PART:
            self._steep = max(self.window, float(min(FIRST, self.most)))

    def limited(self, begun: float, now: float, asked: float | None, times: int) -> float:
        """A 429, which asked for `asked` seconds: when the request may be sent again.

        One is a matter of that request and the window. Several with no answer among them
        are a limit that is spent, and everything waits.
        """
        self.overloaded()
        self._refused += 1
        wait = backoff(times, 0.25, 2, self._draw()) if asked is None else asked
        if self._refused >= max(3, self.window // 2):
            self.stalled(begun, now, wait)
        # Not a moment earlier than was asked for, and not all at once.
        return now + wait * (1 + 0.1 * self._draw())

    def stalled(self, begun: float, now: float, asked: float | None) -> float:
        """The endpoint answers nobody: pause everything; returns until when.

        The first pause is short, as one failed request may be an accident. From the third
        on a single request is sent to see whether the endpoint is back.
        """
        if begun >= self._paused:
            self.stalls += 1
            self._paused = now
            if self.stalls >= ALONE:
                self.alone()
            pause = backoff(self.stalls, SHORTEST, 3, self._draw())
            self.resume = max(self.resume, now + pause)
        if asked is not None:
            self.resume = max(self.resume, now + asked)
        return max(self.resume, now + SHORTEST)

    def alone(self) -> None:
        """Send one request at a time until one is answered."""
        if self.window > 1:
            self._steep = self.window / 2
            self.window = 1.0
