"""The engine `openai`: models behind an OpenAI-compatible chat endpoint."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from vibench.engines.model_files import require_packages
from vibench.engines.openai.address import Address, locate_endpoint
from vibench.engines.openai.requests import Dialect, is_reasoning
from vibench.engines.openai.traffic import Limits, Traffic
from vibench.errors import UsageError
from vibench.interfaces import Engine, Session
from vibench.parameters import Parameter
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

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        base_url: Annotated[
            str,
            Parameter("Endpoint's address; most end in /v1.", minimum_length=1, key=False),
        ] = "https://api.openai.com/v1"
        key_variable: Annotated[
            str,
            Parameter("Environment variable with the API key; empty for no key.", key=False),
        ] = "OPENAI_API_KEY"
        connections: Annotated[
            int,
            Parameter(
                "Maximum number of requests at once; fewer while the endpoint cannot keep up.",
                minimum=1,
                key=False,
            ),
        ] = 64
        timeout: Annotated[
            float, Parameter("Seconds that a request may take.", above=0, key=False)
        ] = 300
        attempts: Annotated[
            int,
            Parameter("Attempts at a request while others succeed.", minimum=1, key=False),
        ] = 8
        patience: Annotated[
            float,
            Parameter(
                "Seconds to wait for an endpoint that answers no request.", minimum=0, key=False
            ),
        ] = 600
        reasoning: Annotated[
            Literal["auto", "yes", "no"],
            Parameter(
                "Whether the model refuses sampling parameters and max_tokens; auto: by its "
                "name (o4-mini, gpt-5, ...)."
            ),
        ] = "auto"
        reasoning_effort: Annotated[
            Literal["low", "medium", "high"], Parameter("How much a reasoning model thinks.")
        ] = "medium"
        batch: Annotated[
            bool,
            Parameter("Use the Batch API: cheaper, with answers within a day.", key=False),
        ] = False
        batch_interval: Annotated[
            float, Parameter("Seconds between two looks at a batch.", above=0, key=False)
        ] = 30
        batch_requests: Annotated[
            int,
            Parameter(
                "Maximum number of requests in a batch.", minimum=1, maximum=50_000, key=False
            ),
        ] = 50_000
        batch_megabytes: Annotated[
            float,
            Parameter(
                "Maximum size of a batch's file in megabytes.", above=0, maximum=200, key=False
            ),
        ] = 200

    settings: Parameters

    @property
    def limits(self) -> Limits:
        """How hard the endpoint is worked."""
        settings = self.settings
        return Limits(settings.connections, settings.timeout, settings.attempts, settings.patience)

    def check(self) -> None:
        """Raise MissingExtra without aiohttp, UsageError for a URL or key that cannot be one."""
        self._address()

    def _address(self) -> Address:
        require_packages("aiohttp", what="The openai engine", extra="openai")
        return locate_endpoint(self.settings.base_url, self.settings.key_variable)

    def open(self, model: Model) -> Session:
        """Reach the endpoint; `model.source` is the model's name there.

        Raises EndpointError if nothing listens there, UsageError if the address or the key
        cannot be one, MissingExtra without aiohttp. Whether the endpoint has the model shows
        with the first request.
        """
        address = self._address()
        reasons = self.settings.reasoning == "yes" or (
            self.settings.reasoning == "auto" and is_reasoning(model.source)
        )
        dialect = Dialect(model.source, self.settings.reasoning_effort if reasons else None)
        if self.settings.batch:
            return self._open_batch(model, address, dialect)
        return OpenAISession(model, address, dialect, self.limits)

    def _open_batch(self, model: Model, address: Address, dialect: Dialect) -> Session:
        from vibench.engines.openai.batch_session import BatchLimits, BatchSession
        from vibench.engines.openai.batch_wire import BatchWire

        wire = BatchWire(address, model.source, self.limits)
        limits = BatchLimits(
            self.settings.batch_requests,
            int(self.settings.batch_megabytes * 1_000_000),
            self.settings.batch_interval,
        )
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
