"""Requests as vLLM takes them, and its outputs as answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from vibench.engines.chat_template import Renderer, RenderingError
from vibench.engines.prompt_checks import without_embedding
from vibench.engines.reply_decoder import ReplyDecoder
from vibench.engines.stop_texts import Stopping
from vibench.records import ChatRequest, Completion, Loglikelihood, LoglikelihoodRequest, Tokens

__all__ = ["Answer", "Prepared", "Request", "Said", "answers", "failures", "prepare", "sampling"]

Request = ChatRequest | LoglikelihoodRequest
Answer = Completion | Loglikelihood

MOST_CHOICES = 64
"""How many last tokens are asked about at once; vLLM takes 128."""

EVERY = 4
"""Tokens after which stop texts are looked for."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request with its token ids, of which those from `start` on are to be scored.

    One in tokens of which the last alone is scored is a choice: `ids` are those before it, and
    `also` are other requests with the same ones. vLLM is then asked for the next token.
    """

    request: Request
    ids: Sequence[int] = ()
    start: int = 0
    also: list[LoglikelihoodRequest] = field(default_factory=list, compare=False)

    @property
    def order(self) -> tuple[str, Sequence[int]]:
        """By adapter, then by tokens, so that shared beginnings are next to each other."""
        adapter = self.request.subject.adapter
        return (adapter.key if adapter else "", tuple(self.ids))

    @property
    def choices(self) -> Sequence[LoglikelihoodRequest]:
        """The requests that it stands for, if it is a choice."""
        first = self.request
        if not isinstance(first, LoglikelihoodRequest) or last_token(first) is None:
            return ()
        return (first, *self.also)


def last_token(request: LoglikelihoodRequest) -> int | None:
    """The one token that is to be scored, where it is one."""
    said = request.continuation
    return said.ids[0] if isinstance(said, Tokens) and len(said.ids) == 1 else None


class Said:
    """What has come of a request that runs: its new tokens, watched for stop texts."""

    def __init__(self, item: Prepared, tokenizer: Any) -> None:
        self.item = item
        self.ids: list[int] = []
        texts = item.request.stop if isinstance(item.request, ChatRequest) else ()
        self._stopping = Stopping(tokenizer, texts) if texts else None
        self.stopped = False

    def add(self, ids: Sequence[int]) -> None:
        """Take in new tokens; those after a stop text are left out."""
        self.ids.extend(ids)
        end = self._stopping.ends(self.ids) if self._stopping else None
        if end is not None:
            del self.ids[end:]
            self.stopped = True


def prepare(
    renderer: Renderer, request: Request, context: int, embeddings: int
) -> Prepared | Answer:
    """The request with its tokens, or its answer where none need be asked for.

    vLLM always makes a token, so that a text to be scored too must leave room for one.
    Raises UsageError if the model has no chat template but needs one.
    """
    scored = isinstance(request, LoglikelihoodRequest)
    try:
        if isinstance(request, LoglikelihoodRequest):
            ids, start = renderer.continued(request.subject, request.messages, request.continuation)
            if last_token(request) is not None:
                ids = ids[:-1]
        else:
            ids = renderer.prompt(request.subject, request.messages)
            start = len(ids)
    except RenderingError as error:
        return failure(request, str(error))
    item = Prepared(request, ids, start)
    if not ids:
        return failure(request, "the prompt is empty")
    if unknown := without_embedding(ids, embeddings):
        return failure(request, unknown, len(ids))
    if len(ids) + 1 > context:
        what = "context with its continuation" if scored else "prompt"
        why = f"the {what} has {len(ids)} tokens, the model takes {context} with one to come"
        return failure(request, why, len(ids))
    if scored and not item.choices and max(start, 1) >= len(ids):
        return Loglikelihood(request.id, 0.0, 0, True)
    return item


def failure(request: Request, error: str, prompt_tokens: int = 0, passing: bool = False) -> Answer:
    if isinstance(request, LoglikelihoodRequest):
        return Loglikelihood(request.id, 0.0, 0, False, error=error, passing=passing)
    return Completion(request.id, "", "error", prompt_tokens, error=error, passing=passing)


def failures(item: Prepared, error: str, passing: bool = False) -> list[Answer]:
    """The same error for each request that an item stands for."""
    requests, tokens = (item.request, *item.also), len(item.ids)
    return [failure(request, error, tokens, passing) for request in requests]


def sampling(item: Prepared, stops: Collection[int], context: int) -> Any:
    """vLLM's `SamplingParams`. Raises ValueError for a sampling it refuses."""
    from vllm.sampling_params import RequestOutputKind, SamplingParams

    silent = {"detokenize": False, "output_kind": RequestOutputKind.FINAL_ONLY}
    if item.choices:
        tokens = dict.fromkeys(last_token(request) for request in item.choices)
        return SamplingParams(
            temperature=0.0,
            max_tokens=1,
            logprob_token_ids=list(tokens),
            flat_logprobs=True,
            **silent,
        )
    if isinstance(item.request, LoglikelihoodRequest):
        # The best token beside the given one, which tells whether greedy decoding gives it.
        return SamplingParams(
            temperature=0.0, max_tokens=1, prompt_logprobs=1, flat_logprobs=True, **silent
        )
    asked = item.request.sampling
    if item.request.stop:
        silent |= {"output_kind": RequestOutputKind.DELTA, "stream_interval": EVERY}
    return SamplingParams(
        temperature=asked.temperature,
        top_p=asked.top_p,
        seed=item.request.seed % 2**63,
        max_tokens=min(asked.max_tokens, context - len(item.ids)),
        stop_token_ids=sorted(stops),
        **silent,
    )


