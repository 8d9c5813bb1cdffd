"""The kinds of refusals, told by status and words.

Each maker uses the statuses in another way: a wrong key is a 401, a 400 or a 403, an unknown
model a 404, a 400 or a 422. So the words decide where the status does not. The words are those
of the makers' documentation and of errors as users report them.
"""

from __future__ import annotations

import re

from vibench.engines.openai.refusals import Refusal
from vibench.engines.openai.requests import PARAMETERS

__all__ = [
    "flagged",
    "limit_too_large",
    "loading",
    "no_access",
    "no_endpoint",
    "out_of_credit",
    "too_long",
    "unknown_model",
    "unknown_parameter",
    "wrong_key",
]

_MODEL_CODES = (
    "model_not_found",
    "model_not_available",
    "model_decommissioned",
    "invalid_model",
    "DeploymentNotFound",
)
_NO_MODEL = re.compile(
    r"\bmodels?\b.{0,200}?(?:not (?:be )?found|(?:does(?: not|n't)|not) exist|no such"
    r"|unknown(?! (?:name|parameter|field|argument|key))|not available|decommissioned"
    r"|identifier is invalid)"
    r"|(?:unknown|invalid|no such|not a valid|unable to access) model\b|no endpoints found"
    r"|no models? (?:is |are )?loaded|does not support chat\b(?! templ)",
    re.IGNORECASE | re.DOTALL,
)
_UNKNOWN = re.compile(
    r"unknown|unsupported|not support|unrecogni[sz]ed|unexpected|extra|not permitted"
    r"|not allowed|not accept|invalid (?:parameter|field|argument)",
    re.IGNORECASE,
)
_PARAMETER = re.compile(rf"\b(?:{'|'.join(PARAMETERS)})\b")
# xAI names parameters as its own API spells them: reasoningEffort.
_SPELLINGS = {
    re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name): name
    for name in PARAMETERS
    if "_" in name
}
_CAMEL_CASE = re.compile(rf"\b(?:{'|'.join(_SPELLINGS)})\b")
_FORM = "response_format"
_SCHEMA = re.compile(
    r"response_format|json[_ ]?schema|guided (?:decoding|json)|structured[_ ]outputs?"
    r"|\bgrammar\b.{0,40}\b(?:error|invalid|compil|support)|\bpars(?:e|ing)\b.{0,20}\bgrammar",
    re.IGNORECASE | re.DOTALL,
)
_RANGE = re.compile(r"\btemperature\b\W{0,3}(?:must|should|has to|needs to) be", re.IGNORECASE)
_SIZE = re.compile(r"context|too (?:large|long|many)|maximum|at most|exceed|greater", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context[_ ](?:length|window|size)|too many (?:input )?tokens|token count|too long",
    re.IGNORECASE,
)
_LIMITS = ("max_tokens", "max_completion_tokens")
_LIMIT = re.compile(rf"\b(?:{'|'.join(_LIMITS)})\b")
_BOTH = re.compile(
    r"both|only one of|one or the other|mutually exclusive|(?:together|in combination) with",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"insufficient[_ ](?:credit|balance|funds|quota)|credit[_ ]balance"
    r"|(?:out of|requires? more|used all available|purchase more) credits?\b"
    r"|\bno credits? (?:left|remaining|available)\b"
    r"|credits? (?:is|are|has been|have been) (?:depleted|exhausted|used up)"
    r"|monthly spending limit|past invoices|specified (?:API )?usage limit"
    r"|billing[_ ](?:hard[_ ]limit|not[_ ]active)|payment required",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"(?:invalid|incorrect|wrong|missing|no) api[_ -]?key|api[_ -]?key\b.{0,30}?\b(?:not valid"
    r"|invalid|missing|not found|expired)|API_KEY_INVALID",
    re.IGNORECASE,
)
_ACCESS = re.compile(
    r"\b(?:location|country|region|territory)\b.{0,30}\bnot supported", re.IGNORECASE
)
_LOADING = re.compile(
    r"\bmodel\b.{0,100}\b(?:loading|loaded yet|starting up|warming up|not (?:yet )?ready)\b"
    r"|\bloading (?:the )?model\b|\bmodel (?:has )?(?:crashed|unloaded)\b",
    re.IGNORECASE | re.DOTALL,
)
# "maximum context length is 8192 tokens, however your messages resulted in ...": about one prompt,
# which is too long, rather than about the limit for every request.
_OF_A_PROMPT = re.compile(r"\b(?:input|prompt|messages?|requested)\b|request has", re.IGNORECASE)
_FLAGGED = re.compile(
    r"content[_ ]?(?:policy|filter|management)|flagged|moderation|usage (?:polic|guideline)"
    r"|responsible ?ai|safety (?:system|polic|filter|reason)|content exists risk",
    re.IGNORECASE,
)
_PATH = re.compile(r"unexpected endpoint", re.IGNORECASE)


