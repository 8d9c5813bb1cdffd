"""Requests in the form that vLLM takes, and its outputs as answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from vibench.engines.chat_template import Renderer, RenderingError
from vibench.engines.prompt_checks import without_embedding
from vibench.engines.reply_decoder import ReplyDecoder
from vibench.engines.stops import StopTexts
from vibench.records import ChatRequest, Completion, Loglikelihood, LoglikelihoodRequest, Tokens

__all__ = [
    "MAX_CHOICES",
    "Answer",
    "PreparedRequest",
    "Request",
    "RunningRequest",
    "answers",
    "failures",
    "prepare",
    "sampling_params",
]

Request = ChatRequest | LoglikelihoodRequest
Answer = Completion | Loglikelihood

MAX_CHOICES = 64
"""Last tokens that one request to vLLM may ask about; vLLM takes 128."""

SEARCH_TOKENS = 4
"""New tokens between two searches for stop texts: decoding takes time too."""


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request with its token ids, of which those from `start` on are to be scored.

    A request in tokens whose last token alone is scored is a choice: `ids` are the tokens before
    it, and `also` are other requests with the same ones. vLLM is then asked once, for the
    log-probabilities of the next token, instead of once for each choice.
    """

    request: Request
    ids: Sequence[int] = ()
    start: int = 0
    also: list[LoglikelihoodRequest] = field(default_factory=list, compare=False)

    @property
    def order(self) -> tuple[str, Sequence[int]]:
        """The sort key: by adapter, then by tokens, so that shared beginnings are neighbours."""
        # Beginnings are shared within one adapter only, and vLLM keeps their keys and values for
        # as long as its memory lasts: neighbours find them, requests far apart may not.
        adapter = self.request.subject.adapter
        return (adapter.key if adapter else "", tuple(self.ids))

    @property
    def choices(self) -> Sequence[LoglikelihoodRequest]:
        """The requests that this one stands for, if it is a choice; else ()."""
        first = self.request
        if not isinstance(first, LoglikelihoodRequest) or last_token(first) is None:
            return ()
        return (first, *self.also)


def last_token(request: LoglikelihoodRequest) -> int | None:
    """Return the token to be scored, if there is exactly one and it came as a token."""
    # In text, the continuation's tokens are known only together with the context's.
    continuation = request.continuation
    single = isinstance(continuation, Tokens) and len(continuation.ids) == 1
    return continuation.ids[0] if isinstance(continuation, Tokens) and single else None


class RunningRequest:
    """A request that the engine works on, and its new tokens so far."""

    def __init__(self, item: PreparedRequest, tokenizer: Any) -> None:
        self.item = item
        self.ids: list[int] = []
        texts = item.request.stop if isinstance(item.request, ChatRequest) else ()
        self._stopping = StopTexts(tokenizer, texts) if texts else None
        self.stopped = False

    def add(self, ids: Sequence[int]) -> None:
        """Add new tokens and drop those after a stop text."""
        # vLLM can look for stop texts only where it decodes, and here vibench does
        # (`skip_tokenizer_init`), by the same code for every engine.
        self.ids.extend(ids)
        end = self._stopping.ends(self.ids) if self._stopping else None
        if end is not None:
            del self.ids[end:]
            self.stopped = True


