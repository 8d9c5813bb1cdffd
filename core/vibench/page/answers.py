"""The answer at the top of the page: when a value is induced, what else changes?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vibench.page.figures import Bar
from vibench.page.sets import swept, words_of
from vibench.records import canonical_json
from vibench.report.headlines import strength
from vibench.report.phrases import interval, metric_words, score, signed
from vibench.report.rows import Row
from vibench.report.tables import Report
from vibench.text import clean

__all__ = ["Answers", "Effect", "ValueAnswer", "answers"]

ITSELF, ELSE = 3, 5
"""Lines of an answer on the expression of the value itself, and on what else changed."""
OFTEN = 4
"""Metrics that the sentence above all answers names, those that changed most often."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A metric, in the subject in which it changed most: `what` changed by `change` `bounds`, along
    `path` ("12 to 30 %"), in `who`; `elsewhere` counts the other subjects. `bar` is None without an
    interval in points; `where` finds its transcripts."""

    what: str
    change: str
    bounds: str
    path: str
    who: str
    elsewhere: str
    clear: bool
    bar: Bar | None
    where: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ValueAnswer:
    """The changes for one value: of its own expression, and of everything else. `unlisted` counts
    the clear changes that have no line."""

    title: str
    itself: str
    side_summary: str
    own_effects: tuple[Effect, ...]
    side_effects: tuple[Effect, ...]
    unlisted: int


@dataclass(frozen=True, slots=True)
class Answers:
    """A `summary` over all values, the metrics that changed most `often`, and each value's answer,
    those with the most changes first. `scale` gives the ends of the bars, "" without bars."""

    summary: str
    often: str
    each: tuple[ValueAnswer, ...]
    scale: str


def answers(report: Report) -> Answers:
    """Return the changes value by value; none without a contrast."""
    rows = [
        row
        for row in report.rows
        if row.inducer != "none" and row.contrast and row.contrast.difference is not None
    ]
    if not rows:
        return Answers("", "", (), "")
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[_title(row)].append(row)
    words = _Words(rows)
    # One scale for all bars of the page, so that their lengths compare across values.
    chosen = {title: _chosen(own_rows) for title, own_rows in groups.items()}
    low, high = _reach(row for pair in chosen.values() for part in pair for row in part)
    each = [
        _answer(title, groups[title], own_rows, side_rows, words, (low, high))
        for title, (own_rows, side_rows) in chosen.items()
    ]
    each.sort(key=lambda answer: -(len(answer.side_effects) + answer.unlisted))
    # Counts and other scores that are no shares have no bars.
    bars = any(e.bar for a in each for e in (*a.own_effects, *a.side_effects))
    scale = f"from {signed(low, True)} to {signed(high, True)} points" if bars else ""
    return Answers(*_over_all(rows, words), tuple(each), scale)


class _Words:
    """Names of subjects and metrics, with only what differs between them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._telling = swept({**row.parameters, "seed": row.seed} for row in rows)
        judges = {(row.eval, row.judge) for row in rows}
        self._judges = Counter(name for name, _ in judges)
        self._several = len({row.model for row in rows}) > 1

    def settings(self, row: Row) -> str:
        return ", ".join(words_of({**row.parameters, "seed": row.seed}, self._telling))

    def subject(self, row: Row) -> str:
        settings = self.settings(row)
        model = f" on {clean(row.model)}" if self._several else ""
        return clean(row.inducer) + model + (f" ({settings})" if settings else "")

    def where(self, row: Row) -> Mapping[str, str]:
        words = ("model", "inducer", "value", "eval")
        return {
            **{name: clean(getattr(row, name)) for name in words},
            "settings": self.settings(row),
        }

    def metric(self, row: Row) -> str:
        judge = f", {clean(row.judge)}" if self._judges[row.eval] > 1 and row.judge else ""
        return f"{metric_words(row.metric, brief=False)} ({clean(row.eval)}{judge})"


def _title(row: Row) -> str:
    return f"When {clean(row.value)} is induced" if row.value else f"With {clean(row.inducer)}"


