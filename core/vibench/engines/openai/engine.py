"""The engine `openai`: models behind an OpenAI-compatible chat endpoint."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from vibench.engines.model_files import require_packages
from vibench.engines.openai.address import Address, locate_endpoint
from vibench.engines.openai.requests import Dialect, is_reasoning
from vibench.engines.openai.traffic import Limits, Traffic
from vibench.errors import UsageError
from vibench.interfaces import Engine, Session
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Model,
    Sampling,
    Subject,
)

__all__ = ["OpenAI", "OpenAISession"]

BATCH = 64
"""So many requests are handed over at once while more are being submitted."""


class OpenAI(Engine):
    """Asks models behind any OpenAI-compatible chat endpoint.

    The key comes from the environment alone. Requests that fail are tried again, with
    fewer at once where the endpoint is overloaded; what still fails is a completion with
    its cause. Rate limit, server error, time-out, connection and malformed reply are passing
    ones; bad request and refused (by a content filter) last. An endpoint that answers nobody
    is waited for, one request at a time, until `patience` ends.
    A seed is sent, yet whether equal requests get equal answers is the endpoint's matter.
    """

    version: ClassVar[str] = "2"
    remote: ClassVar = True
    continuous: ClassVar = True
    parameters: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "base_url": {
                "x-key": False,
                "type": "string",
                "minLength": 1,
                "default": "https://api.openai.com/v1",
                "description": "where the endpoint is; most end in /v1",
            },
            "key_variable": {
                "x-key": False,
                "type": "string",
                "default": "OPENAI_API_KEY",
                "description": "the environment variable that holds the key; empty for no key",
            },
            "connections": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "default": 64,
                "description": "most requests at once; fewer where the endpoint cannot keep up",
            },
            "timeout": {
                "x-key": False,
                "type": "number",
                "exclusiveMinimum": 0,
                "default": 300,
                "description": "seconds that a request may take",
            },
            "attempts": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "default": 8,
                "description": "how often a request is tried while others are answered",
            },
            "patience": {
                "x-key": False,
                "type": "number",
                "minimum": 0,
                "default": 600,
                "description": "seconds that an endpoint which answers nobody is waited for",
            },
            "reasoning": {
                "enum": ["auto", "yes", "no"],
                "default": "auto",
                "description": "whether the model refuses sampling parameters and max_tokens; "
                "auto: by its name (o4-mini, gpt-5, ...)",
            },
            "reasoning_effort": {
                "enum": ["low", "medium", "high"],
                "default": "medium",
                "description": "how much a reasoning model thinks",
            },
            "batch": {
                "x-key": False,
                "type": "boolean",
                "default": False,
                "description": "ask by the Batch API: cheaper, and answered within a day",
            },
            "batch_interval": {
                "x-key": False,
                "type": "number",
                "exclusiveMinimum": 0,
                "default": 30,
                "description": "seconds between two looks at a batch",
            },
            "batch_requests": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "maximum": 50_000,
                "default": 50_000,
                "description": "most requests in a batch",
            },
            "batch_megabytes": {
                "x-key": False,
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 200,
                "default": 200,
                "description": "most millions of bytes in a batch's file",
            },
        },
        "additionalProperties": False,
    }

    def __init__(
        self,
        *,
        base_url: str,
        key_variable: str,
        connections: int,
        timeout: float,
        attempts: int,
        patience: float,
        reasoning: Literal["auto", "yes", "no"],
        reasoning_effort: Literal["low", "medium", "high"],
        batch: bool,
        batch_interval: float,
        batch_requests: int,
        batch_megabytes: float,
    ) -> None:
        self.base_url = base_url
        self.key_variable = key_variable
        self.limits = Limits(connections, timeout, attempts, patience)
        self.reasoning = reasoning
        self.reasoning_effort = reasoning_effort
        self.batch = batch
        self.batch_interval = batch_interval
        self.batch_requests = batch_requests
        self.batch_size = int(batch_megabytes * 1_000_000)

    def check(self) -> None:
        """Raise MissingExtra without aiohttp, UsageError for a URL or key that cannot be one."""
        self._address()

    def _address(self) -> Address:
        require_packages("aiohttp", what="The openai engine", extra="openai")
        return locate_endpoint(self.base_url, self.key_variable)

    def open(self, model: Model) -> Session:
        """Reach the endpoint; `model.source` is the model's name there.

        Raises EndpointError if nothing listens there, UsageError if the address or the key
        cannot be one, MissingExtra without aiohttp. Whether the endpoint has the model shows
        with the first request.
        """
        address = self._address()
        reasons = self.reasoning == "yes" or (
            self.reasoning == "auto" and is_reasoning(model.source)
        )
        dialect = Dialect(model.source, self.reasoning_effort if reasons else None)
        if self.batch:
            return self._open_batch(model, address, dialect)
        return OpenAISession(model, address, dialect, self.limits)

    def _open_batch(self, model: Model, address: Address, dialect: Dialect) -> Session:
        from vibench.engines.openai.batch_session import BatchLimits, BatchSession
        from vibench.engines.openai.batch_wire import BatchWire

        wire = BatchWire(address, model.source, self.limits)
        limits = BatchLimits(self.batch_requests, self.batch_size, self.batch_interval)
        return BatchSession(model, address, dialect, wire, limits)


class OpenAISession(Session):
    """A model at an endpoint, and what is on its way to it."""

    def __init__(self, model: Model, address: Address, dialect: Dialect, limits: Limits) -> None:
        self.base = model
        self.shard = 4 * limits.connections
        self._dialect = dialect
        self._traffic = Traffic(address, dialect, limits)
        # Also where nobody closes it, and at the interpreter's end.
        self._closing = weakref.finalize(self, self._traffic.close)
        self._fresh: list[ChatRequest] = []
        self._own: deque[Loglikelihood] = deque()
        self._open = 0
        try:
            self._traffic.reach()
        except BaseException:
            self.close()
            raise

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        """Queue a request. Raises UsageError for a subject that no endpoint can be."""
        _check(request.subject, self.base)
        if isinstance(request, LoglikelihoodRequest):
            why = "the openai engine has no log-likelihoods: chat endpoints do not give them"
            self._own.append(Loglikelihood(request.id, 0.0, 0, False, error=why))
            return
        self._fresh.append(request)
        if len(self._fresh) >= BATCH:
            self._hand_over()

    def poll(self) -> Sequence[Completion | Loglikelihood]:
        """Wait until something is answered and return all that is; empty if nothing is queued.

        Raises, with the session closed, UsageError for what is wrong with every request (the
        key, the model, the URL), and EndpointError for an endpoint that answers nobody within
        its patience, or wants to be paid.
        """
        self._hand_over()
        if self._own:
            own, self._own = list(self._own), deque()
            return own
        if not self._open:
            return []
        try:
            taken = self._traffic.take(self._notice)
        except Exception:
            self.close()
            raise
        self._open -= len(taken)
        return taken

    def _notice(self, line: str) -> None:
        if self.notice is not None:
            self.notice(line)

    def left_out(self, sampling: Sampling) -> tuple[str, ...]:
        """What the endpoint refused to know."""
        return self._dialect.left_out(sampling)

    def _hand_over(self) -> None:
        if self._fresh:
            fresh, self._fresh = self._fresh, []
            self._open += len(fresh)
            self._traffic.submit(fresh)

    def close(self) -> None:
        """Cancel what is under way. A second time does nothing."""
        self._fresh.clear()
        self._own.clear()
        self._open = 0
        self._closing()


def _check(subject: Subject, base: Model) -> None:
    if subject.model.identity != base.identity:
        raise ValueError(
            f"a request is for {subject.model.name}, but the session is for {base.name}"
        )
    if subject.adapter is not None:
        raise UsageError(
            f"An adapter on {base.name} cannot be sent to an endpoint.",
            "Run trained subjects with --engine transformers, or serve the adapter at the "
            "endpoint and name it as a model.",
        )
    if subject.rendering == "plain":
        raise UsageError(
            f"The base model {base.name} under a system prompt is asked in plain text, and a chat "
            "endpoint takes conversations only.",
            "Run it with --engine transformers.",
        )
