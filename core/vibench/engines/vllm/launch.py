"""The life of a vLLM engine: its configuration, start and end, and its errors in words."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from vibench.engines.memory import free_memory
from vibench.engines.quiet import quiet
from vibench.engines.vllm import cpu
from vibench.engines.vllm.log_tail import LogTail
from vibench.engines.vllm.process_watch import watch
from vibench.errors import SpecError, StageError, UnknownName, UsageError

__all__ = ["cause_of", "check_extra", "configure", "import_vllm", "running", "start", "stop"]

OWN = {
    "model": "--model names it",
    "tokenizer": "the model's own is used",
    "revision": "the registry names it",
    "seed": "every request has a seed of its own",
    "trust_remote_code": "vibench never lets vLLM run code that comes with a model",
    "enable_lora": "adapters are loaded on demand",
    "lora_target_modules": "it is read from the adapters",
    "skip_tokenizer_init": "vibench has the tokenizer",
    "generation_config": "each request brings its sampling along",
    **dict.fromkeys(
        (
            "tensor_parallel_size",
            "gpu_memory_utilization",
            "max_model_len",
            "dtype",
            "max_loras",
            "max_lora_rank",
        ),
        "it is a setting of its own: --set vllm.NAME=...",
    ),
}
"""Engine arguments that `extra` may not hold, and why."""

_here: weakref.WeakSet[Any] = weakref.WeakSet()
"""The engines whose core runs in this process (on a CPU) rather than in one of its own."""


def import_vllm() -> None:
    """Import vLLM, which takes seconds. Raises UsageError where it is installed but broken."""
    # vLLM reports its use to its authors unless told not to.
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    try:
        with quiet():
            import vllm.engine.arg_utils
            import vllm.v1.engine.llm_engine  # noqa: F401
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        cause = str(error).strip().partition("\n")[0]
        hint = (
            cpu.MEND if "torchvision" in cause else "Check that its build fits torch and the GPU."
        )
        raise UsageError(f"vLLM is installed but cannot be imported: {cause}", hint) from error


def check_extra(extra: Mapping[str, Any]) -> None:
    """Raise UnknownName for a name that is not an engine argument of vLLM, SpecError for one
    that vibench sets itself."""
    from vllm.engine.arg_utils import EngineArgs

    arguments = {field.name for field in dataclasses.fields(EngineArgs)}
    for name in extra:
        if name not in arguments:
            raise UnknownName("engine argument of vLLM", name, arguments)
        if name in OWN:
            raise SpecError(
                f"vllm.extra cannot set '{name}': {OWN[name].replace('NAME', name)}.",
                "Leave it out of vllm.extra.",
            )


def configure(name: str, arguments: Mapping[str, Any]) -> Any:
    """Return vLLM's complete configuration without loading weights.

    Raises UsageError if vLLM cannot run the model with these arguments.
    """
    from vllm.engine.arg_utils import EngineArgs
    from vllm.usage.usage_lib import UsageContext

    try:
        with quiet():
            return EngineArgs(**arguments).create_engine_config(UsageContext.LLM_CLASS)
    except Exception as error:  # pydantic's, ValueError, OSError, AssertionError, ...
        raise UsageError(
            f"vLLM cannot run '{name}' like this: {cause_of(error)}.",
            "Change the settings (--set vllm.NAME=...), or use --engine transformers.",
        ) from error


def start(name: str, config: Any, log: LogTail) -> Any:
    """Start an engine. Raises StageError with the cause and the engine's last log lines."""
    from vllm.v1.engine.llm_engine import LLMEngine

    try:
        with running(config), _process_kept(config):
            engine = LLMEngine.from_vllm_config(config, disable_log_stats=True)
    except Exception as error:
        # What the failed start had loaded so far would be missing in the next one.
        free_memory()
        raise StageError(
            f"The vLLM engine of {name} did not start: {cause_of(error)}.{log.text()}"
        ) from error
    if _lives_here(engine):
        cpu.share_this_process(engine)
        _here.add(engine)
    else:
        watch(engine)
    return engine


def stop(engine: Any) -> None:
    """End the engine and free its memory, also where it is dead already."""
    # A dead engine raises at every call; its memory is to be freed all the same.
    _here.discard(engine)
    with contextlib.suppress(Exception):
        if _lives_here(engine):
            cpu.end_here(engine, alone=not _here)
        else:
            engine.engine_core.shutdown()
    free_memory()


@contextlib.contextmanager
def running(config: Any) -> Iterator[None]:
    """Surround a call of the engine: its libraries are quiet, and on a CPU compile nothing."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(quiet())
        if config.device_config.device_type == "cpu":
            stack.enter_context(cpu.compiling_nothing())
        yield


def _process_kept(config: Any) -> contextlib.AbstractContextManager[None]:
    on_cpu = config.device_config.device_type == "cpu"
    return cpu.threads_kept() if on_cpu else contextlib.nullcontext()


def _lives_here(engine: Any) -> bool:
    """Return whether the engine's core is in this process rather than in one of its own."""
    return hasattr(engine.engine_core, "engine_core")


def cause_of(error: BaseException) -> str:
    """Return an exception's message as one line without a full stop."""
    if type(error).__name__ == "EngineDeadError":
        return "its process ended"  # vLLM's own text refers to a stack trace above it.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # pydantic puts the number of errors first and the sentence third.
    sentence = next((line for line in lines if line.startswith("Value error, ")), "")
    sentence = sentence.removeprefix("Value error, ").partition(" [type=")[0]
    return (sentence or (lines[0] if lines else type(error).__name__)).rstrip(".")
