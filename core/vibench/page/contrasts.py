"""Every contrast as columns for the page's script, and the tables of what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.exhibits.shades import Scale, Shade
from vibench.page.sets import swept, words_of
from vibench.report.notes import notes
from vibench.report.phrases import change, heading, judge_line, metric_words, rate_of
from vibench.report.rows import Row
from vibench.report.tables import Report, Table
from vibench.results.cells import subject_words
from vibench.results.cut_off_warnings import cut_off_share
from vibench.text import clean

__all__ = ["COLUMNS", "Change", "Changes", "Subject", "changes", "columns"]

WORDS = ("model", "inducer", "value", "settings", "eval", "judge", "metric")
COLUMNS = (
    *WORDS, "share", "vanilla", "induced", "difference", "low", "high", "p", "q", "mcnemar",
    "n", "clusters", "unscored", "cut_off", "vanilla_cut_off", "mark",
)  # fmt: skip
MOST = 60
"""A table of what changed has at most so many rows, and `METRICS` columns."""
METRICS = 18
POINTS = Scale(-60, 60, True)
"""Colours of differences in percentage points."""


def columns(report: Report) -> dict[str, Any]:
    """Every row of an induced subject, as columns; words are places in `names`."""
    rows = [row for row in report.rows if row.inducer != "none"]
    telling = swept({**row.parameters, "seed": row.seed} for row in rows)
    names: dict[str, int] = {}
    found: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for row in rows:
        for name, value in zip(COLUMNS, _flat(row, telling), strict=True):
            word = name in WORDS
            found[name].append(names.setdefault(value, len(names)) if word else value)
    return {"names": list(names), "columns": found}


def _flat(row: Row, telling: Sequence[str]) -> tuple[Any, ...]:
    c = row.contrast
    parameters = {**row.parameters, "seed": row.seed}
    counts = (c.n, c.clusters) if c else (row.rate.n, row.rate.clusters)
    compared = (
        (c.vanilla_mean, c.treated_mean, c.difference, c.low, c.high, c.p)
        if c
        else (None, row.rate.mean, None, None, None, None)
    )
    return (
        clean(row.model), clean(row.inducer), clean(row.value),
        ", ".join(words_of(parameters, telling)), clean(row.eval), clean(row.judge),
        metric_words(row.metric, brief=False), int(row.share),
        *map(_short, (*compared, row.q, row.mcnemar_p)), *counts,
        sum(row.unscored.values()), *map(_short, _cut_off(row)), row.mark,
    )  # fmt: skip


def _cut_off(row: Row) -> tuple[float | None, float | None]:
    """The shares of answers that were cut off: the subject's, and the untouched model's."""
    vanilla = row.vanilla_cut_offs
    return row.cut_offs.share, None if vanilla is None else vanilla.share


def _short(number: float | None) -> float | None:
    """Six digits: more than anyone reads, and a third of the file."""
    return None if number is None else float(f"{number:.6g}")


@dataclass(frozen=True, slots=True)
class Change:
    """One metric of one subject: the rate and what changed, in words. `shade` is None for what
    is no share, and `order` what the column is sorted by."""

    rate: str
    text: str
    shade: Shade | None
    clear: bool
    order: float | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A row: the subject in words, and its metrics (None where it has none)."""

    words: tuple[str, ...]
    cells: tuple[Change | None, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in one eval. `left` counts the subjects that have no row."""

    title: str
    notes: tuple[str, ...]
    head: tuple[str, ...]
    metrics: tuple[str, ...]
    subjects: tuple[Subject, ...]
    left: int


def changes(report: Report) -> list[Changes]:
    """A table for each eval and judge: subjects down, metrics across."""
    return [_changes(table) for table in report.tables]


def _changes(table: Table) -> Changes:
    metrics = list(table.metrics)[:METRICS]
    names = tuple("expression" if table.expression else metric_words(m) for m in metrics)
    if table.expression:
        # One column: of each subject the value that was induced into it.
        metrics, names = [""], ("expression of the induced value",)
    subjects: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in table.rows:
        words = (subject_words(row), clean(row.model), ", ".join(table.settings(row)))
        subjects.setdefault(words, {})["" if table.expression else row.metric] = row
    shown = list(subjects.items())[:MOST]
    cut = any(row.cut_offs.cut_off for row in table.rows)
    settings = any(words[2] for words, _ in shown)
    head = ("subject", "model", *["settings"] * settings, *["cut off"] * cut)
    lines = [judge_line(table), *notes(table)]
    if len(table.metrics) > METRICS and not table.expression:
        lines.append(f"the first {METRICS} of {len(table.metrics)} metrics")
    return Changes(
        heading(table),
        tuple(lines),
        head,
        names,
        tuple(
            Subject(
                (*(words if settings else words[:2]), *[_cut_off_words(found)] * cut),
                tuple(_change(found[m]) if m in found else None for m in metrics),
            )
            for words, found in shown
        ),
        len(subjects) - len(shown),
    )


def _cut_off_words(rows: Mapping[str, Row]) -> str:
    """How much of a subject's answers was; it has the same answers in each metric."""
    row = next(iter(rows.values()))
    return f"cut off {cut_off_share(row.cut_offs, None)} %"


def _change(row: Row) -> Change:
    difference = row.contrast.difference if row.contrast else None
    points = None if difference is None or not row.share else 100 * difference
    return Change(
        rate_of(row),
        change(row).strip(),
        POINTS.shade(points),
        row.mark == "†",
        difference if difference is not None else row.rate.mean,
    )
