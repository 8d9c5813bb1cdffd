"""The kinds of stages: the one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vibench.sessions.stage_work import Need
from vibench.stages.adapter import AdapterSpec
from vibench.stages.annotation import AnnotationSpec
from vibench.stages.outcomes import OutcomesSpec
from vibench.stages.pairs import PairsSpec
from vibench.stages.receipt import ReceiptSpec
from vibench.stages.reference import ReferenceSpec
from vibench.stages.samples import SamplesSpec
from vibench.stages.specification import Holding, StageSpec
from vibench.stages.stage import Stage
from vibench.stages.subset import SubsetSpec
from vibench.stages.transcripts import TranscriptsSpec
from vibench.stages.values import ValuesSpec
from vibench.stages.verdicts import VerdictsSpec
from vibench.stages.verification import VerificationSpec

__all__ = ["KINDS", "order", "stage_of", "until_kinds"]

KINDS: dict[str, type[StageSpec]] = {
    spec.kind: spec
    for spec in (
        SamplesSpec,
        PairsSpec,
        ValuesSpec,
        SubsetSpec,
        AnnotationSpec,
        ReferenceSpec,
        AdapterSpec,
        ReceiptSpec,
        TranscriptsSpec,
        VerificationSpec,
        VerdictsSpec,
        OutcomesSpec,
    )
}
"""By name, in the order in which a model's stages are done: what training waits for, training,
everything that is asked of one loaded model, and last what is asked of judges."""


def order(kind: str) -> int:
    """Return a kind's place in that order."""
    return list(KINDS).index(kind)


def until_kinds() -> tuple[str, ...]:
    """Return the kinds that a run can be told to end with."""
    return tuple(name for name, spec in KINDS.items() if spec.until)


def stage_of(table: Mapping[str, Any]) -> Stage:
    """Return the stage that `Stage.table` wrote."""
    return Stage(
        table["key"],
        table["label"],
        tuple(Need(*need) for need in table["needs"]),
        # By the table, so that a kind that was added to it needs nothing else here.
        KINDS[table["kind"]].of(table["spec"]),
        Holding(*table["holding"]),
        table["work"],
        table["likeness"],
    )
