"""Text of chat templates: a conversation rendered by a tokenizer's template, on a fixed date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vibench.engines.answer_rows import RenderingError
from vibench.engines.time_limit import TimeLimitReached, time_limit
from vibench.errors import UsageError

__all__ = ["DATE", "Conversation", "pin_date", "rendered", "shaped"]

DATE = "2024-07-26"
"""The date that Llama 3's templates fall back to."""

TIME_LIMIT_S = 10.0
"""Time for a template to render one conversation; those that do not loop take milliseconds."""

# `strftime_now` is transformers' own function in templates; a macro of that name shadows it. Llama
# asks for "26 Jul 2024", some others for ISO dates.
DATE_MACRO = (
    "{%- macro strftime_now(format) -%}"
    "{%- if format == '%Y-%m-%d' -%}2024-07-26{%- else -%}26 Jul 2024{%- endif -%}"
    "{%- endmacro -%}"
)

Conversation = list[dict[str, str]]


def pin_date(tokenizer: Any) -> None:
    """Give the tokenizer's template the date `DATE` in place of today's."""
    template = tokenizer.chat_template
    if template and "strftime_now" in template and DATE_MACRO not in template:
        tokenizer.chat_template = DATE_MACRO + template


def rendered(
    tokenizer: Any, conversation: Conversation, parts: bool, add_generation_prompt: bool
) -> str:
    """Return a conversation as the tokenizer's template renders it.

    Raises UsageError if there is no template or it does not come to an end, RenderingError if it
    refuses the conversation.
    """
    from jinja2 import TemplateError

    if not tokenizer.chat_template:
        raise UsageError(
            f"The tokenizer of '{tokenizer.name_or_path}' has no chat template, so messages cannot "
            "be rendered.",
            "Give the model a `chat_template` in the registry (a model or a .jinja file), "
            "or pass --set transformers.chat_template=... (and the same for an inducer "
            "that trains).",
        )
    messages = shaped(conversation, parts)
    try:
        with time_limit(TIME_LIMIT_S):
            return str(
                tokenizer.apply_chat_template(
                    messages, tokenize=False, add_generation_prompt=add_generation_prompt
                )
            )
    except TimeLimitReached:
        raise _no_end(tokenizer, f"renders for more than {TIME_LIMIT_S:g} s") from None
    # `range` of more than 100,000 numbers, or blocks too deep in blocks.
    except (ArithmeticError, RecursionError, MemoryError, SyntaxError) as error:
        reason = str(error) or "out of memory"
        raise _no_end(tokenizer, f"does too much ({reason:.80})") from error
    # A template is a program by somebody else: one that indexes what is not there refuses the
    # conversation as much as one that says so.
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError) as error:
        raise RenderingError(f"the chat template refuses the conversation: {error}") from error


def _no_end(tokenizer: Any, what: str) -> UsageError:
    name = getattr(tokenizer, "name_or_path", "")
    owner = f"The chat template of '{name}'" if name else "The chat template"
    return UsageError(
        f"{owner} {what}.",
        "Correct its loops, or pass another: --set transformers.chat_template=... (a model or "
        "a .jinja file).",
    )


def shaped(conversation: Sequence[Mapping[str, Any]], parts: bool) -> list[dict[str, Any]]:
    """Return the conversation with its texts as they are, or as lists of one part each."""
    if not parts:
        return [dict(message) for message in conversation]
    return [
        {**message, "content": [{"type": "text", "text": message["content"]}]}
        for message in conversation
    ]
