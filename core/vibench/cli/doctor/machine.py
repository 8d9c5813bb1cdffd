"""The program, its interpreter, and the devices of this machine."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from vibench.version import INTERFACE, __version__

__all__ = ["devices", "home_as_tilde", "program"]

GIB = 1024**3


def home_as_tilde(path: str | Path) -> str:
    """Return a path with the home folder written as ~, which names no user."""
    text, home = str(path), str(Path.home())
    within = text == home or text.startswith(home + os.sep)
    return "~" + text[len(home) :] if within and home != os.sep else text


def program() -> list[tuple[str, str]]:
    """Return the versions of vibench, Python and the operating system."""
    return [
        ("vibench", f"{__version__}, plugin interface {INTERFACE}"),
        ("Python", f"{platform.python_version()} at {home_as_tilde(sys.executable)}"),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
    ]


def devices() -> list[tuple[str, str]]:
    """Return the processors, the memory and the accelerators that a run would use."""
    rows = [
        # The cores that this process may use, which a container or Slurm may limit.
        ("CPU cores", str(len(os.sched_getaffinity(0)))),
        ("memory", _memory()),
        ("disk", f"{shutil.disk_usage(Path.cwd()).free / GIB:.0f} GiB free in this folder"),
    ]
    if os.environ.get("SLURM_JOB_ID"):
        rows.append(("Slurm job", os.environ["SLURM_JOB_ID"]))
    # Looking for it is instant, importing it is not.
    if find_spec("torch") is None:
        return [*rows, ("devices", "torch is not installed, so no model runs on this machine")]
    try:
        import torch
    except (ImportError, OSError) as error:  # A build for another machine, most often.
        return [*rows, ("devices", f"torch cannot be imported: {error}")]
    names = []
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        names.append(f"cuda:{index} {properties.name}, {properties.total_memory / GIB:.0f} GiB")
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*rows, ("devices", "; ".join(names) or "no GPU: models run on the CPU")]


def _memory() -> str:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    except (OSError, ValueError):  # Not every system says.
        return "not known"
    # A container's limit is what a run can use, whatever the machine has.
    limit = Path("/sys/fs/cgroup/memory.max")
    bound = limit.read_text().strip() if limit.is_file() else "max"
    within = min(total, int(bound) / GIB) if bound.isdigit() else total
    return f"{within:.1f} GiB"
