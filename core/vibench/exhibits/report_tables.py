"""The tables of a report: one for each model, a row for each subject or for each metric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vibench.exhibits.table import Column, Table, numbers, words
from vibench.exhibits.table_layout import fits
from vibench.report.phrases import change, metric_words, rate_of, score
from vibench.report.rows import Row
from vibench.report.tables import ReportTable as Rows
from vibench.results.cells import subject_words
from vibench.results.cut_off_warnings import cut_off_share
from vibench.text import clean

__all__ = ["report_tables"]

WORDS = ("inducer", "value", "settings")
CUT_OFF = "cut off %"
"""The share of answers that were: of the untouched model, then of the subject."""

MetricRows = dict[str, Row]
"""A subject's row for each metric."""


def report_tables(rows: Rows, width: int | None = None) -> Iterable[Table]:
    """Yield a table for each model, of a row for each subject where it has one metric to show,
    else of one for each metric.

    A terminal's `width` decides whether a subject's row has one line or several.
    """
    single = rows.expression or len(rows.metrics) == 1
    for model in rows.models:
        subjects = [row for row in rows.rows if row.model == model]
        if single:
            compared = [row for row in subjects if row.inducer != "none"]
            yield _by_subject(rows, model, compared or subjects, width)
        else:
            yield _by_metric(rows, model, subjects)


def _by_subject(rows: Rows, model: str, subjects: Sequence[Row], width: int | None) -> Table:
    metric = "expression" if rows.expression else metric_words(rows.metrics[0])
    heads = (*WORDS, "vanilla", metric, "difference [95 % CI]", "n", "unscored", CUT_OFF)
    texts = zip(*(_subject(rows, row, " ") for row in subjects), strict=True)
    columns = [
        words(head, column) if head in WORDS else numbers(head, column)
        for head, column in zip(heads, texts, strict=True)
    ]
    table = Table(tuple(columns), clean(model), pinned=len(WORDS))
    any_cut = any(_any_cut_off(row) for row in subjects)
    if not any_cut:
        table = table.without(CUT_OFF)
    if not rows.swept:
        table = table.without("settings")
    # Stacked rows need half the width; numbers cut off or in parts would be harder to compare.
    if width is None or fits(table, width):
        return table
    return _stacked(rows, model, subjects, metric, any_cut)


def _any_cut_off(row: Row) -> bool:
    vanilla = row.vanilla_cut_offs
    return bool(row.cut_offs.cut_off or (vanilla and vanilla.cut_off))


def _stacked(rows: Rows, model: str, subjects: Sequence[Row], metric: str, any_cut: bool) -> Table:
    """A narrower table of the same: several lines for each subject."""
    stacked = []
    for row in subjects:
        inducer, value, settings, *rates, n, unscored, cut_off = _subject(rows, row, "\n")
        names = [name for name in (inducer, value, *settings.split(", ")) if name != "-"]
        counts = [n, unscored, cut_off] if any_cut else [n, unscored]
        stacked.append(("\n".join(names), *rates, "\n".join(counts)))
    counts_head = f"n\nunscored\n{CUT_OFF}" if any_cut else "n\nunscored"
    heads = ("vanilla", metric, "difference\n[95 % CI]", counts_head)
    names_column, *columns = zip(*stacked, strict=True)
    return Table((words("subject", names_column), *map(numbers, heads, columns)), clean(model))


def _subject(rows: Rows, row: Row, between: str) -> tuple[str, ...]:
    """A subject with one metric: words first, then numbers."""
    compared = row.contrast
    return (
        clean(row.inducer),
        clean(row.value) or "-",
        ", ".join(rows.settings(row)) or "-",
        score(compared.vanilla_mean, row.share) if compared else "-",
        score(compared.treated_mean, row.share) if compared else rate_of(row),
        change(row, between),
        f"{compared.n if compared else row.rate.n:,}",
        f"{sum(row.unscored.values()):,}",
        cut_off_share(row.cut_offs, row.vanilla_cut_offs),
    )


def _by_metric(rows: Rows, model: str, model_rows: Sequence[Row]) -> Table:
    """A row for each metric; the untouched model's columns stay beside the metrics' names."""
    subjects: dict[tuple[str, ...], MetricRows] = {}
    for row in model_rows:
        key = (row.inducer, row.value, *rows.settings(row))
        subjects.setdefault(key, {})[row.metric] = row
    vanilla = [subject for key, subject in subjects.items() if key[0] == "none"]
    induced = [subject for key, subject in subjects.items() if key[0] != "none"]
    metrics = [m for m in rows.metrics if any(m in subject for subject in subjects.values())]
    labels = words("", map(metric_words, metrics))
    base = [_rates(rows, subject, metrics) for subject in vanilla if induced]
    columns = [_changes(rows, subject, metrics) for subject in induced or vanilla]
    return Table((labels, *base, *columns), clean(model), pinned=1 + len(base))


def _changes(rows: Rows, subject: MetricRows, metrics: Sequence[str]) -> Column:
    """Rate, difference and interval in one column, aligned by padding."""
    by_metric = [subject.get(metric) for metric in metrics]
    rates = [rate_of(row) if row else "-" for row in by_metric]
    changes = [change(row) if row else "-" for row in by_metric]
    wide, far = max(map(len, rates)), max(map(len, changes))
    cells = [f"{r:>{wide}} {c:>{far}}" for r, c in zip(rates, changes, strict=True)]
    first = next(row for row in by_metric if row)
    return numbers(_head(rows, subject_words(first), by_metric), cells)


def _rates(rows: Rows, subject: MetricRows, metrics: Sequence[str]) -> Column:
    """The rates alone, of the untouched model."""
    by_metric = [subject.get(metric) for metric in metrics]
    cells = [rate_of(row) if row else "-" for row in by_metric]
    return numbers(_head(rows, "vanilla", by_metric), cells)


def _head(rows: Rows, name: str, by_metric: Sequence[Row | None]) -> str:
    """The subject, its settings, how many samples it has, and "cut off 92.7 %" if any was."""
    present = [row for row in by_metric if row]
    lines = [name, *rows.settings(present[0]), _counts(present)]
    if present[0].cut_offs.cut_off:
        lines.append(f"cut off {cut_off_share(present[0].cut_offs, None)} %")
    return "\n".join(lines)


def _counts(rows: Sequence[Row]) -> str:
    """ "n 60", or "n 58-60" where metrics differ."""
    counts = [row.contrast.n if row.contrast else row.rate.n for row in rows]
    low, high = min(counts), max(counts)
    return f"n {low:,}" if low == high else f"n {low:,}-{high:,}"
