"""Chat requests as bodies of chat completions, in the dialect of each endpoint."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from vibench.errors import UsageError
from vibench.records import ChatRequest, Sampling, Tokens

__all__ = ["OPTIONAL", "PARAMETERS", "Dialect", "is_reasoning"]

OPTIONAL = (
    "seed",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "reasoning_effort",
    "response_format",
)
"""Parameters that an endpoint may refuse; they are then left out, or sent by another name."""
PARAMETERS = (*OPTIONAL, "temperature")
"""Everything that is sent beside model and messages. The temperature is never left out silently:
answers drawn at another one would be other results."""

_OTHER_NAME = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
# o1, openai/o4-mini, gpt-5.1: not gpt-5-chat, which takes sampling parameters, nor gpt-4o.
_REASONING = re.compile(r"(?:^|[/:])(?:o[1-9]\d?|gpt-(?:[5-9]|[1-9]\d))(?![a-z0-9])(?!.*-chat)")


def is_reasoning(model: str) -> bool:
    """Return whether a model has a name of OpenAI's reasoning models (o1, o4-mini, gpt-5, ...)."""
    return _REASONING.search(model.lower()) is not None


class Dialect:
    """The part of the chat completions API that one endpoint takes; learned from its refusals.

    Reasoning models refuse sampling parameters and `max_tokens`.
    """

    def __init__(self, model: str, effort: str | None) -> None:
        """Start with the full API; `effort` is None for a model that does not reason."""
        self.model = model
        self.effort = effort
        self.lessons = 0
        """The number of parameters that were refused and dropped."""
        self._dropped: set[str] = set()
        self._limit = "max_tokens" if effort is None else "max_completion_tokens"
        self._shaped = False

    def body(self, request: ChatRequest) -> bytes:
        """Return the request as JSON. Raises UsageError for a prompt in tokens."""
        if isinstance(request.messages, Tokens):
            raise UsageError(
                "An endpoint takes messages, and this eval asks in tokens.",
                "Use --engine transformers or vllm.",
            )
        messages = [{"role": m.role, "content": m.content} for m in request.messages]
        if request.subject.system is not None:
            # One system message, as in a chat template: some endpoints refuse a second one.
            system = request.subject.system
            if messages and messages[0]["role"] == "system":
                system = f"{system}\n\n{messages.pop(0)['content']}".strip()
            messages.insert(0, {"role": "system", "content": system})
        sampling = request.sampling
        fields: dict[str, Any] = {"model": self.model, "messages": messages}
        fields[self._limit] = sampling.max_tokens
        if self.effort is None:
            fields["temperature"] = sampling.temperature
            # 1 is the API's default, and some models take a temperature or a top_p, not both.
            if sampling.top_p != 1.0:
                fields["top_p"] = sampling.top_p
            fields["seed"] = request.seed % 2**31  # Some endpoints take 32 bits with a sign.
        else:
            fields["reasoning_effort"] = self.effort
        if request.schema is not None:
            self._shaped = True
            form = {"name": "answer", "strict": True, "schema": request.schema}
            fields["response_format"] = {"type": "json_schema", "json_schema": form}
        for name in self._dropped:
            fields.pop(name, None)
        return json.dumps(fields).encode()

    def left_out(self, sampling: Sampling) -> tuple[str, ...]:
        """Return the refused parameters that may change an answer drawn with this sampling."""
        # The names of limits are not among them: they are sent by their other name, or change
        # only where an answer is cut off.
        return tuple(
            name
            for name in ("seed", "top_p", "reasoning_effort", "response_format")
            if name in self._dropped and not (name == "top_p" and sampling.top_p == 1.0)
        )

    def drop(self, name: str) -> bool:
        """Do without a parameter from now on; return False if it is not sent anyway."""
        if name not in OPTIONAL or name in self._dropped or name not in self._sent():
            return False
        self._dropped.add(name)
        self.lessons += 1
        substitute = _OTHER_NAME.get(name)
        consequence = "it is left out"
        if substitute is not None and substitute not in self._dropped:
            self._limit, consequence = substitute, f"{substitute} is sent"
        logging.getLogger("vibench").warning(
            "The endpoint does not take %s for the model %s: %s.", name, self.model, consequence
        )
        return True

    def _sent(self) -> set[str]:
        sampled = {"temperature", "top_p", "seed"}
        shape = {"response_format"} if self._shaped else set()
        return {self._limit} | shape | (sampled if self.effort is None else {"reasoning_effort"})
