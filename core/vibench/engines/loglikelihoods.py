"""Log-probabilities of given tokens: for log-likelihood requests, references and receipts.

Benchmarks ask about the same text many times: each question with all of its answers, and every
question after the same few examples. So a text is read once for all last tokens (the logits at
its end hold them all), and a beginning that a whole batch shares is read once, into a cache of
keys and values that is then repeated for each text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

__all__ = ["Score", "TokenRow", "score"]

MIN_SAVED_TOKENS = 512
"""Tokens that reading a common beginning once must save; below, the additional pass costs more.
The beginning must also be half of the longest text: attention to a cache is slower."""
MAX_CACHE_BYTES = 2**31
"""Bytes of the cache for all texts. A full pass keeps no cache, so that a batch which fits into
memory without one could run out of it here."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """Token ids, of which those from `start` on are to be scored."""

    ids: Sequence[int]
    start: int

    @property
    def read(self) -> tuple[int, ...]:
        """The tokens that the model reads: all but the last. Rows with the same are read once."""
        return tuple(self.ids[:-1])


@dataclass(frozen=True, slots=True)
class Score:
    """`total` in nats over `tokens` tokens. `greedy` is true if greedy decoding gives these
    tokens, up to and including the first one that ends a generation."""

    total: float
    tokens: int
    greedy: bool


def score(
    model: Any,
    rows: Sequence[TokenRow],
    pad: int,
    stops: Collection[int] = (),
    options: Mapping[str, Any] | None = None,
) -> list[Score]:
    """Score all rows in one forward pass, right-padded; log-softmax in float32.

    `stops` are the tokens that end a generation (`Score.greedy`). `options` are passed to the
    model's forward; lists among them (`adapter_names`) have one entry a row.
    """
    # An empty continuation, or the first token of a text, has nothing to be predicted from: 0.0.
    scores = [Score(0.0, 0, True)] * len(rows)
    # Rows that differ in their last token only, or not at all, share a text: but not its adapter.
    alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    lists = [value for value in (options or {}).values() if isinstance(value, list)]
    for i, row in enumerate(rows):
        if max(row.start, 1) < len(row.ids):
            alike[row.read, *(value[i] for value in lists)].append(i)
    if not alike:
        return scores
    chosen = [members[0] for members in alike.values()]
    # The logits at position i are about token i + 1; those before the first scored token are not
    # needed.
    first = min(max(row.start, 1) for row in rows) - 1
    extra = {
        name: [value[i] for i in chosen] if isinstance(value, list) else value
        for name, value in (options or {}).items()
    }
    logits, first = _read(model, [rows[i].read for i in chosen], pad, first, extra)
    for k, members in enumerate(alike.values()):
        begin = min(max(rows[i].start, 1) for i in members) - 1
        width = len(rows[members[0]].ids) - 1
        _score_alike(logits[k, begin - first : width - first], begin, rows, members, stops, scores)
    return scores


def _read(
    model: Any,
    texts: Sequence[Sequence[int]],
    pad: int,
    first: int,
    extra: dict[str, Any],
) -> tuple[Any, int]:
    """Return (logits of (texts, positions, vocabulary), the position that they begin with)."""
    import torch

    shared, cache = _read_shared(model, texts, first, extra)
    device = next(model.parameters()).device
    width = max(len(text) for text in texts) - shared
    # Padding on the right needs neither mask nor position ids: a causal model's earlier tokens
    # never see it.
    ids = torch.full((len(texts), width), pad, dtype=torch.long)
    for i, text in enumerate(texts):
        ids[i, : len(text) - shared] = torch.tensor(text[shared:], dtype=torch.long)
    keep: dict[str, Any] = {}
    if _can_keep_logits(model):
        # Over a large vocabulary the logits of the context would be most of the memory.
        keep["logits_to_keep"] = torch.arange(first - shared, width, device=device)
    else:
        first = shared
    if cache is not None:
        keep["past_key_values"] = cache
    with torch.no_grad():
        output = model(input_ids=ids.to(device), use_cache=cache is not None, **keep, **extra)
    return output.logits, first


def _read_shared(
    model: Any, texts: Sequence[Sequence[int]], limit: int, extra: Mapping[str, Any]
) -> tuple[int, Any]:
    """Read the beginning that all texts share, up to `limit` tokens.

    Returns (its number of tokens, the cache after reading it, repeated for each text), or
    (0, None) if that is not worth it or not possible.
    """
    import torch
    from transformers import DynamicCache

    columns = zip(*(text[:limit] for text in texts), strict=False)
    shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
    # With several adapters the same tokens have other keys and values in each row.
    mixed = any(isinstance(v, list) and len(set(v)) > 1 for v in extra.values())
    short = 2 * shared < max(map(len, texts)) or shared * (len(texts) - 1) < MIN_SAVED_TOKENS
    if mixed or short:
        return 0, None
    device = next(model.parameters()).device
    options: dict[str, Any] = {k: v[:1] if isinstance(v, list) else v for k, v in extra.items()}
    if _can_keep_logits(model):
        options["logits_to_keep"] = 1
    with torch.no_grad():
        ids = torch.tensor([texts[0][:shared]], device=device)
        cache = model(input_ids=ids, use_cache=True, **options).get("past_key_values")
    # A cache that is more than keys and values (a recurrent model's state) cannot be repeated.
    layers = _layers_of_keys_and_values()
    if type(cache) is not DynamicCache or any(type(x) not in layers for x in cache.layers):
        return 0, None
    size = sum(x.nbytes for layer in cache.layers for x in (layer.keys, layer.values))
    if size * len(texts) > MAX_CACHE_BYTES:
        return 0, None
    cache.batch_repeat_interleave(len(texts))
    return shared, cache


def _layers_of_keys_and_values() -> tuple[type, ...]:
    """Return the kinds of cache layers that hold keys and values, and nothing else."""
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    return DynamicLayer, DynamicSlidingWindowLayer


def _can_keep_logits(model: Any) -> bool:
    """Return whether a model's forward takes the positions whose logits are needed."""
    import inspect

    # Of the model within PEFT's wrapping, whose own forward takes anything.
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    return "logits_to_keep" in inspect.signature(base.forward).parameters


def _score_alike(
    logits: Any,
    begin: int,
    rows: Sequence[TokenRow],
    members: Sequence[int],
    stops: Collection[int],
    scores: list[Score],
) -> None:
    """Fill in the scores of rows that were read as one text.

    `logits` (positions, vocabulary) begin with the prediction after the token at `begin`.
    """
    import torch

    # In float32 whatever the model's precision: sums over a vocabulary in bfloat16 are off by more
    # than the differences that are measured.
    logs = torch.log_softmax(logits.float(), dim=-1)
    best = logits.argmax(dim=-1)
    for i in members:
        start = max(rows[i].start, 1)
        tokens = list(rows[i].ids[start:])
        span = slice(start - 1 - begin, None)
        targets = torch.tensor(tokens, device=logits.device)
        total = logs[span].gather(-1, targets[:, None])[:, 0].sum()
        # After an end token the generation is over, so what greedy decoding would give there is no
        # matter.
        end = next((k + 1 for k, token in enumerate(tokens) if token in stops), len(tokens))
        greedy = bool((best[span][:end] == targets[:end]).all())
        scores[i] = Score(float(total), len(tokens), greedy)
