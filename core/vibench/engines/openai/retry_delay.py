"""The time that an endpoint asks us to wait: in headers, in an error's fields, or in its words."""

from __future__ import annotations

import datetime
import email.utils
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["delay_in_error", "read_reset", "read_retry_after"]

_LIMITS: Final = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
    *(
        (f"anthropic-ratelimit-{kind}-remaining", f"anthropic-ratelimit-{kind}-reset")
        for kind in ("requests", "tokens", "input-tokens", "output-tokens")
    ),
)
"""Pairs of headers: the rest of a limit, and when it is filled again."""

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_STEP: Final = re.compile(
    r"(\d{1,9}(?:\.\d{1,9})?)\s?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,9})?")
_WORDS: Final = re.compile(
    rf"\b(?:try again|retry) (?:in|after) ((?:{_STEP.pattern}\s?){{1,4}})", re.IGNORECASE
)
# Dates are written as seconds or milliseconds since 1970. No wait is that long.
_EPOCH, _EPOCH_MS = 1e9, 1e11


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, from `Retry-After` (seconds or an HTTP date) or
    `retry-after-ms`; None without either."""
    text = headers.get("Retry-After", "").strip()
    milliseconds = headers.get("retry-after-ms", "").strip()
    try:
        seconds = float(milliseconds) / 1000 if milliseconds else float(text)
    except ValueError:
        try:
            return _until(email.utils.parsedate_to_datetime(text))
        except (ValueError, OverflowError):
            return None
    return None if math.isnan(seconds) else max(0.0, seconds)


def read_reset(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until every spent limit is filled again; None if no header names one."""
    # A limit with something left may also be far from its reset, and says nothing about the wait.
    resets = [
        reset
        for remaining, name in _LIMITS
        if headers.get(remaining, "").strip() == "0"
        and (reset := _delay(headers.get(name, ""))) is not None
    ]
    return max(resets, default=None)


def delay_in_error(error: Mapping[str, Any], message: str) -> float | None:
    """Return the seconds to wait that an error names: in Google's RetryInfo, in OpenRouter's copy
    of headers, or in its message ("Please try again in 6m0s")."""
    for field in _delay_fields(error):
        if isinstance(field, str) and (delay := _delay(field)) is not None:
            return delay
    words = _WORDS.search(message)
    return _delay(words.group(1)) if words else None


def _delay_fields(error: Mapping[str, Any]) -> Iterator[Any]:
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            yield detail.get("retryDelay")
    metadata = error.get("metadata")
    headers = metadata.get("headers") if isinstance(metadata, dict) else None
    if isinstance(headers, dict) and headers.get("X-RateLimit-Remaining") == "0":
        yield headers.get("X-RateLimit-Reset")


def _delay(text: str) -> float | None:
    """Return the seconds in "6m0s", "26 seconds", "3", a date, or seconds since 1970."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number < _EPOCH:
            return number
        stamp = number / 1000 if number >= _EPOCH_MS else number
        return _until(datetime.datetime.fromtimestamp(min(stamp, 1e11), datetime.UTC))
    steps = list(_STEP.finditer(text))
    if steps and not _STEP.sub("", text).strip():
        return sum(float(step[1]) * _UNITS[_unit(step[2])] for step in steps)
    try:
        return _until(datetime.datetime.fromisoformat(text))
    except ValueError:
        return None


def _unit(word: str) -> str:
    word = word.lower()
    return "ms" if word.startswith(("ms", "milli")) else word[0]


def _until(when: datetime.datetime) -> float:
    # A date without a zone is in UTC, as HTTP dates are.
    when = when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
    return max(0.0, (when - datetime.datetime.now(datetime.UTC)).total_seconds())
