"""A plan: stages in order, and the cells of the matrix that they serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vibench.prices import Spending
from vibench.records import Sample, digest
from vibench.stages.stage import Stage

__all__ = ["Cell", "Plan"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of the matrix. `value` is "" and `vanilla` is None for the
    untouched model; `judge` and `verdicts` are "" where the eval measures by itself;
    `settings` holds the parameters that the matrix sweeps."""

    model: str
    inducer: str
    value: str
    eval: str
    judge: str
    seed: int
    settings: Mapping[str, Any]
    outcomes: str
    transcripts: str
    verdicts: str
    vanilla: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Stages in an order in which each comes after its needs, and the cells they serve."""

    stages: Mapping[str, Stage]
    cells: Sequence[Cell]
    samples: Mapping[str, Sequence[Sample]]
    """The samples of each `samples` stage, as read while planning."""
    wanted: tuple[str, ...] = ()
    """Stages wanted for themselves, where no cell is (`vibench data`)."""
    spending: Spending = field(default_factory=Spending)
    """What endpoints cost, and the budget."""
    whole: tuple[str, ...] = ()
    """The targets of the plan that this one is a part of, if it is one."""
    turns: Mapping[str, int] = field(default_factory=dict)
    """How often each sample of a `samples` stage is scored in one metric; once unless said."""

    @property
    def run(self) -> str:
        """The id of its run: the same matrix is the same run, and so is a part of it."""
        return digest(list(self.whole or self.targets()))[:12]

    def targets(self) -> list[str]:
        """Return the keys of the stages that the plan is for: nothing needs to follow them."""
        return [*(cell.outcomes for cell in self.cells), *self.wanted]

    def until(self, kind: str) -> Plan:
        """Return the plan that ends with the stages of this kind, for what comes after to be done
        another time or on another machine."""
        goals = tuple(key for key, stage in self.stages.items() if stage.kind == kind)
        return replace(self, cells=(), wanted=goals, whole=tuple(self.targets()))

    def needed(self, done: Iterable[str]) -> list[Stage]:
        """Return the stages still to be run, given the keys of those that are done."""
        visited = set(done)
        frontier = self.targets()
        todo: set[str] = set()
        while frontier:
            key = frontier.pop()
            if key not in visited:
                visited.add(key)
                todo.add(key)
                frontier.extend(self.stages[key].need_keys)
        return [s for s in self.stages.values() if s.key in todo]
