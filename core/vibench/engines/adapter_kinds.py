"""Kinds of PEFT adapters: those that leave the base model alone, and those that share a batch.

An adapter's configuration decides, before anything is loaded: PEFT itself loads any of them, and
some rewrite the base model's weights while doing so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CONFIG", "AdapterError", "AdapterKind", "UnsupportedAdapter", "read_kind"]

CONFIG = "adapter_config.json"

LORA = "LORA"

OTHER_TYPES = ("IA3", "LOHA", "LOKR", "VERA", "OFT", "LN_TUNING")
"""PEFT's other methods that change a layer's output and none of the base's own weights."""

HARMLESS = (True, False, None, "gaussian", "eva", "orthogonal", "mica")
"""Values of `init_lora_weights` (peft 0.21) that leave the base's weights as they are. The
others (pissa, pissa_niter_N, olora, corda, loftq, lora_ga) subtract the adapter's initial value
from them. A list of what is known to be harmless, so that a new method is refused."""

STARTS = ("loftq_config", "eva_config", "corda_config", "lora_ga_config")
"""Settings of the initialisation, which have no part in what a trained adapter computes."""

CONVERT = (
    "PEFT saves it as plain LoRA with model.save_pretrained(FOLDER, "
    "path_initial_model_for_weight_conversion=START), START being the adapter as saved before "
    "training."
)


class AdapterError(ValueError):
    """An adapter that cannot be put on this base model; the message says why."""

    @property
    def passing(self) -> bool:
        """True if its files could not be read, or memory ran out: both may pass."""
        cause = self.__cause__
        return isinstance(cause, OSError | MemoryError) or "out of memory" in str(cause).lower()


class UnsupportedAdapter(AdapterError):
    """An adapter of a kind that no engine here can carry, whatever its weights are."""


@dataclass(frozen=True, slots=True)
class AdapterKind:
    """An adapter's kind: its name for messages, and whether it `mixes`: whether rows of several
    such adapters and of the base can share a batch."""

    name: str
    mixes: bool


def read_kind(folder: Path) -> AdapterKind:
    """Return the kind of the adapter in a folder, by its configuration.

    Raises AdapterError for a folder without an adapter. Raises UnsupportedAdapter for an adapter
    that would rewrite the base model's weights, which would make all later answers of the session
    wrong, and for methods of PEFT that the engines do not support.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        method = str(config["peft_type"])
    except FileNotFoundError:
        raise AdapterError(f"there is no adapter in the folder '{folder}'") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AdapterError(f"the adapter in '{folder}' cannot be loaded: {error}") from error
    if method != LORA and method not in OTHER_TYPES:
        raise UnsupportedAdapter(
            f"the adapter in '{folder}' is of PEFT's method {method}, which is not supported; use "
            f"LoRA, or one of {', '.join(OTHER_TYPES)}"
        )
    _check_base(folder, config)
    return _kind(method, config)


def _check_base(folder: Path, config: Mapping[str, Any]) -> None:
    """Raise UnsupportedAdapter for an adapter that would write into the base model's weights, or
    that the engines do not support for another reason."""
    start = config.get("init_lora_weights", True)
    if start not in HARMLESS:
        raise UnsupportedAdapter(
            f"the adapter in '{folder}' was initialised with init_lora_weights={start!r}, which "
            f"rewrites the base model's weights when it is loaded. {CONVERT}"
        )
    if config.get("bias", "none") not in ("none", None):
        raise UnsupportedAdapter(
            f"the adapter in '{folder}' was trained with bias={config['bias']!r}: it overwrites "
            "the base model's own biases when it is loaded. Train with bias='none' (lora_bias=True "
            "adds biases of its own)"
        )
    for setting, words in (
        ("kasa_config", "truncates the base model's weights when it is loaded"),
        ("layer_replication", "changes the base model's layers"),
        ("alora_invocation_tokens", "begins to apply in the middle of a prompt"),
        ("arrow_config", "needs other adapters to choose from"),
    ):
        if config.get(setting):
            raise UnsupportedAdapter(
                f"the adapter in '{folder}' was trained with {setting}: it {words}, which is not "
                "supported. Train it without"
            )


def _kind(method: str, config: Mapping[str, Any]) -> AdapterKind:
    """Name the kind. Only plain LoRA is taken to mix; PEFT's mixed batches know nothing else."""
    if method != LORA:
        return AdapterKind(method, False)
    if config.get("use_dora"):
        return AdapterKind("DoRA", False)
    for setting in ("modules_to_save", "trainable_token_indices", "target_parameters"):
        if config.get(setting):
            return AdapterKind(f"LoRA with {setting}", False)
    # Variants of LoRA, of this version of PEFT or a later one, are settings called use_X or
    # X_config. A variant that mixes would only be slower alone; one that does not would be wrong.
    for setting, value in config.items():
        variant = setting.startswith("use_") and setting != "use_rslora"
        variant |= setting.endswith("_config") and setting not in STARTS
        if variant and value:
            return AdapterKind(f"LoRA with {setting}", False)
    if config.get("init_lora_weights") == "mica":
        return AdapterKind("MiCA", False)
    return AdapterKind("LoRA", True)
