"""The rows of a report: the rate, and what changed against vanilla."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vibench.results.cells import CellResult
from vibench.results.cut_offs import CutOffs
from vibench.results.outcomes import EXPRESSION, Outcomes
from vibench.stats import Contrast, MeanEstimate, ScoreRange, mcnemar_p

__all__ = ["Expression", "Row", "expression", "fits", "share"]


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one subject.

    `rate` is over all its scored samples (and turns). `contrast` (None for vanilla subjects and
    where there is no vanilla result) is over those scored in both; `q` is its p-value
    after Benjamini-Hochberg over its `family`, which is named in words. `share` says
    that the scores lie within [0, 1], so that they are shown in percent and differences in
    percentage points. `unscored` counts this subject's unscored outcomes by cause. `cut_offs`
    and `vanilla_cut_offs` are those of the whole cells that are compared. `per_turn` says that
    samples are scored in each of several turns, so that counts are of turns.
    """

    model: str
    inducer: str
    value: str
    parameters: Mapping[str, Any]
    seed: int
    eval: str
    judge: str
    judge_baseline: bool
    metric: str
    rate: MeanEstimate
    contrast: Contrast | None
    share: bool
    unscored: Mapping[str, int]
    transcripts: str
    q: float | None = None
    family: str = ""
    cut_offs: CutOffs = field(default_factory=CutOffs)
    vanilla_cut_offs: CutOffs | None = None
    per_turn: bool = False

    @property
    def induced(self) -> bool:
        """True where the metric is the expression of the value that was induced."""
        return bool(self.value) and self.metric == EXPRESSION + self.value

    @property
    def mcnemar_p(self) -> float | None:
        """McNemar's p-value where the scores are 0 and 1. It assumes independent samples whatever
        their clusters, so the contrast's p-value is the one to rely on."""
        # Counts of gained and lost samples exist only where every score is 0 or 1.
        c = self.contrast
        if c is None or c.gained is None or c.lost is None:
            return None
        return mcnemar_p(c.gained, c.lost)

    @property
    def mark(self) -> str:
        """The mark "†" where the interval excludes zero also after Benjamini-Hochberg, "*" where it
        does so only before."""
        if self.contrast is None or not self.contrast.excludes_zero:
            return ""
        return "†" if self.q is not None and self.q <= 0.05 else "*"


@dataclass(frozen=True, slots=True)
class Expression:
    """The values that a judge found in a cell's transcripts, induced or not: `counts` of the
    `scored` samples that hold each, the most frequent first."""

    model: str
    inducer: str
    value: str
    parameters: Mapping[str, Any]
    seed: int
    eval: str
    judge: str
    scored: int
    counts: Mapping[str, float]


def expression(cell: CellResult, outcomes: Outcomes) -> Expression | None:
    """Return the values that a cell's transcripts express; None where its eval asks for none."""
    if outcomes.expressed is None:
        return None
    expressed = outcomes.expressed
    return Expression(
        **cell.subject, seed=cell.seed, scored=expressed.scored, counts=expressed.counts
    )


def share(metric: str, span: ScoreRange, not_shares: Sequence[str]) -> bool:
    """Return if a metric's scores are shares: within [0, 1], and none of `not_shares` by name."""
    return span.sure and not any(fits(metric, pattern) for pattern in not_shares)


def fits(metric: str, pattern: str) -> bool:
    """Return if a pattern, which may end in `*`, stands for a metric."""
    # Not fnmatch: metrics may hold brackets and question marks.
    return metric == pattern or (pattern[-1:] == "*" and metric.startswith(pattern[:-1]))
