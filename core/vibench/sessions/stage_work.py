"""One stage to do, for whatever of sessions serves its body: needs, plugins, subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from vibench.errors import PluginError
from vibench.plugin_errors import title
from vibench.records import Adapter, Subject

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.sessions.configs import PluginConfig, SubjectRecord
    from vibench.store.artefacts import Artefact, Store

__all__ = ["Need", "Progress", "StageRecord", "StageWork"]

Progress = Callable[[int, int, str], None]


class Need(NamedTuple):
    """A result that a stage needs: what the stage calls it, its kind, and its key."""

    name: str
    kind: str
    key: str


class StageRecord(Protocol):
    """A stage as sessions see it."""

    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def needs(self) -> tuple[Need, ...]: ...
    @property
    def spec(self) -> object: ...
    @property
    def group(self) -> str: ...
    @property
    def work(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class StageWork:
    """One stage to do: where its needs are, where its result goes, how to report progress."""

    stage: StageRecord
    store: Store
    plugins: Plugins
    folder: Path
    progress: Progress

    def need(self, name: str) -> Artefact:
        """Return the result that the stage needs under this name. Raises CorruptArtefact."""
        return self.needs(name)[0]

    def needs(self, name: str) -> list[Artefact]:
        """Return all that it needs under this name, in order. Raises CorruptArtefact."""
        return [
            self.store.open(need.kind, need.key) for need in self.stage.needs if need.name == name
        ]

    def plugin(self, config: PluginConfig) -> Any:
        """Return a plugin of the stage, with its parameters.

        Raises PluginError if its code is not what it was when the stage was planned: what it
        does would be stored as the work of the code before.
        """
        kind, name, planned = config.kind, config.name, config.plugin
        # Planning and this moment may be hours apart, in two processes: a developer saves a file
        # in between.
        if planned is not None and self.plugins.identity(kind, name).record != planned:
            raise PluginError(
                f"{title(self.plugins.entry(kind, name))} has changed since the run was planned.",
                "Rerun the same command: it plans with the new code.",
            )
        return self.plugins.build(kind, name, config.asked)

    def subject(self, record: SubjectRecord) -> Subject:
        """Return a subject of the stage, with its adapter as the store has it."""
        subject = Subject(record.model, None, record.system, record.template_system)
        for need in self.stage.needs:
            if need.key == record.adapter:
                # The adapter is among the needs, so it is in the store by now, and its files are
                # checked as they are opened.
                path = self.store.open(need.kind, need.key).folder
                adapter = Adapter(need.key, record.model.identity, str(path))
                subject = replace(subject, adapter=adapter)
        return subject
