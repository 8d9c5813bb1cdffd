"""LoRA adapters on one loaded base model: loaded once, mixed in one batch, oldest dropped."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vibench.engines.quiet import quiet
from vibench.records import Adapter

__all__ = ["AdapterError", "AdapterShelf"]

BASE = "__base__"
"""PEFT's name for "no adapter" in a mixed batch."""


def peft_name(key: str) -> str:
    """A key as PEFT's name for the adapter. PEFT finds an adapter's weights by looking for
    its name within theirs, so no name may be part of another or of a module's."""
    return f"adapter-{key.replace('.', '_')}-"


class AdapterError(ValueError):
    """An adapter that cannot be put on this base model; the message says why."""

    @property
    def passing(self) -> bool:
        """True where its files could not be read or memory ran out, which may pass."""
        cause = self.__cause__
        return isinstance(cause, OSError | MemoryError) or "out of memory" in str(cause).lower()


class AdapterShelf:
    """Holds up to `most` adapters, named by their content keys, least recently used out first.

    `model` is the base model, or the PEFT model around it once there is an adapter. The
    base's weights are never touched, so base requests are answered by the base itself.
    """

    def __init__(self, base: Any, most: int) -> None:
        self.model = base
        self.most = most
        self._held: OrderedDict[str, None] = OrderedDict()

    @property
    def held(self) -> tuple[str, ...]:
        """Keys of the adapters in memory, least recently used first."""
        return tuple(self._held)

    def load(self, adapter: Adapter) -> None:
        """Have the adapter in memory. Raises AdapterError naming its folder and the cause."""
        if adapter.key in self._held:
            self._held.move_to_end(adapter.key)
            return
        if not (Path(adapter.path) / "adapter_config.json").is_file():
            raise AdapterError(f"there is no adapter in the folder '{adapter.path}'")
        try:
            with quiet():
                self._load(adapter)
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            cause = str(error).strip().partition("\n")[0]
            raise AdapterError(
                f"the adapter in '{adapter.path}' cannot be loaded: {cause}"
            ) from error
        self._held[adapter.key] = None

    def _load(self, adapter: Adapter) -> None:
        from peft import PeftConfig, PeftModel, get_peft_model

        name = peft_name(adapter.key)
        if not isinstance(self.model, PeftModel):
            config = PeftConfig.from_pretrained(adapter.path)
            config.inference_mode = True
            # An empty adapter first, since only `load_adapter` says which keys were missing.
            self.model = get_peft_model(self.model, config, adapter_name=name)
        try:
            result = self.model.load_adapter(adapter.path, name, is_trainable=False)
            missing, unexpected = len(result.missing_keys), len(result.unexpected_keys)
            if missing or unexpected:
                raise ValueError(
                    f"{missing} of its weights are missing and {unexpected} fit nowhere "
                    "on this model"
                )
        except BaseException:
            self._drop(adapter.key)
            raise
        self.model.eval()
        while len(self._held) >= self.most:
            self._drop(self._held.popitem(last=False)[0])

    def _drop(self, key: str) -> None:
        name = peft_name(key)
        if set(self.model.peft_config) == {name}:
            # PEFT cannot run without any adapter, so the base comes out of its wrapping.
            self.model = self.model.unload()
        elif name in self.model.peft_config:
            self.model.delete_adapter(name)

    @contextlib.contextmanager
    def applied(self, adapters: Sequence[Adapter | None]) -> Iterator[dict[str, Any]]:
        """Within it the model applies `adapters[i]` to row i; yields options for its calls.

        All must be loaded. A batch with one adapter, or none, takes the plain path, which
        is faster than PEFT's mixed one.
        """
        names = [peft_name(adapter.key) if adapter else BASE for adapter in adapters]
        if not self._held:
            yield {}
        elif set(names) == {BASE}:
            with self.model.disable_adapter():
                yield {}
        elif len(set(names)) == 1:
            self.model.set_adapter(names[0])
            yield {}
        else:
            yield {"adapter_names": names}
