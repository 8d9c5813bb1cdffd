"""The parameters of the QA evals, by the names that lm-eval has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

__all__ = ["Settings", "chosen", "schema"]

PROPERTIES: Mapping[str, Mapping[str, Any]] = {
    "chat_template": {
        "enum": ["subject", "never"],
        "default": "subject",
        "description": "subject: as for every eval; never: plain text, the system prompt before it",
    },
    "num_fewshot": {
        "type": ["integer", "null"],
        "minimum": 0,
        "default": None,
        "description": "worked examples before each question; null is the task's own number",
    },
    "fewshot_as_multiturn": {
        "type": "boolean",
        "default": True,
        "description": "with a chat template: each example is a turn of its own",
    },
    "max_gen_toks": {
        "type": ["integer", "null"],
        "minimum": 1,
        "default": None,
        "description": "longest answer in tokens; null is the task's own, or 256",
    },
    "gen_kwargs": {
        "type": "object",
        "properties": {
            "until": {"type": "array", "items": {"type": "string"}},
            "do_sample": {"type": "boolean"},
            "temperature": {"type": "number", "minimum": 0},
            "top_p": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        },
        "additionalProperties": False,
        "default": {},
        "description": "over the task's own generation_kwargs",
    },
    "max_length": {
        "type": ["integer", "null"],
        "minimum": 2,
        "default": None,
        "description": "most tokens the model reads at once; null is what it takes",
    },
    "think_end_token": {
        "type": ["string", "null"],
        "default": None,
        "description": "text that ends a model's reasoning: only what follows is the answer",
    },
    "chat_template_args": {
        "type": "object",
        "default": {},
        "description": "further values for the chat template, as enable_thinking",
    },
}

ASKED = ("chat_template", "num_fewshot", "fewshot_as_multiturn", "max_length")
WRITTEN = ("max_gen_toks", "gen_kwargs", "think_end_token")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a task is put to a subject; the defaults are lm-eval's own."""

    chat_template: str = "subject"
    num_fewshot: int | None = None
    fewshot_as_multiturn: bool = True
    max_gen_toks: int | None = None
    gen_kwargs: Mapping[str, Any] = field(default_factory=dict)
    max_length: int | None = None
    think_end_token: str | None = None
    chat_template_args: Mapping[str, Any] = field(default_factory=dict)

    @property
    def generation(self) -> dict[str, Any]:
        """What is set of how answers are generated."""
        longest = {} if self.max_gen_toks is None else {"max_gen_toks": self.max_gen_toks}
        return {**self.gen_kwargs, **longest}


def schema(*, writes: bool, shots: bool = True, **own: Mapping[str, Any]) -> Mapping[str, Any]:
    """A JSON Schema: an eval's `own` parameters, and of the common ones those that tell
    something where the model `writes` its answers, and where the number of `shots` is free."""
    names = (*ASKED, *(WRITTEN if writes else ()), "chat_template_args")
    common = {name: PROPERTIES[name] for name in names if shots or "fewshot" not in name}
    return {"type": "object", "properties": {**own, **common}, "additionalProperties": False}


def chosen(parameters: Mapping[str, Any]) -> Settings:
    """The settings among an eval's parameters."""
    return Settings(
        **{f.name: parameters[f.name] for f in fields(Settings) if f.name in parameters}
    )
