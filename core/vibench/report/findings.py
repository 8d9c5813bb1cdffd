"""One row for each subject and metric: the rate, and what changed against vanilla."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vibench.report.comparisons import Comparison
from vibench.report.rows import Row, fits, share
from vibench.results.turns import Turns
from vibench.stats import Contrast, MeanEstimate, contrasts, rates, side_by_side, spans

if TYPE_CHECKING:
    from vibench.results.outcomes import Floats, Outcomes

__all__ = ["findings"]


def findings(seeds: Sequence[Comparison]) -> list[list[Row]]:
    """Return a row for each metric, in the eval's order, of each cell of one subject.

    Cells are paired with their vanilla cells by sample and turn; a turn that one side does not
    have counts as scored on the other side alone.
    """
    # A call of numpy takes longer than its arithmetic on one column, so the columns of all
    # seeds are estimated together where they have the same rows.
    together = all(_alike(seeds[0], seed) for seed in seeds)
    groups = [seeds] if together else [[seed] for seed in seeds]
    return [rows for group in groups for rows in _rows(group)]


def _alike(first: Comparison, second: Comparison) -> bool:
    """Return if two cells, and their vanilla cells, have the same metrics, turns and clusters."""
    import numpy as np

    rows = first.outcomes.rows
    return (
        first.outcomes.metrics == second.outcomes.metrics
        and (first.vanilla_outcomes is None) == (second.vanilla_outcomes is None)
        and rows.same(second.outcomes.rows)
        and np.array_equal(rows.codes, second.outcomes.rows.codes)
        and (second.vanilla_outcomes is None or rows.same(second.vanilla_outcomes.rows))
    )


def _rows(seeds: Sequence[Comparison]) -> list[list[Row]]:
    """Return the rows of cells that are `_alike`, or of a single one."""
    first = seeds[0]
    metrics = _ordered(first.outcomes.metrics, first.cell.metrics)
    rows = first.outcomes.rows
    scores = [seed.outcomes.columns(metrics, rows) for seed in seeds]
    together = side_by_side(scores)
    rated = rates(together, rows.codes)
    scored = [together]
    compared: Sequence[Contrast | None] = [None] * len(rated)
    # The rate is over the subject's own turns. The contrast is over those of both sides: one
    # that only one side has counts as unpaired there.
    if first.vanilla_outcomes is not None:
        rows = Turns.union([rows, first.vanilla_outcomes.rows])
        after = [seed.outcomes.columns(metrics, rows) for seed in seeds]
        before = [
            seed.vanilla_outcomes.columns(metrics, rows)
            for seed in seeds
            if seed.vanilla_outcomes is not None
        ]
        scored.append(side_by_side(before))
        compared = contrasts(side_by_side(after), scored[-1], rows.codes)
    # A metric is a share if the scores of both sides are: a count that happens to be 0 or 1
    # for every answer of the subject may be 7 for the vanilla model.
    names = [metric for _ in seeds for metric in metrics]
    shares = [
        share(metric, span, first.cell.not_shares)
        for metric, span in zip(names, spans(*scored), strict=True)
    ]
    per_turn = [
        several
        for seed, table in zip(seeds, scores, strict=True)
        for several in _later_turns(seed.outcomes, table)
    ]
    return [
        [
            _row(seed, metric, rated[i], compared[i], shares[i], per_turn[i])
            for i, metric in enumerate(metrics, n * len(metrics))
        ]
        for n, seed in enumerate(seeds)
    ]


def _later_turns(outcomes: Outcomes, scores: Floats) -> list[bool]:
    """Return for each column whether turns beyond the first have scores."""
    import numpy as np

    later = outcomes.rows.turns > 0
    if not later.any():
        return [False] * scores.shape[1]
    scored = ~np.isnan(scores[later])
    return [bool(column.any()) for column in scored.T]


def _row(
    comparison: Comparison,
    metric: str,
    rated: MeanEstimate,
    compared: Contrast | None,
    within: bool,
    per_turn: bool,
) -> Row:
    cell = comparison.cell
    return Row(
        **cell.subject,
        seed=cell.seed,
        judge_baseline=cell.judge_baseline,
        metric=metric,
        rate=rated,
        contrast=compared,
        share=within,
        unscored=comparison.outcomes.unscored.get(metric, {}),
        transcripts=cell.transcripts,
        cut_offs=cell.cut_offs,
        vanilla_cut_offs=comparison.vanilla_cell.cut_offs if comparison.vanilla_cell else None,
        per_turn=per_turn,
    )


def _ordered(metrics: Sequence[str], order: Sequence[str]) -> list[str]:
    """Return the metrics in the order of the patterns they fit, the rest last, then by name."""

    def rank(metric: str) -> int:
        for i, pattern in enumerate(order):
            if fits(metric, pattern):
                return i
        return len(order)

    return sorted(metrics, key=lambda metric: (rank(metric), metric))
