"""Processes of this machine: which of them are dead, told without doubt or not at all."""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["is_dead", "this_process"]


def this_process() -> dict[str, Any]:
    """What tells this process from all others, as JSON."""
    return _process(os.getpid())


@functools.cache
def _process(pid: int) -> dict[str, Any]:
    return {
        "machine": _machine(),
        "host": socket.gethostname(),
        "pid": pid,
        "began": _beginning(pid),
    }


def is_dead(about: Mapping[str, Any]) -> bool:
    """Whether what `this_process` said of a process is of one that was on this machine and is
    there no more. False where that cannot be known."""
    if not about.get("machine") or about["machine"] != _machine() or not about.get("began"):
        return False
    try:
        return _beginning(int(about["pid"])) != str(about["began"])
    except (OSError, KeyError, TypeError, ValueError):
        return False


@functools.cache
def _machine() -> str:
    """What tells this start of this machine, and this table of processes, from all others; ""
    where that cannot be known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _beginning(pid: int) -> str:
    """When a process of this machine began; "" if there is none (any more)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in ("Z", "X") else fields[19]
