"""Names of settings in TRL, PEFT, vLLM, lm-evaluation-harness and Inspect, and vibench's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from vibench.errors import UnknownName

__all__ = ["judge_advice", "own_names", "parameter_hint", "plugin_hint", "task_advice"]

SAMPLING: Final = ("temperature", "top_p", "max_tokens")
"""The parameters that are set for all answers of a run: `sampling.temperature`."""

OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "learning_rate": ("lr",),
    "epochs": ("num_train_epochs", "num_epochs", "n_epochs", "max_steps"),
    "batch_size": (
        *("per_device_train_batch_size", "train_batch_size", "micro_batch_size"),
        *("per_device_eval_batch_size", "bs", "max_batch_size"),
    ),
    "gradient_accumulation": ("gradient_accumulation_steps", "grad_accum"),
    "dtype": ("bf16", "fp16", "fp32", "torch_dtype", "precision", "load_in_4bit", "load_in_8bit"),
    "warmup": ("warmup_ratio", "warmup_steps"),
    "scheduler": ("lr_scheduler_type", "lr_scheduler"),
    "max_length": ("max_seq_length", "max_seq_len", "max_prompt_length", "max_completion_length"),
    "max_model_len": ("max_length", "max_seq_len", "max_model_length", "context_length"),
    "save_every": ("save_steps",),
    "lora_rank": ("r", "rank", "lora_r"),
    "lora_alpha": ("alpha",),
    "lora_dropout": ("dropout",),
    "max_lora_rank": ("lora_rank",),
    "max_loras": ("max_adapters",),
    "max_adapters": ("max_loras", "max_cpu_loras"),
    "tensor_parallel_size": ("tp", "tp_size", "tensor_parallel", "num_gpus"),
    "gpu_memory_utilization": ("gpu_memory", "gpu_memory_fraction", "mem_fraction"),
    "thinking": ("enable_thinking", "reasoning"),
    "trl": ("loss_type", "label_smoothing", "optim", "rpo_alpha", "precompute_ref_log_probs"),
    "extra": ("max_num_seqs", "enforce_eager", "quantization", "swap_space", "kv_cache_dtype"),
    "num_fewshot": ("fewshot", "n_shot", "shots"),
    "max_gen_toks": ("max_tokens", "max_new_tokens"),
    "max_tokens": ("max_new_tokens", "max_gen_toks", "max_completion_tokens", "max_output_tokens"),
    "model": ("model_name", "model_id", "model_path", "pretrained", "grader", "grader_model"),
    "base_url": ("api_base", "model_base_url", "url", "endpoint"),
    "key_variable": ("api_key", "key"),
    "connections": ("max_connections", "concurrency", "num_concurrent"),
    "attempts": ("max_retries", "retries"),
    "text": ("system", "system_prompt", "system_instruction", "system_message", "prompt"),
}
"""vibench's names, and those that others use for the same."""

FLAGS: Final[Mapping[str, str]] = {
    "limit": "--limit",
    "max_samples": "--limit",
    "num_samples": "--limit",
    "seed": "--seed",
    "seeds": "--seed",
}

PLUGINS: Final[Mapping[str, str]] = {
    "generation": "sampling",
    "generate": "sampling",
    "generation_config": "sampling",
    "gen_kwargs": "sampling",
    "decoding": "sampling",
    "hf": "transformers",
    "huggingface": "transformers",
    "lm_eval": "lm-eval",
}

MODEL: Final = re.compile(r"(?P<engine>openai|vllm|transformers):(?P<name>.+)|[.~].*|.*[/\\].*")
"""A model with its engine, a folder or a hub ID: no name of a plugin."""


def own_names(name: str) -> list[str]:
    """Return the names that vibench may have for a setting, its own first."""
    plain = name.lower().replace("-", "_")
    return list(dict.fromkeys([plain, *(own for own, others in OWN.items() if plain in others)]))


def parameter_hint(plugin: str, parameter: str, names: Iterable[str]) -> str:
    """Return the hint for a parameter that a plugin with the parameters `names` lacks."""
    names = list(names)
    candidates = own_names(parameter)
    for name in candidates:
        if name in names:
            as_table = {"trl": "TRL", "extra": "vLLM"}.get(name)
            if as_table:
                return (
                    f"{plugin}.{name} takes further arguments of {as_table}: "
                    f"--set '{plugin}.{name}={{\"{parameter}\": VALUE}}'."
                )
            return f"Use {plugin}.{name}."
    if plugin != "sampling" and (shared := next((n for n in candidates if n in SAMPLING), "")):
        return f"Use sampling.{shared}."
    if flag := next((FLAGS[name] for name in candidates if name in FLAGS), ""):
        return f"Use {flag}."
    return UnknownName("parameter", parameter, names).hint


def plugin_hint(
    plugin: str, parameter: str, in_use: Mapping[str, Mapping[str, Any]], kind: str
) -> str:
    """Return the hint for a setting of a plugin that the run does not use.

    `in_use` has the parameters of those that it does; `kind` is the plugin's kind, where it is
    installed.
    """
    candidates = own_names(parameter)
    near = UnknownName("plugin", plugin, in_use).hint
    meant = PLUGINS.get(plugin, "" if kind or not near.startswith("Did") else plugin)
    matches = [
        f"{name}.{own}"
        for own in candidates
        for name in ([meant] if meant in in_use else in_use)
        if own in in_use[name]
    ]
    if kind:
        flag = "--pairs VALUE=FILE" if plugin == "own-pairs" else f"--{kind} {plugin}"
        use = f"To use it, name the {kind}: {flag}."
        return f"{use} For what this run uses: {' or '.join(matches[:3])}." if matches else use
    if matches and not near.startswith("Did"):
        return f"Did you mean {' or '.join(matches[:3])}?"
    return near


def judge_advice(name: str) -> str:
    """Return the hint for a model in place of a judge; "" for any other name."""
    match = MODEL.fullmatch(name)
    if match is None or ".py:" in name:
        return ""
    engine = f" --set mistral.engine={match['engine']}" if match["engine"] else ""
    return (
        "A judge is a plugin, and its model is one of its settings: "
        f"--judge mistral{engine} --set mistral.model={match['name'] or name}"
    )


def task_advice(name: str) -> str:
    """Return the hint for a file or task in place of an eval; "" for any other name."""
    if name.endswith((".yaml", ".yml")):
        folder, _, file = name.rpartition("/")
        task = f"lm-eval:{file.rpartition('.')[0]}"
        return (
            "A task of lm-evaluation-harness runs by its name: "
            f"--eval {task} --set {task}.include_path={folder or '.'}"
        )
    return ""
