"""The variable by which a chat template is told to ask a model for thoughts, or not to.

Templates have no common name for it, and many have none. It is set in the template itself, so that
everything that renders with the tokenizer (answers, log-likelihoods, training rows, receipts,
lm-eval's tasks) asks in the same way.
"""

from __future__ import annotations

from typing import Any

from vibench.engines.chat_template import Renderer, RenderingError
from vibench.errors import UsageError
from vibench.records import Message, Model

__all__ = ["HELLO", "pin_thinking", "thought_switch"]

SWITCHES = ("enable_thinking", "thinking")
"""enable_thinking: Qwen 3, GLM 4.5, Gemma 4, Nemotron 3, SmolLM3, Hunyuan, ERNIE 4.5; thinking:
Granite 3.2, DeepSeek V3.1, Holo2."""
EFFORTS = ("reasoning_effort", "reasoning_strength", "thinking_budget")
"""Variables of templates that always ask for thoughts, and can be told for how many."""
HELLO = (Message("user", "Hello"),)


def pin_thinking(tokenizer: Any, model: Model) -> None:
    """Set the template's own variable to `model.thinking`, unless that is "template".

    Raises UsageError if the template has no such variable.
    """
    if model.thinking == "template":
        return
    switch = thought_switch(Renderer(tokenizer)) if tokenizer.chat_template else ""
    if not switch:
        raise _no_switch(model, str(tokenizer.chat_template or ""))
    tokenizer.chat_template = _pinned(tokenizer.chat_template, switch, model.thinking == "on")


def thought_switch(renderer: Renderer) -> str:
    """Return the variable that decides about thoughts in the template's prompts, or ""."""
    tokenizer, template = renderer.tokenizer, renderer.tokenizer.chat_template
    for name in SWITCHES:
        # A word like "thinking" may also be part of a message or of a text: what counts is whether
        # prompts differ.
        if name not in template:
            continue
        prompts = []
        try:
            for value in (True, False):
                tokenizer.chat_template = _pinned(template, name, value)
                prompts.append(renderer.chat_text(None, HELLO))
        except RenderingError:
            continue
        finally:
            tokenizer.chat_template = template
        if prompts[0] != prompts[1]:
            return name
    return ""


def _pinned(template: str, name: str, value: bool) -> str:
    # With "+" the line break after it stays, as the template's own first line may be one.
    return f"{{% set {name} = {str(value).lower()} +%}}{template}"


def _no_switch(model: Model, template: str) -> UsageError:
    efforts = [name for name in EFFORTS if name in template]
    reason = "it has no variable for it"
    if efforts:
        reason = f"it only takes how much to think ({efforts[0]})"
    return UsageError(
        f"The chat template of '{model.name}' cannot be told whether to ask for thoughts "
        f"(thinking={model.thinking}): {reason}.",
        "Leave `thinking` at 'template', or give the model a chat template that takes "
        f"{' or '.join(SWITCHES)}.",
    )
