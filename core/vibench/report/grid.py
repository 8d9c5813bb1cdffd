"""Tables as grids of text, laid out for a width; the terminal and Markdown draw them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vibench.report.phrases import change, metric_words, rate_of, score
from vibench.report.rows import Row
from vibench.report.tables import Table
from vibench.results.cells import subject_words
from vibench.results.cut_off_warnings import cut_off_share
from vibench.text import clean

__all__ = ["Grid", "grids"]


GAP = 2
"""Characters between columns."""
WORDS = ("inducer", "value", "settings")
CUT_OFF = "cut off %"
"""The share of answers that were: of the untouched model, then of the subject."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Headings (maybe of several lines), rows of cells, and how many columns at the left
    are words; the others are numbers, aligned right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int


def grids(table: Table, width: int) -> Iterable[Grid]:
    """A grid for each model; more where one of `width` characters cannot hold all subjects.

    One row for each subject where it has one metric to show, else one for each metric.
    """
    single = table.expression or len(table.metrics) == 1
    for model in table.models:
        rows = [row for row in table.rows if row.model == model]
        compared = [row for row in rows if row.inducer != "none"]
        if single:
            yield _by_subject(table, model, compared or rows, width)
        else:
            yield from _by_metric(table, model, rows, width)


def _by_subject(table: Table, model: str, rows: Sequence[Row], width: int) -> Grid:
    """A row for each subject; of two lines each where the width asks for it."""
    what = "expression" if table.expression else metric_words(table.metrics[0])
    wide = Grid(
        clean(model),
        (*WORDS, "vanilla", what, "difference [95 % CI]", "n", "unscored", CUT_OFF),
        tuple(_subject(table, row, " ") for row in rows),
        words=len(WORDS),
    )
    cut = any(row.cut_offs.cut_off for row in rows)
    cut = cut or any(row.vanilla_cut_offs and row.vanilla_cut_offs.cut_off for row in rows)
    if not cut:
        wide = _without(wide, len(wide.head) - 1)
    if not table.swept:
        wide = _without(wide, 2)
    if _width(wide) <= width:
        return wide
    stacked = []
    for row in rows:
        inducer, value, settings, *numbers, n, unscored, cut_off = _subject(table, row, "\n")
        words = [part for part in (inducer, value, *settings.split(", ")) if part != "-"]
        counts = [n, unscored, cut_off] if cut else [n, unscored]
        stacked.append(("\n".join(words), *numbers, "\n".join(counts)))
    below = f"n\nunscored\n{CUT_OFF}" if cut else "n\nunscored"
    head = ("subject", "vanilla", what, "difference\n[95 % CI]", below)
    return Grid(clean(model), head, tuple(stacked), words=1)


def _subject(table: Table, row: Row, between: str) -> tuple[str, ...]:
    """All that is said of a subject with one metric: words first, then numbers."""
    compared = row.contrast
    return (
        clean(row.inducer),
        clean(row.value) or "-",
        ", ".join(table.settings(row)) or "-",
        score(compared.vanilla_mean, row.share) if compared else "-",
        score(compared.treated_mean, row.share) if compared else rate_of(row),
        change(row, between),
        f"{compared.n if compared else row.rate.n:,}",
        f"{sum(row.unscored.values()):,}",
        cut_off_share(row.cut_offs, row.vanilla_cut_offs),
    )


def _without(grid: Grid, column: int) -> Grid:
    def cut(cells: tuple[str, ...]) -> tuple[str, ...]:
        return cells[:column] + cells[column + 1 :]

    words = grid.words - (column < grid.words)
    return Grid(grid.title, cut(grid.head), tuple(map(cut, grid.rows)), words)


def _width(grid: Grid) -> int:
    columns = zip(grid.head, *grid.rows, strict=True)
    return sum(max(map(len, column)) + GAP for column in columns) - GAP


def _by_metric(table: Table, model: str, rows: Sequence[Row], width: int) -> Iterable[Grid]:
    subjects: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        key = (row.inducer, row.value, *table.settings(row))
        subjects.setdefault(key, {})[row.metric] = row
    vanilla = [found for key, found in subjects.items() if key[0] == "none"]
    induced = [found for key, found in subjects.items() if key[0] != "none"]
    names = {m: metric_words(m) for m in table.metrics if any(m in s for s in subjects.values())}
    left = max(len(name) for name in names.values()) + len(vanilla) * (GAP + len("vanilla"))
    columns = [_column(table, subject, list(names)) for subject in induced or vanilla]
    base = [_rates(table, subject, list(names)) for subject in vanilla if induced]
    for part in _fitting(columns, width - left):
        shown = [*base, *part]
        lines = zip(names.values(), *(cells for _, cells in shown), strict=True)
        yield Grid(clean(model), ("", *(head for head, _ in shown)), tuple(lines), 1)


def _column(table: Table, subject: dict[str, Row], metrics: Sequence[str]) -> tuple[str, list[str]]:
    """Rate, difference and interval in one column, aligned by padding."""
    found = [subject.get(metric) for metric in metrics]
    rated = [rate_of(row) if row else "-" for row in found]
    changed = [change(row) if row else "-" for row in found]
    wide, far = max(map(len, rated)), max(map(len, changed))
    cells = [f"{r:>{wide}} {c:>{far}}" for r, c in zip(rated, changed, strict=True)]
    some = next(row for row in found if row)
    lines = [subject_words(some), *table.settings(some), _counts(found), *_cut_off(some)]
    return "\n".join(lines), cells


def _rates(table: Table, subject: dict[str, Row], metrics: Sequence[str]) -> tuple[str, list[str]]:
    """Only the rates: the vanilla column."""
    found = [subject.get(metric) for metric in metrics]
    some = next(row for row in found if row)
    head = "\n".join(["vanilla", *table.settings(some), _counts(found), *_cut_off(some)])
    return head, [rate_of(row) if row else "-" for row in found]


def _cut_off(row: Row) -> list[str]:
    """ "cut off 92.7 %", where anything was."""
    return [f"cut off {cut_off_share(row.cut_offs, None)} %"] if row.cut_offs.cut_off else []


def _counts(rows: Sequence[Row | None]) -> str:
    """ "n 60", or "n 58 to 60" where metrics differ."""
    counts = [r.contrast.n if r.contrast else r.rate.n for r in rows if r]
    low, high = min(counts), max(counts)
    return f"n {low:,}" if low == high else f"n {low:,}-{high:,}"


def _fitting(
    columns: Sequence[tuple[str, list[str]]], width: int
) -> list[list[tuple[str, list[str]]]]:
    """The columns in as many parts as needed for each to fit; at least one to a part."""
    parts: list[list[tuple[str, list[str]]]] = []
    used = 0
    for head, cells in columns:
        need = GAP + max(*(len(line) for line in head.split("\n")), *(len(c) for c in cells))
        if not parts or used + need > width:
            parts.append([])
            used = 0
        parts[-1].append((head, cells))
        used += need
    return parts
