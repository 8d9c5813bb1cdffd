"""The parameters that all training inducers share, as a record and as a JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vibench import SpecError
from vibench.engines.model_files import require_packages

__all__ = ["Settings", "check_extra", "schema"]

PROPERTIES: Mapping[str, Any] = {
    "learning_rate": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 5e-6,
        "description": "Paper, section 5.",
    },
    "beta": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 0.1,
        "description": "Paper, section 5: 0.01, 0.1, 0.3, 0.9. ORPO's lambda.",
    },
    "epochs": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 5,
        "description": "Paper, section 5.",
    },
    "lora_rank": {"type": "integer", "minimum": 1, "default": 4, "description": "Paper."},
    "lora_alpha": {"type": "number", "exclusiveMinimum": 0, "default": 16, "description": "Paper."},
    "lora_dropout": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0},
    "target_modules": {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ],
        "default": "all-linear",
        "description": "PEFT's target_modules; never lm_head, which TRL would not train.",
    },
    "batch_size": {
        "type": "integer",
        "minimum": 1,
        "default": 8,
        "description": "Pairs in one forward pass.",
    },
    "gradient_accumulation": {"type": "integer", "minimum": 1, "default": 1},
    "max_length": {
        "type": "integer",
        "minimum": 2,
        "default": 1024,
        "description": "Tokens of prompt and response; the rest is cut off. Pairs whose prompt "
        "alone fills it are dropped and counted.",
    },
    "warmup": {
        "type": "number",
        "minimum": 0,
        "default": 0,
        "description": "Below 1 a share of all steps, from 1 a number of steps.",
    },
    "scheduler": {"type": "string", "default": "linear"},
    "weight_decay": {"type": "number", "minimum": 0, "default": 0},
    "max_grad_norm": {"type": "number", "minimum": 0, "default": 1.0},
    "dtype": {
        "enum": ["auto", "float32", "bfloat16", "float16"],
        "default": "auto",
        "description": "Of the base model. auto: float32 on the CPU, the checkpoint's on a GPU.",
    },
    "device": {"x-key": False, "type": "string", "default": "auto"},
    "gradient_checkpointing": {
        "x-key": False,
        "enum": ["auto", True, False],
        "default": "auto",
        "description": "Less memory, more time. auto: on a GPU only.",
    },
    "save_every": {
        "x-key": False,
        "type": "integer",
        "minimum": 0,
        "default": 0,
        "description": "Steps between checkpoints; 0 is once an epoch.",
    },
    "logging_steps": {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "Steps that one line of log.jsonl is the mean of. Above 1, the first line "
        "after an interruption is the mean of fewer.",
    },
    "chat_template": {
        "x-file": True,
        "type": "string",
        "default": "",
        "description": "As transformers.chat_template; the two should be the same.",
    },
    "trust_remote_code": {"type": "boolean", "default": False},
    "trl": {
        "type": "object",
        "default": {},
        "description": "Further options of TRL's config, passed on as they are.",
    },
}

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
    # What stored references rest on; other values would quietly not fit them.
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


def schema() -> dict[str, Any]:
    """The JSON Schema of a training inducer's parameters."""
    return {"type": "object", "properties": dict(PROPERTIES), "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. Defaults are in the schema. Raises SpecError for options in `trl` that
    vibench sets itself."""

    learning_rate: float
    beta: float
    epochs: float
    lora_rank: int
    lora_alpha: float
    lora_dropout: float
    target_modules: str | list[str]
    batch_size: int
    gradient_accumulation: int
    max_length: int
    warmup: float
    scheduler: str
    weight_decay: float
    max_grad_norm: float
    dtype: str
    device: str
    gradient_checkpointing: bool | str
    save_every: int
    logging_steps: int
    chat_template: str
    trust_remote_code: bool
    trl: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name in self.trl:
            if name in RESERVED:
                instead = RESERVED[name]
                raise SpecError(
                    f"The TRL option '{name}' cannot be passed through `trl`.",
                    f"Use {instead} instead." if instead else "vibench sets it by itself.",
                )
        if "lm_head" in self.target_modules:
            raise SpecError(
                "target_modules names lm_head, on which TRL does not train an adapter.",
                "Leave lm_head out.",
            )

    def arguments(self, output: str, seed: int, device: str, dtype: str) -> dict[str, Any]:
        """Keyword arguments for a TRL config, for a model of `dtype` on `device`."""
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


def check_extra() -> None:
    """Raise MissingExtra without what training takes."""
    needed = ("torch", "transformers", "peft", "trl", "datasets")
    require_packages(*needed, what="Training an adapter", extra="train")
