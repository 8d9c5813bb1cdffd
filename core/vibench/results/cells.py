"""Finished and failed cells of a store, as reports, tables and pages read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypedDict

from vibench.results.cut_offs import CutOffs
from vibench.results.outcomes import Outcomes, load_outcomes
from vibench.text import clean

__all__ = ["CellResult", "CellSubject", "FailedCell", "SubjectLabels", "subject_words"]


class SubjectLabels(TypedDict):
    """The labels of rows about a subject in an eval, but for the seed."""

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
    but the inducers'. `outcomes` may be a Parquet file, which `load` reads. `metrics` is the eval's
    order of metrics (`*` at the end stands for any), and `not_shares` those that are
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
    sha256: str = ""

    @property
    def subject(self) -> SubjectLabels:
        """The labels of rows about this cell, of whatever seed."""
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
        """True where nothing was induced into the model."""
        return self.inducer == "none"

    def serves(self, cell: CellResult) -> bool:
        """Return if this is a vanilla cell that `cell` is compared with: the same but for inducer,
        value, and the parameters that only `cell` has (its inducer's)."""
        # Parameters of the eval, the judge and sampling have to agree, or the difference would
        # also be theirs. A vanilla cell has none of an inducer.
        shared = ("model", "eval", "judge", "seed")
        return (
            self.vanilla
            and all(getattr(self, name) == getattr(cell, name) for name in shared)
            and dict(cell.parameters) == {**cell.parameters, **self.parameters}
        )

    def load(self, values: Collection[str] | None) -> Outcomes:
        """Return the outcomes, read if they are in a file; `values` as in `load_outcomes`."""
        if isinstance(self.outcomes, Outcomes):
            return self.outcomes
        return load_outcomes(self.outcomes, values, self.known_values, self.sha256)


NOT_YET = "not reached yet: its run is running"
"""The cause of a cell without a result whose run is under way."""


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


class CellSubject(Protocol):
    """A cell, or a row of a report: it tells what was induced into its model."""

    @property
    def inducer(self) -> str: ...
    @property
    def value(self) -> str: ...


def subject_words(subject: CellSubject) -> str:
    """Return "dpo on empathy", or "vanilla"."""
    if subject.inducer == "none":
        return "vanilla"
    inducer = clean(subject.inducer)
    return f"{inducer} on {clean(subject.value)}" if subject.value else inducer
