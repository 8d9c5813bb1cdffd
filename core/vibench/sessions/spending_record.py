"""The record of what a run has spent at endpoints."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vibench.store.files import read_whole

__all__ = ["FILE", "Spent", "line_of", "read_spent"]

FILE = "spending.jsonl"
"""In a run's folder: a line for each handful of answers that the run has paid for."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls that were answered, their tokens as the endpoints told them, and dollars.

    `unpriced` are the models without a price, whose calls are not in `usd`; `guessed` is how
    many calls are counted at the most that they can have cost, as no usage was told.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    unpriced: frozenset[str] = field(default_factory=frozenset)
    guessed: int = 0

    def __add__(self, addend: Spent) -> Spent:
        return Spent(
            self.calls + addend.calls,
            self.prompt_tokens + addend.prompt_tokens,
            self.completion_tokens + addend.completion_tokens,
            self.usd + addend.usd,
            self.unpriced | addend.unpriced,
            self.guessed + addend.guessed,
        )

    def facts(self) -> dict[str, Any]:
        """As JSON; `usd` is null where a price is not known."""
        return {
            "calls": self.calls,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "usd": None if self.unpriced else round(self.usd, 6),
            "unpriced": sorted(self.unpriced),
            "guessed": self.guessed,
        }


def line_of(stage: str, model: str, spent: Spent) -> str:
    """A line of the record."""
    return json.dumps({"stage": stage, "model": model, **spent.facts()}) + "\n"


def read_spent(path: Path) -> Spent:
    """Return what a run has spent, by its record."""
    spent = Spent()
    try:
        record = read_whole(path, path.parent)
    except FileNotFoundError:
        return spent
    for line in record.splitlines():
        try:
            fields = json.loads(line)
            spent += Spent(
                fields["calls"],
                fields["prompt_tokens"],
                fields["completion_tokens"],
                fields["usd"] or 0.0,
                frozenset(fields["unpriced"]),
                fields["guessed"],
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # torn by a power failure
    return spent
