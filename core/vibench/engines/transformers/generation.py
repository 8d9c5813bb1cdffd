"""One batch of chat requests through `generate`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.engines.stops import StopTexts
from vibench.engines.transformers.token_draws import RowLimits, RowSampler
from vibench.records import Sampling

__all__ = ["Generated", "Prompt", "generate"]

SEGMENT = 16
"""Steps after which rows that have ended are taken out of the batch. Without it one long answer
keeps every finished row in the batch; at every step, `generate` would be set up again each time."""

SEARCH_STEPS = 4
"""Steps between two searches for stop texts: decoding takes time too."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids to continue by at most `limit` tokens, or up to a stop text."""

    ids: Sequence[int]
    sampling: Sampling
    seed: int
    limit: int
    stopping: StopTexts | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """New tokens without the token that ended them.

    `stopped` is true if an end token or a stop text ended them, and false at the limit. `tokens`
    counts the end token too. The tokens of a stop text are left in.
    """

    ids: Sequence[int]
    stopped: bool
    tokens: int


class RowStops:
    """A stopping criterion: a row ends with the first stop text among its new tokens.

    `ends` holds for each prompt after how many new tokens that was; `rows` are the prompts
    that the rows of the batch stand for. `width` is that of the padded prompts.
    """

    def __init__(self, prompts: Sequence[Prompt], width: int) -> None:
        self.prompts, self.width = prompts, width
        self.any = any(prompt.stopping for prompt in prompts)
        self.ends: list[int | None] = [None] * len(prompts)
        self.rows: Sequence[int] = ()
        self._steps = 0

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """Return the rows that are done: ids (rows, tokens so far) -> (rows,)."""
        import torch

        self._steps += 1
        if self._steps % SEARCH_STEPS == 0:
            for row, new in zip(self.rows, input_ids[:, self.width :].tolist(), strict=True):
                self.search(row, new)
        ended = [self.ends[row] is not None for row in self.rows]
        return torch.tensor(ended, device=input_ids.device)

    def search(self, row: int, new: list[int]) -> None:
        """Record where a prompt's new tokens reach a stop text, if they do by now."""
        prompt = self.prompts[row]
        # Past its limit a row is padded until the segment ends: that is no part of its answer.
        if prompt.stopping is not None and self.ends[row] is None:
            self.ends[row] = prompt.stopping.ends(new[: prompt.limit])


def generate(
    model: Any,
    prompts: Sequence[Prompt],
    pad: int,
    stops: Collection[int],
    options: Mapping[str, Any],
) -> list[Generated]:
    """Continue all prompts in one batch; rows that have ended leave it every few steps.

    `options` go to the model; lists among them (`adapter_names`) have one entry a row.
    """
    import torch

    device = next(model.parameters()).device
    ids, mask = (part.to(device) for part in _padded(prompts, pad))
    cache = None
    new: list[list[int]] = [[] for _ in prompts]
    texts = RowStops(prompts, ids.shape[1])
    active = list(range(len(prompts)))
    done = 0
    while active:
        batch = [prompts[i] for i in active]
        steps = min(SEGMENT, max(prompt.limit for prompt in batch) - done)
        rows = {k: [v[i] for i in active] if isinstance(v, list) else v for k, v in options.items()}
        texts.rows = active
        output = _segment(model, batch, (ids, mask, cache), texts, (done, steps), pad, stops, rows)
        fresh = output.sequences[:, ids.shape[1] :]
        done += fresh.shape[1]
        for i, tokens in zip(active, fresh.tolist(), strict=True):
            new[i].extend(tokens)
            # The criterion searches every few steps only, so what it has not seen is searched here.
            texts.search(i, new[i])
        ongoing = [
            k
            for k, i in enumerate(active)
            if texts.ends[i] is None and not _has_ended(new[i], prompts[i].limit, stops)
        ]
        rest = torch.tensor(ongoing, dtype=torch.long, device=device)
        ids = output.sequences[rest]
        mask = torch.cat([mask, torch.ones_like(fresh)], dim=1)[rest]
        cache = _rows_of_cache(output.past_key_values, rest, len(active))
        active = [active[k] for k in ongoing]
    return [
        _cut(row[: p.limit], stops, end)
        for row, p, end in zip(new, prompts, texts.ends, strict=True)
    ]


def _has_ended(new: list[int], limit: int, stops: Collection[int]) -> bool:
    return len(new) >= limit or any(token in stops for token in new)


def _padded(prompts: Sequence[Prompt], pad: int) -> tuple[Any, Any]:
    """Return (ids, mask), each (prompts, longest prompt)."""
    import torch

    # Padded on the left, so that every row's next token comes at the same position.
    width = max(len(prompt.ids) for prompt in prompts)
    ids = torch.full((len(prompts), width), pad, dtype=torch.long)
    mask = torch.zeros((len(prompts), width), dtype=torch.long)
    for i, prompt in enumerate(prompts):
        ids[i, width - len(prompt.ids) :] = torch.tensor(list(prompt.ids), dtype=torch.long)
        mask[i, width - len(prompt.ids) :] = 1
    return ids, mask


def _segment(
    model: Any,
    prompts: Sequence[Prompt],
    state: tuple[Any, Any, Any],
    texts: RowStops,
    span: tuple[int, int],
    pad: int,
    stops: Collection[int],
    options: Mapping[str, Any],
) -> Any:
    """Run the next steps of all rows.

    `span` is (steps done, steps to do), `state` the ids, mask and cache so far.
    """
    import torch
    from transformers import GenerationConfig

    ids, mask, cache = state
    # Greedy for `generate`: RowSampler draws, and leaves one token possible in each row that
    # samples, because `generate` itself has one temperature and one random state for a batch.
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


def _rows_of_cache(cache: Any, rows: Any, before: int) -> Any:
    """Return the cache of `rows` out of `before` rows, or None where it has to be made again.

    Caches other than transformers' usual one cannot be cut by rows; without a cache `generate`
    reads what there is from the start, which is slower and gives the same tokens.
    """
    from transformers import DynamicCache

    if not isinstance(cache, DynamicCache):
        return None
    if len(rows) < before:
        cache.batch_select_indices(rows)
    return cache


def _cut(row: list[int], stops: Collection[int], end: int | None) -> Generated:
    """Cut a row's new tokens at its first end token, or at `end`, where a stop text is complete."""
    for index, token in enumerate(row[:end]):
        if token in stops:
            # The end token is not part of the answer, yet it was generated: it counts.
            return Generated(row[:index], True, index + 1)
    return Generated(row[:end], end is not None, len(row[:end]))
