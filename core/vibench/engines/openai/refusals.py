"""Refusals of endpoints, read in the forms that their makers use.

There is no standard for errors beyond the status, and each maker uses the statuses in another
way: a wrong key is a 401, a 400 or a 403, an unknown model a 404, a 400 or a 422. So the words
decide where the status does not.
"""

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
        """The status and the message, for the cause of a failed request."""
        return f"{self.status} {self.message}".strip()

    @classmethod
    def read(cls, status: int, raw: bytes) -> Refusal:
        """Read a response: OpenAI's `error` object, vLLM's flat one, a list of either (Gemini's),
        FastAPI's `detail`, or plain text."""
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            # A proxy's page says nothing about the request; its status does.
            text = raw[:2000].decode("utf-8", "replace")
            return cls(status, "" if text.lstrip().startswith("<") else text)
        if isinstance(body, list) and body:
            body = body[0]
        if not isinstance(body, dict):
            return cls(status)
        return cls.of(status, body.get("error", body))

    @classmethod
    def of(cls, status: int, error: Any) -> Refusal:
        """Read an error that has been parsed already."""
        if not isinstance(error, dict):
            return cls(status, "" if error is None else str(error))
        detail = error.get("detail")
        if isinstance(detail, list):
            return _detail(status, detail)
        message = error.get("message") or detail or ""
        # Some codes are numbers, which the status says already.
        fields = (error.get(name) for name in ("code", "type", "status"))
        code = next((word for field in fields if (word := _word(field))), "")
        wait = _retry_delay(error.get("details"))
        return cls(status, str(message), code, _word(error.get("param")), wait)


def _word(field: Any) -> str:
    return field if isinstance(field, str) else ""


def _retry_delay(details: Any) -> float | None:
    """Return the seconds of Google's RetryInfo ("34s"), which its endpoint puts in no header."""
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str) and _SECONDS.fullmatch(delay):
            return float(delay[:-1])
    return None


def _detail(status: int, detail: list[Any]) -> Refusal:
    """Read FastAPI's list of problems."""
    # Their `input` may be the whole prompt, so it is left out.
    problems = [problem for problem in detail if isinstance(problem, dict)]
    fields = [
        ".".join(str(step) for step in problem.get("loc", ()) if step != "body")
        for problem in problems
    ]
    messages = [f"{f}: {p.get('msg', '')}" for f, p in zip(fields, problems, strict=True)]
    code = _word(problems[0].get("type")) if problems else ""
    return Refusal(status, "; ".join(messages), code, fields[0] if fields else "")


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
# "maximum context length is 8192 tokens, however your messages resulted in ...": about one prompt,
# which is too long, rather than about the limit for every request.
_OF_A_PROMPT = re.compile(r"\b(?:input|prompt|messages?|requested)\b|request has", re.IGNORECASE)


_FLAGGED = re.compile(
    r"content[_ ]?(?:policy|filter|management)|flagged|moderation|usage polic|responsible ?ai"
    r"|safety (?:system|polic|filter|reason)",
    re.IGNORECASE,
)


def flagged(refusal: Refusal) -> bool:
    """Return whether a content filter refused the prompt, rather than the form of the request."""
    return _FLAGGED.search(f"{refusal.code} {refusal.message}") is not None


def out_of_credit(refusal: Refusal) -> bool:
    """Return whether credit or quota is spent."""
    # Some makers say it with a 429 like any rate limit, but no pause helps.
    if refusal.status == 402:
        return True
    text = f"{refusal.code} {refusal.message}"
    return refusal.status in (400, 403, 429) and _CREDIT.search(text) is not None


def wrong_key(refusal: Refusal) -> bool:
    """Return whether the key is refused; some endpoints say so in a 400."""
    if refusal.status == 401:
        return True
    text = f"{refusal.code} {refusal.message}"
    return refusal.status in (400, 403) and _KEY.search(text) is not None


def loading(refusal: Refusal) -> bool:
    """Return whether the endpoint has the model and does not serve it yet."""
    return _LOADING.search(refusal.message) is not None


def unknown_model(refusal: Refusal) -> bool:
    """Return whether the endpoint does not have the requested model."""
    if refusal.code in ("model_not_found", "invalid_model"):
        return True
    return refusal.status in (400, 404, 422) and _NO_MODEL.search(refusal.message) is not None


def unknown_parameter(refusal: Refusal) -> str | None:
    """Return the parameter that the endpoint does not take; None if the refusal is about another
    matter."""
    # Any error about the form of a reply counts: there are too many ways to say that JSON Schema
    # is not supported, or not all of it, and the request is never at fault.
    if refusal.parameter.startswith(_FORM) or _SCHEMA.search(refusal.message):
        return _FORM
    # Of two parameters that exclude each other the temperature stays: it is what was asked for.
    if {"temperature", "top_p"} <= set(_PARAMETER.findall(refusal.message)) and _BOTH.search(
        refusal.message
    ):
        return "top_p"
    if not _UNKNOWN.search(f"{refusal.code} {refusal.message}"):
        return None
    if refusal.parameter in PARAMETERS:
        return refusal.parameter
    # A limit that is too large for one prompt names a parameter, too, without refusing to know it.
    if _SIZE.search(refusal.message):
        return None
    parameter = _PARAMETER.search(refusal.message)
    return parameter.group() if parameter else None


def limit_too_large(refusal: Refusal) -> bool:
    """Return whether the requested limit is above the model's own, whatever the prompt is."""
    about_limit = refusal.parameter in _LIMITS or _LIMIT.search(refusal.message)
    about_size = _SIZE.search(refusal.message) and not _OF_A_PROMPT.search(refusal.message)
    return bool(about_limit and about_size)


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
"""The status that an error should have come with, by the words that makers use for it."""


def error_within(error: Any) -> Refusal:
    """Read an error that came with a 200; its status is the one that its fields name, else 0."""
    # Gateways answer 200 before the model behind them does, and can then only put its error into
    # the body.
    status = 0
    if isinstance(error, dict):
        for name in ("code", "status", "type"):
            value = error.get(name)
            if isinstance(value, str) and value.isascii() and value.isdigit():
                value = int(value[:4])
            value = _STATUSES.get(value, 0) if isinstance(value, str) else value
            if type(value) is int and 400 <= value < 600:
                status = value
                break
    return Refusal.of(status, error)
