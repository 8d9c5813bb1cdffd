"""What room adapters need in an engine: how many at once, of which rank, on which layers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench.engines.adapter_kinds import AdapterError, read_kind
from vibench.records import Adapter, Model

__all__ = ["NO_ROOM", "RANKS", "Room", "Sizes", "arguments"]

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""The ranks that vLLM can be opened for."""

LEAST_SLOTS = 8
"""Fewer slots save next to nothing, and growing means to load the model again."""

HEADS = frozenset({"lm_head", "embed_tokens"})


@dataclass(frozen=True, slots=True)
class Room:
    """`slots` adapters of up to `rank` on the layers called `modules` (`q_proj`, ...)."""

    slots: int
    rank: int
    modules: frozenset[str]

    def holds(self, need: Room) -> bool:
        return need.slots <= self.slots and need.rank <= self.rank and need.modules <= self.modules

    def with_room_for(self, need: Room) -> Room:
        return Room(
            max(self.slots, need.slots), max(self.rank, need.rank), self.modules | need.modules
        )


NO_ROOM = Room(0, 0, frozenset())


def arguments(room: Room, spare: int = 0) -> Mapping[str, Any]:
    """Engine arguments, with `spare` slots more.

    Layers without an adapter's weights are left alone, and so is the output layer: wrapped
    for adapters, it spoils or crashes `prompt_logprobs`
    (github.com/vllm-project/vllm/issues/51594).
    """
    if room == NO_ROOM:
        return {}
    return {
        "enable_lora": True,
        "max_loras": room.slots + spare,
        "max_lora_rank": room.rank,
        "lora_target_modules": sorted(room.modules),
    }


class Sizes:
    """The rooms of adapters on one base model, read from their files once."""

    def __init__(self, base: Model, most: int, highest: int) -> None:
        """At most `most` adapters at once, none of a rank above `highest`."""
        self.base = base
        self.most = most
        self.highest = highest
        self._known: dict[str, Room] = {}

    def need(self, adapters: Iterable[Adapter]) -> Room:
        """Room for these adapters at once. All must have been looked at."""
        rooms = {a.key: self._known[a.key] for a in adapters}
        if not rooms:
            return NO_ROOM
        slots = max(LEAST_SLOTS, 1 << (len(rooms) - 1).bit_length())
        return Room(
            min(self.most, slots),
            max(r.rank for r in rooms.values()),
            frozenset().union(*(r.modules for r in rooms.values())),
        )

    def look_at(self, adapter: Adapter) -> None:
        """Read what room the adapter needs. Raises AdapterError naming its folder and why not."""
        if adapter.base and adapter.base != self.base.identity:
            raise AdapterError(
                f"the adapter in '{adapter.path}' was trained on {adapter.base}, "
                f"not on {self.base.identity}"
            )
        if adapter.key not in self._known:
            self._known[adapter.key] = self._measure(Path(adapter.path))

    def _measure(self, folder: Path) -> Room:
        kind = read_kind(folder)
        if not kind.mixes:
            raise AdapterError(
                f"the adapter in '{folder}' is {kind.name}, which vLLM does not carry beside "
                "others; use --engine transformers"
            )
        try:
            config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
            ranks = [
                int(config["r"]),
                *(int(r) for r in (config.get("rank_pattern") or {}).values()),
            ]
            modules = frozenset(_modules(folder / "adapter_model.safetensors"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AdapterError(f"the adapter in '{folder}' cannot be loaded: {error}") from error
        if max(ranks) > self.highest:
            raise AdapterError(
                f"the adapter in '{folder}' has rank {max(ranks)}, the engine takes at most "
                f"{self.highest} (--set vllm.max_lora_rank={max(ranks)})"
            )
        if modules & HEADS:
            raise AdapterError(
                f"the adapter in '{folder}' changes {', '.join(sorted(modules & HEADS))}, which "
                "vLLM leaves out of log-likelihoods; use --engine transformers"
            )
        if not modules:
            raise AdapterError(f"the adapter in '{folder}' has no LoRA weights")
        return Room(1, next(r for r in RANKS if r >= max(ranks)), modules)


def _modules(path: Path) -> Iterable[str]:
    """The last names of the layers that a PEFT adapter has weights for."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="np") as weights:
            names = list(weights.keys())
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    for name in names:
        layer = name.partition(".lora_")[0]
        yield layer.rpartition(".")[2]
