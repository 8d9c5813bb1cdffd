"""What an endpoint says when it refuses a request, in the several forms that are about."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from vibench.engines.openai.requests import PARAMETERS

__all__ = [
    "Refusal",
    "error_within",
    "flagged",
    "limit_too_large",
    "loading",
    "out_of_credit",
    "unknown_model",
    "unknown_parameter",
    "wrong_key",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error's status, message, code and the parameter it is about."""

    status: int
    message: str = ""
    code: str = ""
    parameter: str = ""
    retry_after: float | None = None

    @property
    def text(self) -> str:
        """For a cause: the status, and what was said."""
        return f"{self.status} {self.message}".strip()

    @classmethod
    def read(cls, status: int, raw: bytes) -> Refusal:
        """OpenAI's `error` object, vLLM's flat one, a list of either (Gemini's), FastAPI's
        `detail`, or plain text."""
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            text = raw[:2000].decode("utf-8", "replace")
            return cls(status, "" if text.lstrip().startswith("<") else text)
        if isinstance(body, list) and body:
            body = body[0]
        if not isinstance(body, dict):
            return cls(status)
        return cls.of(status, body.get("error", body))

    @classmethod
    def of(cls, status: int, error: Any) -> Refusal:
        """The same of an error that was read already."""
        if not isinstance(error, dict):
            return cls(status, "" if error is None else str(error))
        detail = error.get("detail")
        if isinstance(detail, list):
            return _detail(status, detail)
        message = error.get("message") or detail or ""
        named = (error.get(name) for name in ("code", "type", "status"))
        code = next((word for thing in named if (word := _word(thing))), "")
        wait = _retry_delay(error.get("details"))
        return cls(status, str(message), code, _word(error.get("param")), wait)


def _word(thing: Any) -> str:
    return thing if isinstance(thing, str) else ""


def _retry_delay(details: Any) -> float | None:
    """The seconds of Google's RetryInfo ("34s"), which its endpoint says in no header."""
    for one in details if isinstance(details, list) else ():
        delay = one.get("retryDelay") if isinstance(one, dict) else None
        if isinstance(delay, str) and _SECONDS.fullmatch(delay):
            return float(delay[:-1])
    return None


def _detail(status: int, detail: list[Any]) -> Refusal:
    """FastAPI's list of problems. Their `input` may be the whole prompt, so it is left out."""
    problems = [one for one in detail if isinstance(one, dict)]
    places = [[str(step) for step in one.get("loc", ()) if step != "body"] for one in problems]
    said = [f"{'.'.join(p)}: {one.get('msg', '')}" for p, one in zip(places, problems, strict=True)]
    first = problems[0] if problems else {}
    return Refusal(
        status, "; ".join(said), _word(first.get("type")), ".".join(places[0]) if places else ""
    )


_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?s")
_NO_MODEL = re.compile(
    r"\bmodel\b.{0,200}?(?:not (?:be )?found|does(?: not|n't) exist|no such|unknown|not available)"
    r"|(?:unknown|invalid|no such) model\b|no endpoints found for",
    re.IGNORECASE | re.DOTALL,
)
_UNKNOWN = re.compile(
    r"unknown|unsupported|not support|unrecogni[sz]ed|unexpected|extra|not permitted"
    r"|not allowed|not accept|invalid (?:parameter|field|argument)",
    re.IGNORECASE,
)
_PARAMETER = re.compile(rf"\b(?:{'|'.join(PARAMETERS)})\b")
_FORM = "response_format"
_SCHEMA = re.compile(
    r"response_format|json[_ ]?schema|guided (?:decoding|json)|structured[_ ]outputs?"
    r"|\bgrammar\b.{0,40}\b(?:error|invalid|compil|support)",
    re.IGNORECASE | re.DOTALL,
)
_SIZE = re.compile(r"context|too (?:large|long|many)|maximum|at most|exceed|greater", re.IGNORECASE)
_LIMITS = ("max_tokens", "max_completion_tokens")
_LIMIT = re.compile(rf"\b(?:{'|'.join(_LIMITS)})\b")
_BOTH = re.compile(
    r"both|only one of|one or the other|mutually exclusive|(?:together|in combination) with",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"insufficient[_ ](?:credit|balance|funds|quota)|credit balance|(?:out of|requires? more|no)"
    r" credits?\b|billing[_ ](?:hard[_ ]limit|not[_ ]active)|payment required",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"(?:invalid|incorrect|wrong|missing|no) api[_ -]?key|api[_ -]?key (?:is )?(?:not valid|invalid"
    r"|missing|not found|expired)|API_KEY_INVALID",
    re.IGNORECASE,
)
_LOADING = re.compile(
    r"\bmodel\b.{0,100}\b(?:loading|loaded yet|starting up|warming up|not (?:yet )?ready)\b"
    r"|\bloading (?:the )?model\b",
    re.IGNORECASE | re.DOTALL,
)
_OF_A_PROMPT = re.compile(r"\b(?:input|prompt|messages?|requested)\b|request has", re.IGNORECASE)