def answers(
    said: Said, output: Any, decoder: ReplyDecoder, stops: Collection[int]
) -> Iterator[Answer]:
    """What a finished `RequestOutput`, or one that ends with a stop text, says."""
    item, made = said.item, output.outputs[0]
    if not said.stopped and made.finish_reason not in ("stop", "length"):
        yield from failures(item, f"vLLM gave the request up ({made.finish_reason})", passing=True)
    elif item.choices:
        yield from _choices(item, made.logprobs)
    elif isinstance(item.request, LoglikelihoodRequest):
        yield _likelihood(item, item.request, output.prompt_logprobs, stops)
    else:
        ids = said.ids
        ended = said.stopped or made.finish_reason == "stop"
        new = ids[:-1] if ids and ids[-1] in stops else ids
        yield decoder.completion(item.request, item.ids, new, ended, len(ids))


def _choices(item: Prepared, found: Any) -> Iterator[Loglikelihood]:
    """`found` (flat log-probabilities of one position) holds the token that greedy decoding
    gives and then those that were asked about."""
    best, *_ = found.token_ids
    logs = dict(zip(found.token_ids, found.logprobs, strict=True))
    for request in item.choices:
        token = last_token(request)
        yield Loglikelihood(request.id, float(logs[token]), 1, token == best)


def _likelihood(
    item: Prepared, request: LoglikelihoodRequest, found: Any, stops: Collection[int]
) -> Loglikelihood:
    """Sum over the scored tokens. `found` (flat log-probabilities) holds at each position the
    given token and then the best one."""
    places = [found.start_indices[k] for k in range(max(item.start, 1), len(item.ids))]
    tokens = [found.token_ids[place] for place in places]
    best = [found.token_ids[place + 1] for place in places]
    end = len(tokens)
    if not isinstance(request.continuation, Tokens):
        end = next((k + 1 for k, token in enumerate(tokens) if token in stops), len(tokens))
    total = sum(found.logprobs[place] for place in places)
    return Loglikelihood(request.id, float(total), len(tokens), tokens[:end] == best[:end])
