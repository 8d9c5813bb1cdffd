"""Training seeds side by side, in words and as records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from vibench.report.phrases import metric_words, signed
from vibench.report.seed_rows import SeedRow
from vibench.results.outcomes import EXPRESSION
from vibench.text import clean

__all__ = ["as_records", "told", "told_all"]

MOST = 12
"""Sentences on seeds in a report for reading; the others are in its JSON."""


def told(row: SeedRow) -> str:
    """A sentence: the mean over seeds, how far they differ, and the seed's share."""
    found = row.effects
    who = (
        f"{clean(row.inducer)} on {clean(row.value)}, {clean(row.model)}: "
        f"{metric_words(row.metric, brief=False)} ({clean(row.eval)})"
    )
    if found.mean is None:
        return f"{who}: {found.reason}."
    change = signed(found.mean, row.share)
    if found.low is not None and found.high is not None:
        change += f" [{signed(found.low, row.share)}, {signed(found.high, row.share)}]"
    if found.tau is None or found.share is None:
        return f"{who} {change}; {found.reason or 'nothing differs'}"
    unit = 100 if row.share else 1
    said = f"{who} {change} over {found.seeds} seeds, which differ by {unit * found.tau:.3g} (sd)"
    if found.tau_low is not None and found.tau_high is not None:
        said += f" [{unit * found.tau_low:.3g}, {unit * found.tau_high:.3g}]"
    said += f"; the seed's share of a run's variance is {100 * found.share:.0f} %"
    if found.share_low is not None and found.share_high is not None:
        said += f" [{100 * found.share_low:.0f}, {100 * found.share_high:.0f}]"
    return said


def told_all(rows: Sequence[SeedRow]) -> list[str]:
    """The sentences on the expression of induced values and on evals of one metric, those of
    the largest changes if there are many, and how many others there are."""
    single: dict[str, set[str]] = {}
    for row in rows:
        single.setdefault(row.eval, set()).add(row.metric)
    telling = [
        row for row in rows if row.metric == EXPRESSION + row.value or len(single[row.eval]) == 1
    ] or list(rows)
    telling.sort(key=lambda row: -abs(row.effects.mean or 0.0))
    said = [told(row) for row in telling[:MOST]]
    left = len(rows) - len(said)
    return [*said, f"({left:,} more in the JSON form)"] if left else said


def as_records(rows: Sequence[SeedRow]) -> list[dict[str, Any]]:
    """For JSON: changes as measured (shares from 0 to 1)."""
    return [{**asdict(row), "parameters": dict(row.parameters)} for row in rows]
