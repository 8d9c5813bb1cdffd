"""The `vllm` engine: continuous batching, paged memory, all adapters of a base in one stream."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from vibench.embedded import locate
from vibench.engines.model_files import load_tokenizer, require_packages
from vibench.engines.vllm import cpu
from vibench.engines.vllm.launch import check_extra, configure, import_vllm
from vibench.engines.vllm.room import RANKS, AdapterSizes
from vibench.engines.vllm.session import VLLMSession
from vibench.errors import UsageError
from vibench.interfaces import Engine
from vibench.records import Model

__all__ = ["VLLM"]


class VLLM(Engine):
    """Runs models with vLLM.

    One engine serves a base model and all its adapters; requests are ordered by adapter and
    by their tokens, and beginnings that they share are computed once.

    What holds about reproducibility: a request's draws depend on its seed alone. Which
    requests share a step does change how matrix products are added up, so that logits move
    by rounding: at temperature 0 an answer is the same unless the two best tokens are within
    that of each other. The draws are not those of the transformers engine.
    """

    version: ClassVar[str] = "2"
    continuous: ClassVar = True
    parameters: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "tensor_parallel_size": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "default": 1,
                "description": "GPUs that share one model.",
            },
            "gpu_memory_utilization": {
                "x-key": False,
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "default": 0,
                "description": "Share of a GPU's memory for this engine; 0: vLLM's own default.",
            },
            "max_model_len": {
                "type": "integer",
                "minimum": 0,
                "default": 0,
                "description": "Most tokens of a conversation; 0: as the model says.",
            },
            "dtype": {
                "enum": ["auto", "float32", "bfloat16", "float16"],
                "default": "auto",
                "description": "auto: float32 on the CPU, vLLM's choice (mostly the "
                "checkpoint's own) on a GPU.",
            },
            "max_loras": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "default": 16,
                "description": "Most adapters in one step; fewer where fewer are asked for.",
            },
            "max_lora_rank": {
                "x-key": False,
                "type": "integer",
                "minimum": 1,
                "maximum": RANKS[-1],
                "default": 64,
                "description": "The highest rank an adapter may have; room is made for what "
                "the adapters do have.",
            },
            "chat_template": {
                "x-file": True,
                "type": "string",
                "default": "",
                "description": "A .jinja file or a model whose chat template replaces all others, "
                "or the name of one of several templates of the model's tokenizer.",
            },
            "extra": {
                "type": "object",
                "default": {},
                "description": "Any other engine argument of vLLM, by its Python name.",
            },
        },
        "additionalProperties": False,
    }

    def __init__(
        self,
        *,
        tensor_parallel_size: int,
        gpu_memory_utilization: float,
        max_model_len: int,
        dtype: str,
        max_loras: int,
        max_lora_rank: int,
        chat_template: str,
        extra: Mapping[str, Any],
    ) -> None:
        self.tensor_parallel_size = tensor_parallel_size
        self.gpu_memory_utilization = gpu_memory_utilization
        self.max_model_len = max_model_len
        self.dtype = dtype
        self.max_loras = max_loras
        self.max_lora_rank = max_lora_rank
        self.chat_template = chat_template
        self.extra = dict(extra)

    def check(self) -> None:
        """Raise MissingExtra without vLLM."""
        require_packages("vllm", "torch", "transformers", what="The vllm engine", extra="vllm")

    def open(self, model: Model) -> VLLMSession:
        """Check that vLLM can run the model; its weights are loaded with the first request.

        Raises UsageError if the model cannot be had or vLLM cannot run it, MissingExtra
        without vLLM, UnknownName for an engine argument that vLLM does not have.
        """
        self.check()
        tokenizer = load_tokenizer(model, self.chat_template)
        _check_folder(model.source)
        import_vllm()
        check_extra(self.extra)
        arguments = self._arguments(model)
        config = configure(model.name, arguments)
        spare, notes = 0, tuple[str, ...]()
        if cpu.detected():
            context = int(config.model_config.max_model_len)
            # Configured twice, because how long its prompts may be is known only then.
            on_cpu = cpu.arguments(context, memory_is_set=self.gpu_memory_utilization > 0)
            arguments = {**on_cpu, **arguments}
            config = configure(model.name, arguments)
            spare, notes = cpu.SPARE_SLOTS, cpu.log_notes()
        sizes = AdapterSizes(model, self.max_loras, self.max_lora_rank)
        return VLLMSession(model, tokenizer, arguments, config, sizes, spare, notes)

    def _arguments(self, model: Model) -> dict[str, Any]:
        """Return vLLM's `EngineArgs`, without room for adapters."""
        arguments: dict[str, Any] = {
            "model": str(Path(locate(model.source)).expanduser()),
            "tensor_parallel_size": self.tensor_parallel_size,
            "dtype": "float32" if self.dtype == "auto" and cpu.detected() else self.dtype,
            "load_format": "safetensors",
            "enable_prefix_caching": True,
            # vibench renders, tokenizes and decodes itself, as for every engine.
            "skip_tokenizer_init": True,
            # A checkpoint's own defaults (a repetition penalty, say) would apply to every request.
            "generation_config": "vllm",
            "disable_log_stats": True,
        }
        if model.revision:
            arguments["revision"] = model.revision
        if self.gpu_memory_utilization:
            arguments["gpu_memory_utilization"] = self.gpu_memory_utilization
        if self.max_model_len:
            arguments["max_model_len"] = self.max_model_len
        return {**arguments, **self.extra}


def _check_folder(source: str) -> None:
    """Raise UsageError for a local model folder whose weights are absent or cannot be read."""
    # vLLM notices it only when it loads the weights, with the first request.
    from safetensors import SafetensorError, safe_open

    folder = Path(locate(source)).expanduser()
    if not folder.is_dir():
        return
    for pattern, what in (("config.json", "config.json"), ("*.safetensors", "weights")):
        if next(folder.glob(pattern), None) is None:
            raise UsageError(
                f"The model folder '{source}' has no {what} ({pattern}).",
                "Save the model into it with model.save_pretrained, which writes safetensors.",
            )
    for path in folder.glob("*.safetensors"):
        try:
            safe_open(str(path), framework="np")
        except SafetensorError as error:
            raise UsageError(
                f"The model folder '{source}' cannot be loaded: {path.name}: {error}",
                "Check that it holds a complete transformers model (save_pretrained).",
            ) from error
