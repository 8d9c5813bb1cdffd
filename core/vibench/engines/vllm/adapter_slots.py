"""The adapters that a vLLM engine holds: loaded before they are used, the oldest idle one out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from typing import Any

from vibench.engines.adapter_kinds import AdapterError
from vibench.engines.vllm.launch import cause_of, running
from vibench.records import Adapter

__all__ = ["AdapterSlots"]


class AdapterSlots:
    """The slots of the engines that a session starts, one after another."""

    def __init__(self) -> None:
        # An adapter keeps its number for the session's life: vLLM finds cached prefixes by name
        # and number, so neither may ever stand for other weights.
        self._numbers: dict[str, int] = {}
        self._loaded: OrderedDict[str, None] = OrderedDict()

    def clear(self) -> None:
        """Forget what was loaded: its engine is gone."""
        self._loaded.clear()

    def load(
        self, engine: Any, config: Any, adapter: Adapter, slots: int, busy: Collection[str]
    ) -> Any:
        """Load the adapter unless the engine holds it; return vLLM's `LoRARequest` for it.

        `busy` are the keys of the adapters that running requests use, `slots` how many adapters
        the engine has room for. Raises AdapterError naming the adapter's folder and the cause.
        """
        from vllm.lora.request import LoRARequest
        from vllm.v1.engine.exceptions import EngineDeadError

        number = self._numbers.setdefault(adapter.key, len(self._numbers) + 1)
        request = LoRARequest(adapter.key, number, adapter.path)
        if adapter.key in self._loaded:
            self._loaded.move_to_end(adapter.key)
            return request
        try:
            # Loaded here rather than by the engine with the first step that needs it, where an
            # adapter that does not fit would take every request of that step down with it.
            with running(config):
                self._free_slot(engine, slots, busy)
                engine.add_lora(request)
        except EngineDeadError:  # The end of the session, and not the fault of this adapter.
            raise
        except Exception as error:
            raise AdapterError(
                f"the adapter in '{adapter.path}' cannot be loaded: {cause_of(error)}"
            ) from error
        self._loaded[adapter.key] = None
        return request

    def _free_slot(self, engine: Any, slots: int, busy: Collection[str]) -> None:
        """Unload the adapter that has been idle for longest, if no slot is free."""
        idle = [key for key in self._loaded if key not in busy]
        # One is idle: the session admits no more adapters at once than there are slots.
        if len(self._loaded) >= slots:
            engine.remove_lora(self._numbers[idle[0]])
            del self._loaded[idle[0]]
