"""What an endpoint's answer means: a reply, or trouble and what is to be done about it."""

from __future__ import annotations

import datetime
import email.utils
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vibench.engines.endpoint.refusals import (
    Refusal,
    flagged,
    limit_too_large,
    unknown_model,
    unknown_parameter,
)
from vibench.records import Finish

__all__ = ["Answer", "Cause", "Trouble", "read_answer", "read_retry_after"]

Cause = Literal[
    "rate limit",
    "server error",
    "time-out",
    "connection",
    "malformed reply",
    "bad request",
    "refused",
]
"""Why there is no reply; "refused" where the endpoint will not have what it was asked."""

MOST_TOKENS = 2**31
"""From which on a usage is none."""

PATIENCE = 600.0
"""Seconds of the longest Retry-After that is waited for; one of hours is a spent quota."""
Wrong = Literal["key", "model", "url", "quota", "parameter", "limit", "certificate", "name", "away"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply's text, why it ends, and its tokens."""

    text: str
    finish: Finish
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no reply.

    `wrong` says what is wrong with every request (then none is tried again): always, or,
    if `at_first`, unless another request was answered before. `parameter` is what the
    endpoint does not know. `retry_after` is in seconds.
    """

    cause: Cause
    detail: str = ""
    retry_after: float | None = None
    final: bool = False
    parameter: str | None = None
    wrong: Wrong | None = None
    at_first: bool = False
    unreachable: bool = False


def read_answer(status: int, headers: Mapping[str, str], raw: bytes) -> Answer | Trouble:
    """What came back for a chat completion."""
    if status == 200:
        return _reply(headers, raw)
    refusal = Refusal.read(status, raw)
    detail = refusal.text
    if status == 429:
        if refusal.code in ("insufficient_quota", "billing_hard_limit_reached"):
            return Trouble("rate limit", detail, wrong="quota")
        return _later("rate limit", detail, headers)
    if status == 408:
        return Trouble("time-out", detail)
    if status >= 500 or status in (409, 425):
        return _later("server error", detail, headers)
    if status in (401, 403):
        return Trouble("refused", detail, wrong="key", at_first=status == 403, final=True)
    if unknown_model(refusal):
        return Trouble("refused", detail, wrong="model", final=True)
    if status in (404, 405) or status < 400:
        return Trouble("server error", detail, wrong="url", at_first=True)
    parameter = unknown_parameter(refusal)
    if parameter == "temperature":
        return Trouble("refused", detail, wrong="parameter", final=True)
    if parameter is None and (status == 451 or flagged(refusal)):
        return Trouble("refused", detail, final=True)
    if parameter is None and limit_too_large(refusal):
        return Trouble("bad request", detail, wrong="limit", at_first=True, final=True)
    return Trouble("bad request", detail, parameter=parameter, final=True)


def _later(cause: Cause, detail: str, headers: Mapping[str, str]) -> Trouble:
    wait = read_retry_after(headers)
    if wait is None or wait <= PATIENCE:
        return Trouble(cause, detail, wait)
    return Trouble(cause, f"{detail}; it is to be left alone for {wait:.0f} s", wrong="away")


def _reply(headers: Mapping[str, str], raw: bytes) -> Answer | Trouble:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        page = headers.get("Content-Type", "").startswith("text/html")
        return Trouble(
            "malformed reply",
            "a page for people came back" if page else "what came back is not JSON",
            wrong="url" if page else None,
            at_first=True,
        )
    try:
        choice = body["choices"][0]
        message = choice["message"]
        text = _text(message.get("content")) or _text(message.get("refusal"))
        reason = choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        return _unlike(body)
    if reason == "content_filter":
        return Trouble("refused", "the endpoint's content filter", final=True)
    if reason == "error":
        return Trouble("server error", "the endpoint broke off its answer")
    used = body.get("usage")
    finish: Finish = "length" if reason in ("length", "model_length") else "stop"
    return Answer(text, finish, _count(used, "prompt_tokens"), _count(used, "completion_tokens"))


def _unlike(body: Any) -> Trouble:
    """JSON, but no completion; some endpoints wrap another one's error into a 200."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and isinstance(error.get("code"), int) and error["code"] >= 400:
        found = read_answer(error["code"], {}, json.dumps(body).encode())
        if isinstance(found, Trouble):
            return found
    return Trouble("malformed reply", "what came back has no choices with a message")


def _text(content: Any) -> str:
    """A message's text: a string, null, or a list of parts."""
    if isinstance(content, list):
        parts = (p.get("text") for p in content if isinstance(p, dict) and p.get("type") == "text")
        content = "".join(part for part in parts if isinstance(part, str))
    if content is None:
        return ""
    if not isinstance(content, str):
        raise TypeError(f"a message's content is a {type(content).__name__}")
    if content.isascii():
        return content
    # Half of a surrogate pair, which JSON can spell and no file can hold.
    return content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _count(usage: Any, name: str) -> int:
    found = usage.get(name) if isinstance(usage, dict) else None
    return found if type(found) is int and 0 < found < MOST_TOKENS else 0


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `Retry-After` (seconds or an HTTP date) or `retry-after-ms`."""
    given = headers.get("Retry-After", "").strip()
    milliseconds = headers.get("retry-after-ms", "").strip()
    try:
        seconds = float(milliseconds) / 1000 if milliseconds else float(given)
    except ValueError:
        try:
            when = email.utils.parsedate_to_datetime(given)
        except (ValueError, OverflowError):
            return None
        # A date without a zone is in UTC, as HTTP dates are.
        when = when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
        seconds = (when - datetime.datetime.now(datetime.UTC)).total_seconds()
    return None if math.isnan(seconds) else max(0.0, seconds)
