"""A model at an endpoint that is sent requests one by one."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Sequence

from vibench.engines.openai.address import Address
from vibench.engines.openai.limits import Limits
from vibench.engines.openai.requests import Dialect
from vibench.engines.openai.traffic import Traffic
from vibench.errors import UsageError
from vibench.interfaces import Session
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Model,
    Sampling,
    Subject,
)

__all__ = ["OpenAISession"]

BATCH = 64
"""Requests that are handed to the loop at once while more are being submitted."""


class OpenAISession(Session):
    """A model at an endpoint, and the requests on their way to it."""

    def __init__(self, model: Model, address: Address, dialect: Dialect, limits: Limits) -> None:
        self.base = model
        # Conversations in play: enough that no connection waits while the caller reads answers.
        self.shard = 4 * limits.connections
        self._dialect = dialect
        self._traffic = Traffic(address, dialect, limits)
        # Also if nobody closes the session, and at the interpreter's end: its thread would go on.
        self._closing = weakref.finalize(self, self._traffic.close)
        self._fresh: list[ChatRequest] = []
        self._unsupported: deque[Loglikelihood] = deque()
        self._open = 0
        try:
            self._traffic.reach()
        except BaseException:
            self.close()
            raise

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        """Queue a request. Raises UsageError for a subject that no endpoint can serve."""
        _check(request.subject, self.base)
        if isinstance(request, LoglikelihoodRequest):
            error = "the openai engine has no log-likelihoods: chat endpoints do not give them"
            self._unsupported.append(Loglikelihood(request.id, 0.0, 0, False, error=error))
            return
        self._fresh.append(request)
        if len(self._fresh) >= BATCH:
            self._hand_over()

    def poll(self) -> Sequence[Completion | Loglikelihood]:
        """Wait until something is answered and return all that is; empty if nothing is queued.

        Closes the session and raises UsageError for what is wrong with every request (the key,
        the model, the URL), and EndpointError if the endpoint answers no request within its
        patience, or its credit is spent.
        """
        self._hand_over()
        if self._unsupported:
            failures, self._unsupported = list(self._unsupported), deque()
            return failures
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
        """Return the parameters that the endpoint did not accept."""
        return self._dialect.left_out(sampling)

    def _hand_over(self) -> None:
        """Pass the submitted requests on to the loop."""
        if self._fresh:
            fresh, self._fresh = self._fresh, []
            self._open += len(fresh)
            self._traffic.submit(fresh)

    def close(self) -> None:
        """Cancel the requests under way. Closing twice does nothing."""
        self._fresh.clear()
        self._unsupported.clear()
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
            f"The base model {base.name} under a system prompt takes plain text, and a chat "
            "endpoint takes conversations only.",
            "Run it with --engine transformers.",
        )
