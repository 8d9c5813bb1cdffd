"""Leases: one of several processes, on one machine or many, does a piece of work.

    locks/NAME/0        the holder of NAME: a token, where it runs, and a count of beats
    locks/NAME/1        the holder that took over from one whose beats had stopped

A holder beats once a second: it finds its own token in its file and increases the count. Another
process that sees no beat for the life of a lease, by its own clock, takes the lease over: it
creates the file with the next number, which the filesystem lets exactly one process do, and
removes the files before it. So a holder that was suspended and wakes up finds its file gone. It
checks that before it commits anything, and stops (fencing: a late holder can do no harm).

Where flock works, a holder also has its file locked, and is not taken for dead while its
process lives, however busy it is; where flock does not exist, does nothing, or is not seen by
other machines (some NFS, Lustre and FUSE mounts), the beats alone decide. A holder that was
killed on this machine is known to be dead at once, by the table of processes.

The clocks of two machines are never compared. Files are opened and read, rather than their
times looked up: network filesystems show others' changes when a file is opened.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from vibench.errors import StoreError, StoreFault
from vibench.store import lease_files
from vibench.store.files import explain
from vibench.store.processes import is_dead

__all__ = ["BEAT_SECONDS", "LIFE_SECONDS", "Lease", "LeaseLost", "Leases"]

BEAT_SECONDS = 1.0
LIFE_SECONDS = 30.0
"""Seconds without a beat after which a holder is taken for dead: many beats, as a busy network
filesystem may hold up a few."""


class LeaseLost(StoreFault):
    """Another process has taken the lease over because its holder seemed dead. The holder's work
    must not be committed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Another process took over {name[:40]}: this one had shown no sign of life for "
            f"{LIFE_SECONDS:.0f} seconds.",
            "Nothing is lost: run the same command again.",
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class _Sight:
    """A holder's file as it was seen, and the time at which it was first seen like this."""

    path: Path
    content: bytes
    since: float