_FLAGGED = re.compile(
    r"content[_ ]?(?:policy|filter|management)|flagged|moderation|usage polic|responsible ?ai"
    r"|safety (?:system|polic|filter|reason)",
    re.IGNORECASE,
)


def flagged(refusal: Refusal) -> bool:
    """Whether it is for what the prompt says, rather than for how or how long it is put."""
    return _FLAGGED.search(f"{refusal.code} {refusal.message}") is not None


def out_of_credit(refusal: Refusal) -> bool:
    """Whether nothing is left to pay with: no pause mends that."""
    if refusal.status == 402:
        return True
    text = f"{refusal.code} {refusal.message}"
    return refusal.status in (400, 403, 429) and _CREDIT.search(text) is not None


def wrong_key(refusal: Refusal) -> bool:
    """Whether the key is refused; some endpoints say so in a 400."""
    if refusal.status == 401:
        return True
    text = f"{refusal.code} {refusal.message}"
    return refusal.status in (400, 403) and _KEY.search(text) is not None


def loading(refusal: Refusal) -> bool:
    """Whether the endpoint has the model and does not serve it yet."""
    return _LOADING.search(refusal.message) is not None


def unknown_model(refusal: Refusal) -> bool:
    """Whether the endpoint does not have the model that was asked for."""
    if refusal.code in ("model_not_found", "invalid_model"):
        return True
    return refusal.status in (400, 404, 422) and _NO_MODEL.search(refusal.message) is not None


def unknown_parameter(refusal: Refusal) -> str | None:
    """Which parameter the endpoint does not take, if that is what it says.

    A limit that is too large for one prompt names a parameter too, and is not meant. The form
    of a reply is a matter of the endpoint whatever it says of it: there are too many words
    for having no JSON Schema, or not all of it.
    """
    if refusal.parameter.startswith(_FORM) or _SCHEMA.search(refusal.message):
        return _FORM
    if {"temperature", "top_p"} <= set(_PARAMETER.findall(refusal.message)) and _BOTH.search(
        refusal.message
    ):
        return "top_p"
    if not _UNKNOWN.search(f"{refusal.code} {refusal.message}"):
        return None
    if refusal.parameter in PARAMETERS:
        return refusal.parameter
    if _SIZE.search(refusal.message):
        return None
    named = _PARAMETER.search(refusal.message)
    return named.group() if named else None


def limit_too_large(refusal: Refusal) -> bool:
    """Whether the model can write less than the limit allows, whatever the prompt is."""
    named = refusal.parameter in _LIMITS or _LIMIT.search(refusal.message)
    sized = _SIZE.search(refusal.message) and not _OF_A_PROMPT.search(refusal.message)
    return bool(named and sized)


_STATUSES = {
    "authentication_error": 401,
    "billing_error": 402,
    "content_filter": 400,
    "content_policy_violation": 400,
    "invalid_api_key": 401,
    "invalid_prompt": 400,
    "invalid_request_error": 400,
    "model_not_found": 404,
    "not_found_error": 404,
    "permission_error": 403,
    "insufficient_quota": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "RESOURCE_EXHAUSTED": 429,
    "context_length_exceeded": 400,
    "overloaded_error": 529,
}
"""The status that an error would have come with, by the words that makers use for it."""


def error_within(error: Any) -> Refusal:
    """An error that came with a 200, with the status that it says in a number or a word; 0
    where it says none."""
    status = 0
    if isinstance(error, dict):
        for name in ("code", "status", "type"):
            given = error.get(name)
            if isinstance(given, str) and given.isascii() and given.isdigit():
                given = int(given[:4])
            given = _STATUSES.get(given, 0) if isinstance(given, str) else given
            if type(given) is int and 400 <= given < 600:
                status = given
                break
    return Refusal.of(status, error)
