"""How far metrics may change, as it is said on the command line: refusal=-2,mmlu=-1."""

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
        """What is said of the metric, for an eval of this name."""
        return self.name.removeprefix(f"{name}:")


def parse_tolerances(texts: Sequence[str]) -> list[Tolerance]:
    """Tolerances out of "NAME=MARGIN,NAME=MARGIN" texts.

    Raises UsageError for a text of another form, and for a margin that is no number or 0.
    """
    return [tolerance for text in texts for tolerance in _parsed(text)]


def _parsed(text: str) -> Iterable[Tolerance]:
    form = "Say how far it may change, in points for shares: --tolerance refusal=-2,mmlu=-1"
    at = 0
    while at < len(text):
        found = ITEM.match(text, at)
        if found is None or not found["name"]:
            raise UsageError(f"--tolerance {text}: '{text[at:]}' is not NAME=MARGIN.", form)
        yield Tolerance(found["name"], _margin(text, found["name"], found["margin"]))
        at = found.end()


def _margin(text: str, name: str, said: str) -> float:
    try:
        margin = float(said)
    except ValueError:
        margin = math.nan
    if not math.isfinite(margin):
        raise UsageError(
            f"--tolerance {text}: the margin of {name}, '{said}', is not a number.",
            f"Give points for shares, else the metric's units: {name}=-2 lets it fall by 2.",
        )
    if not margin:
        raise UsageError(
            f"--tolerance {text}: a margin of 0 for {name} does not say which way is bad.",
            f"Let it fall a little ({name}=-0.1) or rise a little ({name}=0.1).",
        )
    return margin


def covered(tolerance: Tolerance, report: Report) -> tuple[list[Pair], set[str]]:
    """The metrics that a tolerance names, and the evals whose cells without a result it bears on.

    Raises UsageError saying what there is if it names nothing.
    """
    pairs = list(dict.fromkeys((row.eval, row.metric) for row in report.rows))
    failed = {cell.eval for cell in report.failed}
    evals = {name for name, _ in pairs} | failed
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
    """Whether an eval of which no cell has a result says that it has such a metric."""
    return name in failed and any(
        _fits(metric, pattern) or (metric != "*" and _fits(pattern, metric))
        for metric in _declared(name)
    )


def _declared(name: str) -> tuple[str, ...]:
    """The metrics that an installed eval says it has; none if there is no such eval."""
    try:
        return Plugins.discover().get("eval", name).metrics
    except UsageError:
        return ()


def _first(name: str, pairs: Sequence[Pair]) -> list[Pair]:
    """An eval's headline: its first metric, unless that is one of a family."""
    own = [pair for pair in pairs if pair[0] == name]
    if own and (family := own[0][1].partition("/"))[1]:
        several = [metric for _, metric in own if metric.startswith(f"{family[0]}/")]
        if len(several) > 1:
            raise UsageError(
                f"The eval {name} has no one metric that stands for it.",
                f"Name one, or all: {name}:{clean(several[0])} or {name}:{family[0]}/*",
            )
    return own[:1]


def _no_such_metric(name: str, metric: str, pairs: Sequence[Pair]) -> UsageError:
    own = [clean(m) for of, m in pairs if of == name]
    listed = f"{', '.join(own[:20])}{', ...' if len(own) > 20 else ''}"
    return UsageError(
        f"The eval {name} has no metric '{metric}' in this run.",
        f"It has: {listed}." if own else "None of its cells has a result.",
    )


def _nothing(name: str, pairs: Sequence[Pair]) -> UsageError:
    """What to do about a name that nothing in the run goes by."""
    for known in (name, name.rpartition(":")[0]):
        if known and _declared(known):
            return UsageError(
                f"This run has no result of the eval {known}.",
                f"Make one: the run's own command with --eval {known} added.",
            )
    measuring = [one for one in Plugins.discover().names("eval") if name in _declared(one)]
    if measuring:
        return UsageError(
            f"Nothing in this run measures '{name}'.",
            f"{' and '.join(measuring)} would: the run's own command with --eval {measuring[0]} "
            "added.",
        )
    here = {clean(metric) for _, metric in pairs} | {of for of, _ in pairs}
    return UnknownName("metric or eval of this run", name, here)
