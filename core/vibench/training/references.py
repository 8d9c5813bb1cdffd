"""Reference log-probabilities: computed once, stored, and checked before use."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from vibench.engines.loglikelihoods import TokenRow, score
from vibench.engines.memory import in_halves
from vibench.engines.receipt import TOLERANCE
from vibench.errors import StageError
from vibench.training.base_model import Policy
from vibench.training.pair_rows import PairRows, TokenPair

__all__ = ["check_references", "reference_logprobs"]

CHECKED_PAIRS = 4


def reference_logprobs(
    policy: Policy,
    rows: PairRows,
    batch_size: int,
    progress: Callable[[int, int, str], None] = lambda done, total, note: None,
) -> dict[str, tuple[float, float]]:
    """Return each usable pair's (chosen, rejected) log-probabilities in nats, by pair id.

    They are summed over the response's tokens, the chat template's end of turn included.
    `batch_size` is in pairs. The policy's adapter, if any, is on: training starts from it.
    """
    sides = [side for pair in rows.usable for side in (pair.chosen, pair.rejected)]
    # Rows of similar length share a batch, which saves padding; the longest come first, so
    # that a machine without the memory for them fails at once.
    order = sorted(range(len(sides)), key=lambda i: (len(sides[i].ids), i), reverse=True)
    totals = [0.0] * len(sides)
    size = 2 * batch_size
    unusable = len(rows.too_long) + len(rows.refused)
    note = f"{unusable} pairs too long or refused" if unusable else ""
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        scores = in_halves([sides[i] for i in batch], _scorer(policy), _raise_out_of_memory)
        for i, total in zip(batch, scores, strict=True):
            totals[i] = total
        progress(min(start + size, len(order)) // 2, len(rows.usable), note)
    return {pair.pair.id: (totals[2 * i], totals[2 * i + 1]) for i, pair in enumerate(rows.usable)}


def _scorer(policy: Policy) -> Callable[[Sequence[TokenRow]], list[float]]:
    def totals(rows: Sequence[TokenRow]) -> list[float]:
        return [result.total for result in score(policy.model, rows, policy.padding)]

    return totals


def _raise_out_of_memory(row: TokenRow, error: BaseException) -> float:
    raise StageError(f"Out of memory with one response of {len(row.ids)} tokens: {error}")


def check_references(
    policy: Policy, rows: Sequence[TokenPair], references: Mapping[str, tuple[float, float]]
) -> float:
    """Compute the references of a few pairs again, and return the largest difference in nats.

    Raises StageError if a difference is larger than rounding explains.
    """
    # TRL uses whatever references it is given, so wrong ones would go unnoticed.
    unit = TOLERANCE[policy.dtype]
    worst = 0.0
    step = max(1, len(rows) // CHECKED_PAIRS)
    for pair in rows[::step][:CHECKED_PAIRS]:
        sides = {"chosen": pair.chosen, "rejected": pair.rejected}
        fresh = _scorer(policy)(list(sides.values()))
        for (side, row), computed, stored in zip(
            sides.items(), fresh, references[pair.pair.id], strict=True
        ):
            worst = max(worst, abs(computed - stored))
            # Rounding errors of single tokens are independent: their sum grows by the root.
            tolerance = 2 * unit * math.sqrt(len(row.ids) - row.start + 1)
            # Written so that a NaN, which compares as False, is refused.
            if not abs(computed - stored) <= tolerance:
                raise StageError(
                    f"The stored reference of the pair '{pair.pair.id}' ({side}) is {stored:.4f} "
                    f"nats, but the model gives {computed:.4f}: it belongs to another model, "
                    "text or max_length."
                )
    return worst