def prepare(
    renderer: Renderer, request: Request, context: int, embeddings: int
) -> PreparedRequest | Answer:
    """Return the request with its tokens, or its answer where vLLM need not be asked.

    Raises UsageError if the model needs a chat template and has none.
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
    item = PreparedRequest(request, ids, start)
    if not ids:
        return failure(request, "the prompt is empty")
    if unknown := without_embedding(ids, embeddings):
        return failure(request, unknown, len(ids))
    # vLLM always generates a token, so a text to be scored must leave room for one, too.
    if len(ids) + 1 > context:
        what = "context with its continuation" if scored else "prompt"
        error_text = f"the {what} has {len(ids)} tokens, the model takes {context} with one to come"
        return failure(request, error_text, len(ids))
    # An empty continuation is certain; the first token of a text has nothing to be predicted from.
    if scored and not item.choices and max(start, 1) >= len(ids):
        return Loglikelihood(request.id, 0.0, 0, True)
    return item


def failure(request: Request, error: str, prompt_tokens: int = 0, passing: bool = False) -> Answer:
    """Return an answer that holds an error; `passing` if it may succeed at another time."""
    if isinstance(request, LoglikelihoodRequest):
        return Loglikelihood(request.id, 0.0, 0, False, error=error, passing=passing)
    return Completion(request.id, "", "error", prompt_tokens, error=error, passing=passing)


def failures(item: PreparedRequest, error: str, passing: bool = False) -> list[Answer]:
    """Return the same error for each request that an item stands for."""
    requests, tokens = (item.request, *item.also), len(item.ids)
    return [failure(request, error, tokens, passing) for request in requests]


def sampling_params(item: PreparedRequest, stops: Collection[int], context: int) -> Any:
    """Return vLLM's `SamplingParams`. Raises ValueError for a sampling that vLLM refuses."""
    from vllm.sampling_params import RequestOutputKind, SamplingParams

    # vLLM decodes nothing, and answers once a request is finished, unless stop texts have to be
    # searched. Log-probabilities come as flat arrays rather than as an object for each token.
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
        # One more than the given token: the best one, which shows whether greedy decoding gives it.
        # `prompt_logprobs` are of the prompt; the token that vLLM insists on making is ignored.
        return SamplingParams(
            temperature=0.0, max_tokens=1, prompt_logprobs=1, flat_logprobs=True, **silent
        )
    requested = item.request.sampling
    if item.request.stop:
        silent |= {"output_kind": RequestOutputKind.DELTA, "stream_interval": SEARCH_TOKENS}
    return SamplingParams(
        temperature=requested.temperature,
        top_p=requested.top_p,
        # Seeds of requests have up to 64 bits; vLLM's are signed.
        seed=item.request.seed % 2**63,
        max_tokens=min(requested.max_tokens, context - len(item.ids)),
        stop_token_ids=sorted(stops),
        **silent,
    )


def answers(
    running: RunningRequest, output: Any, decoder: ReplyDecoder, stops: Collection[int]
) -> Iterator[Answer]:
    """Read the answers out of a `RequestOutput` that is finished, or ends with a stop text."""
    item, reply = running.item, output.outputs[0]
    if not running.stopped and reply.finish_reason not in ("stop", "length"):
        yield from failures(item, f"vLLM gave the request up ({reply.finish_reason})", passing=True)
    elif item.choices:
        yield from _choices(item, reply.logprobs)
    elif isinstance(item.request, LoglikelihoodRequest):
        yield _likelihood(item, item.request, output.prompt_logprobs, stops)
    else:
        ids = running.ids
        ended = running.stopped or reply.finish_reason == "stop"
        # vLLM leaves the token that ended the answer in place; it counts and is not decoded.
        new = ids[:-1] if ids and ids[-1] in stops else ids
        yield decoder.completion(item.request, item.ids, new, ended, len(ids))


def _choices(item: PreparedRequest, position: Any) -> Iterator[Loglikelihood]:
    """Read the log-likelihood of each choice out of the flat log-probabilities of a position.

    Its first token is the one that greedy decoding gives; those that were asked about follow.
    """
    best, *_ = position.token_ids
    logs = dict(zip(position.token_ids, position.logprobs, strict=True))
    for request in item.choices:
        token = last_token(request)
        yield Loglikelihood(request.id, float(logs[token]), 1, token == best)


def _likelihood(
    item: PreparedRequest, request: LoglikelihoodRequest, flat: Any, stops: Collection[int]
) -> Loglikelihood:
    """Sum over the scored tokens; `flat` holds, at each position, the given token and the best."""
    # The first token of a prompt has no log-probability: nothing predicts it.
    indices = [flat.start_indices[k] for k in range(max(item.start, 1), len(item.ids))]
    tokens = [flat.token_ids[index] for index in indices]
    best = [flat.token_ids[index + 1] for index in indices]
    end = len(tokens)
    # After its end token a generation is over, so what greedy decoding would give there is no
    # matter. A continuation in tokens is lm-eval's, which compares all of them.
    if not isinstance(request.continuation, Tokens):
        end = next((k + 1 for k, token in enumerate(tokens) if token in stops), len(tokens))
    total = sum(flat.logprobs[index] for index in indices)
    return Loglikelihood(request.id, float(total), len(tokens), tokens[:end] == best[:end])
