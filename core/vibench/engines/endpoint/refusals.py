"""What an endpoint says when it refuses a request, in the several forms that are about."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from vibench.engines.endpoint.requests import PARAMETERS

__all__ = ["Refusal", "flagged", "limit_too_large", "unknown_model", "unknown_parameter"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error's status, message, code and the parameter it is about."""

    status: int
    message: str = ""
    code: str = ""
    parameter: str = ""

    @property
    def text(self) -> str:
        """For a cause: the status, and what was said."""
        return f"{self.status} {self.message}".strip()

    @classmethod
    def read(cls, status: int, raw: bytes) -> Refusal:
        """OpenAI's `error` object, vLLM's flat one, FastAPI's `detail`, or plain text."""
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            text = raw[:2000].decode("utf-8", "replace")
            return cls(status, "" if text.lstrip().startswith("<") else text)
        if not isinstance(body, dict):
            return cls(status)
        error = body.get("error", body)
        if not isinstance(error, dict):
            return cls(status, str(error))
        if isinstance(detail := error.get("detail"), list):
            return _detail(status, detail)
        message = error.get("message") or detail or ""
        code, parameter = error.get("code"), error.get("param")
        return cls(status, str(message), _word(code) or _word(error.get("type")), _word(parameter))


def _word(thing: Any) -> str:
    return thing if isinstance(thing, str) else ""


def _detail(status: int, detail: list[Any]) -> Refusal:
    """FastAPI's list of problems. Their `input` may be the whole prompt, so it is left out."""
    problems = [one for one in detail if isinstance(one, dict)]
    places = [[str(step) for step in one.get("loc", ()) if step != "body"] for one in problems]
    said = [f"{'.'.join(p)}: {one.get('msg', '')}" for p, one in zip(places, problems, strict=True)]
    first = problems[0] if problems else {}
    return Refusal(
        status, "; ".join(said), _word(first.get("type")), ".".join(places[0]) if places else ""
    )


_NO_MODEL = re.compile(
    r"\bmodel\b.{0,200}?(?:not (?:be )?found|does(?: not|n't) exist|no such|unknown|not available)"
    r"|(?:unknown|invalid|no such) model\b",
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
_OF_A_PROMPT = re.compile(r"\b(?:input|prompt|messages?|requested)\b|request has", re.IGNORECASE)


_FLAGGED = re.compile(
    r"content[_ ]?(?:policy|filter|management)|flagged|moderation|usage polic|responsible ?ai"
    r"|safety (?:system|polic|filter|reason)",
    re.IGNORECASE,
)


def flagged(refusal: Refusal) -> bool:
    """Whether it is for what the prompt says, rather than for how or how long it is put."""
    return _FLAGGED.search(f"{refusal.code} {refusal.message}") is not None


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
