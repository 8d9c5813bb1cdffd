"""What an endpoint's answer means: a reply, or trouble and what is to be done about it."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from vibench.engines.openai.choices import ending, parted
from vibench.engines.openai.refusals import (
    Refusal,
    error_within,
    flagged,
    limit_too_large,
    loading,
    out_of_credit,
    unknown_model,
    unknown_parameter,
    wrong_key,
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

BILLED = (408, 499, 504, 524)
"""Statuses of an answer that came too late on its way: it may have been made, and be billed."""

Wrong = Literal["key", "model", "url", "quota", "parameter", "limit", "certificate", "name", "away"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply's text, why it ends, and its tokens."""

    text: str
    finish: Finish
    prompt_tokens: int = 0
    completion_tokens: int = 0
    thought: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no reply.

    `wrong` says what is wrong with every request (then none is tried again): always, or,
    if `at_first`, unless another request was answered before. `parameter` is what the
    endpoint does not know. `retry_after` is in seconds. `final`: this request is never going
    to be answered. `free`: the endpoint bills nothing for it; else `prompt_tokens` and
    `completion_tokens`, where it says them.
    """

    cause: Cause
    detail: str = ""
    retry_after: float | None = None
    final: bool = False
    parameter: str | None = None
    wrong: Wrong | None = None
    at_first: bool = False
    unreachable: bool = False
    free: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def passing(self) -> bool:
        """True where the same request may be answered another time."""
        return not self.final or (self.wrong is not None and not self.at_first)


def read_answer(status: int, headers: Mapping[str, str], raw: bytes) -> Answer | Trouble:
    """What came back for a chat completion."""
    if status == 200:
        return _reply(headers, raw)
    trouble = _refused(Refusal.read(status, raw), read_retry_after(headers))
    return replace(trouble, free=status not in BILLED)


def _refused(refusal: Refusal, wait: float | None = None) -> Trouble:
    """What an error means by its status and words; `wait` is what the headers ask for."""
    status, detail = refusal.status, refusal.text
    wait = refusal.retry_after if wait is None else wait
    if out_of_credit(refusal):
        return Trouble("rate limit", detail, wrong="quota")
    if status == 429:
        return Trouble("rate limit", detail, wait)
    if status == 408:
        return Trouble("time-out", detail, wait)
    if status >= 500 or status in (409, 425) or loading(refusal):
        return Trouble("server error", detail, wait)
    if wrong_key(refusal):
        return Trouble("refused", detail, wrong="key", final=True)
    if status == 403 and not flagged(refusal):
        return Trouble("refused", detail, wrong="key", at_first=True, final=True)
    if unknown_model(refusal):
        # One that was there before comes back: its server starts again.
        return Trouble("server error", detail, wrong="model", at_first=True)
    if status in (404, 405) or status < 400:
        return Trouble("server error", detail, wrong="url", at_first=True)
    parameter = unknown_parameter(refusal)
    if parameter == "temperature":
        return Trouble("refused", detail, wrong="parameter", final=True)
    if parameter is None and (status in (403, 451) or flagged(refusal)):
        return Trouble("refused", detail, final=True)
    if parameter is None and limit_too_large(refusal):
        return Trouble("bad request", detail, wrong="limit", at_first=True, final=True)
    return Trouble("bad request", detail, parameter=parameter, final=True)


def _reply(headers: Mapping[str, str], raw: bytes) -> Answer | Trouble:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return _no_json(headers, raw)
    trouble = _trouble_within(body)
    if trouble is not None:
        return trouble
    try:
        choice = body["choices"][0]
        message = choice["message"]
        end = ending(choice.get("finish_reason"))
        text, finish, thought = parted(message, "length" if end == "length" else "stop")
    except (KeyError, IndexError, TypeError, AttributeError):
        return Trouble("malformed reply", "what came back has no choices with a message")
    used = body.get("usage")
    if end == "refused":
        return _with_tokens(Trouble("refused", "the endpoint's content filter", final=True), used)
    if end == "broken":
        return _with_tokens(Trouble("connection", "the endpoint broke off its answer"), used)
    tokens = _count(used, "prompt_tokens"), _count(used, "completion_tokens")
    return Answer(text, finish, *tokens, thought)


def _no_json(headers: Mapping[str, str], raw: bytes) -> Trouble:
    kind = headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        what = "a page for people came back"
        return Trouble("malformed reply", what, wrong="url", at_first=True)
    if not (kind.startswith("text/event-stream") or raw.lstrip().startswith(b"data:")):
        return Trouble("malformed reply", "what came back is not JSON")
    for line in raw.splitlines():
        if line.startswith(b"data:"):
            with contextlib.suppress(ValueError, RecursionError):
                trouble = _trouble_within(json.loads(line.removeprefix(b"data:")))
                if trouble is not None:
                    return trouble
    return Trouble("malformed reply", "a stream of events came back, which was not asked for")


def _trouble_within(body: Any) -> Trouble | None:
    """The error that came with a 200, of the whole or of its first choice; some endpoints wrap
    another one's error like this."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return None
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    error = body.get("error") or (isinstance(choice, dict) and choice.get("error"))
    if not error and body.get("object") == "error":
        error = body
    if not error:
        return None
    refusal = error_within(error)
    trouble = _refused(
        replace(refusal, status=refusal.status or (400 if flagged(refusal) else 500))
    )
    detail = refusal.text if refusal.status else refusal.message or "an error without a word"
    if choice is not None:
        detail = f"the answer was broken off: {detail}"
    if trouble.wrong == "url":  # It is the right one: what came back has the form of this API.
        trouble = replace(trouble, wrong="model")
    return _with_tokens(replace(trouble, detail=detail), body.get("usage"))


def _with_tokens(trouble: Trouble, used: Any) -> Trouble:
    prompt, answer = _count(used, "prompt_tokens"), _count(used, "completion_tokens")
    return replace(trouble, prompt_tokens=prompt, completion_tokens=answer)


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
