"""The engine `openai`: models behind an OpenAI-compatible chat endpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from vibench.engines.model_files import require_packages
from vibench.engines.openai.address import Address, locate_endpoint
from vibench.engines.openai.limits import BatchLimits, Limits
from vibench.engines.openai.requests import Dialect, is_reasoning
from vibench.engines.openai.session import OpenAISession
from vibench.interfaces import Engine, Session
from vibench.parameters import Parameter
from vibench.records import ChatRequest, Model

__all__ = ["OpenAI", "OpenAISession"]


class OpenAI(Engine):
    """Asks models behind any OpenAI-compatible chat endpoint.

    The key comes from the environment alone. Requests that fail are tried again, with
    fewer at once where the endpoint is overloaded; a request that still fails is a completion
    with its cause. Rate limit, server error, time-out, connection and malformed reply are passing
    causes; bad request and refused (by a content filter) are final. While an endpoint answers
    no request, one at a time is sent until `patience` ends. A seed is sent, but whether equal
    requests get equal answers is up to the endpoint.
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
        """The limits of single requests."""
        settings = self.settings
        return Limits(settings.connections, settings.timeout, settings.attempts, settings.patience)

    def check(self) -> None:
        """Raise MissingExtra without aiohttp, UsageError for a malformed URL or key."""
        self._address()

    def _address(self) -> Address:
        require_packages("aiohttp", what="The openai engine", extra="openai")
        return locate_endpoint(self.settings.base_url, self.settings.key_variable)

    def open(self, model: Model) -> Session:
        """Reach the endpoint; `model.source` is the model's name there.

        Raises EndpointError if nothing listens there, UsageError if the address or the key is
        malformed, MissingExtra without aiohttp. An unknown model is noticed with the first
        request.
        """
        address, dialect = self._address(), self._dialect(model)
        if self.settings.batch:
            return self._open_batch(model, address, dialect)
        return OpenAISession(model, address, dialect, self.limits)

    def body(self, model: Model, request: ChatRequest) -> Mapping[str, Any]:
        """Return a request as it is sent to an endpoint that has refused no parameter so far."""
        body: dict[str, Any] = json.loads(self._dialect(model).body(request))
        return body

    def _dialect(self, model: Model) -> Dialect:
        reasons = self.settings.reasoning == "yes" or (
            self.settings.reasoning == "auto" and is_reasoning(model.source)
        )
        return Dialect(model.source, self.settings.reasoning_effort if reasons else None)

    def _open_batch(self, model: Model, address: Address, dialect: Dialect) -> Session:
        from vibench.engines.openai.batch_session import BatchSession
        from vibench.engines.openai.batch_wire import BatchWire

        wire = BatchWire(address, model.source, self.limits)
        limits = BatchLimits(
            self.settings.batch_requests,
            int(self.settings.batch_megabytes * 1_000_000),
            self.settings.batch_interval,
        )
        return BatchSession(model, address, dialect, wire, limits)
