"""Requests as vLLM takes them, and its outputs as answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.engines.rendering import Renderer, RenderingError
from vibench.records import ChatRequest, Completion, Loglikelihood, LoglikelihoodRequest

__all__ = ["Answer", "Prepared", "Request", "answer", "failure", "prepare", "sampling"]

Request = ChatRequest | LoglikelihoodRequest
Answer = Completion | Loglikelihood


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request with its token ids, of which those from `start` on are to be scored."""

    request: Request
    ids: Sequence[int] = ()
    start: int = 0

    @property
    def order(self) -> tuple[str, Sequence[int]]:
        """By adapter, then by tokens, so that shared beginnings are next to each other."""
        adapter = self.request.subject.adapter
        return (adapter.key if adapter else "", self.ids)


def prepare(renderer: Renderer, request: Request, context: int) -> Prepared | Answer:
    """The request with its tokens, or its answer where none need be asked for.

    vLLM always makes a token, so that a text to be scored too must leave room for one.
    Raises UsageError if the model has no chat template but needs one.
    """
    scored = isinstance(request, LoglikelihoodRequest)
    try:
        if isinstance(request, LoglikelihoodRequest):
            ids, start = renderer.continued(request.subject, request.messages, request.continuation)
        else:
            ids = renderer.prompt(request.subject, request.messages)
            start = len(ids)
    except RenderingError as error:
        return failure(Prepared(request), str(error))
    item = Prepared(request, ids, start)
    if not ids:
        return failure(item, "the prompt is empty")
    if len(ids) + 1 > context:
        what = "context with its continuation" if scored else "prompt"
        return failure(
            item, f"the {what} has {len(ids)} tokens, the model takes {context} with one to come"
        )
    if scored and max(start, 1) >= len(ids):
        return Loglikelihood(request.id, 0.0, 0, True)
    return item


def failure(item: Prepared, error: str) -> Answer:
    if isinstance(item.request, LoglikelihoodRequest):
        return Loglikelihood(item.request.id, 0.0, 0, False, error=error)
    return Completion(item.request.id, "", "error", prompt_tokens=len(item.ids), error=error)


def sampling(item: Prepared, stops: Collection[int], context: int) -> Any:
    """vLLM's `SamplingParams`. Raises ValueError for a sampling it refuses."""
    from vllm.sampling_params import RequestOutputKind, SamplingParams

    silent = {"detokenize": False, "output_kind": RequestOutputKind.FINAL_ONLY}
    if isinstance(item.request, LoglikelihoodRequest):
        # The best token beside the given one, which tells whether greedy decoding gives it.
        return SamplingParams(
            temperature=0.0, max_tokens=1, prompt_logprobs=1, flat_logprobs=True, **silent
        )
    asked = item.request.sampling
    return SamplingParams(
        temperature=asked.temperature,
        top_p=asked.top_p,
        seed=item.request.seed % 2**63,
        max_tokens=min(asked.max_tokens, context - len(item.ids)),
        stop_token_ids=sorted(stops),
        **silent,
    )


def answer(item: Prepared, output: Any, renderer: Renderer, stops: Collection[int]) -> Answer:
    """What a finished `RequestOutput` says."""
    made = output.outputs[0]
    if made.finish_reason not in ("stop", "length"):
        return failure(item, f"vLLM gave the request up ({made.finish_reason})")
    if isinstance(item.request, LoglikelihoodRequest):
        return _likelihood(item, item.request.id, output.prompt_logprobs, stops)
    ids = list(made.token_ids)
    said = ids[:-1] if ids and ids[-1] in stops else ids
    text = renderer.tokenizer.decode(
        said, skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    return Completion(
        item.request.id,
        text,
        made.finish_reason,
        prompt_tokens=len(item.ids),
        completion_tokens=len(ids),
    )


def _likelihood(item: Prepared, name: str, found: Any, stops: Collection[int]) -> Loglikelihood:
    """Sum over the scored tokens. `found` (flat log-probabilities) holds at each position the
    given token and then the best one."""
    places = [found.start_indices[k] for k in range(max(item.start, 1), len(item.ids))]
    tokens = [found.token_ids[place] for place in places]
    best = [found.token_ids[place + 1] for place in places]
    end = next((k + 1 for k, token in enumerate(tokens) if token in stops), len(tokens))
    total = sum(found.logprobs[place] for place in places)
    return Loglikelihood(name, float(total), len(tokens), tokens[:end] == best[:end])
