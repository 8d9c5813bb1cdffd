"""Processes of this machine: whether one is dead, known for certain or not at all."""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["is_dead", "this_process"]


def this_process() -> dict[str, Any]:
    """Return the description of this process that tells it from all others, for JSON."""
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
    """Return whether a process that `this_process` described was on this machine and has ended.

    False where that cannot be known.
    """
    # Of another machine, or before a restart of this one, nothing is known here.
    if not about.get("machine") or about["machine"] != _machine() or not about.get("began"):
        return False
    try:
        # Numbers of processes are used again; the time at which one began is not.
        return _beginning(int(about["pid"])) != str(about["began"])
    except (OSError, KeyError, TypeError, ValueError):
        return False


@functools.cache
def _machine() -> str:
    """Return a text that is the same only for this machine since its start, and this table of
    processes; "" where there is none."""
    # Containers on one machine share its boot id and have tables of processes of their own.
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _beginning(pid: int) -> str:
    """Return the time at which a process of this machine began; "" if there is none (any more)."""
    try:
        # The second field is the program's name in parentheses, which may itself hold any of them.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # A zombie has ended; it only waits for its parent to notice.
    return "" if fields[0] in ("Z", "X") else fields[19]
