"""The `vllm` engine: continuous batching, paged memory, all adapters of a base in one stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from vibench.embedded import locate
from vibench.engines.model_files import load_tokenizer, require_packages
from vibench.engines.model_folder import check_weights
from vibench.engines.model_prompts import ModelPrompts, load_prompts
from vibench.engines.parameters import ChatTemplate, Dtype, ThinkingSetting
from vibench.engines.vllm import cpu
from vibench.engines.vllm.launch import check_extra, configure, import_vllm
from vibench.engines.vllm.room import RANKS, AdapterSizes
from vibench.engines.vllm.session import VLLMSession
from vibench.interfaces import Engine
from vibench.parameters import Parameter
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

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        tensor_parallel_size: Annotated[
            int, Parameter("GPUs that share one model.", minimum=1, key=False)
        ] = 1
        gpu_memory_utilization: Annotated[
            float,
            Parameter(
                "Share of a GPU's memory for this engine; 0: vLLM's own default.",
                minimum=0,
                maximum=1,
                key=False,
            ),
        ] = 0
        max_model_len: Annotated[
            int,
            Parameter("Maximum number of tokens of a conversation; 0: the model's own.", minimum=0),
        ] = 0
        dtype: Annotated[
            Dtype,
            Parameter(
                "auto: float32 on the CPU, vLLM's choice (mostly the checkpoint's own) on a GPU."
            ),
        ] = "auto"
        max_loras: Annotated[
            int,
            Parameter(
                "Maximum number of adapters in one step; fewer if a run has fewer.",
                minimum=1,
                key=False,
            ),
        ] = 16
        max_lora_rank: Annotated[
            int,
            Parameter(
                "Highest rank an adapter may have; memory is reserved for the ranks in use.",
                minimum=1,
                maximum=RANKS[-1],
                key=False,
            ),
        ] = 64
        chat_template: ChatTemplate = ""
        thinking: ThinkingSetting = "template"
        extra: Annotated[
            Mapping[str, Any],
            Parameter("Any other engine argument of vLLM, by its Python name."),
        ] = field(default_factory=dict)

    settings: Parameters

    def check(self) -> None:
        """Raise MissingExtra without vLLM."""
        require_packages("vllm", "torch", "transformers", what="The vllm engine", extra="vllm")

    def open(self, model: Model) -> VLLMSession:
        """Check that vLLM can run the model; its weights are loaded with the first request.

        Raises UsageError if the model cannot be had or vLLM cannot run it, MissingExtra
        without vLLM, UnknownName for an engine argument that vLLM does not have.
        """
        self.check()
        tokenizer = load_tokenizer(model, self.settings.chat_template)
        _check_folder(model.source)
        import_vllm()
        check_extra(self.settings.extra)
        arguments = self._arguments(model)
        config = configure(model.name, arguments)
        spare, notes = 0, tuple[str, ...]()
        if cpu.detected():
            context = int(config.model_config.max_model_len)
            # Configured twice, because how long its prompts may be is known only then.
            on_cpu = cpu.arguments(context, memory_is_set=self.settings.gpu_memory_utilization > 0)
            arguments = {**on_cpu, **arguments}
            config = configure(model.name, arguments)
            spare, notes = cpu.SPARE_SLOTS, cpu.log_notes()
        sizes = AdapterSizes(model, self.settings.max_loras, self.settings.max_lora_rank)
        return VLLMSession(model, tokenizer, arguments, config, sizes, spare, notes)

    def prompts(self, model: Model) -> ModelPrompts:
        """Return how the model is asked, without loading its weights. Raises UsageError."""
        prompts = load_prompts(model, self.settings.chat_template)
        longest = self.settings.max_model_len
        return replace(prompts, context=longest - 2) if longest else prompts

    def _arguments(self, model: Model) -> dict[str, Any]:
        """Return vLLM's `EngineArgs`, without room for adapters."""
        settings = self.settings
        arguments: dict[str, Any] = {
            "model": str(Path(locate(model.source)).expanduser()),
            "tensor_parallel_size": settings.tensor_parallel_size,
            "dtype": "float32" if settings.dtype == "auto" and cpu.detected() else settings.dtype,
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
        if settings.gpu_memory_utilization:
            arguments["gpu_memory_utilization"] = settings.gpu_memory_utilization
        if settings.max_model_len:
            arguments["max_model_len"] = settings.max_model_len
        return {**arguments, **settings.extra}


def _check_folder(source: str) -> None:
    """Raise UsageError for a local model folder whose weights are absent or cannot be read."""
    # vLLM notices it only when it loads the weights, with the first request.
    folder = Path(locate(source)).expanduser()
    if folder.is_dir():
        check_weights(folder)