def _chosen(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows on the value itself, whether it changed or not, and those on what else
    changed clearly: each metric where it changed most."""
    own_rows = _by_metric(row for row in rows if row.induced)
    clear = _by_metric(row for row in rows if not row.induced and row.mark == "†")
    return own_rows[:ITSELF], clear[:ELSE]


def _by_metric(rows: Iterable[Row]) -> list[Row]:
    first: dict[tuple[str, ...], Row] = {}
    for row in sorted(rows, key=_order, reverse=True):
        first.setdefault(_metric(row), row)
    return list(first.values())


def _order(row: Row) -> tuple[float, float]:
    difference = row.contrast.difference if row.contrast else None
    return strength(row), abs(difference or 0.0)


def _metric(row: Row) -> tuple[str, ...]:
    return (row.eval, row.judge, row.metric)


def _answer(
    title: str,
    rows: Sequence[Row],
    own_rows: Sequence[Row],
    side_rows: Sequence[Row],
    words: _Words,
    reach: tuple[float, float],
) -> ValueAnswer:
    alike: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        alike[_metric(row)].append(row)
    itself = [row for row in rows if row.induced]
    rest = [row for row in rows if not row.induced]
    clear = [row for row in rest if row.mark == "†"]
    # A metric has one line, however many subjects changed it.
    lines = {_metric(row) for row in clear}
    count = f"{len(clear):,}" if clear else "none"
    side_summary = f"What else: {count} of {len(rest):,} other differences {_are(len(clear))}."
    return ValueAnswer(
        title,
        f"The value itself: {_expressed(itself)}." if any(row.value for row in rows) else "",
        side_summary if rest else "What else: nothing else was measured.",
        tuple(_effect(row, alike[_metric(row)], words, reach) for row in own_rows),
        tuple(_effect(row, alike[_metric(row)], words, reach) for row in side_rows),
        len(lines) - len(side_rows),
    )


def _are(clear: int) -> str:
    return f"{'is' if clear == 1 else 'are'} clearly apart from zero"


def _expressed(rows: Sequence[Row]) -> str:
    if not rows:
        return "how often it is expressed was not measured"
    clear = _directions(rows)
    if not clear:
        return "expressed neither clearly more nor clearly less"
    if len(rows) == 1:
        return f"expressed clearly {clear.split()[0]}"
    # A subject has a row for each eval and judge: only with one of each do rows count subjects.
    unit = "subjects" if len({(row.eval, row.judge) for row in rows}) == 1 else "contrasts"
    return f"expressed clearly {clear} of {len(rows):,} {unit}"


def _directions(rows: Sequence[Row], up_word: str = "more in", down_word: str = "less in") -> str:
    """ "more in 3, less in 1": of the clear ones alone; "" if there are none."""
    clear = [row.contrast.difference or 0 for row in rows if row.contrast and row.mark == "†"]
    counts = ((up_word, sum(d > 0 for d in clear)), (down_word, sum(d < 0 for d in clear)))
    return ", ".join(f"{word} {n:,}" for word, n in counts if n)


def _effect(row: Row, alike: Sequence[Row], words: _Words, reach: tuple[float, float]) -> Effect:
    c = row.contrast
    assert c is not None
    assert c.difference is not None
    directions = _directions(alike, "up in", "down in")
    return Effect(
        words.metric(row),
        signed(c.difference, row.share) + (" points" if row.share else ""),
        interval(c, row.share),
        f"{score(c.vanilla_mean, row.share)} to {score(c.treated_mean, row.share)}"
        + (" %" if row.share else ""),
        words.subject(row),
        f"clearly {directions} of {len(alike):,}" if directions and len(alike) > 1 else "",
        row.mark == "†",
        _bar(row, *reach),
        words.where(row),
    )


def _reach(rows: Iterable[Row]) -> tuple[float, float]:
    """Return the ends of all bars: zero and every interval in points lie between them."""
    contrasts = [row.contrast for row in rows if row.share and row.contrast]
    ends = [end for c in contrasts for end in (c.low, c.high, c.difference) if end is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    # All zero: take any range that bars can be divided by.
    return (low, high) if high > low else (0.0, 1.0)


def _bar(row: Row, low: float, high: float) -> Bar | None:
    c = row.contrast
    if not row.share or c is None or c.difference is None or c.low is None or c.high is None:
        return None

    def position(value: float) -> float:
        return round(100 * (value - low) / (high - low), 2)

    zero, end = position(0), position(c.difference)
    length = round(abs(end - zero), 2)
    return Bar(min(zero, end), length, zero, position(c.low), position(c.high))


def _over_all(rows: Sequence[Row], words: _Words) -> tuple[str, str]:
    rest = [row for row in rows if not row.induced]
    if not rest:
        return "", ""
    metrics: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rest:
        if row.mark == "†":
            metrics[words.metric(row)].append(row)
    clear = sum(map(len, metrics.values()))
    summary = (
        f"Besides the induced value itself, {f'{clear:,}' if clear else 'none'} of {len(rest):,} "
        f"differences {_are(clear)}."
    )
    return summary, _often(metrics, _subjects(rows))


def _subjects(rows: Iterable[Row]) -> int:
    """Return the number of subjects. Rows have the parameters of evals and judges too, so that
    subjects are counted within each of these."""
    by_eval: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        subject = [row.model, row.inducer, row.value, dict(row.parameters), row.seed]
        by_eval[row.eval, row.judge].add(canonical_json(subject))
    return max(map(len, by_eval.values()))


def _often(metrics: Mapping[str, Sequence[Row]], subjects: int) -> str:
    """ "Most often, of 8 subjects: refusal (advbench) up in 3, down in 1; ..." """
    often = sorted(metrics.items(), key=lambda item: -len(item[1]))
    phrases = [f"{name} {_directions(rows, 'up in', 'down in')}" for name, rows in often[:OFTEN]]
    if len(often) > OFTEN:
        further = len(often) - OFTEN
        phrases.append(f"{further:,} other metric{'' if further == 1 else 's'}")
    if not phrases:
        return ""
    over = f"Most often, of {subjects:,} subjects: " if subjects > 1 else ""
    return f"{over}{'; '.join(phrases)}."
