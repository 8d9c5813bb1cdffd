"""Which stages ask a model at an endpoint, where answers may cost money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.errors import SpecError
from vibench.prices import Price, Spending, how_to_price, price_of

if TYPE_CHECKING:
    from vibench.plan.stages import Stage
    from vibench.plugins import Plugins

__all__ = ["Bill", "bill_of", "check_budget"]


@dataclass(frozen=True, slots=True)
class Bill:
    """The model at an endpoint that a judge asks, its price if that is known, and whether it
    is asked by the Batch API."""

    model: str
    price: Price | None = None
    batched: bool = False

    def usd(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """What so many tokens cost; None without a price."""
        if self.price is None:
            return None
        return self.price.usd(prompt_tokens, completion_tokens, self.batched)


def bill_of(spec: Mapping[str, Any], plugins: Plugins, spending: Spending) -> Bill | None:
    """What a stage's judge is billed by; None if it asks nobody, or a model of this machine."""
    if "judge_model" not in spec or not at_endpoint(spec, plugins):
        return None
    model = spec["judge_model"]["model"]["source"]
    batched = bool(spec["engine"]["parameters"].get("batch"))
    return Bill(model, price_of(spending.prices, model), batched)


def at_endpoint(spec: Mapping[str, Any], plugins: Plugins, part: str = "engine") -> bool:
    return part in spec and bool(plugins.get("engine", spec[part]["name"]).remote)


def check_budget(stages: Mapping[str, Stage], plugins: Plugins, spending: Spending) -> None:
    """Refuse a budget that could not be kept. Raises SpecError for a judge's model without a
    price, and for subjects or a simulator at an endpoint, whose answers no budget counts."""
    if spending.budget is None:
        return
    for stage in stages.values():
        bill = bill_of(stage.spec, plugins, spending)
        if bill is not None and bill.price is None:
            raise SpecError(
                f"A budget is given, and what '{bill.model}' costs is unknown.",
                how_to_price(bill.model),
            )
        if stage.kind == "transcripts" and any(
            at_endpoint(stage.spec, plugins, part) for part in ("engine", "simulator_engine")
        ):
            raise SpecError(
                "A budget is given, and it counts what judges cost; this run's subjects or its "
                "simulator are asked at an endpoint too.",
                "Make their answers without --budget-usd first (with --judge rules, say).",
            )
