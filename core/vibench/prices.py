"""The price of tokens of models at endpoints, and a run's budget."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Price", "Spending", "dollars", "how_to_price", "price_of"]

MILLION = 1_000_000
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens of a model's prompts (`input`) and of its answers
    (`output`, reasoning included). `batch_discount` is what the Batch API takes off: 0.5 is
    half. `source` and `date` say who published it and when."""

    input: float
    output: float
    batch_discount: float = 0.0
    source: str = ""
    date: str = ""

    def usd(self, prompt_tokens: int, completion_tokens: int, batched: bool = False) -> float:
        """Return the price of so many tokens."""
        full = (prompt_tokens * self.input + completion_tokens * self.output) / MILLION
        return full * (1 - self.batch_discount) if batched else full


@dataclass(frozen=True, slots=True)
class Spending:
    """The prices of a run's endpoints by model name, and the dollars it may spend (None for no
    limit). Not part of any key."""

    prices: Mapping[str, Price] = field(default_factory=dict)
    budget: float | None = None


def price_of(prices: Mapping[str, Price], model: str) -> Price | None:
    """Return a model's price; that of `o4-mini` also holds for `o4-mini-2025-04-16`."""
    # Vendors append the date of a snapshot to a model name without changing its price.
    return prices.get(model) or prices.get(_DATED.sub("", model))


def how_to_price(model: str) -> str:
    """Return the hint for a model without a price."""
    return (
        f'Set its price in your own registry.toml (--registry): [prices."{model}"] with input '
        "and output in US dollars per million tokens; 0 for a server of your own."
    )


def dollars(amount: float) -> str:
    """Return an amount in cents; below a dollar with as many digits as show it is not zero."""
    if amount >= 1 or amount == 0:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if amount >= 0.001 else f"${amount:.2g}"
