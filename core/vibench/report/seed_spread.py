"""Training seeds compared, in sentences and as records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from vibench.report.phrases import metric_words, signed
from vibench.report.seed_rows import SeedRow
from vibench.results.outcomes import EXPRESSION
from vibench.text import clean

__all__ = ["seed_records", "seed_sentence", "seed_sentences"]

MAX_SENTENCES = 12
"""Sentences on seeds in a report for reading; the rest are in its JSON."""


def seed_sentence(row: SeedRow) -> str:
    """Return a sentence on the mean over seeds, how far they differ, and the seed's share of
    a run's variance."""
    effects = row.effects
    subject = (
        f"{clean(row.inducer)} on {clean(row.value)}, {clean(row.model)}: "
        f"{metric_words(row.metric, brief=False)} ({clean(row.eval)})"
    )
    if effects.mean is None:
        return f"{subject}: {effects.reason}."
    change = signed(effects.mean, row.share)
    if effects.low is not None and effects.high is not None:
        change += f" [{signed(effects.low, row.share)}, {signed(effects.high, row.share)}]"
    if effects.tau is None or effects.share is None:
        return f"{subject} {change}; {effects.reason or 'nothing differs'}"
    unit = 100 if row.share else 1
    text = (
        f"{subject} {change} over {effects.seeds} seeds, "
        f"which differ by {unit * effects.tau:.3g} (sd)"
    )
    if effects.tau_low is not None and effects.tau_high is not None:
        text += f" [{unit * effects.tau_low:.3g}, {unit * effects.tau_high:.3g}]"
    text += f"; the seed's share of a run's variance is {100 * effects.share:.0f} %"
    if effects.share_low is not None and effects.share_high is not None:
        text += f" [{100 * effects.share_low:.0f}, {100 * effects.share_high:.0f}]"
    return text


def seed_sentences(rows: Sequence[SeedRow]) -> list[str]:
    """Return the sentences on the expression of induced values and on evals of one metric: those
    of the largest changes if there are many, and a line that counts the rest."""
    metrics_of_eval: dict[str, set[str]] = {}
    for row in rows:
        metrics_of_eval.setdefault(row.eval, set()).add(row.metric)
    # An eval of many metrics would fill the list with what nobody set out to change.
    chosen = [
        row
        for row in rows
        if row.metric == EXPRESSION + row.value or len(metrics_of_eval[row.eval]) == 1
    ] or list(rows)
    # Without a mean there is nothing to rank by: such rows come last.
    chosen.sort(key=lambda row: -abs(row.effects.mean or 0.0))
    sentences = [seed_sentence(row) for row in chosen[:MAX_SENTENCES]]
    omitted = len(rows) - len(sentences)
    return [*sentences, f"({omitted:,} more in the JSON form)"] if omitted else sentences


def seed_records(rows: Sequence[SeedRow]) -> list[dict[str, Any]]:
    """Return the rows for JSON, with changes as measured (shares from 0 to 1)."""
    return [{**asdict(row), "parameters": dict(row.parameters)} for row in rows]
