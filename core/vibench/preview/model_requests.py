"""Requests to models in the form in which their engines send them, without the models."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vibench.engines.chat_template import RenderingError
from vibench.engines.prompt_checks import without_embedding
from vibench.engines.token_text import spell
from vibench.errors import UsageError
from vibench.interfaces import Session
from vibench.preview.records import AskedPrompt
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Model,
    Tokens,
    canonical_json,
)

if TYPE_CHECKING:
    from vibench.engines.model_prompts import ModelPrompts
    from vibench.interfaces import Engine
    from vibench.plugins import Plugins
    from vibench.sessions.configs import EngineConfig

__all__ = ["ExampleSession", "ModelRequests", "Requests", "token_prompt"]


class Requests:
    """The request forms of all models of a plan; each tokenizer is loaded once."""

    def __init__(self, plugins: Plugins) -> None:
        self.plugins = plugins
        self._models: dict[tuple[str, str, Model], ModelRequests] = {}
        self._causes: dict[Model, str] = {}

    def of(self, model: Model, config: EngineConfig) -> ModelRequests:
        """Return the request forms of a model on an engine. Raises UsageError as loading the
        model's tokenizer does."""
        # Loading a tokenizer takes seconds, and hundreds of stages share a few models.
        identity = config.name, canonical_json(config.asked), model
        if identity not in self._models:
            engine: Engine = self.plugins.build("engine", config.name, config.asked)
            self._models[identity] = ModelRequests(engine, model)
        return self._models[identity]

    def question(self, request: ChatRequest, config: EngineConfig) -> AskedPrompt:
        """Return a question for a judge's model: its messages, with the reason, where the model
        cannot be loaded."""
        # The judge may run on another machine, or another day: subjects can be previewed here.
        model = request.subject.model
        if model not in self._causes:
            try:
                return self.of(model, config).prompt(request)
            except UsageError as error:
                self._causes[model] = error.message.rstrip(".")
        return AskedPrompt(body=_messages(request), problem=self._causes[model])


class ModelRequests:
    """The form of requests to one model on one engine."""

    def __init__(self, engine: Engine, model: Model) -> None:
        self.engine, self.model = engine, model
        self.prompts: ModelPrompts | None = engine.prompts(model)

    def prompt(self, request: ChatRequest) -> AskedPrompt:
        """Return a request as the engine sends it: in tokens, or as the body of a call."""
        if self.prompts is None:
            # No tokenizer here: an endpoint renders messages by a template that we never see.
            return AskedPrompt(body=self.engine.body(self.model, request) or _messages(request))
        renderer = self.prompts.renderer
        try:
            ids = tuple(renderer.prompt(request.subject, request.messages))
        except RenderingError as error:
            return AskedPrompt(problem=str(error))
        return token_prompt(self.prompts, ids)


def token_prompt(prompts: ModelPrompts, ids: Sequence[int]) -> AskedPrompt:
    """Return a prompt in tokens, with the reason if the model cannot answer it."""
    # A tokenizer may know more tokens than the model has embeddings for.
    problem = without_embedding(ids, prompts.embeddings) or ""
    # A prompt of exactly this length leaves no token for the answer.
    if prompts.context is not None and len(ids) >= prompts.context:
        problem = f"the prompt has {len(ids)} tokens, the model takes {prompts.context}"
    return AskedPrompt(spell(prompts.renderer.tokenizer, ids), tuple(ids), problem=problem)


def _messages(request: ChatRequest) -> Mapping[str, Any]:
    messages = request.messages
    return {
        "system": request.subject.system,
        "messages": [] if isinstance(messages, Tokens) else [asdict(m) for m in messages],
        "sampling": asdict(request.sampling),
    }


class ExampleSession(Session):
    """A session that answers every request with an example reply, and keeps the requests."""

    def __init__(self, forms: ModelRequests, reply: str) -> None:
        self.forms, self.reply = forms, reply
        self.requests: list[ChatRequest] = []
        self._waiting: deque[Completion] = deque()
        if forms.prompts is not None:
            self.tokenizer = forms.prompts.renderer.tokenizer
            self.context = forms.prompts.context

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        """Keep a request. Raises ValueError for one of log-likelihoods."""
        if isinstance(request, LoglikelihoodRequest):
            raise ValueError("an example has no log-likelihoods")
        self.requests.append(request)
        self._waiting.append(Completion(request.id, self.reply, "stop"))

    def poll(self) -> Sequence[Completion | Loglikelihood]:
        """Return the example replies."""
        replies = list(self._waiting)
        self._waiting.clear()
        return replies

    def close(self) -> None:
        """Do nothing: there is no model."""
