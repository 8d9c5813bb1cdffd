"""Adapters on one loaded base model: loaded once, LoRA mixed in one batch, oldest dropped."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vibench.engines.adapter_kinds import AdapterError, AdapterKind, read_kind
from vibench.engines.quiet import quiet
from vibench.records import Adapter

__all__ = ["AdapterError", "AdapterShelf"]

BASE = "__base__"
"""PEFT's name for "no adapter" in a mixed batch."""


SAMPLED = 64
"""Values of a weight that are compared, to see that it is as it was."""


def peft_name(key: str) -> str:
    """A key as PEFT's name for the adapter. PEFT finds an adapter's weights by looking for
    its name within theirs, so no name may be part of another or of a module's."""
    return f"adapter-{key.replace('.', '_')}-"


def sample(parameters: Sequence[Any]) -> Any:
    """Some values of each of a model's weights: what rewrites a weight changes them."""
    import torch

    taken = []
    for parameter in parameters:
        if parameter.numel() and parameter.device.type != "meta":
            values = parameter.detach().flatten()
            taken.append(values[:: max(1, len(values) // SAMPLED)].cpu().double())
    return torch.cat(taken).nan_to_num()


class AdapterShelf:
    """Holds up to `most` adapters, named by their content keys, least recently used out first.

    `model` is the base model, or the PEFT model around it once there is an adapter. The
    base's weights are never touched, so base requests are answered by the base itself; that
    they are not is looked at after each adapter. An adapter that cannot share a batch (DoRA,
    IA3, LoRA with `modules_to_save`) is held alone.
    """

    def __init__(self, base: Any, most: int) -> None:
        self.model = base
        self.most = most
        self._held: OrderedDict[str, None] = OrderedDict()
        self._kinds: dict[str, AdapterKind | None] = {}
        self._base = list(base.parameters())
        self._sample = sample(self._base)
        self._spoilt = ""

    @property
    def held(self) -> tuple[str, ...]:
        """Keys of the adapters in memory, least recently used first."""
        return tuple(self._held)

    def load(self, adapter: Adapter) -> None:
        """Have the adapter in memory. Raises AdapterError naming its folder and the cause."""
        if self._spoilt:
            raise AdapterError(self._spoilt)
        if adapter.key in self._held:
            self._held.move_to_end(adapter.key)
            return
        kind = read_kind(Path(adapter.path))
        try:
            with quiet():
                if not kind.mixes or any(map(self._is_alone, self._held)):
                    self._clear()
                self._load(adapter)
                self._check_base(adapter, kind)
        except AdapterError:
            raise
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            cause = str(error).strip().partition("\n")[0]
            raise AdapterError(
                f"the adapter in '{adapter.path}' cannot be loaded: {cause}"
            ) from error
        self._held[adapter.key] = None
        self._kinds[adapter.key] = kind

    def together(self, one: Adapter | None, other: Adapter | None) -> bool:
        """Return whether rows of two adapters (None for the base) can share a batch."""
        return one == other or not (self._alone(one) or self._alone(other))

    def _alone(self, adapter: Adapter | None) -> bool:
        if adapter is None:
            return False
        if adapter.key not in self._kinds:
            try:
                self._kinds[adapter.key] = read_kind(Path(adapter.path))
            except AdapterError:  # which `load` raises again, for the requests it is about
                self._kinds[adapter.key] = None
        return self._is_alone(adapter.key)

    def _is_alone(self, key: str) -> bool:
        kind = self._kinds[key]
        return kind is not None and not kind.mixes

    def _check_base(self, adapter: Adapter, kind: AdapterKind) -> None:
        """Raise AdapterError, now and for whatever is asked later, if loading an adapter
        changed the base's weights."""
        import torch

        if torch.equal(sample(self._base), self._sample):
            return
        self._drop(adapter.key)
        self._spoilt = (
            f"the adapter in '{adapter.path}' ({kind.name}) rewrote the base model's weights when "
            "it was loaded, so nothing more can be asked of this model: leave that adapter out"
        )
        raise AdapterError(self._spoilt)

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

    def _clear(self) -> None:
        while self._held:
            self._drop(self._held.popitem(last=False)[0])

    def _drop(self, key: str) -> None:
        name = peft_name(key)
        if set(self.model.peft_config) == {name}:
            # PEFT cannot run without any adapter, so the base comes out of its wrapping.
            self.model = _unwrapped(self.model)
            if [*map(id, self.model.parameters())] != [*map(id, self._base)]:
                raise RuntimeError(f"PEFT left weights of {name} in the base model")
        elif name in self.model.peft_config:
            self.model.delete_adapter(name)

    @contextlib.contextmanager
    def applied(self, adapters: Sequence[Adapter | None]) -> Iterator[dict[str, Any]]:
        """Within it the model applies `adapters[i]` to row i; yields options for its calls.

        All must be loaded. A batch with one adapter, or none, takes the plain path, which
        is faster than PEFT's mixed one.
        """
        if self._spoilt:
            raise AdapterError(self._spoilt)
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


def _unwrapped(model: Any) -> Any:
    """The base model out of PEFT's wrapping, with its own modules in their places: `unload`
    leaves trained copies there (`modules_to_save`)."""
    from peft.utils.other import ModulesToSaveWrapper

    own = {
        name.removeprefix("base_model.model."): module.original_module
        for name, module in model.named_modules()
        if isinstance(module, ModulesToSaveWrapper)
    }
    base = model.unload()
    for name, module in own.items():
        parent, _, child = name.rpartition(".")
        setattr(base.get_submodule(parent), child, module)
    return base
