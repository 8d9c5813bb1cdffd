"""The choice between several cells of a store, and keys to look cells up by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["BETA", "TEMPERATURE", "TEMPERATURES", "CellKey", "Choice"]

BETA = 0.1
TEMPERATURE = 0.7
TEMPERATURES = "sampling.temperature"
"""The parameter that a temperature stands under."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The cells that count where a store has several.

    `judge` "" stands, in each eval, for the paper's own judge if it has judged there, else the
    first that is not a baseline, else the first. `beta` and `temperature` None stand for 0.1 and
    0.7 where a store has them, else for the setting of most cells. `trainer` is the inducer of
    Train and Both. Numbers are means over `seeds`, () for all.
    """

    judge: str = ""
    beta: float | None = None
    temperature: float | None = None
    trainer: str = "dpo"
    seeds: tuple[int, ...] = ()

    def inducer(self, setting: str) -> str:
        """Return the inducer of the paper's None, Prompt, Train or Both."""
        return {
            "None": "none",
            "Prompt": "prompt",
            "Train": self.trainer,
            "Both": f"{self.trainer}+prompt",
        }[setting]

    def sets(self, trained: bool) -> dict[str, Sequence[Any]]:
        """Return the parameters that a run of such cells has to set; beta only if `trained`."""
        settings = {f"{self.trainer}.beta": self.beta if trained else None}
        settings[TEMPERATURES] = self.temperature
        return {name: [setting] for name, setting in settings.items() if setting is not None}


@dataclass(frozen=True, slots=True)
class CellKey:
    """One combination of the matrix; `pinned` are parameters (name, value) that differ from the
    choice. The untouched model has the value ""."""

    model: str
    inducer: str
    value: str
    eval: str
    pinned: tuple[tuple[str, Any], ...] = ()

    @property
    def vanilla(self) -> CellKey:
        """Return the cell of the untouched model that this one is compared with."""
        # The untouched model is sampled at the same temperature, but was never trained.
        pins = tuple(pin for pin in self.pinned if pin[0].startswith("sampling."))
        return CellKey(self.model, "none", "", self.eval, pins)