class Lease:
    """One name, held. It ends when it is closed, or when its process has died.

    `lost` is set by the beats, within seconds of a takeover by another process; `check` reads
    the file itself.
    """

    def __init__(self, leases: Leases, name: str, path: Path, token: str) -> None:
        self.leases, self.name, self.path, self.token = leases, name, path, token
        self.lost = False
        self.last_beat = time.monotonic()
        self.adopted = False
        """True if another process of this run holds it, and beats."""
        self.checked = 0.0
        self._count = 0
        self._guard: int | None = None

    def check(self) -> None:
        """Raise LeaseLost unless the lease is still this holder's."""
        if not self.adopted and time.monotonic() - self.last_beat > 3 * self.leases.beat:
            # Suspended until just now. A process that is about to take over sees this beat, and
            # gives up.
            self.beat()
        if self.lost or not self._is_own():
            self.lost = True
            raise LeaseLost(self.name)

    def as_text(self) -> str:
        """Return the lease as a text for another process that works for the holder
        (`Leases.adopt`)."""
        return json.dumps([self.name, self.path.name, self.token])

    def beat(self) -> None:
        """Show a sign of life, and note if the lease is lost."""
        try:
            if not lease_files.add_beat(self.path, self.token, self._count + 1):
                self.lost = True
                return
            self._count += 1
        except FileNotFoundError:
            self.lost = True
        except OSError:
            # A filesystem may fail for a moment. But a holder that could not beat for most of a
            # life counts as dead: by the time it finds out, another process may hold the lease.
            self.lost = time.monotonic() - self.last_beat > 0.7 * self.leases.life
        else:
            self.last_beat = time.monotonic()

    def close(self) -> None:
        """Give the lease up."""
        self.leases.drop(self)
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None
        # If this fails the lease ends by itself, as that of a dead process does.
        with contextlib.suppress(OSError, StoreError):
            if not self.lost and self._is_own():
                self.path.unlink()
                self.path.parent.rmdir()

    def guard(self) -> None:
        """Lock the file by flock too, where that works."""
        self._guard = lease_files.lock(self.path)

    def _is_own(self) -> bool:
        try:
            return lease_files.token_in(self.path.read_bytes()) == self.token
        except FileNotFoundError:
            return False
        except OSError as e:
            raise explain(e, self.leases.root) from e

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Leases:
    """The leases of one store that this process holds or waits for.

    `beat` and `life` are in seconds, and must be the same in all processes.
    """

    def __init__(self, root: Path, beat: float = BEAT_SECONDS, life: float = LIFE_SECONDS) -> None:
        self.root, self.beat, self.life = root, beat, life
        self.held: dict[str, Lease] = {}
        self._seen: dict[str, _Sight] = {}
        self._lock = threading.Lock()
        self._beating: threading.Thread | None = None

    def take(self, name: str) -> Lease | None:
        """Return the lease of this name, None while another process holds it."""
        try:
            lease = self._take(self.root / "locks" / name, name)
        except OSError as e:
            raise explain(e, self.root) from e
        if lease is None:
            return None
        self._seen.pop(name, None)
        # One thread beats for all leases of the process, and ends with the last of them.
        with self._lock:
            self.held[name] = lease
            if self._beating is None:
                self._beating = threading.Thread(target=self._beat, daemon=True)
                self._beating.start()
        return lease

    def names(self) -> list[str]:
        """Return the names that are held, or were by processes that have died."""
        try:
            return sorted(path.name for path in (self.root / "locks").iterdir())
        except FileNotFoundError:
            return []
        except OSError as e:
            raise explain(e, self.root) from e

    def is_held(self, name: str) -> bool:
        """Return whether a process that may be alive holds the lease of this name. One of another
        machine is taken to live, for the clocks of two machines are not compared."""
        folder = self.root / "locks" / name
        last = max(lease_files.numbers_in(folder), default=None)
        content = None if last is None else lease_files.read(folder / str(last))
        if content is None:
            return False
        return lease_files.is_locked(folder / str(last)) or not is_dead(
            lease_files.holder_in(content)
        )

    def adopt(self, text: str) -> None:
        """Take part in a lease that another process holds (`Lease.as_text`), for which this one
        works."""
        # A worker outlives a run's main process that was killed. It does not beat, but it checks
        # the lease before it commits, as its holder would.
        name, number, token = json.loads(text)
        lease = Lease(self, name, self.root / "locks" / name / number, token)
        lease.adopted = True
        self.held[name] = lease

    def drop(self, lease: Lease) -> None:
        """Forget a lease that was given up."""
        with self._lock:
            if self.held.get(lease.name) is lease:
                del self.held[lease.name]

    def check(self, name: str) -> None:
        """Raise LeaseLost if a lease of this name was held or adopted and is lost now."""
        if (lease := self.held.get(name)) is not None:
            lease.check()

    def check_cheaply(self, name: str) -> None:
        """Raise LeaseLost as `check` does, at little cost, for use in the middle of work."""
        # The beats have read the file of a lease that is held here; that of an adopted one is
        # read at most once in a beat.
        lease = self.held.get(name)
        if lease is None:
            return
        now = time.monotonic()
        if lease.lost or (lease.adopted and now - lease.checked > self.beat):
            lease.checked = now
            lease.check()

    def _take(self, folder: Path, name: str) -> Lease | None:
        """Take a lease that is free, or whose holder is dead; return None if another process has
        it."""
        last = max(lease_files.numbers_in(folder), default=None)
        seen = None
        if last is not None:
            seen = self._expired(name, folder / str(last))
            if seen is None:
                return None
        number = 0 if last is None else last + 1
        token = uuid.uuid4().hex
        path = folder / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        if not lease_files.create(path, token):
            return None
        # This process may itself have been suspended between looking and creating. If the holder
        # has beaten since, or a third process has gone further, the file is withdrawn.
        numbers = lease_files.numbers_in(folder)
        woken = seen is not None and lease_files.read(seen.path) != seen.content
        if woken or max(numbers, default=-1) != number:
            path.unlink(missing_ok=True)
            return None
        # From here on the former holder finds its file gone.
        for before in numbers:
            if before < number:
                (folder / str(before)).unlink(missing_ok=True)
        lease = Lease(self, name, path, token)
        with contextlib.suppress(OSError):
            lease.guard()
        return lease

    def _expired(self, name: str, path: Path) -> _Sight | None:
        """Return a holder's file if its holder is dead or has not beaten for a life, else None."""
        content = lease_files.read(path)
        if content is None:
            return None  # It was given up just now.
        # The time since this process first saw this very content, on its own clock: a beat changes
        # the content, and no time that another machine wrote is needed.
        now, seen = time.monotonic(), self._seen.get(name)
        if seen is None or (seen.path, seen.content) != (path, content):
            seen = self._seen[name] = _Sight(path, content, now)
        if lease_files.is_locked(path):
            return None
        dead = is_dead(lease_files.holder_in(content))
        return seen if dead or now - seen.since > self.life else None

    def _beat(self) -> None:
        while True:
            time.sleep(self.beat)
            with self._lock:
                leases = [lease for lease in self.held.values() if not lease.lost]
                if not self.held:
                    self._beating = None
                    return
            # Outside the lock: a beat may take as long as the filesystem likes.
            for lease in leases:
                lease.beat()
