"""Recovery from a lack of memory: the same work in two halves."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["free_memory", "in_halves", "out_of_memory"]

T = TypeVar("T")
R = TypeVar("R")


def out_of_memory(error: BaseException) -> bool:
    """Return whether an exception means that the device, or this machine, ran out of memory."""
    import torch

    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    # torch has no exception class of its own for the CPU's allocator.
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def free_memory() -> None:
    """Free the memory of objects that are not in use any more, also on the device."""
    import torch

    # The collection first: tensors in reference cycles hold their memory until it runs, and torch
    # gives back only what is free by then.
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def in_halves(
    items: Sequence[T],
    work: Callable[[Sequence[T]], list[R]],
    give_up: Callable[[T, BaseException], R],
) -> list[R]:
    """Return `work(items)`; if memory runs out, of the first half and then of the second.

    There is one result for each item, in order. An item that does not fit even alone gets
    `give_up(item, error)`, which may raise.
    """
    try:
        return work(items)
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        if len(items) == 1:
            return [give_up(items[0], error)]
    # Outside the `except`, so that the traceback no longer holds the failed tensors.
    free_memory()
    middle = (len(items) + 1) // 2
    return [
        *in_halves(items[:middle], work, give_up),
        *in_halves(items[middle:], work, give_up),
    ]
