"""Leftovers of processes that died: folders in `tmp/` and leases in `locks/`.

The name of what lies in `tmp/` ends with the process that made it: its number, the time at which
it began, and a digest of its machine. So it goes as soon as that process is known to be dead.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.errors import StoreError
from vibench.store import lease_files
from vibench.store.files import listed
from vibench.store.processes import is_dead, this_process

if TYPE_CHECKING:
    from vibench.store.leases import Leases

__all__ = ["owner_mark", "remove_leftovers"]

UNKNOWN_SECONDS = 24 * 3600.0
"""Age from which on a file goes whose process cannot be looked up here: one of another machine, or
from before a restart. Only if nobody holds the lease of its stage."""
MARK = re.compile(r"\.(\d+)-(\d+)-([0-9a-f]{8})$")
KEY = re.compile(r"-([0-9a-f]{32})-")


def owner_mark() -> str:
    """Return the end of a name in `tmp/` that tells which process made it."""
    process = this_process()
    return f".{process['pid']}-{process['began'] or 0}-{_machine_digest()}"


def remove_leftovers(root: Path, leases: Leases, now: float = 0.0) -> None:
    """Remove what dead processes left in `tmp/` and `locks/`; never what a live one uses.

    `now` is the time by the filesystem's clock; without it no file goes for its age. Leases of
    other machines are only watched at first: they go in a later call, once they have not been
    renewed for the life of a lease. What cannot be removed stays.
    """
    with contextlib.suppress(OSError):
        for folder in listed(root / "locks"):
            _end_lease(leases, folder.name)
    with contextlib.suppress(OSError):
        for path in listed(root / "tmp"):
            with contextlib.suppress(OSError):
                if _is_left(path, root, now):
                    _remove(path)


def _end_lease(leases: Leases, name: str) -> None:
    """Remove a lease that is free or whose holder is dead."""
    if name in leases.held:
        return
    # Taken over and given up, as by a process that wants it: of several that try, the file of one
    # that is alive is never the one that goes.
    with contextlib.suppress(OSError, StoreError):
        lease = leases.take(name)
        if lease is not None:
            lease.close()


def _is_left(path: Path, root: Path, now: float) -> bool:
    mark = MARK.search(path.name)
    process = this_process()
    if process["machine"] and mark is not None and mark[3] == _machine_digest():
        return is_dead({"machine": process["machine"], "pid": mark[1], "began": mark[2]})
    key = KEY.search(path.name)
    if key is not None and lease_files.numbers_in(root / "locks" / key[1]):
        return False
    return now - _last_change(path) > UNKNOWN_SECONDS


def _last_change(path: Path) -> float:
    return max(each.lstat().st_mtime for each in (path, *path.rglob("*")))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _machine_digest() -> str:
    return hashlib.sha256(str(this_process()["machine"]).encode()).hexdigest()[:8]
