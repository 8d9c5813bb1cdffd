"""What an endpoint's choice says: why it ends, and what of it is thought and what answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from vibench.records import Finish
from vibench.thoughts import Split, split

__all__ = ["Ending", "ending", "parted", "text_of"]

Ending = Literal["stop", "length", "refused", "broken"]

_LENGTH: Final = frozenset(
    ("length", "model_length", "max_length", "max_tokens", "max_output_tokens", "token_limit",
     "max_new_tokens", "max_completion_tokens", "error_limit", "context_length",
     "context_length_exceeded", "context_window_exceeded", "model_context_window_exceeded")
)  # fmt: skip
_REFUSED: Final = frozenset(
    ("content_filter", "content_filtered", "content_moderation", "safety", "recitation",
     "blocklist", "prohibited_content", "spii", "image_safety", "language", "sensitive", "refusal",
     "error_toxic", "guardrail_intervened", "moderation")
)  # fmt: skip
_BROKEN: Final = frozenset(
    ("error", "abort", "aborted", "cancelled", "insufficient_system_resource", "network_error")
)
_THOUGHT_FIELDS: Final = ("reasoning_content", "reasoning")


def ending(reason: Any) -> Ending:
    """Why a reply ends, by the finish reason of any maker's endpoint, in any case."""
    name = reason.strip().lower().replace("-", "_") if isinstance(reason, str) else ""
    name = name.removeprefix("finish_reason_")
    if name in _LENGTH:
        return "length"
    if name in _REFUSED:
        return "refused"
    return "broken" if name in _BROKEN else "stop"


def parted(message: Mapping[str, Any], finish: Finish) -> tuple[str, Finish, str]:
    """(answer, why it ends, thought) of a message. Raises TypeError if it is none.

    What the endpoint parted is taken as parted. Elsewhere the template is not known, so that
    a closing mark which nothing opened ends a thought.
    """
    content = message.get("content")
    text = text_of(content) or text_of(message.get("refusal"))
    thought = "\n\n".join(filter(None, (_thought_parts(content), _thought_field(message))))
    found = split(text, finish, lone=not thought)
    part = Split(found.answer, "\n\n".join(filter(None, (thought, found.thought))), found.ended)
    return part.answer, finish if part.ended else "length", part.thought


def text_of(content: Any) -> str:
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


def _thought_field(message: Mapping[str, Any]) -> str:
    fields = (message.get(name) for name in _THOUGHT_FIELDS)
    return next((text_of(one).strip() for one in fields if isinstance(one, str) and one), "")


def _thought_parts(content: Any) -> str:
    """The thoughts among a content's parts: text, or a list of texts."""
    if not isinstance(content, list):
        return ""
    told: list[str] = []
    for part in content:
        if isinstance(part, dict) and part.get("type") in ("thinking", "reasoning"):
            thought = part.get("thinking") or part.get("reasoning") or part.get("text")
            if isinstance(thought, str | list):
                told.append(text_of(thought).strip())
    return "\n\n".join(filter(None, told))
