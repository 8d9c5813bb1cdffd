"""Short requests that only look whether a host answers, several at once and with a time limit."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException
from typing import IO, TypeVar

__all__ = ["Knock", "at_once", "knock"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Knock:
    """The answer of a host: its HTTP status (0 if it took the connection and gave none) and its
    headers, in lower case; or the cause for which there is no connection."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    cause: str = ""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer; to follow it could take a key to another host."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        return None


def knock(
    url: str, timeout: float, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> Knock:
    """Send one request without a body, by the environment's proxy if it names one.

    Looking up the host's name is not within `timeout`: call it in `at_once`.
    """
    request = urllib.request.Request(
        url, headers={"User-Agent": "vibench", **(headers or {})}, method=method
    )
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=timeout) as response:
            return Knock(response.status, _lower(response.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Knock(error.code, _lower(error.headers))
    except urllib.error.URLError as error:
        reason = error.reason
        text = getattr(reason, "strerror", None) or str(reason)
        return Knock(cause=text or "no answer")
    except (OSError, HTTPException):
        # Connected, and then silent or not HTTP: a busy server is for the run to wait for.
        return Knock()
    except ValueError as error:
        return Knock(cause=str(error))


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def at_once(calls: Mapping[str, Callable[[], T]], seconds: float) -> dict[str, T]:
    """Return the results of the calls that ended within `seconds`, by name.

    A call must not raise. Those that take longer are left behind: without a network the system
    may look for a host's name for minutes, and no time limit of Python's ends that.
    """
    results: dict[str, T] = {}

    def fill(name: str, call: Callable[[], T]) -> None:
        results[name] = call()

    threads = [threading.Thread(target=fill, args=item, daemon=True) for item in calls.items()]
    end = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return dict(results)
