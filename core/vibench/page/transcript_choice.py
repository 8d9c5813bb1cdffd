"""The transcripts that a page holds where it cannot hold all."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["quotas", "spread"]


def quotas(sizes: Sequence[int], limit: int) -> list[int]:
    """Return the number to hold of each set, `limit` in all, as evenly as the sizes allow. Where
    `limit` is less than one each, sets spread evenly over all get one."""
    if sum(sizes) <= limit:
        return list(sizes)
    if limit < len(sizes):
        # Fewer than one each: spread over the sets, which lie in the order of the cells.
        chosen = set(spread(len(sizes), limit))
        return [int(number in chosen and size > 0) for number, size in enumerate(sizes)]
    # Fill small sets completely, and share what they leave among the larger ones.
    level, remaining, rest = 0, limit, sorted(sizes)
    while rest and rest[0] <= remaining // len(rest):
        remaining -= rest.pop(0)
    level = remaining // len(rest) if rest else 0
    return [min(size, level) for size in sizes]


def spread(size: int, count: int) -> list[int]:
    """Return `count` evenly spread numbers below `size`; always the same ones, so that the same
    samples are chosen from sets that share their samples."""
    if count >= size:
        return list(range(size))
    return [number * size // count for number in range(count)]
