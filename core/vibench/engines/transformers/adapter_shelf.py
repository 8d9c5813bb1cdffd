"""The adapters on one loaded base model: loaded once, mixed in one batch, oldest dropped."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vibench.engines.adapter_kinds import AdapterError, AdapterKind, read_kind
from vibench.engines.quiet import quiet
from vibench.records import Adapter

__all__ = ["AdapterShelf"]

BASE = "__base__"
"""PEFT's name for "no adapter" in a mixed batch."""

SAMPLE_SIZE = 64
"""Values of each weight that are compared, to see that loading an adapter left it alone."""


def peft_name(key: str) -> str:
    """Return PEFT's name for the adapter with this content key."""
    # PEFT finds an adapter's weights by searching for its name within theirs, so no name may be
    # part of another or of a module's: hence the word before the key and the hyphen behind it.
    return f"adapter-{key.replace('.', '_')}-"


def sample(parameters: Sequence[Any]) -> Any:
    """Return some values of each of a model's weights, as one vector of float64."""
    import torch

    # What rewrites a weight (PiSSA's start, a bias, a trained copy) changes most of its values, so
    # a few of each are enough, and hashing an 8B model for each adapter would take seconds.
    parts = []
    for parameter in parameters:
        if parameter.numel() and parameter.device.type != "meta":
            values = parameter.detach().flatten()
            parts.append(values[:: max(1, len(values) // SAMPLE_SIZE)].cpu().double())
    # A weight that is NaN equals itself here, which it would not in `torch.equal`.
    return torch.cat(parts).nan_to_num()


class AdapterShelf:
    """Up to `capacity` adapters, named by their content keys, least recently used out first.

    `model` is the base model, or the PEFT model around it once there is an adapter. The
    base's weights are never changed, so that requests without an adapter are answered by the
    base itself; each adapter is checked for that after it is loaded. An adapter that cannot
    share a batch (DoRA, IA3, LoRA with `modules_to_save`) is held alone.
    """

    def __init__(self, base: Any, capacity: int) -> None:
        self.model = base
        self.capacity = capacity
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
        """Load the adapter unless it is in memory; raise AdapterError naming folder and cause."""
        if self._spoilt:
            raise AdapterError(self._spoilt)
        if adapter.key in self._held:
            self._held.move_to_end(adapter.key)
            return
        kind = read_kind(Path(adapter.path))
        try:
            with quiet():
                # PEFT refuses adapters of different methods on one model, and does not mix some
                # kinds of LoRA (DoRA, `modules_to_save`) with others in a batch.
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

    def can_share_batch(self, first: Adapter | None, second: Adapter | None) -> bool:
        """Return whether rows of two adapters (None for the base) can share a batch."""
        return first == second or not (self._alone(first) or self._alone(second))

    def _alone(self, adapter: Adapter | None) -> bool:
        if adapter is None:
            return False
        if adapter.key not in self._kinds:
            try:
                self._kinds[adapter.key] = read_kind(Path(adapter.path))
            except AdapterError:  # `load` raises it again, for the requests that it is about
                self._kinds[adapter.key] = None
        return self._is_alone(adapter.key)

    def _is_alone(self, key: str) -> bool:
        kind = self._kinds[key]
        return kind is not None and not kind.mixes

    def _check_base(self, adapter: Adapter, kind: AdapterKind) -> None:
        """Raise AdapterError, now and for every later request, if loading an adapter changed
        the base's weights."""
        import torch

        # `read_kind` refuses the kinds that are known to do so; this catches those that come with
        # later versions of PEFT. There is no way back, so the whole session is refused.
        if torch.equal(sample(self._base), self._sample):
            return
        self._drop(adapter.key)
        self._spoilt = (
            f"the adapter in '{adapter.path}' ({kind.name}) rewrote the base model's weights when "
            "it was loaded, so this session can answer no more requests: leave that adapter out"
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
            absent, unexpected = len(result.missing_keys), len(result.unexpected_keys)
            # PEFT only warns of these, and answers with what is left of the adapter.
            if absent or unexpected:
                raise ValueError(
                    f"{absent} of its weights are missing and {unexpected} fit nowhere "
                    "on this model"
                )
        except BaseException:
            self._drop(adapter.key)
            raise
        self.model.eval()
        # Afterwards, since PEFT unwraps the model when its last adapter goes.
        while len(self._held) >= self.capacity:
            self._drop(self._held.popitem(last=False)[0])

    def _clear(self) -> None:
        while self._held:
            self._drop(self._held.popitem(last=False)[0])

    def _drop(self, key: str) -> None:
        """Take an adapter out of the model, and PEFT's wrapping with the last one."""
        name = peft_name(key)
        if set(self.model.peft_config) == {name}:
            # PEFT cannot run without any adapter, so the base comes out of its wrapping.
            self.model = _unwrapped(self.model)
            # By identity: the same values in another tensor would be a copy that PEFT left there.
            if [*map(id, self.model.parameters())] != [*map(id, self._base)]:
                raise RuntimeError(f"PEFT left weights of {name} in the base model")
        elif name in self.model.peft_config:
            self.model.delete_adapter(name)

    @contextlib.contextmanager
    def applied(self, adapters: Sequence[Adapter | None]) -> Iterator[dict[str, Any]]:
        """Within it, the model applies `adapters[i]` to row i; yields options for its calls.

        All must be loaded. A batch with one adapter, or none, takes the plain path, which
        is faster than PEFT's mixed one. Raises AdapterError if an adapter spoilt the base model.
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
    """Return the base model out of PEFT's wrapping, with its original modules in their places."""
    from peft.utils.other import ModulesToSaveWrapper

    # `unload` leaves the trained copies of `modules_to_save` where the originals were.
    originals = {
        name.removeprefix("base_model.model."): module.original_module
        for name, module in model.named_modules()
        if isinstance(module, ModulesToSaveWrapper)
    }
    base = model.unload()
    for name, module in originals.items():
        parent, _, child = name.rpartition(".")
        setattr(base.get_submodule(parent), child, module)
    return base
