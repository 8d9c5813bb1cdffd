"""Leases whose holders live, as seen by a process that wants the whole store for itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from vibench.store import lease_files
from vibench.store.files import explain, listed
from vibench.store.leases import Leases
from vibench.store.processes import is_dead

__all__ = ["LeaseWatch"]


class LeaseWatch:
    """A look at all leases of a store. `dead` holds the files whose holders are known to be dead,
    with their contents.

    A holder on another machine can only be watched: it lives if it renews its lease within the
    life of one, which takes up to half a minute to find out.
    """

    def __init__(self, leases: Leases) -> None:
        self.leases = leases
        self.dead: dict[Path, bytes] = {}

    def living(self, ignored: str = "") -> str | None:
        """Return a clause on a lease that a living process holds, None if there is none. One with
        the name `ignored`, the caller's, does not count."""
        try:
            return self._living(ignored)
        except OSError as error:
            raise explain(error, self.leases.root) from error

    def _living(self, ignored: str) -> str | None:
        watched: dict[Path, bytes] = {}
        for path in _files(self.leases.root):
            content = lease_files.read(path)
            if content is None or path.parent.name == ignored or self.dead.get(path) == content:
                continue
            holder = lease_files.holder_in(content)
            if lease_files.is_locked(path):
                return _clause(path, holder)
            if is_dead(holder):
                self.dead[path] = content
            else:
                watched[path] = content
        return self._watch(watched)

    def _watch(self, watched: dict[Path, bytes]) -> str | None:
        deadline = time.monotonic() + self.leases.life
        while watched and time.monotonic() < deadline:
            time.sleep(self.leases.beat / 4)
            for path, content in list(watched.items()):
                latest = lease_files.read(path)
                if latest is None:
                    del watched[path]  # It was given up.
                elif latest != content:
                    return _clause(path, lease_files.holder_in(latest))
        self.dead.update(watched)
        return None


def _files(root: Path) -> list[Path]:
    """Return the file of each lease that counts, the one with the highest number."""
    numbers = {folder: lease_files.numbers_in(folder) for folder in listed(root / "locks")}
    return [folder / str(max(each)) for folder, each in numbers.items() if each]


def _clause(path: Path, holder: Mapping[str, object]) -> str:
    return (
        f"the process {holder.get('pid', '?')} on {holder.get('host', 'an unknown machine')} "
        f"is at work in it (lease {path.parent.name[:40]})"
    )
