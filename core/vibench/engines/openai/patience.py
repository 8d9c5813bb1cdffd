"""Patience with an endpoint that answers no request: how long to wait, and when to stop waiting."""

from __future__ import annotations

import threading

__all__ = ["OPENING", "Patience", "waiting_line"]

OPENING = 10.0
"""Seconds to wait for an endpoint that has never answered this process: more often than not its
address is wrong, or nobody has started it."""

# Shared by all sessions of the process, since what one of them found out about an endpoint holds
# for the others, too.

_lock = threading.Lock()
_reached: set[str] = set()
"""Base URLs that have answered this process."""
_given_up: set[str] = set()
"""Base URLs that did not answer within their patience, nor since. Without this, each of a run's
stages would wait for as long again."""


class Patience:
    """The patience with one endpoint. Does no I/O; times are seconds on any one clock."""

    def __init__(self, base_url: str, seconds: float) -> None:
        self.base_url, self.seconds = base_url, seconds
        self.since: float | None = None
        """The time since which nothing was answered; None unless a request has failed since."""
        self._last = float("-inf")

    @property
    def left_over(self) -> float:
        """Seconds of patience from now on: none with an endpoint that was given up before."""
        with _lock:
            return 0.0 if self.base_url in _given_up else self.seconds

    @property
    def at_opening(self) -> float:
        """The same for a session that is being opened."""
        with _lock:
            reached = self.base_url in _reached
        return self.left_over if reached else min(self.left_over, OPENING)

    @property
    def in_vain(self) -> bool:
        """True if the endpoint was given up and has not answered since."""
        with _lock:
            return self.base_url in _given_up

    def answered(self, now: float) -> None:
        """Note that a request was answered."""
        self.since, self._last = None, now
        # Looked up without the lock first: this is called for every answer.
        if self.base_url not in _reached or self.base_url in _given_up:
            with _lock:
                _reached.add(self.base_url)
                _given_up.discard(self.base_url)

    def failed(self, sent: float) -> None:
        """Note that a request that was sent at `sent` failed for a passing cause."""
        # The silence began when the request was sent, not when it failed: a time-out of five
        # minutes is five minutes without an answer. But not before the last answer.
        if self.since is None:
            self.since = max(sent, self._last)

    @property
    def end(self) -> float:
        """The time at which patience ends; infinite while requests are answered."""
        return float("inf") if self.since is None else self.since + self.left_over

    def silence(self, now: float) -> float:
        """Return the seconds without an answer."""
        return 0.0 if self.since is None else now - self.since

    def spent(self, now: float) -> bool:
        """Return whether patience has ended; if so, the endpoint is given up."""
        if self.silence(now) < self.left_over:
            return False
        self.give_up()
        return True

    def give_up(self) -> None:
        """Wait no longer, nor again in this process until the endpoint answers."""
        with _lock:
            _given_up.add(self.base_url)


def waiting_line(base_url: str, silence: float, pause: float) -> str:
    """Return the progress line for an endpoint that has been silent for `silence` seconds."""
    then = f"trying again in {pause:.0f} s" if pause >= 1 else "trying again"
    return f"waiting for {base_url}: no answer for {silence:.0f} s, {then}"
