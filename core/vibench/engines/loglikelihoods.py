"""Log-probabilities of given tokens: for log-likelihood requests, references and receipts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

__all__ = ["Row", "Score", "score"]

WORTH = 512
"""Tokens that reading a common beginning once must spare; below, one more pass costs more.
The beginning must be half of the longest text, too: attention to a cache is slower."""
MOST_BYTES = 2**31
"""Of a cache for all texts; a full pass keeps none, and what fits it must fit this too."""


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids, of which those from `start` on are to be scored."""

    ids: Sequence[int]
    start: int

    @property
    def read(self) -> tuple[int, ...]:
        """What the model reads of them: all but the last. Rows with the same are read once."""
        return tuple(self.ids[:-1])


@dataclass(frozen=True, slots=True)
class Score:
    """`total` in nats over `tokens` tokens. `greedy` is whether greedy decoding gives
    these tokens, up to and with the first one that ends a generation."""

    total: float
    tokens: int
    greedy: bool


def score(
    model: Any,
    rows: Sequence[Row],
    pad: int,
    stops: Collection[int] = (),
    options: Mapping[str, Any] | None = None,
) -> list[Score]:
    """One forward pass over all rows, right-padded; log-softmax in float32.

    `options` are passed to the model's forward; lists among them (`adapter_names`) have one
    entry a row. Rows that differ in their last token only are read once, and so is what all
    rows begin with. Padding on the right needs neither mask nor position ids: a causal model's
    earlier tokens never see it.
    """
    scores = [Score(0.0, 0, True)] * len(rows)
    alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    lists = [value for value in (options or {}).values() if isinstance(value, list)]
    for i, row in enumerate(rows):
        if max(row.start, 1) < len(row.ids):
            alike[row.read, *(value[i] for value in lists)].append(i)
    if not alike:
        return scores
    chosen = [members[0] for members in alike.values()]
    first = min(max(row.start, 1) for row in rows) - 1
    extra = {
        name: [value[i] for i in chosen] if isinstance(value, list) else value
        for name, value in (options or {}).items()
    }
    logits, first = _read(model, [rows[i].read for i in chosen], pad, first, extra)
    for k, members in enumerate(alike.values()):
        least = min(max(rows[i].start, 1) for i in members) - 1
        width = len(rows[members[0]].ids) - 1
        _score_alike(logits[k, least - first : width - first], least, rows, members, stops, scores)
    return scores


def _read(
    model: Any,
    texts: Sequence[Sequence[int]],
    pad: int,
    first: int,
    extra: dict[str, Any],
) -> tuple[Any, int]:
    """(logits of (texts, positions, vocabulary), the position that they begin with)"""
    import torch

    begun, cache = _begun(model, texts, first, extra)
    device = next(model.parameters()).device
    width = max(len(text) for text in texts) - begun
    ids = torch.full((len(texts), width), pad, dtype=torch.long)
    for i, text in enumerate(texts):
        ids[i, : len(text) - begun] = torch.tensor(text[begun:], dtype=torch.long)
    keep: dict[str, Any] = {}
    if _keeps(model):
        # The context's logits are not needed; over a large vocabulary they are most of the memory.
        keep["logits_to_keep"] = torch.arange(first - begun, width, device=device)
    else:
        first = begun
    if cache is not None:
        keep["past_key_values"] = cache
    with torch.no_grad():
        read = model(input_ids=ids.to(device), use_cache=cache is not None, **keep, **extra)
    return read.logits, first


def _begun(
    model: Any, texts: Sequence[Sequence[int]], most: int, extra: Mapping[str, Any]
) -> tuple[int, Any]:
    """(how many tokens, `most` at the most, all texts begin with; the cache after reading
    them), or (0, None) where that is not worth it or cannot be: each adapter reads its own
    way, a cache that is no list of keys and values (a recurrent model's) is not repeated, and
    one of a large model is too large for all texts at once."""
    import torch
    from transformers import DynamicCache

    columns = zip(*(text[:most] for text in texts), strict=False)
    shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
    mixed = any(isinstance(v, list) and len(set(v)) > 1 for v in extra.values())
    short = 2 * shared < max(map(len, texts)) or shared * (len(texts) - 1) < WORTH
    if mixed or short:
        return 0, None
    device = next(model.parameters()).device
    options: dict[str, Any] = {k: v[:1] if isinstance(v, list) else v for k, v in extra.items()}
    if _keeps(model):
        options["logits_to_keep"] = 1
    with torch.no_grad():
        ids = torch.tensor([texts[0][:shared]], device=device)
        cache = model(input_ids=ids, use_cache=True, **options).get("past_key_values")
    if type(cache) is not DynamicCache or any(type(x) not in _plain() for x in cache.layers):
        return 0, None
    kept = sum(x.nbytes for layer in cache.layers for x in (layer.keys, layer.values))
    if kept * len(texts) > MOST_BYTES:
        return 0, None
    cache.batch_repeat_interleave(len(texts))
    return shared, cache


def _plain() -> tuple[type, ...]:
    """The kinds of cache layers that hold keys and values, and nothing else."""
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    return DynamicLayer, DynamicSlidingWindowLayer


def _keeps(model: Any) -> bool:
    """Whether a model can be told which positions' logits are wanted."""
    import inspect

    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    return "logits_to_keep" in inspect.signature(base.forward).parameters


def _score_alike(
    logits: Any,
    least: int,
    rows: Sequence[Row],
    members: Sequence[int],
    stops: Collection[int],
    scores: list[Score],
) -> None:
    """Fill in the scores of rows that were read as one. `logits` (positions, vocabulary) begin
    with what follows the token at `least`."""
    import torch

    logs = torch.log_softmax(logits.float(), dim=-1)
    best = logits.argmax(dim=-1)
    for i in members:
        start = max(rows[i].start, 1)
        tokens = list(rows[i].ids[start:])
        own = slice(start - 1 - least, None)
        targets = torch.tensor(tokens, device=logits.device)
        total = logs[own].gather(-1, targets[:, None])[:, 0].sum()
        end = next((k + 1 for k, token in enumerate(tokens) if token in stops), len(tokens))
        greedy = bool((best[own][:end] == targets[:end]).all())
        scores[i] = Score(float(total), len(tokens), greedy)
