"""One row for each subject and metric: the rate, and what changed against vanilla."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vibench.report.comparisons import Comparison
from vibench.report.rows import Row, fits, share
from vibench.results.turns import Turns
from vibench.stats import Contrast, Estimate, contrasts, rates, side_by_side, spans

if TYPE_CHECKING:
    from vibench.results.outcomes import Floats, Outcomes

__all__ = ["findings"]


def findings(seeds: Sequence[Comparison]) -> list[list[Row]]:
    """Return a row for each metric, in the eval's order, of each cell of one subject.

    Cells are paired with their vanilla cells by sample and turn; a turn that one side does not
    have counts as scored on the other side alone.
    """
    # Most of the time goes into calling numpy, however few the numbers: the seeds' columns are
    # estimated together where they have the same rows.
    together = all(_alike(seeds[0], one) for one in seeds)
    groups = [seeds] if together else [[one] for one in seeds]
    return [rows for group in groups for rows in _rows(group)]


def _alike(one: Comparison, other: Comparison) -> bool:
    """Return if two cells, and their vanilla cells, have the same metrics, turns and clusters."""
    import numpy as np

    rows = one.own.rows
    return (
        one.own.metrics == other.own.metrics
        and (one.vanilla is None) == (other.vanilla is None)
        and rows.same(other.own.rows)
        and np.array_equal(rows.codes, other.own.rows.codes)
        and (other.vanilla is None or rows.same(other.vanilla.rows))
    )


def _rows(seeds: Sequence[Comparison]) -> list[list[Row]]:
    """Return the rows of cells that are `_alike`, or of a single one."""
    first = seeds[0]
    metrics = _ordered(first.own.metrics, first.cell.metrics)
    rows = first.own.rows
    scores = [one.own.columns(metrics, rows) for one in seeds]
    together = side_by_side(scores)
    rated = rates(together, rows.codes)
    scored = [together]
    compared: Sequence[Contrast | None] = [None] * len(rated)
    if first.vanilla is not None:
        rows = Turns.union([rows, first.vanilla.rows])
        after = [one.own.columns(metrics, rows) for one in seeds]
        before = [one.vanilla.columns(metrics, rows) for one in seeds if one.vanilla is not None]
        scored.append(side_by_side(before))
        compared = contrasts(side_by_side(after), scored[-1], rows.codes)
    names = [metric for _ in seeds for metric in metrics]
    shares = [
        share(metric, of, first.cell.not_shares)
        for metric, of in zip(names, spans(*scored), strict=True)
    ]
    per_turn = [
        several
        for one, table in zip(seeds, scores, strict=True)
        for several in _later_turns(one.own, table)
    ]
    return [
        [
            _row(one, metric, rated[i], compared[i], shares[i], per_turn[i])
            for i, metric in enumerate(metrics, n * len(metrics))
        ]
        for n, one in enumerate(seeds)
    ]


def _later_turns(own: Outcomes, scores: Floats) -> list[bool]:
    """Return for each column whether turns beyond the first have scores."""
    import numpy as np

    scored = ~np.isnan(scores[own.rows.turns > 0])
    return [bool(column.any()) for column in scored.T]


def _row(
    one: Comparison,
    metric: str,
    rated: Estimate,
    compared: Contrast | None,
    within: bool,
    per_turn: bool,
) -> Row:
    cell = one.cell
    return Row(
        **cell.subject,
        seed=cell.seed,
        judge_baseline=cell.judge_baseline,
        metric=metric,
        rate=rated,
        contrast=compared,
        share=within,
        unscored=one.own.unscored.get(metric, {}),
        transcripts=cell.transcripts,
        cut_offs=cell.cut_offs,
        vanilla_cut_offs=one.base.cut_offs if one.base else None,
        per_turn=per_turn,
    )


def _ordered(metrics: Sequence[str], order: Sequence[str]) -> list[str]:
    """By the first pattern that fits; those that none fits come last; then by name."""

    def place(metric: str) -> int:
        for i, pattern in enumerate(order):
            if fits(metric, pattern):
                return i
        return len(order)

    return sorted(metrics, key=lambda metric: (place(metric), metric))
