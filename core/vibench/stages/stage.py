"""A stage: one unit of work in a plan, of one kind, with a content key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vibench.sessions.configs import PluginConfig
from vibench.sessions.stage_work import Need
from vibench.stages.specification import NOTHING, Holding, StageSpec

__all__ = ["Stage", "plugin_configs"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One unit of work.

    `spec` is enough to do the work from, and its class is the stage's kind. `work` says how
    much there is to do, in units of its own ("completions", "requests", "verdicts",
    "trainings"). `likeness` is the key without the identity of plugins' code: two stages of one
    likeness are the same work by other versions of plugins.
    """

    key: str
    label: str
    needs: tuple[Need, ...]
    spec: StageSpec
    holding: Holding = NOTHING
    work: Mapping[str, int] = field(default_factory=dict)
    likeness: str = ""

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self.spec.kind

    @property
    def need_keys(self) -> tuple[str, ...]:
        """The keys of the stages that come before it."""
        return tuple([need.key for need in self.needs])

    @property
    def group(self) -> str:
        """The identity of the base model that it holds on a device, "" if it holds none."""
        return self.holding.identity if self.holding.form == "model" else ""

    def table(self) -> dict[str, Any]:
        """Return it as JSON, for another process."""
        return {
            "kind": self.kind,
            "key": self.key,
            "label": self.label,
            "needs": self.needs,
            "spec": self.spec.table(),
            "holding": self.holding,
            "work": self.work,
            "likeness": self.likeness,
        }


def plugin_configs(stages: Iterable[Stage]) -> Iterator[PluginConfig]:
    """Yield the plugins that stages name, those that several share once."""
    seen: set[int] = set()
    for stage in stages:
        for config in stage.spec.plugins():
            # By the object, as hundreds of thousands of fields hold a few dozen of them.
            if id(config) not in seen:
                seen.add(id(config))
                yield config
