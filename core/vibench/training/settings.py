"""The parameters that training inducers with a TRL trainer share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from vibench.engines.model_files import require_packages
from vibench.errors import SpecError
from vibench.parameters import Parameter
from vibench.training.base_model import LoadOptions

__all__ = ["TrainingSettings", "check_training_packages"]

Dtype = Literal["auto", "float32", "bfloat16", "float16"]

# Options of TRL's config that vibench sets itself, with what to use instead.
RESERVED: Mapping[str, str] = {
    "output_dir": "",
    "seed": "--seed",
    "data_seed": "--seed",
    "learning_rate": "learning_rate",
    "beta": "beta",
    "num_train_epochs": "epochs",
    "per_device_train_batch_size": "batch_size",
    "gradient_accumulation_steps": "gradient_accumulation",
    "max_length": "max_length",
    "warmup_steps": "warmup",
    "lr_scheduler_type": "scheduler",
    "weight_decay": "weight_decay",
    "max_grad_norm": "max_grad_norm",
    "bf16": "dtype",
    "fp16": "dtype",
    "use_cpu": "device",
    "gradient_checkpointing": "gradient_checkpointing",
    "save_strategy": "save_every",
    "save_steps": "save_every",
    "save_total_limit": "",
    "save_only_model": "",
    "logging_steps": "logging_steps",
    "trust_remote_code": "trust_remote_code",
    # Stored references depend on these; with other values they would not fit, and TRL would not
    # notice.
    "precompute_ref_log_probs": "",
    "truncation_mode": "",
    "ld_alpha": "",
    "sync_ref_model": "",
    "model_init_kwargs": "",
    "remove_unused_columns": "",
    # Nothing is reported to anyone.
    "report_to": "",
    "push_to_hub": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """The parameters of a training inducer. Raises SpecError for an option in `trl` that vibench
    sets itself."""

    learning_rate: Annotated[float, Parameter("Paper, section 5.", above=0)] = 5e-6
    beta: Annotated[
        float, Parameter("Paper, section 5: 0.01, 0.1, 0.3, 0.9. ORPO's lambda.", above=0)
    ] = 0.1
    epochs: Annotated[float, Parameter("Paper, section 5.", above=0)] = 5
    lora_rank: Annotated[int, Parameter("Paper.", minimum=1)] = 4
    lora_alpha: Annotated[float, Parameter("Paper.", above=0)] = 16
    lora_dropout: Annotated[float, Parameter(minimum=0, below=1)] = 0
    target_modules: Annotated[
        str | list[str],
        Parameter(
            "PEFT's target_modules; never lm_head, which TRL would not train.", minimum_items=1
        ),
    ] = "all-linear"
    batch_size: Annotated[int, Parameter("Pairs in one forward pass.", minimum=1)] = 8
    gradient_accumulation: Annotated[
        int, Parameter("Batches in one optimizer step.", minimum=1)
    ] = 1
    max_length: Annotated[
        int,
        Parameter(
            "Tokens of prompt and response; the rest is cut off. Pairs whose prompt alone fills "
            "it are dropped and counted.",
            minimum=2,
        ),
    ] = 1024
    warmup: Annotated[
        float, Parameter("Below 1 a share of all steps, from 1 a number of steps.", minimum=0)
    ] = 0
    scheduler: Annotated[str, Parameter("Learning rate schedule, as transformers names it.")] = (
        "linear"
    )
    weight_decay: Annotated[float, Parameter(minimum=0)] = 0
    max_grad_norm: Annotated[float, Parameter(minimum=0)] = 1.0
    dtype: Annotated[
        Dtype,
        Parameter("Of the base model. auto: float32 on the CPU, the checkpoint's on a GPU."),
    ] = "auto"
    device: Annotated[str, Parameter("auto, cpu, cuda:0, ...", key=False)] = "auto"
    gradient_checkpointing: Annotated[
        Literal["auto", True, False],
        Parameter("Less memory, more time. auto: on a GPU only.", key=False),
    ] = "auto"
    save_every: Annotated[
        int, Parameter("Steps between checkpoints; 0: once an epoch.", minimum=0, key=False)
    ] = 0
    logging_steps: Annotated[
        int,
        Parameter(
            "Steps that one line of log.jsonl averages. Above 1, the first line after an "
            "interruption averages fewer.",
            minimum=1,
        ),
    ] = 1
    chat_template: Annotated[
        str, Parameter("As transformers.chat_template; the two should be the same.", file=True)
    ] = ""
    trust_remote_code: Annotated[bool, Parameter("Run Python code that comes with a model.")] = (
        False
    )
    trl: Annotated[
        Mapping[str, Any], Parameter("Further options of TRL's config, passed on as they are.")
    ] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.trl:
            if name in RESERVED:
                instead = RESERVED[name]
                raise SpecError(
                    f"The TRL option '{name}' cannot be passed through `trl`.",
                    f"Use {instead} instead." if instead else "vibench sets it itself.",
                )
        if "lm_head" in self.target_modules:
            raise SpecError(
                "target_modules names lm_head, on which TRL does not train an adapter.",
                "Leave lm_head out.",
            )

    @property
    def load_options(self) -> LoadOptions:
        """The parameters that say how the base model is loaded."""
        return LoadOptions(self.dtype, self.device, self.chat_template, self.trust_remote_code)

    @property
    def reference_settings(self) -> dict[str, Any]:
        """The parameters that reference log-probabilities depend on."""
        return {
            "max_length": self.max_length,
            "dtype": self.dtype,
            "chat_template": self.chat_template,
        }

    def trl_arguments(self, output: str, seed: int, device: str, dtype: str) -> dict[str, Any]:
        """Return keyword arguments for a TRL config, for a model of `dtype` on `device`."""
        cpu = device == "cpu"
        checkpointing = self.gradient_checkpointing
        return {
            "output_dir": output,
            "seed": seed,
            "data_seed": seed,
            "learning_rate": self.learning_rate,
            "beta": self.beta,
            "num_train_epochs": self.epochs,
            "per_device_train_batch_size": self.batch_size,
            "gradient_accumulation_steps": self.gradient_accumulation,
            "max_length": self.max_length,
            "warmup_steps": self.warmup,
            "lr_scheduler_type": self.scheduler,
            "weight_decay": self.weight_decay,
            "max_grad_norm": self.max_grad_norm,
            "bf16": dtype == "bfloat16",
            "fp16": False,
            "use_cpu": cpu,
            "gradient_checkpointing": not cpu if checkpointing == "auto" else checkpointing,
            "save_strategy": "steps" if self.save_every else "epoch",
            "save_steps": self.save_every or 500,
            "save_total_limit": 2,
            "logging_steps": self.logging_steps,
            "logging_first_step": True,
            "logging_nan_inf_filter": False,
            "dataloader_pin_memory": not cpu,
            "disable_tqdm": True,
            "report_to": "none",
            **self.trl,
        }


def check_training_packages() -> None:
    """Raise MissingExtra for the first package that training needs and that is not installed."""
    needed = ("torch", "transformers", "peft", "trl", "datasets")
    require_packages(*needed, what="Training an adapter", extra="train")
