"""The sentences on the largest changes, which open a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vibench.report.phrases import interval, metric_words, score, signed
from vibench.report.rows import Row
from vibench.report.tables import Report, ReportTable
from vibench.results.cells import subject_words
from vibench.text import clean

__all__ = ["headlines", "strength"]


def headlines(report: Report, limit: int = 5) -> list[str]:
    """Return at most `limit` sentences, the strongest change first, and one on how to read them.

    Only differences whose interval excludes zero after Benjamini-Hochberg count. Strength is
    the distance of the interval from zero. Each eval's strongest change comes before any
    eval's second one, and a metric and value appear once.
    """
    compared = [r for r in report.rows if r.contrast and r.contrast.difference is not None]
    if not compared:
        return []
    clear = sorted((r for r in compared if r.mark == "†"), key=strength, reverse=True)
    if not clear:
        return [
            f"No difference of {len(compared):,} is clearly apart from zero (95 % interval, and"
            " Benjamini-Hochberg over each table)."
        ]
    chosen = _spread(clear, limit)
    tables = {(table.eval, table.judge): table for table in report.tables}
    judges = Counter(table.eval for table in report.tables)
    count = f"{len(clear):,} of {len(compared):,} differences are clearly apart from zero"
    return [
        *(_sentence(row, tables[row.eval, row.judge], judges[row.eval] > 1) for row in chosen),
        f"({count}; these are the strongest, and the strongest of many tend to look larger"
        " than they are.)",
    ]


def _spread(rows: Sequence[Row], limit: int) -> list[Row]:
    distinct_changes: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        distinct_changes.setdefault((row.eval, row.metric, row.value), row)
    distinct = list(distinct_changes.values())
    # The last one set wins, so in reverse the strongest row of each eval stays.
    first = {row.eval: row for row in reversed(distinct)}
    leading = [row for row in distinct if first[row.eval] is row]
    further = [row for row in distinct if first[row.eval] is not row]
    return sorted((leading + further)[:limit], key=strength, reverse=True)


def strength(row: Row) -> float:
    """Return the distance of the interval from zero: in points for shares, and relative to the
    larger mean for other scales, so that all can be compared."""
    c = row.contrast
    if c is None or c.low is None or c.high is None:
        return 0.0
    distance = max(c.low, -c.high, 0.0)
    # Other scales have no common unit. Relative to its mean a distance can exceed 1; shares
    # cannot, and would never come first beside it.
    scale = max(abs(c.vanilla_mean or 0), abs(c.treated_mean or 0), 1e-12)
    return distance if row.share else min(1.0, distance / scale)


def _sentence(row: Row, table: ReportTable, by_judge: bool) -> str:
    c = row.contrast
    assert c is not None
    assert c.difference is not None
    points = " points" if row.share else ""
    percent = " %" if row.share else ""
    judge = f", {clean(row.judge)}" if by_judge and row.judge else ""
    what = f"{metric_words(row.metric, brief=False)} ({clean(row.eval)}{judge})"
    bounds = interval(c, row.share)
    before, after = score(c.vanilla_mean, row.share), score(c.treated_mean, row.share)
    settings = ", ".join(table.settings(row))
    who = f"{subject_words(row)} ({settings})" if settings else subject_words(row)
    return (
        f"{who} moved {what} by {signed(c.difference, row.share)}{points} {bounds}"
        f" on {clean(row.model)}, from {before} to {after}{percent}."
    )
