"""A choice of an endpoint's reply: why it ends, and which part is thought and which answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from vibench.records import Finish
from vibench.thoughts import Split, split

__all__ = ["Ending", "ending", "split_message", "text_of"]

Ending = Literal["stop", "length", "refused", "broken"]

# The words of OpenAI, Anthropic, Gemini, Cohere, Mistral, Bedrock, DeepSeek and of the gateways
# before them. An unknown word counts as a stop: most makers have names of their own for it.
_WORDS: Final[Mapping[Ending, str]] = {
    "length": "length model_length max_length max_tokens max_output_tokens token_limit "
    "max_new_tokens max_completion_tokens error_limit context_length context_length_exceeded "
    "context_window_exceeded model_context_window_exceeded",
    "refused": "content_filter content_filtered content_moderation safety recitation blocklist "
    "prohibited_content spii image_safety language sensitive refusal error_toxic "
    "guardrail_intervened moderation",
    "broken": "error abort aborted cancelled insufficient_system_resource network_error",
}
_ENDINGS: Final[Mapping[str, Ending]] = {
    word: kind for kind, words in _WORDS.items() for word in words.split()
}
_THOUGHT_FIELDS: Final = ("reasoning_content", "reasoning")


def ending(reason: Any) -> Ending:
    """Return why a reply ends, by the finish reason of any maker's endpoint, in any case."""
    name = reason.strip().lower().replace("-", "_") if isinstance(reason, str) else ""
    # Gemini's compatible endpoint adds its own word: "content_filter: RECITATION".
    name = name.removeprefix("finish_reason_").partition(":")[0]
    return _ENDINGS.get(name, "stop")


def split_message(message: Mapping[str, Any], finish: Finish) -> tuple[str, Finish, str]:
    """Return (answer, why it ends, thought) of a message. Raises TypeError if it is malformed."""
    content = message.get("content")
    text = text_of(content) or text_of(message.get("refusal"))
    thought = "\n\n".join(filter(None, (_thought_parts(content), _thought_field(message))))
    # An endpoint that splits thoughts off itself is believed. Elsewhere its template is not known,
    # which may have opened the thought, so that a lone closing mark ends one.
    rest = split(text, finish, lone=not thought)
    part = Split(rest.answer, "\n\n".join(filter(None, (thought, rest.thought))), rest.ended)
    return part.answer, finish if part.ended else "length", part.thought


def text_of(content: Any) -> str:
    """Return a message's text out of a string, null, or a list of parts."""
    if isinstance(content, list):
        parts = (p.get("text") for p in content if isinstance(p, dict) and p.get("type") == "text")
        content = "".join(part for part in parts if isinstance(part, str))
    if content is None:
        return ""
    if not isinstance(content, str):
        raise TypeError(f"a message's content is a {type(content).__name__}")
    if content.isascii():
        return content
    # JSON can spell half of a surrogate pair, and no file can hold one.
    return content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _thought_field(message: Mapping[str, Any]) -> str:
    fields = (message.get(name) for name in _THOUGHT_FIELDS)
    return next((text_of(text).strip() for text in fields if isinstance(text, str) and text), "")


def _thought_parts(content: Any) -> str:
    """Return the thoughts among a content's parts: each is a text, or a list of texts."""
    if not isinstance(content, list):
        return ""
    thoughts: list[str] = []
    for part in content:
        if isinstance(part, dict) and part.get("type") in ("thinking", "reasoning"):
            thought = part.get("thinking") or part.get("reasoning") or part.get("text")
            if isinstance(thought, str | list):
                thoughts.append(text_of(thought).strip())
    return "\n\n".join(filter(None, thoughts))
