"""The uses that a run makes of models and data, in the words of its options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.verdicts import VerdictsSpec

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.records import Model
    from vibench.sessions.configs import EngineConfig
    from vibench.stages.specification import StageSpec

__all__ = ["Use", "purposes", "use_of", "uses_of_engine", "way_out"]

MAX_EVALS = 4
"""Evals that a message names."""


@dataclass(frozen=True, slots=True)
class Use:
    """A purpose of a model or of data: "the judge 'mistral'", on the answers of `eval`."""

    text: str
    eval: str = ""
    is_judge: bool = False


def use_of(spec: StageSpec, role: str, model: Model) -> Use:
    """Return the purpose of a model that plays `role` in a stage."""
    if isinstance(spec, JudgedSpec):
        judge = f"the judge '{spec.judge.name}'"
        if isinstance(spec, VerdictsSpec):
            return Use(judge, spec.eval.name, is_judge=True)
        return Use(f"{judge} of the pairs' values")
    if role == "simulator":
        return Use(f"the simulator '{model.name}'")
    return Use(f"the cells of '{model.name}'")


def uses_of_engine(specs: Iterable[StageSpec], engine: EngineConfig) -> Iterator[Use]:
    """Yield the purposes of the models that an engine runs or asks."""
    for spec in specs:
        for role, (model, used) in spec.models().items():
            if used == engine:
                yield use_of(spec, role, model)


def purposes(uses: Iterable[Use]) -> str:
    """Return "the judge 'mistral' of advbench, issuebench; the model 'x'"."""
    evals: dict[str, list[str]] = {}
    for use in dict.fromkeys(uses):
        evals.setdefault(use.text, []).extend([use.eval] if use.eval else [])
    return "; ".join(f"{text}{_of(names)}" for text, names in evals.items())


def _of(names: Sequence[str]) -> str:
    rest = len(names) - MAX_EVALS
    listed = ", ".join(names[:MAX_EVALS]) + (f" and {rest} more" if rest > 0 else "")
    return f" of {listed}" if names else ""


def way_out(uses: Sequence[Use], plugins: Plugins) -> str:
    """Return the option that does without the models of judges; "" where others are needed too."""
    if uses and all(use.is_judge for use in uses) and "rules" in plugins.names("judge"):
        return " Or judge without a model: --judge rules."
    return ""
