"""Refusals of endpoints, read in the forms that their makers use.

There is no standard for errors beyond the status: each maker has fields of its own for the
message, the code, and the parameter that an error is about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from vibench.engines.openai.retry_delay import delay_in_error

__all__ = ["Refusal", "error_within"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error's status, message, code and the parameter it is about.

    `retry_after` are the seconds to wait that the error names.
    """

    status: int
    message: str = ""
    code: str = ""
    parameter: str = ""
    retry_after: float | None = None

    @property
    def text(self) -> str:
        """The status and the message, for the cause of a failed request."""
        return f"{self.status} {self.message}".strip()

    @property
    def words(self) -> str:
        """The code and the message, to search for what they say."""
        return f"{self.code} {self.message}"

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
            return cls(status, "" if error is None else _plain(str(error)))
        message = error.get("message") or error.get("Message") or ""
        detail = message.get("detail") if isinstance(message, dict) else error.get("detail")
        if isinstance(detail, list):
            return _problems(status, detail)
        message = str(message or detail or "")
        inner = error.get("innererror")
        # Azure puts the reason of its filter there. Some codes are numbers, like the status.
        fields = (
            inner.get("code") if isinstance(inner, dict) else None,
            *(error.get(name) for name in ("code", "type", "status")),
        )
        code = next((word for field in fields if (word := _word(field))), "")
        wait = delay_in_error(error, message)
        refusal = cls(status, message, code, _word(error.get("param")), wait)
        return _of_provider(refusal, error)


def _word(field: Any) -> str:
    return field if isinstance(field, str) and not field.isdigit() else ""


def _plain(text: str) -> str:
    # xAI has sent messages in the form of a URL.
    return unquote(text) if "%20" in text else text


def _of_provider(refusal: Refusal, error: Mapping[str, Any]) -> Refusal:
    """Return the error of the provider behind a gateway, which quotes it (OpenRouter); `refusal`
    itself if it quotes none."""
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if not isinstance(raw, str) or "provider returned error" not in refusal.message.lower():
        return refusal
    quoted = Refusal.read(refusal.status, raw.encode("utf-8", "replace"))
    if not quoted.message:
        return refusal
    message = f"{refusal.message}: {quoted.message}"
    return replace(quoted, message=message, retry_after=quoted.retry_after or refusal.retry_after)


def _problems(status: int, detail: list[Any]) -> Refusal:
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
