"""Tolerances: the change of each metric that a gate allows, as typed: refusal=-2,mmlu=-1."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vibench.errors import UnknownName, UsageError
from vibench.plugins import Plugins
from vibench.report.tables import Report
from vibench.text import clean

__all__ = ["Tolerance", "covered", "parse_tolerances"]

# A comma ends an item only behind its number: metrics of lm-eval have commas in their names.
ITEM = re.compile(r"\s*(?P<name>[^=]*?)\s*=\s*(?P<margin>[^,=]*?)\s*(?:,|$)")

Pair = tuple[str, str]
"""An eval and a metric of it."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`name` is METRIC, EVAL:METRIC or EVAL (its first metric); `*` in a metric stands for
    any text. `margin` is in points for shares, else in the metric's own units; a negative one
    is how far the metric may fall, a positive one how far it may rise."""

    name: str
    margin: float

    def metric(self, name: str) -> str:
        """Return the part that names the metric, for an eval of this name."""
        return self.name.removeprefix(f"{name}:")


def parse_tolerances(texts: Sequence[str]) -> list[Tolerance]:
    """Return the tolerances in texts like "NAME=MARGIN,NAME=MARGIN".

    Raises UsageError for a text of another form, and for a margin that is no number or 0.
    """
    return [tolerance for text in texts for tolerance in _parsed(text)]


def _parsed(text: str) -> Iterable[Tolerance]:
    hint = "Give the change allowed, in points for shares: --tolerance refusal=-2,mmlu=-1"
    position = 0
    while position < len(text):
        item = ITEM.match(text, position)
        if item is None or not item["name"]:
            raise UsageError(f"--tolerance {text}: '{text[position:]}' is not NAME=MARGIN.", hint)
        yield Tolerance(item["name"], _margin(text, item["name"], item["margin"]))
        position = item.end()


def _margin(text: str, name: str, number: str) -> float:
    try:
        margin = float(number)
    except ValueError:
        margin = math.nan
    if not math.isfinite(margin):
        raise UsageError(
            f"--tolerance {text}: the margin of {name}, '{number}', is not a number.",
            f"Give points for shares, else the metric's units: {name}=-2 allows a fall of 2.",
        )
    if not margin:
        raise UsageError(
            f"--tolerance {text}: a margin of 0 for {name} does not say which direction is bad.",
            f"Allow a small fall ({name}=-0.1) or a small rise ({name}=0.1).",
        )
    return margin


def covered(tolerance: Tolerance, report: Report) -> tuple[list[Pair], set[str]]:
    """Return the metrics that a tolerance covers, and the evals whose failed cells it covers.

    Raises UsageError, with the names that exist, if it covers nothing.
    """
    pairs = list(dict.fromkeys((row.eval, row.metric) for row in report.rows))
    failed = {cell.eval for cell in report.failed}
    evals = {name for name, _ in pairs} | failed
    # A metric's name may hold a colon, and an eval's may begin another's: the longest eval
    # that fits is meant.
    for name in sorted(evals, key=len, reverse=True):
        if tolerance.name.startswith(f"{name}:"):
            hits = _matching(pairs, tolerance.metric(name), name)
            if not hits and not _declares(name, tolerance.metric(name), failed):
                raise _no_such_metric(name, tolerance.metric(name), pairs)
            return hits, {name}
    hits = _matching(pairs, tolerance.name)
    declaring = {name for name in failed if _declares(name, tolerance.name, failed)}
    if hits or declaring:
        return hits, {name for name, _ in hits} | declaring
    if tolerance.name in evals:
        return _first(tolerance.name, pairs), {tolerance.name}
    raise _nothing(tolerance.name, pairs)


def _matching(pairs: Sequence[Pair], pattern: str, name: str = "") -> list[Pair]:
    return [pair for pair in pairs if _fits(pair[1], pattern) and name in ("", pair[0])]


def _fits(metric: str, pattern: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), metric) is not None


def _declares(name: str, pattern: str, failed: set[str]) -> bool:
    """Return if an eval without any result declares such a metric."""
    return name in failed and any(
        _fits(metric, pattern) or (metric != "*" and _fits(pattern, metric))
        for metric in _declared(name)
    )


def _declared(name: str) -> tuple[str, ...]:
    """Return the metrics that an installed eval declares; none if it is not installed."""
    try:
        return Plugins.discover().get("eval", name).metrics
    except UsageError:
        return ()


def _first(name: str, pairs: Sequence[Pair]) -> list[Pair]:
    """Return an eval's headline metric: its first one, unless that belongs to a family."""
    of_eval = [pair for pair in pairs if pair[0] == name]
    if of_eval and (family := of_eval[0][1].partition("/"))[1]:
        members = [metric for _, metric in of_eval if metric.startswith(f"{family[0]}/")]
        if len(members) > 1:
            raise UsageError(
                f"The eval {name} has no single metric that represents it.",
                f"Name one, or all: {name}:{clean(members[0])} or {name}:{family[0]}/*",
            )
    return of_eval[:1]


def _no_such_metric(name: str, metric: str, pairs: Sequence[Pair]) -> UsageError:
    metrics = [clean(m) for evaluation, m in pairs if evaluation == name]
    listed = f"{', '.join(metrics[:20])}{', ...' if len(metrics) > 20 else ''}"
    return UsageError(
        f"The eval {name} has no metric '{metric}' in this run.",
        f"It has: {listed}." if metrics else "None of its cells has a result.",
    )


def _nothing(name: str, pairs: Sequence[Pair]) -> UsageError:
    """Return the error for a name that nothing in the run has."""
    for candidate in (name, name.rpartition(":")[0]):
        if candidate and _declared(candidate):
            return UsageError(
                f"This run has no result of the eval {candidate}.",
                f"Rerun the command of the run with --eval {candidate} added.",
            )
    measuring = [plugin for plugin in Plugins.discover().names("eval") if name in _declared(plugin)]
    if measuring:
        return UsageError(
            f"Nothing in this run measures '{name}'.",
            f"{' and '.join(measuring)} would: rerun the command of the run with "
            f"--eval {measuring[0]} added.",
        )
    present = {clean(metric) for _, metric in pairs} | {evaluation for evaluation, _ in pairs}
    return UnknownName("metric or eval of this run", name, present)
