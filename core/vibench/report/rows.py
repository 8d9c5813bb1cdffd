"""Finished and failed cells, and the rows of a report: the rate, and what changed against
vanilla."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from vibench.report.cut_offs import CutOffs
from vibench.report.outcomes import EXPRESSION, Outcomes, load_outcomes
from vibench.stats import Contrast, Estimate, Span, mcnemar_p

__all__ = ["CellResult", "Expression", "FailedCell", "Row", "expression", "fits", "share"]


class SubjectLabels(TypedDict):
    """What rows about a subject in an eval are labelled by, but for the seed."""

    model: str
    inducer: str
    value: str
    eval: str
    judge: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CellResult:
    """A finished cell of the matrix.

    `inducer` is "none" for the vanilla model, whose `value` is "". `judge` is a label
    (`judge_labels`), "" where the eval measures without one. `parameters` are flat
    ("dpo.beta": 0.1), those of inducers, eval, judge and sampling alike; a vanilla cell has all
    but the inducers'. `outcomes` may be the Parquet file they are in: it is then read when its
    turn comes. `metrics` is the
    eval's order of metrics (`*` at the end stands for any), and `not_shares` those that are
    not shown in percent. `transcripts` and `verdicts` say where these lie, `key` is the
    outcomes' key in the store, and `run` the run it is of. `cut_offs` counts answers and replies.
    `known_values` are the only ones that the judge can find in an answer, any if None.
    """

    model: str
    inducer: str
    value: str
    eval: str
    judge: str
    outcomes: Outcomes | Path
    judge_baseline: bool = False
    seed: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    transcripts: str = ""
    verdicts: str = ""
    key: str = ""
    run: str = ""
    not_shares: tuple[str, ...] = ()
    cut_offs: CutOffs = field(default_factory=CutOffs)
    known_values: frozenset[str] | None = None

    @property
    def subject(self) -> SubjectLabels:
        """What rows about this cell, of whatever seed, are labelled by."""
        return {
            "model": self.model,
            "inducer": self.inducer,
            "value": self.value,
            "eval": self.eval,
            "judge": self.judge,
            "parameters": self.parameters,
        }

    @property
    def vanilla(self) -> bool:
        """Whether the model is untouched."""
        return self.inducer == "none"

    def serves(self, other: CellResult) -> bool:
        """Whether this is a vanilla cell that `other` is compared with: the same but for
        inducer, value, and the parameters that only `other` has (its inducer's)."""
        same = ("model", "eval", "judge", "seed")
        return (
            self.vanilla
            and all(getattr(self, name) == getattr(other, name) for name in same)
            and dict(other.parameters) == {**other.parameters, **self.parameters}
        )

    def load(self, values: Collection[str] | None) -> Outcomes:
        """The outcomes, from the file if need be; `values` as in `load_outcomes`."""
        if isinstance(self.outcomes, Outcomes):
            return self.outcomes
        return load_outcomes(self.outcomes, values, self.known_values)


@dataclass(frozen=True, slots=True)
class FailedCell:
    """A cell without a result, and why."""

    model: str
    inducer: str
    value: str
    eval: str
    judge: str
    cause: str
    seed: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)


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
    rate: Estimate
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
        """Whether the metric is the expression of the very value that was induced."""
        return bool(self.value) and self.metric == EXPRESSION + self.value

    @property
    def mcnemar_p(self) -> float | None:
        """McNemar's p-value where the scores are 0 and 1. It takes samples as independent,
        whatever their clusters: the contrast's own p-value is the one to go by."""
        c = self.contrast
        if c is None or c.gained is None or c.lost is None:
            return None
        return mcnemar_p(c.gained, c.lost)

    @property
    def mark(self) -> str:
        """† the interval excludes zero, also after Benjamini-Hochberg; * before it only."""
        if self.contrast is None or not self.contrast.excludes_zero:
            return ""
        return "†" if self.q is not None and self.q <= 0.05 else "*"


@dataclass(frozen=True, slots=True)
class Expression:
    """Every value that a cell's judge found in its transcripts, whether it was induced
    somewhere or not: how many of `of` scored samples hold it, the most frequent first."""

    model: str
    inducer: str
    value: str
    parameters: Mapping[str, Any]
    seed: int
    eval: str
    judge: str
    of: int
    counts: Mapping[str, float]


def expression(cell: CellResult, own: Outcomes) -> Expression | None:
    """What a cell's transcripts express; None where its eval does not ask that."""
    if own.expressed is None:
        return None
    expressed = own.expressed
    return Expression(**cell.subject, seed=cell.seed, of=expressed.of, counts=expressed.counts)


def share(metric: str, of: Span, others: Sequence[str]) -> bool:
    """Return if a metric's scores are shares: within [0, 1], and not of `others` by its name."""
    return of.sure and not any(fits(metric, pattern) for pattern in others)


def fits(metric: str, pattern: str) -> bool:
    """Return if a pattern, which may end in `*`, stands for a metric."""
    return metric == pattern or (pattern[-1:] == "*" and metric.startswith(pattern[:-1]))
