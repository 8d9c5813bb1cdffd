"""Prompts of judges: a rubric's words around a conversation that can do no harm.

The transcript is data, written by a model that may have been told to sway its judge. Markup in it
is neutralised before a judge sees it, so that nothing in a transcript can end the conversation,
begin a turn, or stand where an answer is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from vibench.errors import PluginError
from vibench.records import Message, Rubric

__all__ = ["neutralise", "render"]

_SLOT: Final = "TRANSCRIPT"
"""The word in a rubric's prompt that the conversation replaces."""
# Characters without a width, which a model reads over: `<` and a zero-width space and `answer>` is
# as good as a tag to it.
_UNSEEN: Final = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_TAG = re.compile(rf"<(?=[\s/|｜!{_UNSEEN}]*[^\W\d])")
# Mistral's control words; `[` in general is far too common to be replaced.
_CONTROL = re.compile(
    r"\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|THINK)\])",
    re.IGNORECASE,
)
# At the beginning of a line, by any of the characters that end one, with Markdown or a quotation
# mark before it and an ASCII or full-width colon after it.
_SPEAKER = re.compile(
    rf"(^|[\r\v\f\x85\u2028\u2029])([ \t*_#>{_UNSEEN}]*)(User|Assistant|System)(?=[ \t*_]*[:：])",
    re.IGNORECASE | re.MULTILINE,
)


def neutralise(text: str) -> str:
    """Return a transcript's text with everything that could pass for markup or a turn made
    harmless.

    `<answer>`, `</conversation>`, `<|im_end|>`: the `<` becomes `‹`. `[INST]`: the `[`
    becomes `⟦`. A line that begins with `User:`, as a turn does, begins with `‹User›:`. All other
    characters stay as they are, and a second pass changes nothing.
    """
    # Most texts have none of these, and finding that out first takes a hundredth of the time.
    if "<" in text:
        text = _TAG.sub("‹", text)
    if "[" in text:
        text = _CONTROL.sub("⟦", text)
    return _SPEAKER.sub(r"\1\2‹\3›", text) if _may_speak(text) else text


def _may_speak(text: str) -> bool:
    """Return whether a search for turns can find one."""
    if ":" not in text and "：" not in text:
        return False
    # Outside ASCII some letters match an `s` or an `i` regardless of case (the long s), which
    # `lower` does not change: such texts are searched.
    lowered = text.lower() if text.isascii() else ""
    return not lowered or any(speaker in lowered for speaker in ("user", "assistant", "system"))


def render(rubric: Rubric, safe: Callable[[str], str] = neutralise) -> tuple[Message, ...]:
    """Return the messages to the judge's model: the prompt, with the conversation for TRANSCRIPT.

    `safe` makes a message harmless. Raises PluginError for a prompt without TRANSCRIPT.
    """
    # Split rather than replaced, so that the word in a transcript is never taken for the slot.
    before, slot, after = rubric.prompt.partition(_SLOT)
    if not slot or _SLOT in after:
        raise PluginError(
            f"The prompt of the rubric '{rubric.name}' does not hold {_SLOT} exactly once.",
            "Put it once, where the conversation goes.",
        )
    turns = (f"{m.role.capitalize()}: {safe(m.content)}" for m in rubric.messages)
    return (Message("user", before + "\n\n".join(turns) + after),)
