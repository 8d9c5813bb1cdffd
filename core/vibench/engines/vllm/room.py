"""Room for adapters in a vLLM engine: how many at once, of which rank, on which layers.

vLLM sets this memory aside when the engine starts, and more cannot be had later without loading
the model again. So the room is read from the adapters' files before anything is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench.engines.adapter_kinds import AdapterError, read_kind
from vibench.records import Adapter, Model

__all__ = ["NO_ROOM", "RANKS", "AdapterSizes", "Room", "arguments"]

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""The ranks that vLLM can be started with (`max_lora_rank`)."""

MIN_SLOTS = 8
"""Fewer slots save next to nothing, and growing means to load the model again."""

HEADS = frozenset({"lm_head", "embed_tokens"})
"""Layers whose adapters vLLM leaves out of log-likelihoods."""


@dataclass(frozen=True, slots=True)
class Room:
    """`slots` adapters of up to `rank` on the layers called `modules` (`q_proj`, ...)."""

    slots: int
    rank: int
    modules: frozenset[str]

    def holds(self, need: Room) -> bool:
        """Return whether adapters that need `need` fit into this room."""
        return need.slots <= self.slots and need.rank <= self.rank and need.modules <= self.modules

    def with_room_for(self, need: Room) -> Room:
        """Return the smallest room that holds this room's adapters and those of `need`."""
        return Room(
            max(self.slots, need.slots), max(self.rank, need.rank), self.modules | need.modules
        )


NO_ROOM = Room(0, 0, frozenset())


def arguments(room: Room, spare: int = 0) -> Mapping[str, Any]:
    """Return the engine arguments that make this room, with `spare` slots more."""
    if room == NO_ROOM:
        return {}
    # Only the layers that the adapters change are wrapped, which is faster; and never the output
    # layer: wrapped for adapters, it spoils or crashes `prompt_logprobs`
    # (github.com/vllm-project/vllm/issues/51594).
    return {
        "enable_lora": True,
        "max_loras": room.slots + spare,
        "max_lora_rank": room.rank,
        "lora_target_modules": sorted(room.modules),
    }


class AdapterSizes:
    """The rooms that adapters on one base model need, each read from its files once."""

    def __init__(self, base: Model, max_slots: int, max_rank: int) -> None:
        """Allow up to `max_slots` adapters at once, none of a rank above `max_rank`."""
        self.base = base
        self.max_slots = max_slots
        self.max_rank = max_rank
        self._rooms: dict[str, Room] = {}

    def need(self, adapters: Iterable[Adapter]) -> Room:
        """Return the room for these adapters at once, or `max_slots` of them. All must have been
        measured."""
        rooms = {a.key: self._rooms[a.key] for a in adapters}
        if not rooms:
            return NO_ROOM
        # The next power of two: one adapter more must not start the engine again.
        slots = max(MIN_SLOTS, 1 << (len(rooms) - 1).bit_length())
        return Room(
            min(self.max_slots, slots),
            max(r.rank for r in rooms.values()),
            frozenset().union(*(r.modules for r in rooms.values())),
        )

    def measure(self, adapter: Adapter) -> None:
        """Read the room that the adapter needs; raise AdapterError if vLLM cannot carry it."""
        if adapter.base and adapter.base != self.base.identity:
            raise AdapterError(
                f"the adapter in '{adapter.path}' was trained on {adapter.base}, "
                f"not on {self.base.identity}"
            )
        if adapter.key not in self._rooms:
            self._rooms[adapter.key] = self._measure(Path(adapter.path))

    def _measure(self, folder: Path) -> Room:
        kind = read_kind(folder)
        if not kind.mixes:
            raise AdapterError(
                f"the adapter in '{folder}' is {kind.name}, which vLLM does not carry beside "
                "others; use --engine transformers"
            )
        try:
            config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
            # A pattern gives single layers ranks of their own, above the adapter's or below.
            ranks = [
                int(config["r"]),
                *(int(r) for r in (config.get("rank_pattern") or {}).values()),
            ]
            modules = frozenset(_modules(folder / "adapter_model.safetensors"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AdapterError(f"the adapter in '{folder}' cannot be loaded: {error}") from error
        if max(ranks) > self.max_rank:
            raise AdapterError(
                f"the adapter in '{folder}' has rank {max(ranks)}, the engine takes at most "
                f"{self.max_rank} (--set vllm.max_lora_rank={max(ranks)})"
            )
        if modules & HEADS:
            raise AdapterError(
                f"the adapter in '{folder}' changes {', '.join(sorted(modules & HEADS))}, which "
                "vLLM leaves out of log-likelihoods; use --engine transformers"
            )
        if not modules:
            raise AdapterError(f"the adapter in '{folder}' has no LoRA weights")
        # vLLM cannot be started with every rank, so the room has the next one that it can.
        return Room(1, next(r for r in RANKS if r >= max(ranks)), modules)


def _modules(path: Path) -> Iterable[str]:
    """Return the last names (`q_proj`, ...) of the layers that a PEFT adapter has weights for."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="np") as weights:
            names = list(weights.keys())
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    # From the weights rather than `target_modules`, which may be a pattern or "all-linear".
    for name in names:
        # base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight
        layer = name.partition(".lora_")[0]
        yield layer.rpartition(".")[2]
