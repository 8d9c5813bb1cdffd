"""Which transcripts a page holds where it cannot hold all."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["quotas", "spread"]


def quotas(sizes: Sequence[int], most: int) -> list[int]:
    """How many of each set, `most` in all: as evenly as their sizes allow. Where `most` is
    less than one each, sets spread evenly over all have one."""
    if sum(sizes) <= most:
        return list(sizes)
    if most < len(sizes):
        chosen = set(spread(len(sizes), most))
        return [int(place in chosen and size > 0) for place, size in enumerate(sizes)]
    level, left, rest = 0, most, sorted(sizes)
    while rest and rest[0] <= left // len(rest):
        left -= rest.pop(0)
    level = left // len(rest) if rest else 0
    return [min(size, level) for size in sizes]


def spread(size: int, count: int) -> list[int]:
    """`count` places of `size`, evenly spread; the same ones for the same two numbers, so
    that sets of the same samples have the same ones chosen."""
    if count >= size:
        return list(range(size))
    return [place * size // count for place in range(count)]
