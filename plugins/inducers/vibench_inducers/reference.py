"""Reference log-probabilities: computed as TRL would, stored once, checked before use."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vibench import PreferencePair, Subject
from vibench.engines.chat_template import Renderer
from vibench.engines.loglikelihoods import Row, score
from vibench.engines.memory import in_halves
from vibench.engines.model_files import load_tokenizer, load_weights
from vibench.engines.prompt_checks import check_prompts, embedding_count, padding_token
from vibench.engines.quiet import quiet
from vibench.engines.receipt import TOLERANCE
from vibench.errors import StageError
from vibench_inducers.rows import TokenPair, tokenised
from vibench_inducers.settings import Settings

__all__ = ["check_reference", "load_policy", "reference_logprobs"]

CHECKED = 4


def load_policy(subject: Subject, settings: Settings, trainable: bool) -> Any:
    """The subject's model, with its adapter on (PEFT's name: "default") if it has one."""
    model = load_weights(subject.model, settings.dtype, settings.device, settings.trust_remote_code)
    if subject.adapter is None:
        return model
    from peft import PeftModel

    with quiet():
        return PeftModel.from_pretrained(model, subject.adapter.path, is_trainable=trainable).eval()


def reference_logprobs(
    subject: Subject,
    pairs: Sequence[PreferencePair],
    settings: Settings,
    progress: Callable[[int, int, str], None],
) -> dict[str, tuple[float, float]]:
    """Each usable pair's (chosen, rejected) log-probabilities under `subject`, in nats.

    Summed over the response's tokens, with the chat template's end of turn, cut to
    `max_length` as in training. Pairs that are not trained on (`PairRows`) have none. The
    subject's adapter, if any, is on: training starts from it.
    """
    tokenizer = load_tokenizer(subject.model, settings.chat_template, settings.trust_remote_code)
    model = load_policy(subject, settings, trainable=False)
    renderer, embeddings = Renderer(tokenizer), embedding_count(model)
    check_prompts(renderer, subject.model, embeddings)
    rendered = tokenised(renderer, subject.system, pairs, settings.max_length, embeddings)
    rows = rendered.usable
    wanted = [row for pair in rows for row in (pair.chosen, pair.rejected)]
    # Similar lengths together, which saves padding.
    order = sorted(range(len(wanted)), key=lambda i: (len(wanted[i].ids), i), reverse=True)
    totals = [0.0] * len(wanted)
    size = 2 * settings.batch_size
    left_out = len(rendered.too_long) + len(rendered.refused)
    note = f"{left_out} pairs too long or refused" if left_out else ""
    for done in range(0, len(order), size):
        some = order[done : done + size]
        found = in_halves([wanted[i] for i in some], _scorer(model, tokenizer), _give_up)
        for i, total in zip(some, found, strict=True):
            totals[i] = total
        progress(min(done + size, len(order)) // 2, len(rows), note)
    return {row.pair.id: (totals[2 * i], totals[2 * i + 1]) for i, row in enumerate(rows)}


def _scorer(model: Any, tokenizer: Any) -> Callable[[Sequence[Row]], list[float]]:
    pad = padding_token(tokenizer, embedding_count(model))

    def totals(rows: Sequence[Row]) -> list[float]:
        return [result.total for result in score(model, rows, pad)]

    return totals


def _give_up(row: Row, error: BaseException) -> float:
    raise StageError(f"Out of memory with one response of {len(row.ids)} tokens: {error}")


def check_reference(
    model: Any,
    tokenizer: Any,
    rows: Sequence[TokenPair],
    reference: Mapping[str, tuple[float, float]],
) -> float:
    """Compute a few rows' references again, with the model about to be trained.

    TRL takes whatever references it is handed, so wrong ones would go unnoticed. Returns
    the largest difference in nats; raises StageError if it is beyond rounding.
    """
    unit = TOLERANCE[str(model.dtype).removeprefix("torch.")]
    worst = 0.0
    step = max(1, len(rows) // CHECKED)
    for row in rows[::step][:CHECKED]:
        fresh = _scorer(model, tokenizer)([row.chosen, row.rejected])
        for side, again, stored, ids in zip(
            ("chosen", "rejected"),
            fresh,
            reference[row.pair.id],
            (row.chosen, row.rejected),
            strict=True,
        ):
            worst = max(worst, abs(again - stored))
            tolerance = 2 * unit * math.sqrt(len(ids.ids) - ids.start + 1)
            if not abs(again - stored) <= tolerance:
                raise StageError(
                    f"The stored reference of the pair '{row.pair.id}' ({side}) is {stored:.4f} "
                    f"nats, a fresh pass says {again:.4f}: it belongs to another model, "
                    "text or max_length."
                )
    return worst
