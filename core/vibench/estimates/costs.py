"""What asking at endpoints has cost: the record of a run's spending, and its sums."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.plan.bills import bills_of
from vibench.prices import dollars, how_to_price
from vibench.store.files import read_whole

if TYPE_CHECKING:
    from vibench.plan import Plan
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["FILE", "Spent", "cost_of", "read_spent", "told"]

FILE = "spending.jsonl"
"""In a run's folder: a line for each handful of answers that the run has paid for."""

UNCOUNTED = {"usd": None}
"""What is known of transcripts whose cost was not counted when they were made."""


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

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.usd + other.usd,
            self.unpriced | other.unpriced,
            self.guessed + other.guessed,
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
    """What a run has spent, by its record."""
    spent = Spent()
    try:
        record = read_whole(path, path.parent)
    except FileNotFoundError:
        return spent
    for line in record.splitlines():
        try:
            found = json.loads(line)
            spent += Spent(
                found["calls"],
                found["prompt_tokens"],
                found["completion_tokens"],
                found["usd"] or 0.0,
                frozenset(found["unpriced"]),
                found["guessed"],
            )
        except (ValueError, KeyError, TypeError):
            continue  # torn by a power failure
    return spent


def cost_of(plan: Plan, store: Store, plugins: Plugins, run: str) -> dict[str, Any] | None:
    """What a run has spent, and what its transcripts, its verdicts and its cells have cost,
    whichever run paid for them. None if nobody is asked at an endpoint."""
    transcripts: dict[str, Mapping[str, Any]] = {}
    verdicts: dict[str, Mapping[str, Any]] = {}
    billed = False
    for stage in plan.stages.values():
        if not bills_of(stage.spec, plugins, plan.spending):
            continue
        billed = True
        manifest = store.manifest(stage.kind, stage.key)
        if manifest is not None:
            facts = manifest["facts"]
            if stage.kind == "transcripts":
                transcripts[stage.key] = facts.get("endpoints", UNCOUNTED)
            else:
                verdicts[stage.key] = facts
    if not billed:
        return None
    every = {**transcripts, **verdicts}
    cells = {}
    for cell in plan.cells:
        # Each repeat has a stage of its own where their mean counts.
        needs = plan.stages[cell.outcomes].needs
        if cell.verdicts in verdicts or cell.transcripts in transcripts:
            cells[cell.outcomes] = summed(every[key] for key in needs if key in every)
    return {
        "spent": read_spent(store.root / "runs" / run / FILE).facts(),
        "transcripts": summed(transcripts.values()),
        "verdicts": summed(verdicts.values()),
        "cells": cells,
    }


def summed(facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Sums over stages' facts; `usd` is null if one of them is not known."""
    sums: dict[str, Any] = {"asked": 0, "prompt_tokens": 0, "completion_tokens": 0, "usd": 0.0}
    for one in facts:
        for name in ("asked", "prompt_tokens", "completion_tokens"):
            sums[name] += one.get(name, 0)
        usd = one.get("usd", 0.0)
        sums["usd"] = None if usd is None or sums["usd"] is None else sums["usd"] + usd
    if sums["usd"] is not None:
        sums["usd"] = round(sums["usd"], 6)
    return sums


def told(cost: Mapping[str, Any]) -> str:
    """One line for people: calls, tokens, dollars."""
    spent = cost["spent"]
    calls, prompts, answers = (
        spent[name] for name in ("calls", "prompt_tokens", "completion_tokens")
    )
    if not calls:
        return "Endpoints: this run has asked nothing and paid nothing."
    line = (
        f"Endpoints, in all of this run: {calls:,} call{'s' if calls > 1 else ''}, "
        f"{prompts:,} tokens of prompts and {answers:,} of answers, "
    )
    if spent["usd"] is None:
        names = ", ".join(spent["unpriced"])
        return f"{line}cost unknown (no price of {names}). {how_to_price(spent['unpriced'][0])}"
    guessed = f" ({spent['guessed']:,} of them counted at the most they can have cost)"
    return f"{line}{dollars(spent['usd'])}{guessed if spent['guessed'] else ''}."
