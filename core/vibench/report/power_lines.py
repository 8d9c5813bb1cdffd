"""The power of a planned run in lines for people, and as records for JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vibench.report.phrases import metric_words
from vibench.report.power import INDUCED, Sensitivity
from vibench.stats import Spread, detectable
from vibench.text import clean

__all__ = ["sensitivity_lines", "sensitivity_records"]


def sensitivity_lines(rows: Sequence[Sensitivity]) -> Iterator[str]:
    """Yield a line for each eval, on the shares it detects the smallest and the largest
    difference of."""
    groups: defaultdict[tuple[str, tuple[int, ...], int], list[Sensitivity]] = defaultdict(list)
    for sensitivity in rows:
        groups[sensitivity.eval, sensitivity.sizes, sensitivity.turns].append(sensitivity)
    for (name, sizes, _), several in groups.items():
        yield f"{clean(name)}: {_line(sizes, several)}"


def _line(sizes: tuple[int, ...], several: Sequence[Sensitivity]) -> str:
    if not sizes:
        return _unknown(several[0])
    # Differences of shares and of counts cannot be ordered together.
    shares = [sensitivity for sensitivity in several if sensitivity.share] or list(several)
    ordered = sorted(
        (
            (sensitivity.difference, sensitivity)
            for sensitivity in shares
            if sensitivity.difference is not None
        ),
        key=lambda pair: pair[0],
    )
    if not ordered:
        return f"detects no difference: its {_count(sum(sizes))} are all one cluster."
    (smallest, best), (largest, worst) = ordered[0], ordered[-1]
    turns = several[0].turns
    # Turns of one sample are as alike as samples of one cluster, so they add to its size.
    conditions = (
        f"(80 % power, two-sided 5 %; {_samples(sizes, turns)}; "
        f"{_basis(worst.spread, [turns * size for size in sizes])})"
    )
    # A share cannot change by more than 1, whatever the formula says for so few samples.
    if worst.share and smallest >= 1:
        return f"detects no difference of a share: too few samples {conditions}."
    if best is worst:
        return (
            f"detects differences of {_size(largest, worst)} or more in {_metric(worst)} "
            f"{conditions}."
        )
    return (
        f"detects differences from {_size(smallest, best)} ({_metric(best)}) to "
        f"{_size(largest, worst)} ({_metric(worst)}) or more {conditions}."
    )


def _unknown(sensitivity: Sensitivity) -> str:
    line = "picks its own samples, so its power is not known before it has run once."
    # With --limit the number of samples of a task is known, their clusters are not.
    sizes = [1] * (sensitivity.limit or 0)
    difference = detectable(sizes, sensitivity.spread)
    if difference is None or difference >= 1 or not sensitivity.share:
        return line
    return (
        f"{line} A task of {_count(len(sizes))} detects differences of "
        f"{_size(difference, sensitivity)} or more if each is a cluster by itself "
        "(80 % power, two-sided 5 %; "
        f"{_basis(sensitivity.spread, sizes)})."
    )


def _size(difference: float, sensitivity: Sensitivity) -> str:
    return f"{100 * difference:.1f} points" if sensitivity.share else f"{difference:.3g}"


def _metric(sensitivity: Sensitivity) -> str:
    if sensitivity.metric == INDUCED:
        return "expression of the induced value"
    return metric_words(sensitivity.metric) if sensitivity.metric else "a share"


def _samples(sizes: Sequence[int], turns: int) -> str:
    """Return "6,360 samples in 212 clusters of 30", "960 samples of 5 turns in ..."."""
    smallest, largest = min(sizes), max(sizes)
    scored = f" of {turns} turns" if turns > 1 else ""
    if largest == 1:
        return f"{_count(len(sizes))}{scored}"
    each = f"{largest:,}" if smallest == largest else f"{smallest:,} to {largest:,}"
    return f"{_count(sum(sizes))}{scored} in {len(sizes):,} clusters of {each}"


def _count(samples: int) -> str:
    return f"{samples:,} sample{'s' * (samples != 1)}"


def _basis(spread: Spread, sizes: Sequence[int]) -> str:
    if spread.contrasts:
        many = "s" * (spread.contrasts != 1)
        return f"spread as in {spread.contrasts:,} finished contrast{many}"
    alike = f", with a correlation of {spread.correlation:g} within clusters"
    return "assumed: both subjects' answers at 50 %, drawn independently" + (
        alike if max(sizes) > 1 else ""
    )


def sensitivity_records(rows: Sequence[Sensitivity]) -> list[Mapping[str, Any]]:
    """Return the sensitivities as JSON. `assumed` is true where the spread is not taken from
    finished cells."""
    return [
        {
            "eval": sensitivity.eval,
            "metric": sensitivity.metric or None,
            "share": sensitivity.share,
            "samples": sum(sensitivity.sizes) or None,
            "clusters": len(sensitivity.sizes) or None,
            "turns": sensitivity.turns,
            "difference": sensitivity.difference,
            "power": 0.8,
            "level": 0.05,
            "assumed": not sensitivity.spread.contrasts,
            "spread": asdict(sensitivity.spread),
        }
        for sensitivity in rows
    ]
