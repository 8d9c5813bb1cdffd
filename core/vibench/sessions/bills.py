"""Models at endpoints that stages ask, and what their answers cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vibench.prices import Price, Spending, price_of
from vibench.records import Model
from vibench.sessions.configs import EngineConfig

if TYPE_CHECKING:
    from vibench.plugins import Plugins

__all__ = ["AskedModels", "Bill", "Role", "at_endpoint", "bill_of", "bills_of"]

Role = Literal["judge", "subject", "simulator"]

AskedModels = Mapping[Role, tuple[Model, EngineConfig]]
"""The models that a stage asks, each with the engine that runs it, by the role they play."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A model at an endpoint, its price if that is known, and whether it is asked by the Batch
    API."""

    model: str
    price: Price | None = None
    batched: bool = False

    def usd(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """Return what so many tokens cost; None without a price."""
        if self.price is None:
            return None
        return self.price.usd(prompt_tokens, completion_tokens, self.batched)


def bills_of(models: AskedModels, plugins: Plugins, spending: Spending) -> Mapping[Role, Bill]:
    """Return the bills of those among `models` that are asked at endpoints."""
    bills = {
        role: bill_of(*model_and_engine, plugins, spending)
        for role, model_and_engine in models.items()
    }
    return {role: bill for role, bill in bills.items() if bill is not None}


def bill_of(
    model: Model, engine: EngineConfig, plugins: Plugins, spending: Spending
) -> Bill | None:
    """Return a model's bill; None where it runs on this machine and costs nothing."""
    if not at_endpoint(engine, plugins):
        return None
    batched = bool(engine.parameters.get("batch"))
    return Bill(model.source, price_of(spending.prices, model.source), batched)


def at_endpoint(engine: EngineConfig | None, plugins: Plugins) -> bool:
    """Tell an engine that asks an endpoint from one that runs models, and from none."""
    return engine is not None and bool(plugins.get("engine", engine.name).remote)
