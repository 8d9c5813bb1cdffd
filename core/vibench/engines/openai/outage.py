"""Outages: failures that are the endpoint's, told from those that are a request's own.

A single failure proves little. A request that fails alone is to blame itself and is given up
after its attempts; while nobody is answered no request is to blame, and giving any of them up
would lose answers to an outage that passes.
"""

from __future__ import annotations

from collections.abc import Hashable

from vibench.engines.openai.pace import ALONE, Pace, backoff
from vibench.engines.openai.replies import CallFailure

__all__ = ["CROWD", "Outage"]

CROWD = 8
"""Different requests that have to fail in a row before the endpoint is to blame. Fewer could be
the same few bad requests, each tried again and again."""


class Outage:
    """The failures since the last answer, and the pace that follows from them. Does no I/O."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._failed: set[Hashable] = set()
        self._silences = 0

    def answered(self) -> None:
        """Forget the failures: the endpoint has answered a request."""
        self._failed.clear()
        self._silences = 0

    def failed(
        self, request: Hashable, attempts: int, failure: CallFailure, sent: float, now: float
    ) -> float:
        """Adapt the pace to a failure; return the time at which the request may be sent again.

        `attempts` are the request's own, `sent` is when it was sent last; times are in seconds on
        one clock.
        """
        self._failed.add(request)
        pace = self._pace
        if failure.cause == "rate limit":
            return pace.limited(sent, now, failure.retry_after, attempts)
        if failure.cause == "server error" or failure.unreachable:
            return pace.stalled(sent, now, failure.retry_after)
        # A time-out, a cut connection, or a reply that cannot be read: a proxy whose server is
        # away does all of these. One of them may be an accident of that request.
        self._silences += 1
        if self._silences >= CROWD and len(self._failed) >= CROWD:
            # Each further one may take minutes to fail, and may be billed: one at a time from here.
            pace.alone()
            return pace.stalled(sent, now, failure.retry_after)
        # A server that answers too late has more requests than it can take.
        if failure.cause == "time-out":
            pace.overloaded()
        return now + backoff(attempts, 0.1, 2, 0.5)

    def explains(self, failure: CallFailure) -> bool:
        """Return whether a failure is the endpoint's rather than the request's.

        It is if nothing gets through to the endpoint, or if many different requests have failed
        one after another, through several pauses. One request at a time is sent then, at growing
        intervals, until one is answered or patience ends.
        """
        if failure.unreachable:
            return True
        # Both, because a stalled pace alone may be one request that crashes its server each time.
        stalled = self._pace.stalls >= ALONE or self._silences >= CROWD
        return stalled and len(self._failed) >= CROWD
