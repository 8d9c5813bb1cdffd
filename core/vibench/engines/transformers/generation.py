"""One batch of chat requests through `generate`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.engines.stop_texts import Stopping
from vibench.engines.token_draws import RowLimits, RowSampler
from vibench.records import Sampling

__all__ = ["Generated", "Prompt", "generate", "stop_tokens"]

SEGMENT = 16
"""Steps after which rows that have ended are taken out of the batch."""

EVERY = 4
"""Steps after which stop texts are looked for: decoding takes time too."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids to continue by at most `limit` tokens, or until a text that stops it."""

    ids: Sequence[int]
    sampling: Sampling
    seed: int
    limit: int
    stopping: Stopping | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """New tokens without the one that ended them; `stopped` is whether one, or a stop text,
    did.

    `tokens` counts the ending one too. Those of a stop text are left in.
    """

    ids: Sequence[int]
    stopped: bool
    tokens: int


class RowTexts:
    """A stopping criterion: a row ends with the first stop text in what is new of it.

    `ends` says for each prompt after how many new tokens that was; `rows` are the prompts
    that the rows of the batch stand for. `width` is that of the padded prompts.
    """

    def __init__(self, prompts: Sequence[Prompt], width: int) -> None:
        self.prompts, self.width = prompts, width
        self.any = any(prompt.stopping for prompt in prompts)
        self.ends: list[int | None] = [None] * len(prompts)
        self.rows: Sequence[int] = ()
        self._steps = 0

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """Ids (rows, tokens so far) -> which rows are done."""
        import torch

        self._steps += 1
        if self._steps % EVERY == 0:
            for row, new in zip(self.rows, input_ids[:, self.width :].tolist(), strict=True):
                self.look(row, new)
        ended = [self.ends[row] is not None for row in self.rows]
        return torch.tensor(ended, device=input_ids.device)

    def look(self, row: int, new: list[int]) -> None:
        """See whether a prompt's new tokens hold a stop text by now."""
        prompt = self.prompts[row]
        if prompt.stopping is not None and self.ends[row] is None:
            self.ends[row] = prompt.stopping.ends(new[: prompt.limit])


def stop_tokens(model: Any, tokenizer: Any, turn_end: int | None) -> frozenset[int]:
    """Every token that ends an answer.

    The checkpoint's and the tokenizer's end-of-text tokens, and the special token that
    the chat template puts after an assistant's message: a base model trained under an
    instruct model's template ends its answers with that one.
    """
    stops: set[int] = set()
    for found in (model.generation_config.eos_token_id, tokenizer.eos_token_id, turn_end):
        if isinstance(found, int):
            stops.add(found)
        elif found is not None:
            stops.update(found)
    return frozenset(stops)


def generate(
    model: Any,
    prompts: Sequence[Prompt],
    pad: int,
    stops: Collection[int],
    options: Mapping[str, Any],
) -> list[Generated]:
    """Left-padded, all rows at once; rows that have ended leave the batch every few steps.

    `options` go to the model; lists among them (`adapter_names`) have one entry a row.
    """
    import torch

    device = next(model.parameters()).device
    width = max(len(prompt.ids) for prompt in prompts)
    ids = torch.full((len(prompts), width), pad, dtype=torch.long)
    mask = torch.zeros((len(prompts), width), dtype=torch.long)
    for i, prompt in enumerate(prompts):
        ids[i, width - len(prompt.ids) :] = torch.tensor(list(prompt.ids), dtype=torch.long)
        mask[i, width - len(prompt.ids) :] = 1
    ids, mask, cache = ids.to(device), mask.to(device), None
    new: list[list[int]] = [[] for _ in prompts]
    texts = RowTexts(prompts, width)
    active = list(range(len(prompts)))
    done = 0
    while active:
        some = [prompts[i] for i in active]
        steps = min(SEGMENT, max(prompt.limit for prompt in some) - done)
        rows = {k: [v[i] for i in active] if isinstance(v, list) else v for k, v in options.items()}
        texts.rows = active
        output = _segment(model, some, (ids, mask, cache), texts, (done, steps), pad, stops, rows)
        fresh = output.sequences[:, ids.shape[1] :]
        done += fresh.shape[1]
        for i, tokens in zip(active, fresh.tolist(), strict=True):
            new[i].extend(tokens)
            texts.look(i, new[i])
        going = [
            k
            for k, i in enumerate(active)
            if len(new[i]) < prompts[i].limit
            and texts.ends[i] is None
            and not any(t in stops for t in new[i])
        ]
        kept = torch.tensor(going, dtype=torch.long, device=device)
        ids = output.sequences[kept]
        mask = torch.cat([mask, torch.ones_like(fresh)], dim=1)[kept]
        cache = _kept(output.past_key_values, kept, len(active))
        active = [active[k] for k in going]
    return [
        _cut(row[: p.limit], stops, end)
        for row, p, end in zip(new, prompts, texts.ends, strict=True)
    ]


def _segment(
    model: Any,
    prompts: Sequence[Prompt],
    state: tuple[Any, Any, Any],
    texts: RowTexts,
    span: tuple[int, int],
    pad: int,
    stops: Collection[int],
    options: Mapping[str, Any],
) -> Any:
    """The next steps of all rows: `span` is (steps done, steps to do) and `state` the ids,
    mask and cache so far."""
    import torch
    from transformers import GenerationConfig

    ids, mask, cache = state
    config = GenerationConfig(
        do_sample=False,
        num_beams=1,
        max_new_tokens=span[1],
        eos_token_id=sorted(stops) or None,
        pad_token_id=pad,
        return_dict_in_generate=True,
    )
    samplings, seeds = [p.sampling for p in prompts], [p.seed for p in prompts]
    with torch.no_grad():
        return model.generate(
            input_ids=ids,
            attention_mask=mask,
            past_key_values=cache,
            generation_config=config,
            logits_processor=[RowSampler(samplings, seeds, span, ids.device)],
            stopping_criteria=[
                RowLimits([p.limit for p in prompts], texts.width, ids.device),
                *([texts] if texts.any else []),
            ],
            **options,
        )


def _kept(cache: Any, rows: Any, before: int) -> Any:
    """The cache of the rows that go on, or None where they must be read again from the
    start: caches other than transformers' usual one cannot be cut by rows."""
    from transformers import DynamicCache

    if not isinstance(cache, DynamicCache):
        return None
    if len(rows) < before:
        cache.batch_select_indices(rows)
    return cache


def _cut(row: list[int], stops: Collection[int], end: int | None) -> Generated:
    for index, token in enumerate(row[:end]):
        if token in stops:
            return Generated(row[:index], True, index + 1)
    return Generated(row[:end], end is not None, len(row[:end]))