def flagged(refusal: Refusal) -> bool:
    """Return whether a content filter refused the prompt, rather than the form of the request."""
    return _FLAGGED.search(refusal.words) is not None


def out_of_credit(refusal: Refusal) -> bool:
    """Return whether credit or quota is spent."""
    # Some makers say it with a 429 like any rate limit, but no pause helps.
    if refusal.status == 402:
        return True
    return refusal.status in (400, 403, 412, 429) and _CREDIT.search(refusal.words) is not None


def wrong_key(refusal: Refusal) -> bool:
    """Return whether the key is refused; some endpoints say so in a 400."""
    if refusal.status == 401:
        return True
    return refusal.status in (400, 403) and _KEY.search(refusal.words) is not None


def no_access(refusal: Refusal) -> bool:
    """Return whether this account, its region or its network may not use the endpoint."""
    if refusal.status == 403:
        return not flagged(refusal) and not too_long(refusal)
    return refusal.status == 400 and _ACCESS.search(refusal.message) is not None


def too_long(refusal: Refusal) -> bool:
    """Return whether a prompt does not fit the context; some endpoints say so in a 403."""
    return _TOO_LONG.search(refusal.words) is not None


def loading(refusal: Refusal) -> bool:
    """Return whether the endpoint has the model and does not serve it yet, or not any more."""
    return _LOADING.search(refusal.message) is not None


def no_endpoint(refusal: Refusal) -> bool:
    """Return whether a server says in words that it has no such path (LM Studio, in a 200)."""
    return _PATH.search(refusal.message) is not None


def unknown_model(refusal: Refusal) -> bool:
    """Return whether the endpoint does not have the requested model."""
    if refusal.code in _MODEL_CODES:
        return True
    # Anthropic's message is "model: claude-x" and no more.
    if refusal.code == "not_found_error" and refusal.message.startswith("model:"):
        return True
    return refusal.status in (400, 404, 422) and _NO_MODEL.search(refusal.message) is not None


def unknown_parameter(refusal: Refusal) -> str | None:
    """Return the parameter that the endpoint does not take; None if the refusal is about another
    matter."""
    message = _CAMEL_CASE.sub(lambda match: _SPELLINGS[match.group()], refusal.message)
    # Any error about the form of a reply counts: there are too many ways to say that JSON Schema
    # is not supported, or not all of it, and the request is never at fault.
    if refusal.parameter.startswith(_FORM) or _SCHEMA.search(message):
        return _FORM
    # Of two parameters that exclude each other the temperature stays: it is what was asked for.
    if {"temperature", "top_p"} <= set(_PARAMETER.findall(message)) and _BOTH.search(message):
        return "top_p"
    if _RANGE.search(message):
        return "temperature"
    if not _UNKNOWN.search(f"{refusal.code} {message}"):
        return None
    if refusal.parameter in PARAMETERS:
        return refusal.parameter
    # A limit that is too large for one prompt names a parameter, too, without refusing to know it.
    if _SIZE.search(message):
        return None
    parameter = _PARAMETER.search(message)
    return parameter.group() if parameter else None


def limit_too_large(refusal: Refusal) -> bool:
    """Return whether the requested limit is above the model's own, whatever the prompt is."""
    about_limit = refusal.parameter in _LIMITS or _LIMIT.search(refusal.message)
    about_size = _SIZE.search(refusal.message) and not _OF_A_PROMPT.search(refusal.message)
    return bool(about_limit and about_size)
