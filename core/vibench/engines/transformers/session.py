"""One base model in memory: its queue, its batches and its adapters."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.engines.adapter_kinds import AdapterError
from vibench.engines.chat_template import Renderer, RenderingError
from vibench.engines.loglikelihoods import Score, TokenRow, score
from vibench.engines.memory import free_memory, in_halves
from vibench.engines.prompt_checks import (
    check_prompts,
    embedding_count,
    padding_token,
    without_embedding,
)
from vibench.engines.quiet import quiet
from vibench.engines.reply_decoder import ReplyDecoder
from vibench.engines.stops import StopTexts, stop_tokens
from vibench.engines.template_facts import TemplateFacts
from vibench.engines.transformers.adapter_shelf import AdapterShelf
from vibench.engines.transformers.generation import Generated, Prompt, generate
from vibench.interfaces import Session
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Model,
    Tokens,
)

__all__ = ["TransformersSession"]

Request = ChatRequest | LoglikelihoodRequest
Answer = Completion | Loglikelihood


@dataclass(frozen=True, slots=True)
class Queued:
    """A request with its tokens, or with the reason why it cannot be answered."""

    request: Request
    ids: Sequence[int] = ()
    start: int = 0
    error: str | None = None

    @property
    def kind(self) -> tuple[type[Request], bool]:
        """Chat or log-likelihood, and in messages or in tokens: one kind to a batch."""
        return type(self.request), isinstance(self.request.messages, Tokens)

    @property
    def read(self) -> object:
        """The key of the row that is read for this request.

        It is the same for requests that differ in their last token only, such as the choices of
        a multiple-choice question: these share a row (`vibench.engines.loglikelihoods`).
        """
        if isinstance(self.request, ChatRequest):
            return id(self.request)
        return self.request.subject.adapter, TokenRow(self.ids, self.start).read


class TransformersSession(Session):
    """One base model in memory, and a queue."""

    def __init__(
        self, model: Model, weights: Any, tokenizer: Any, batch_size: int, max_adapters: int
    ) -> None:
        from transformers import GenerationConfig

        self.base = model
        self.renderer = Renderer(tokenizer)
        self.decoder = ReplyDecoder(self.renderer)
        self.tokenizer = tokenizer
        self.embeddings = embedding_count(weights)
        check_prompts(self.renderer, model, self.embeddings)
        defaults = weights.generation_config
        turn_end = self.renderer.turn_end if tokenizer.chat_template else None
        self.stops = stop_tokens(defaults, tokenizer, turn_end)
        # No template made a prompt in tokens, so none of its turns ends the answer.
        self.own_stops = stop_tokens(defaults, tokenizer, None)
        # A checkpoint's own defaults (a repetition penalty, say) would apply to every request.
        weights.generation_config = GenerationConfig()
        text_config = weights.config.get_text_config()
        self.context = getattr(text_config, "max_position_embeddings", None)
        self.pad = padding_token(tokenizer, self.embeddings)
        self.batch_size = batch_size
        # A shard is what a stage submits and commits at once: less than a batch leaves it unfilled.
        self.shard = max(self.shard, batch_size)
        self.shelf = AdapterShelf(weights, max_adapters)
        self.dtype = str(weights.dtype).removeprefix("torch.")
        self._queue: deque[Queued] = deque()

    def submit(self, request: Request) -> None:
        """Queue a request.

        Raises UsageError if the model needs a chat template and has none, ValueError for a
        request to another model.
        """
        if request.subject.model.identity != self.base.identity:
            raise ValueError(
                f"request '{request.id}' is for {request.subject.model.name}, "
                f"but the session has {self.base.name} loaded"
            )
        self._queue.append(self._prepare(request))

    def _prepare(self, request: Request) -> Queued:
        """Render and check a request; a defect of its own becomes its error, not the queue's."""
        try:
            if isinstance(request, LoglikelihoodRequest):
                ids, start = self.renderer.continued(
                    request.subject, request.messages, request.continuation
                )
            else:
                ids = self.renderer.prompt(request.subject, request.messages)
                start = len(ids)
        except RenderingError as error:
            return Queued(request, error=str(error))
        scored = isinstance(request, LoglikelihoodRequest)
        if not ids:
            return Queued(request, error="the prompt is empty")
        if unknown := without_embedding(ids, self.embeddings):
            return Queued(request, ids, error=unknown)
        # A prompt must leave room for one token; the last token of a text to be scored is only
        # predicted, never read, so that text may be one token longer than the context.
        if self.context is not None and len(ids) + (-1 if scored else 1) > self.context:
            what = "context with its continuation" if scored else "prompt"
            return Queued(
                request,
                ids,
                error=f"the {what} has {len(ids)} tokens, the model takes {self.context}",
            )
        return Queued(request, ids, start)

    def poll(self) -> Sequence[Answer]:
        """Answer the next batch; empty if nothing is queued."""
        batch = self._next_batch()
        failed = [_failure(item, item.error) for item in batch if item.error is not None]
        sound, unloadable = self._load_adapters([item for item in batch if item.error is None])
        # In order of length, which saves padding; ties keep the order of submission.
        sound.sort(key=lambda item: len(item.ids), reverse=True)
        with quiet():
            answers = in_halves(sound, self._answer, _out_of_memory) if sound else []
        return [*failed, *unloadable, *answers]

    def _next_batch(self) -> list[Queued]:
        """Take the next batch from the queue: requests of one kind, in order.

        It has up to batch_size rows, no more adapters than can be held at once, and an adapter
        alone where its kind cannot share a batch.
        """
        # Only ever from the head of the queue: which requests share a batch, and with it every
        # rounding, then follows from the order of submission alone.
        batch: list[Queued] = []
        keys: set[str] = set()
        rows: set[object] = set()
        while self._queue:
            head = self._queue[0]
            rows.add(head.read)
            if len(rows) > self.batch_size or (batch and head.kind != batch[0].kind):
                break
            adapter = head.request.subject.adapter
            if batch and not self.shelf.can_share_batch(batch[0].request.subject.adapter, adapter):
                break
            if adapter is not None:
                if len(keys | {adapter.key}) > self.shelf.capacity:
                    break
                keys.add(adapter.key)
            batch.append(self._queue.popleft())
        return batch

    def _load_adapters(self, batch: list[Queued]) -> tuple[list[Queued], list[Answer]]:
        """Load a batch's adapters; return the requests that can be asked, and errors for the rest.

        An adapter that cannot be loaded fails its own requests and leaves the others alone.
        """
        errors: dict[str, AdapterError] = {}
        for adapter in dict.fromkeys(item.request.subject.adapter for item in batch):
            if adapter is not None:
                try:
                    self.shelf.load(adapter)
                except AdapterError as error:
                    errors[adapter.key] = error

        def error_of(item: Queued) -> AdapterError | None:
            adapter = item.request.subject.adapter
            return errors.get(adapter.key) if adapter is not None else None

        sound = [item for item in batch if error_of(item) is None]
        failed = [(item, cause) for item in batch if (cause := error_of(item)) is not None]
        return sound, [_failure(item, str(cause), cause.passing) for item, cause in failed]

    def _answer(self, batch: Sequence[Queued]) -> list[Answer]:
        with self.shelf.applied([item.request.subject.adapter for item in batch]) as options:
            # Within `applied`: PEFT wraps the model with the first adapter.
            model, in_tokens = self.shelf.model, isinstance(batch[0].request.messages, Tokens)
            if isinstance(batch[0].request, LoglikelihoodRequest):
                rows = [TokenRow(item.ids, item.start) for item in batch]
                stops = frozenset() if in_tokens else self.stops
                return list(map(_likelihood, batch, score(model, rows, self.pad, stops, options)))
            prompts = [self._prompt(item) for item in batch]
            stops = self.own_stops if in_tokens else self.stops
            generated = generate(model, prompts, self.pad, stops, options)
            return list(map(self._completion, batch, generated))

    def _prompt(self, item: Queued) -> Prompt:
        assert isinstance(item.request, ChatRequest)
        sampling = item.request.sampling
        limit = sampling.max_tokens
        # Positions beyond the context crash some models and make nonsense of others, so an answer
        # ends there, at "length".
        if self.context is not None:
            limit = min(limit, self.context - len(item.ids))
        texts = item.request.stop
        stopping = StopTexts(self.tokenizer, texts) if texts else None
        return Prompt(item.ids, sampling, item.request.seed, limit, stopping)

    def _completion(self, item: Queued, new: Generated) -> Completion:
        assert isinstance(item.request, ChatRequest)
        return self.decoder.completion(item.request, item.ids, new.ids, new.stopped, new.tokens)

    def template_facts(self) -> Mapping[str, Any]:
        """Return facts about the chat template (`TemplateFacts`)."""
        return TemplateFacts.of(self.renderer, self.base).record()

    def close(self) -> None:
        """Free the model's memory."""
        self._queue.clear()
        del self.shelf
        free_memory()


def _likelihood(item: Queued, scored: Score) -> Loglikelihood:
    return Loglikelihood(item.request.id, scored.total, scored.tokens, scored.greedy)


def _failure(item: Queued, error: str | None, passing: bool = False) -> Answer:
    if isinstance(item.request, LoglikelihoodRequest):
        return Loglikelihood(item.request.id, 0.0, 0, False, error=error, passing=passing)
    tokens = len(item.ids)
    return Completion(item.request.id, "", "error", tokens, error=error, passing=passing)


def _out_of_memory(item: Queued, error: BaseException) -> Answer:
    """Return the failure of a request that does not fit into memory even alone."""
    # Passing, so that it is asked again and never a result: memory is a matter of the machine and
    # of what else runs on it, and no number may depend on that.
    cause = f"out of memory: {len(item.ids)} tokens alone in a batch: {error}"
    return _failure(item, cause, passing=True)
