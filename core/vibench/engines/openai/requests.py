"""What an endpoint is sent: a chat request as the body of a chat completion."""

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
"""What an endpoint may refuse to know; it is then left out, or said by its other name."""
PARAMETERS = (*OPTIONAL, "temperature")
"""All that is sent beside model and messages. A temperature is never left out unsaid."""

_OTHER_NAME = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_REASONING = re.compile(r"(?:^|[/:])(?:o[1-9]\d?|gpt-(?:[5-9]|[1-9]\d))(?![a-z0-9])(?!.*-chat)")


def is_reasoning(model: str) -> bool:
    """Whether a model goes by a name of OpenAI's reasoning models (o1, o4-mini, gpt-5, ...)."""
    return _REASONING.search(model.lower()) is not None


class Dialect:
    """What one endpoint understands of the chat completions API; learned as it is used.

    Reasoning models refuse sampling parameters and `max_tokens`.
    """

    def __init__(self, model: str, effort: str | None) -> None:
        """`effort` is None for a model that does not reason."""
        self.model = model
        self.effort = effort
        self.lessons = 0
        """How often something was refused and dropped."""
        self._dropped: set[str] = set()
        self._limit = "max_tokens" if effort is None else "max_completion_tokens"
        self._shaped = False

    def body(self, request: ChatRequest) -> bytes:
        """The request as JSON. Raises UsageError for a prompt in tokens."""
        if isinstance(request.messages, Tokens):
            raise UsageError(
                "An endpoint takes messages, and was asked in tokens.",
                "Use --engine transformers or vllm.",
            )
        messages = [{"role": m.role, "content": m.content} for m in request.messages]
        if request.subject.system is not None:
            messages.insert(0, {"role": "system", "content": request.subject.system})
        sampling = request.sampling
        said: dict[str, Any] = {"model": self.model, "messages": messages}
        said[self._limit] = sampling.max_tokens
        if self.effort is None:
            said["temperature"] = sampling.temperature
            if sampling.top_p != 1.0:  # What it is unless said; some models take one of the two.
                said["top_p"] = sampling.top_p
            said["seed"] = request.seed % 2**31
        else:
            said["reasoning_effort"] = self.effort
        if request.schema is not None:
            self._shaped = True
            form = {"name": "answer", "strict": True, "schema": request.schema}
            said["response_format"] = {"type": "json_schema", "json_schema": form}
        for name in self._dropped:
            said.pop(name, None)
        return json.dumps(said).encode()

    def left_out(self, sampling: Sampling) -> tuple[str, ...]:
        """What of a request this endpoint did not take, where that may change its answer."""
        return tuple(
            name
            for name in ("seed", "top_p", "reasoning_effort", "response_format")
            if name in self._dropped and not (name == "top_p" and sampling.top_p == 1.0)
        )

    def drop(self, name: str) -> bool:
        """Do without a parameter from now on; False if it is not sent anyway."""
        if name not in OPTIONAL or name in self._dropped or name not in self._sent():
            return False
        self._dropped.add(name)
        self.lessons += 1
        other = _OTHER_NAME.get(name)
        what = "it is left out"
        if other is not None and other not in self._dropped:
            self._limit, what = other, f"{other} is sent"
        logging.getLogger("vibench").warning(
            "The endpoint does not take %s for the model %s: %s.", name, self.model, what
        )
        return True

    def _sent(self) -> set[str]:
        sampled = {"temperature", "top_p", "seed"}
        shape = {"response_format"} if self._shaped else set()
        return {self._limit} | shape | (sampled if self.effort is None else {"reasoning_effort"})
