"""Responses of an endpoint: an answer, or a failure and what follows from it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from vibench.engines.openai.choices import ending, split_message
from vibench.engines.openai.refusal_kinds import (
    flagged,
    limit_too_large,
    loading,
    no_access,
    no_endpoint,
    out_of_credit,
    unknown_model,
    unknown_parameter,
    wrong_key,
)
from vibench.engines.openai.refusals import Refusal, error_within
from vibench.engines.openai.retry_delay import read_reset, read_retry_after
from vibench.records import Finish

__all__ = ["CallFailure", "Cause", "ChatReply", "read_answer"]

Cause = Literal[
    "rate limit",
    "server error",
    "time-out",
    "connection",
    "malformed reply",
    "bad request",
    "refused",
]
"""Why there is no answer; "refused" if the endpoint does not accept the request's content."""

MAX_TOKENS = 2**31
"""Counts from here on are mistakes of the endpoint, and would not fit the store's columns."""

BILLED = (408, 499, 504, 524)
"""Statuses of time-outs on the way: the answer may have been generated, and be billed."""

PASSING = (409, 424, 425, 498)
"""Statuses below 500 of servers that fail for now: a conflict, a generation that failed (TGI,
Bedrock), too early, no capacity (Groq)."""

Wrong = Literal[
    "key",
    "access",
    "model",
    "url",
    "quota",
    "parameter",
    "limit",
    "certificate",
    "name",
    "away",
]


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A reply's text, why it ends, and its tokens."""

    text: str
    finish: Finish
    prompt_tokens: int = 0
    completion_tokens: int = 0
    thought: str = ""


@dataclass(frozen=True, slots=True)
class CallFailure:
    """Why there is no answer, and what follows from it.

    `wrong` names what is wrong with every request, so that none is tried again: always, or,
    with `at_first`, only if no other request was answered before. `parameter` is one that the
    endpoint does not take. `retry_after` is in seconds. `final`: this request is never going
    to be answered. `free`: the endpoint bills nothing for it; if not, `prompt_tokens` and
    `completion_tokens` are what it reports.
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
        """True if the same request may be answered at another time."""
        # A wrong key is final today and passes once the user has corrected it.
        return not self.final or (self.wrong is not None and not self.at_first)


def read_answer(status: int, headers: Mapping[str, str], raw: bytes) -> ChatReply | CallFailure:
    """Read the response to a chat completion."""
    if status == 200:
        return _reply(headers, raw)
    refusal = Refusal.read(status, raw)
    waits = (read_retry_after(headers), refusal.retry_after, read_reset(headers))
    failure = _refused(refusal, next((wait for wait in waits if wait is not None), None))
    return replace(failure, free=status not in BILLED)


def _refused(refusal: Refusal, wait: float | None = None) -> CallFailure:
    """Read an error by its status and words; `wait` are the seconds that it asks for."""
    # The order matters: the words decide before the statuses that makers use for several things.
    status, detail = refusal.status, refusal.text
    if out_of_credit(refusal):
        return CallFailure("rate limit", detail, wrong="quota")
    if status == 429:
        return CallFailure("rate limit", detail, wait)
    if status == 408:
        return CallFailure("time-out", detail, wait)
    if status >= 500 or status in PASSING or loading(refusal):
        return CallFailure("server error", detail, wait)
    if wrong_key(refusal):
        return CallFailure("refused", detail, wrong="key", final=True)
    if no_access(refusal):
        return CallFailure("refused", detail, wrong="access", at_first=True, final=True)
    if unknown_model(refusal):
        # Only at first: a model that has answered comes back, its server is being restarted. The
        # same holds for the address below.
        return CallFailure("server error", detail, wrong="model", at_first=True)
    if status in (404, 405) or status < 400:
        return CallFailure("server error", detail, wrong="url", at_first=True)
    parameter = unknown_parameter(refusal)
    # Leaving out the temperature would silently draw at another one.
    if parameter == "temperature":
        return CallFailure("refused", detail, wrong="parameter", final=True)
    if parameter is None and (status == 451 or flagged(refusal)):
        return CallFailure("refused", detail, final=True)
    if parameter is None and limit_too_large(refusal):
        return CallFailure("bad request", detail, wrong="limit", at_first=True, final=True)
    return CallFailure("bad request", detail, parameter=parameter, final=True)


def _reply(headers: Mapping[str, str], raw: bytes) -> ChatReply | CallFailure:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return _no_json(headers, raw)
    failure = _failure_within(body)
    if failure is not None:
        return failure
    try:
        choice = body["choices"][0]
        message = choice["message"]
        end = ending(choice.get("finish_reason") or choice.get("native_finish_reason"))
        text, finish, thought = split_message(message, "length" if end == "length" else "stop")
    except (KeyError, IndexError, TypeError, AttributeError):
        return CallFailure("malformed reply", "the reply has no choices with a message")
    usage = body.get("usage")
    if end == "refused" or body.get("amazon-bedrock-guardrailAction") == "INTERVENED":
        return _with_tokens(
            CallFailure("refused", "the endpoint's content filter", final=True), usage
        )
    if end == "broken":
        return _with_tokens(CallFailure("connection", "the endpoint broke off its answer"), usage)
    tokens = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    return ChatReply(text, finish, *tokens, thought)


def _no_json(headers: Mapping[str, str], raw: bytes) -> CallFailure:
    kind = headers.get("Content-Type", "")
    # A login page or a web server's own: the address is another server's.
    if kind.startswith("text/html"):
        detail = "a web page came back"
        return CallFailure("malformed reply", detail, wrong="url", at_first=True)
    if not (kind.startswith("text/event-stream") or raw.lstrip().startswith(b"data:")):
        return CallFailure("malformed reply", "the reply is not JSON")
    # Some endpoints send their errors as a stream, whatever was requested.
    for line in raw.splitlines():
        if line.startswith(b"data:"):
            with contextlib.suppress(ValueError, RecursionError):
                failure = _failure_within(json.loads(line.removeprefix(b"data:")))
                if failure is not None:
                    return failure
    return CallFailure("malformed reply", "a stream of events came back, which was not requested")


def _failure_within(body: Any) -> CallFailure | None:
    """Return the error in a response with a 200, of all of it or of its first choice; None if
    there is none."""
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
    if no_endpoint(refusal):
        return CallFailure("server error", refusal.message, wrong="url", at_first=True)
    status = refusal.status or (400 if flagged(refusal) else 500)
    failure = _refused(replace(refusal, status=status), refusal.retry_after)
    detail = refusal.text if refusal.status else refusal.message or "an error without a message"
    if choice is not None:
        detail = f"the answer was broken off: {detail}"
    # The URL is right, since the reply has the form of this API.
    if failure.wrong == "url":
        failure = replace(failure, wrong="model")
    return _with_tokens(replace(failure, detail=detail), body.get("usage"))


def _with_tokens(failure: CallFailure, usage: Any) -> CallFailure:
    prompt, answer = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    return replace(failure, prompt_tokens=prompt, completion_tokens=answer)


def _count(usage: Any, name: str) -> int:
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if type(count) is int and 0 < count < MAX_TOKENS else 0  # `type`: no booleans
