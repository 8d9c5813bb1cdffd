"""Which stages ask a model at an endpoint, where answers may cost money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vibench.errors import SpecError
from vibench.prices import Price, Spending, how_to_price, price_of

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.stages.stage import Stage

__all__ = ["Bill", "Role", "at_endpoint", "bills_of", "check_budget"]

Role = Literal["judge", "subject", "simulator"]

ROLES: Mapping[Role, str] = {
    "judge": "judge_model",
    "subject": "subject",
    "simulator": "simulator",
}
"""Who may be asked at an endpoint, and the part of a stage's spec that names the model."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A model that is asked at an endpoint, its price if that is known, and whether it is
    asked by the Batch API."""

    model: str
    price: Price | None = None
    batched: bool = False

    def usd(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """What so many tokens cost; None without a price."""
        if self.price is None:
            return None
        return self.price.usd(prompt_tokens, completion_tokens, self.batched)


def bills_of(spec: Mapping[str, Any], plugins: Plugins, spending: Spending) -> Mapping[Role, Bill]:
    """What those are billed by whom a stage asks at endpoints; empty if it asks nobody, or
    models of this machine alone."""
    found: dict[Role, Bill] = {}
    for role, asked in ROLES.items():
        engine = "simulator_engine" if role == "simulator" else "engine"
        engine = engine if engine in spec else "engine"
        if asked in spec and at_endpoint(spec, plugins, engine):
            model = spec[asked]["model"]["source"]
            batched = bool(spec[engine]["parameters"].get("batch"))
            found[role] = Bill(model, price_of(spending.prices, model), batched)
    return found


def at_endpoint(spec: Mapping[str, Any], plugins: Plugins, part: str = "engine") -> bool:
    """Whether the engine that a part of a stage's spec names asks an endpoint."""
    return part in spec and bool(plugins.get("engine", spec[part]["name"]).remote)


def check_budget(stages: Mapping[str, Stage], plugins: Plugins, spending: Spending) -> None:
    """Refuse a budget that could not be kept. Raises SpecError for a model at an endpoint
    without a price."""
    if spending.budget is None:
        return
    for stage in stages.values():
        for bill in bills_of(stage.spec, plugins, spending).values():
            if bill.price is None:
                raise SpecError(
                    f"A budget is given, and what '{bill.model}' costs is unknown.",
                    how_to_price(bill.model),
                )
