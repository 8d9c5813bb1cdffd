"""The cost of a run at endpoints, summed over its stages and cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from vibench.prices import dollars, how_to_price
from vibench.sessions.bills import bills_of
from vibench.sessions.spending_record import FILE, read_spent
from vibench.stages.transcripts import TranscriptsSpec

if TYPE_CHECKING:
    from vibench.plan import Plan
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["cost_of", "told"]

UNCOUNTED = {"usd": None}
"""What is known of transcripts whose cost was not counted when they were made."""


def cost_of(plan: Plan, store: Store, plugins: Plugins, run: str) -> dict[str, Any] | None:
    """Return what a run has spent, and what its transcripts, its verdicts and its cells have cost,
    whichever run paid for them. None if no model at an endpoint is asked."""
    transcripts: dict[str, Mapping[str, Any]] = {}
    verdicts: dict[str, Mapping[str, Any]] = {}
    billed = False
    for stage in plan.stages.values():
        # Stages of models on this machine cost no dollars, and are not in the sums.
        if not bills_of(stage.spec.models(), plugins, plan.spending):
            continue
        billed = True
        manifest = store.manifest(stage.kind, stage.key)
        if manifest is not None:
            facts = manifest["facts"]
            if isinstance(stage.spec, TranscriptsSpec):
                transcripts[stage.key] = facts.get("endpoints", UNCOUNTED)
            else:
                verdicts[stage.key] = facts
    if not billed:
        return None
    by_stage = {**transcripts, **verdicts}
    cells = {}
    for cell in plan.cells:
        # Each repeat has a stage of its own where their mean counts.
        needs = plan.stages[cell.outcomes].need_keys
        if cell.verdicts in verdicts or cell.transcripts in transcripts:
            # Cells that share transcripts each count their whole cost, so these do not add up to
            # what was spent.
            cells[cell.outcomes] = summed(by_stage[key] for key in needs if key in by_stage)
    return {
        "spent": read_spent(store.root / "runs" / run / FILE).facts(),
        "transcripts": summed(transcripts.values()),
        "verdicts": summed(verdicts.values()),
        "cells": cells,
    }


def summed(facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return sums over stages' facts; `usd` is null if one of them is not known."""
    sums: dict[str, Any] = {"asked": 0, "prompt_tokens": 0, "completion_tokens": 0, "usd": 0.0}
    for fact in facts:
        for name in ("asked", "prompt_tokens", "completion_tokens"):
            sums[name] += fact.get(name, 0)
        usd = fact.get("usd", 0.0)
        # One unknown price makes the sum unknown: a part of it would read as the whole.
        sums["usd"] = None if usd is None or sums["usd"] is None else sums["usd"] + usd
    if sums["usd"] is not None:
        sums["usd"] = round(sums["usd"], 6)
    return sums


def told(cost: Mapping[str, Any]) -> str:
    """Return one line for people: calls, tokens, dollars."""
    spent = cost["spent"]
    calls, prompts, answers = (
        spent[name] for name in ("calls", "prompt_tokens", "completion_tokens")
    )
    if not calls:
        return "Endpoints: this run made no calls and paid nothing."
    line = (
        f"Endpoints, whole run: {calls:,} call{'s' if calls > 1 else ''}, "
        f"{prompts:,} prompt tokens and {answers:,} completion tokens, "
    )
    if spent["usd"] is None:
        names = ", ".join(spent["unpriced"])
        return f"{line}cost unknown (no price of {names}). {how_to_price(spent['unpriced'][0])}"
    guessed = f" ({spent['guessed']:,} of them counted at the most they can have cost)"
    return f"{line}{dollars(spent['usd'])}{guessed if spent['guessed'] else ''}."
