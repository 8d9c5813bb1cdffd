"""The `transformers` engine: any causal language model on this machine, with PEFT adapters."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from vibench.engines.adapters import AdapterError, AdapterShelf
from vibench.engines.chat_template import Renderer, RenderingError
from vibench.engines.loglikelihoods import Row, Score, score
from vibench.engines.memory import free_memory, in_halves
from vibench.engines.model_files import load_tokenizer, load_weights, require
from vibench.engines.prompt_checks import (
    check_prompts,
    embedding_count,
    padding_token,
    without_embedding,
)
from vibench.engines.quiet import quiet
from vibench.engines.reply_decoder import ReplyDecoder
from vibench.engines.stop_texts import Stopping
from vibench.engines.transformers.generation import Generated, Prompt, generate, stop_tokens
from vibench.interfaces import Engine, Session
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Model,
    Tokens,
)

__all__ = ["TransformersEngine", "TransformersSession"]

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
        """What a batch has one of: chat or log-likelihood, in messages or in tokens."""
        return type(self.request), isinstance(self.request.messages, Tokens)

    @property
    def read(self) -> object:
        """What one row of a batch is read for; the same for requests that differ in the last
        token only (`vibench.engines.loglikelihoods`)."""
        if isinstance(self.request, ChatRequest):
            return id(self.request)
        return self.request.subject.adapter, Row(self.ids, self.start).read


class TransformersEngine(Engine):
    """Runs models with transformers and PEFT.

    What holds about reproducibility, on one machine with one build of torch:

    - Batches are cut from the queue in the order of submission, and rows leave them as
      they end, so their composition follows from that order alone. A request in the same
      batch gives the same answer bit for bit, on the CPU at any temperature.
    - In another batch, or after memory ran out and a batch was halved, matrix products
      are added up in another order: logits move by rounding (about 1e-6 in float32,
      1e-2 in bfloat16). At temperature 0 the answer is the same unless the two best
      tokens are within that of each other; above 0, unless a draw falls within that of
      the boundary between two tokens (`vibench.engines.token_draws`). Nothing else crosses
      from one request to another: no shared random state, no shared temperature.
    """

    version: ClassVar[str] = "2"
    parameters: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "batch_size": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "default": 64,
                "description": "Most requests in one batch; halved where memory runs out.",
            },
            "dtype": {
                "enum": ["auto", "float32", "bfloat16", "float16"],
                "default": "auto",
                "description": "auto: float32 on the CPU, the checkpoint's own on a GPU.",
            },
            "device": {
                "x-key": False,
                "type": "string",
                "default": "auto",
                "description": "auto (a GPU if there is one), cpu, cuda:0, ...",
            },
            "max_adapters": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "default": 16,
                "description": "Most adapters in memory; the least recently used is dropped.",
            },
            "chat_template": {
                "x-file": True,
                "type": "string",
                "default": "",
                "description": "A .jinja file or a model whose chat template replaces all others, "
                "or the name of one of several templates of the model's tokenizer.",
            },
            "trust_remote_code": {
                "type": "boolean",
                "default": False,
                "description": "Run Python code that comes with a model.",
            },
        },
        "additionalProperties": False,
    }

    def __init__(
        self,
        *,
        batch_size: int,
        dtype: str,
        device: str,
        max_adapters: int,
        chat_template: str,
        trust_remote_code: bool,
    ) -> None:
        self.batch_size = batch_size
        self.dtype = dtype
        self.device = device
        self.max_adapters = max_adapters
        self.chat_template = chat_template
        self.trust_remote_code = trust_remote_code

    def check(self) -> None:
        """Raise MissingExtra without torch, transformers or PEFT."""
        require(
            "torch", "transformers", "peft", what="The transformers engine", extra="transformers"
        )

    def open(self, model: Model) -> TransformersSession:
        """Load a base model. Raises UsageError if it cannot be had, MissingExtra without torch."""
        self.check()
        tokenizer = load_tokenizer(model, self.chat_template, self.trust_remote_code)
        weights = load_weights(model, self.dtype, self.device, self.trust_remote_code)
        return TransformersSession(model, weights, tokenizer, self.batch_size, self.max_adapters)


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
        turn_end = self.renderer.turn_end if tokenizer.chat_template else None
        self.stops = stop_tokens(weights, tokenizer, turn_end)
        self.own_stops = stop_tokens(weights, tokenizer, None)
        """What ends an answer to a prompt in tokens, which no template made."""
        # A checkpoint's own defaults (a repetition penalty, say) would apply to every request.
        weights.generation_config = GenerationConfig()
        text_config = weights.config.get_text_config()
        self.context = getattr(text_config, "max_position_embeddings", None)
        self.pad = padding_token(tokenizer, self.embeddings)
        self.batch_size = batch_size
        self.shard = max(self.shard, batch_size)
        self.shelf = AdapterShelf(weights, max_adapters)
        self.dtype = str(weights.dtype).removeprefix("torch.")
        self._queue: deque[Queued] = deque()

    def submit(self, request: Request) -> None:
        """Queue a request. Raises UsageError if the model has no chat template but needs one."""
        if request.subject.model.identity != self.base.identity:
            raise ValueError(
                f"request '{request.id}' is for {request.subject.model.name}, "
                f"but the session has {self.base.name} loaded"
            )
        self._queue.append(self._prepare(request))

    def _prepare(self, request: Request) -> Queued:
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
        # A prompt leaves room for a token, and the last token of a text to be scored is not read.
        if self.context is not None and len(ids) + (-1 if scored else 1) > self.context:
            what = "context with its continuation" if scored else "prompt"
            return Queued(
                request,
                ids,
                error=f"the {what} has {len(ids)} tokens, the model takes {self.context}",
            )
        return Queued(request, ids, start)

    def poll(self) -> Sequence[Answer]:
        """Answer the next batch: requests of one kind from the head of the queue, in order."""
        batch = self._next_batch()
        failed = [_failure(item, item.error) for item in batch if item.error is not None]
        sound, unloadable = self._load_adapters([item for item in batch if item.error is None])
        # In order of length, which saves padding; ties keep the order of submission.
        sound.sort(key=lambda item: len(item.ids), reverse=True)
        with quiet():
            answers = in_halves(sound, self._answer, _out_of_memory) if sound else []
        return [*failed, *unloadable, *answers]

    def _next_batch(self) -> list[Queued]:
        """Requests for up to batch_size rows, no more adapters among them than can be held at
        once, and one alone where its kind cannot share a batch."""
        batch: list[Queued] = []
        keys: set[str] = set()
        rows: set[object] = set()
        while self._queue:
            head = self._queue[0]
            rows.add(head.read)
            if len(rows) > self.batch_size or (batch and head.kind != batch[0].kind):
                break
            adapter = head.request.subject.adapter
            if batch and not self.shelf.together(batch[0].request.subject.adapter, adapter):
                break
            if adapter is not None:
                if len(keys | {adapter.key}) > self.shelf.most:
                    break
                keys.add(adapter.key)
            batch.append(self._queue.popleft())
        return batch

    def _load_adapters(self, batch: list[Queued]) -> tuple[list[Queued], list[Answer]]:
        errors: dict[str, AdapterError] = {}
        for adapter in dict.fromkeys(item.request.subject.adapter for item in batch):
            if adapter is not None:
                try:
                    self.shelf.load(adapter)
                except AdapterError as error:
                    errors[adapter.key] = error

        def why_not(item: Queued) -> AdapterError | None:
            adapter = item.request.subject.adapter
            return errors.get(adapter.key) if adapter is not None else None

        sound = [item for item in batch if why_not(item) is None]
        failed = [(item, why) for item in batch if (why := why_not(item)) is not None]
        return sound, [_failure(item, str(why), why.passing) for item, why in failed]

    def _answer(self, batch: Sequence[Queued]) -> list[Answer]:
        with self.shelf.applied([item.request.subject.adapter for item in batch]) as options:
            model, in_tokens = self.shelf.model, isinstance(batch[0].request.messages, Tokens)
            if isinstance(batch[0].request, LoglikelihoodRequest):
                rows = [Row(item.ids, item.start) for item in batch]
                stops = frozenset() if in_tokens else self.stops
                return list(map(_likelihood, batch, score(model, rows, self.pad, stops, options)))
            prompts = [self._prompt(item) for item in batch]
            stops = self.own_stops if in_tokens else self.stops
            made = generate(model, prompts, self.pad, stops, options)
            return list(map(self._completion, batch, made))

    def _prompt(self, item: Queued) -> Prompt:
        assert isinstance(item.request, ChatRequest)
        sampling = item.request.sampling
        limit = sampling.max_tokens
        if self.context is not None:
            limit = min(limit, self.context - len(item.ids))
        texts = item.request.stop
        stopping = Stopping(self.tokenizer, texts) if texts else None
        return Prompt(item.ids, sampling, item.request.seed, limit, stopping)

    def _completion(self, item: Queued, new: Generated) -> Completion:
        assert isinstance(item.request, ChatRequest)
        return self.decoder.completion(item.request, item.ids, new.ids, new.stopped, new.tokens)

    def close(self) -> None:
        """Free the model's memory."""
        self._queue.clear()
        del self.shelf
        free_memory()


def _likelihood(item: Queued, found: Score) -> Loglikelihood:
    return Loglikelihood(item.request.id, found.total, found.tokens, found.greedy)


def _failure(item: Queued, error: str | None, passing: bool = False) -> Answer:
    if isinstance(item.request, LoglikelihoodRequest):
        return Loglikelihood(item.request.id, 0.0, 0, False, error=error, passing=passing)
    tokens = len(item.ids)
    return Completion(item.request.id, "", "error", tokens, error=error, passing=passing)


def _out_of_memory(item: Queued, error: BaseException) -> Answer:
    """Memory is a matter of the machine and of what else runs on it, never of the model: no
    result may depend on it."""
    why = f"out of memory: {len(item.ids)} tokens alone in a batch: {error}"
    return _failure(item, why, passing=True)
