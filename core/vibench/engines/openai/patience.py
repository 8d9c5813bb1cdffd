"""How long an endpoint that answers nobody is waited for."""

from __future__ import annotations

import threading

__all__ = ["OPENING", "Patience", "waiting"]

OPENING = 10.0
"""Seconds that an endpoint which has never answered this process is waited for: more often
than not its address is wrong, or nobody has started it."""

_lock = threading.Lock()
_reached: set[str] = set()
"""Base URLs that have answered this process."""
_given_up: set[str] = set()
"""Base URLs that were waited for in vain, and have not answered since. Without this each of a
run's stages would wait for as long again."""


class Patience:
    """The wait for one endpoint. Does no I/O; times are seconds on any one clock."""

    def __init__(self, base_url: str, seconds: float) -> None:
        self.base_url, self.seconds = base_url, seconds
        self.since: float | None = None
        """When the first request was sent of those that failed since the last answer."""
        self._last = float("-inf")

    @property
    def left_over(self) -> float:
        """The seconds that it is waited for from now on: none where that was in vain before."""
        with _lock:
            return 0.0 if self.base_url in _given_up else self.seconds

    @property
    def at_opening(self) -> float:
        """The same for a session that is being opened."""
        with _lock:
            known = self.base_url in _reached
        return self.left_over if known else min(self.left_over, OPENING)

    @property
    def in_vain(self) -> bool:
        """True if it was given up, and has not answered since."""
        with _lock:
            return self.base_url in _given_up

    def answered(self, now: float) -> None:
        """A request was answered."""
        self.since, self._last = None, now
        if self.base_url not in _reached or self.base_url in _given_up:
            with _lock:
                _reached.add(self.base_url)
                _given_up.discard(self.base_url)

    def failed(self, begun: float) -> None:
        """A request that was sent at `begun` failed for a passing cause."""
        if self.since is None:
            self.since = max(begun, self._last)

    @property
    def end(self) -> float:
        """When it has been waited for long enough."""
        return float("inf") if self.since is None else self.since + self.left_over

    def silence(self, now: float) -> float:
        """The seconds without an answer."""
        return 0.0 if self.since is None else now - self.since

    def spent(self, now: float) -> bool:
        """True if it was waited for long enough, which is remembered."""
        if self.silence(now) < self.left_over:
            return False
        self.give_up()
        return True

    def give_up(self) -> None:
        """Wait no longer, nor again until it answers."""
        with _lock:
            _given_up.add(self.base_url)


def waiting(base_url: str, silence: float, pause: float) -> str:
    """The line that says what is waited for."""
    then = f"trying again in {pause:.0f} s" if pause >= 1 else "trying again"
    return f"waiting for {base_url}: no answer for {silence:.0f} s, {then}"
