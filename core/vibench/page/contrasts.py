"""The contrasts as columns for the page's script, and the tables of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.exhibits.shades import Scale, Shade
from vibench.page.sets import swept, words_of
from vibench.report.notes import notes
from vibench.report.phrases import change, heading, judge_line, metric_words, rate_of
from vibench.report.rows import Row
from vibench.report.tables import Report, ReportTable
from vibench.results.cells import subject_words
from vibench.results.cut_off_warnings import cut_off_share
from vibench.text import clean

__all__ = ["COLUMNS", "Change", "Changes", "SubjectRow", "changes", "columns"]

WORDS = ("model", "inducer", "value", "settings", "eval", "judge", "metric")
COLUMNS = (
    *WORDS,
    *("share", "vanilla", "induced", "difference", "low", "high", "p", "q", "mcnemar"),
    *("n", "clusters", "unscored", "cut_off", "vanilla_cut_off", "mark"),
)
MAX_SUBJECTS, MAX_METRICS = 60, 18
"""Rows and columns of a table of changes."""
POINTS = Scale(-60, 60, True)
"""Colours of differences in percentage points."""


def columns(report: Report) -> dict[str, Any]:
    """Return the rows of induced subjects as columns; words are indices into `names`."""
    rows = [row for row in report.rows if row.inducer != "none"]
    telling = swept({**row.parameters, "seed": row.seed} for row in rows)
    # Names repeat in every row: as indices they are a fraction of the size.
    names: dict[str, int] = {}
    lists: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for row in rows:
        for name, value in zip(COLUMNS, _flat(row, telling), strict=True):
            word = name in WORDS
            lists[name].append(names.setdefault(value, len(names)) if word else value)
    return {"names": list(names), "columns": lists}


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
        clean(row.model),
        clean(row.inducer),
        clean(row.value),
        ", ".join(words_of(parameters, telling)),
        clean(row.eval),
        clean(row.judge),
        metric_words(row.metric, brief=False),
        int(row.share),
        *map(_short, (*compared, row.q, row.mcnemar_p)),
        *counts,
        sum(row.unscored.values()),
        *map(_short, _cut_off(row)),
        row.mark,
    )


def _cut_off(row: Row) -> tuple[float | None, float | None]:
    """Return the shares of answers cut off: the subject's, and the untouched model's."""
    vanilla = row.vanilla_cut_offs
    return row.cut_offs.share, None if vanilla is None else vanilla.share


def _short(number: float | None) -> float | None:
    """Return a number to six digits: enough for a reader, and a third of the file."""
    return None if number is None else float(f"{number:.6g}")


@dataclass(frozen=True, slots=True)
class Change:
    """One metric of one subject: its rate and change as text. `shade` is None unless it is a
    share, and `order` is the number that the column is sorted by."""

    rate: str
    text: str
    shade: Shade | None
    clear: bool
    order: float | None


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A row: the subject in words, and its metrics, None for those that it lacks."""

    words: tuple[str, ...]
    cells: tuple[Change | None, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes in one eval. `unlisted` counts the subjects that have no row."""

    title: str
    notes: tuple[str, ...]
    head: tuple[str, ...]
    metrics: tuple[str, ...]
    subjects: tuple[SubjectRow, ...]
    unlisted: int


def changes(report: Report) -> list[Changes]:
    """Return a table for each eval and judge: subjects down, metrics across."""
    return [_changes(table) for table in report.tables]


def _changes(table: ReportTable) -> Changes:
    metrics = list(table.metrics)[:MAX_METRICS]
    names = tuple("expression" if table.expression else metric_words(m) for m in metrics)
    if table.expression:
        # One column: of each subject the value that was induced into it.
        metrics, names = [""], ("expression of the induced value",)
    subjects: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in table.rows:
        words = (subject_words(row), clean(row.model), ", ".join(table.settings(row)))
        subjects.setdefault(words, {})["" if table.expression else row.metric] = row
    # The page's list of contrasts has all of them.
    listed = list(subjects.items())[:MAX_SUBJECTS]
    cut = any(row.cut_offs.cut_off for row in table.rows)
    settings = any(words[2] for words, _ in listed)
    head = ("subject", "model", *["settings"] * settings, *["cut off"] * cut)
    lines = [judge_line(table), *notes(table)]
    if len(table.metrics) > MAX_METRICS and not table.expression:
        lines.append(f"the first {MAX_METRICS} of {len(table.metrics)} metrics")
    return Changes(
        heading(table),
        tuple(lines),
        head,
        names,
        tuple(
            SubjectRow(
                (*(words if settings else words[:2]), *[_cut_off_words(by_metric)] * cut),
                tuple(_change(by_metric[m]) if m in by_metric else None for m in metrics),
            )
            for words, by_metric in listed
        ),
        len(subjects) - len(listed),
    )


def _cut_off_words(rows: Mapping[str, Row]) -> str:
    """Return the share of a subject's answers cut off, which is the same in each metric."""
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
        # Rows without a contrast are sorted by their rate.
        difference if difference is not None else row.rate.mean,
    )
