"""The parts that specifications of stages are made of: plugins, subjects, the place of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from vibench.data import DataFiles
from vibench.records import Model, TemplateSystem

__all__ = [
    "CONFIGS",
    "DataPlace",
    "EngineConfig",
    "EvalConfig",
    "InducerConfig",
    "JudgeConfig",
    "PluginConfig",
    "SourceConfig",
    "SubjectRecord",
]


@dataclass(frozen=True, slots=True)
class PluginConfig:
    """A plugin with its parameters: those that were set (`asked`), and all of them with their
    defaults. `plugin` is the identity of its code when the stage was planned."""

    kind: ClassVar[str]
    checked: ClassVar[bool] = False
    """Whether its `check()` is called before a run begins: it may lack a package or a key."""

    name: str
    asked: Mapping[str, Any]
    parameters: Mapping[str, Any]
    plugin: Mapping[str, str] | None = None


class EngineConfig(PluginConfig):
    """An engine."""

    __slots__ = ()
    kind = "engine"
    checked = True


class InducerConfig(PluginConfig):
    """An inducer."""

    __slots__ = ()
    kind = "inducer"
    checked = True


class EvalConfig(PluginConfig):
    """An eval."""

    __slots__ = ()
    kind = "eval"


class JudgeConfig(PluginConfig):
    """A judge."""

    __slots__ = ()
    kind = "judge"


class SourceConfig(PluginConfig):
    """A source of preference pairs."""

    __slots__ = ()
    kind = "source"


CONFIGS: Mapping[str, type[PluginConfig]] = {
    config.kind: config
    for config in (EngineConfig, InducerConfig, EvalConfig, JudgeConfig, SourceConfig)
}
"""The configuration of each kind of plugin that stages name."""


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """A subject as stages are specified by it: the adapter by the key of its stage."""

    model: Model
    adapter: str | None
    system: str | None
    template_system: TemplateSystem = field(default="replace", metadata={"absent": True})


@dataclass(frozen=True, slots=True)
class DataPlace:
    """The place of the data, for another process to open it; not part of any key."""

    folder: str | None
    embedded: bool
    datasets: Mapping[str, Any]

    def open(self) -> DataFiles:
        """Return the data."""
        return DataFiles(Path(self.folder) if self.folder else None, self.embedded, self.datasets)
