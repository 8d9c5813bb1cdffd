"""Leases: who of several processes, on one machine or on many, does a piece of work.

    locks/NAME/0        who holds NAME: a token, where it runs, and a count of beats
    locks/NAME/1        who took it over from a holder whose beats had stopped

A holder beats once a second: it finds its own token in its file and counts one up. Another
process that sees no beat for the life of a lease, by its own clock, takes it over: it creates
the file with the next number, which the filesystem lets exactly one process do, and removes
those before. So a holder that was frozen and wakes up finds its file gone. It looks before it
commits anything, and stops.

Where flock works, a holder also has its file locked, and is not taken for dead while its
process lives, however busy that is; where it does not exist, does nothing, or is not seen by
other machines (some NFS, Lustre and FUSE mounts), the beats alone decide. A holder that was
killed on this machine is known to be dead at once, by the table of processes.

No clocks of two machines are compared, and files are opened before they are read, never only
looked at: network filesystems show others' changes when a file is opened.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from vibench.errors import StoreError, StoreFault
from vibench.store.files import explain
from vibench.store.processes import is_dead, this_process

fcntl: Any = None
with contextlib.suppress(ImportError):  # Windows: the beats alone decide
    fcntl = importlib.import_module("fcntl")

__all__ = ["BEAT_SECONDS", "LIFE_SECONDS", "Lease", "LeaseLost", "Leases"]

BEAT_SECONDS = 1.0
LIFE_SECONDS = 30.0

COUNT_DIGITS = 12


class LeaseLost(StoreFault):
    """Another process has taken the lease over, because its holder seemed dead. What the holder
    was making must not be committed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Another process took over {name[:40]}: for {LIFE_SECONDS:.0f} seconds there was no "
            "sign of life of this one.",
            "Nothing is lost: run the same command again.",
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class _Sight:
    """A holder's file as it was seen, and when it had first been seen like this."""

    place: Path
    content: bytes
    since: float


class Lease:
    """One name, held. It ends when it is closed, or when its process has died.

    `lost` is set by the beats, within seconds of another process's taking over; `check` reads
    the file itself.
    """

    def __init__(self, leases: Leases, name: str, place: Path, token: str) -> None:
        self.leases, self.name, self.place, self.token = leases, name, place, token
        self.lost = False
        self.last_beat = time.monotonic()
        self.adopted = False
        """Whether another process holds it, and beats."""
        self.checked = 0.0
        self._count = 0
        self._guard: int | None = None

    def check(self) -> None:
        """Raise LeaseLost unless the lease is still this holder's."""
        if not self.adopted and time.monotonic() - self.last_beat > 3 * self.leases.beat:
            # Frozen until just now. Who is about to take over sees this, and lets go.
            self.beat()
        if self.lost or not self._own():
            self.lost = True
            raise LeaseLost(self.name)

    def told(self) -> str:
        """As a text, for another process that works for the holder (`Leases.adopt`)."""
        return json.dumps([self.name, self.place.name, self.token])

    def beat(self) -> None:
        """Show a sign of life. A holder that cannot for most of a life has lost the lease:
        others may have it by then."""
        try:
            with self.place.open("r+b") as file:
                if _token(content := file.read()) != self.token:
                    self.lost = True
                    return
                # The count alone is written, in its place, into the file that was just read:
                # never into one that has taken its place since.
                self._count += 1
                file.seek(content.index(b'"beat": "') + len(b'"beat": "'))
                file.write(b"%0*d" % (COUNT_DIGITS, self._count))
        except FileNotFoundError:
            self.lost = True
        except OSError:
            self.lost = time.monotonic() - self.last_beat > 0.7 * self.leases.life
        else:
            self.last_beat = time.monotonic()

    def close(self) -> None:
        """Give the lease up."""
        self.leases.drop(self)
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None
        # What fails here ends by itself, as the lease of a dead process does.
        with contextlib.suppress(OSError, StoreError):
            if not self.lost and self._own():
                self.place.unlink()
                self.place.parent.rmdir()

    def guard(self) -> None:
        """Lock the file too, where that works."""
        if fcntl is None:
            return
        descriptor = os.open(self.place, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            self._guard = descriptor

    def _own(self) -> bool:
        try:
            return _token(self.place.read_bytes()) == self.token
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
        at: TracebackType | None,
    ) -> None:
        self.close()


class Leases:
    """The leases of one store that this process holds, and those that it waits for.

    `beat` and `life` are in seconds, and must be the same in all processes.
    """

    def __init__(self, root: Path, beat: float = BEAT_SECONDS, life: float = LIFE_SECONDS) -> None:
        self.root, self.beat, self.life = root, beat, life
        self.held: dict[str, Lease] = {}
        self._seen: dict[str, _Sight] = {}
        self._lock = threading.Lock()
        self._beating: threading.Thread | None = None

    def take(self, name: str) -> Lease | None:
        """The lease of this name; None while another process holds it."""
        try:
            lease = self._take(self.root / "locks" / name, name)
        except OSError as e:
            raise explain(e, self.root) from e
        if lease is None:
            return None
        self._seen.pop(name, None)
        with self._lock:
            self.held[name] = lease
            if self._beating is None:
                self._beating = threading.Thread(target=self._beat, daemon=True)
                self._beating.start()
        return lease

    def adopt(self, told: str) -> None:
        """Know of a lease that another process holds, for which this one works: it is looked
        at before what it is about is committed."""
        name, number, token = json.loads(told)
        lease = Lease(self, name, self.root / "locks" / name / number, token)
        lease.adopted = True
        self.held[name] = lease

    def drop(self, lease: Lease) -> None:
        with self._lock:
            if self.held.get(lease.name) is lease:
                del self.held[lease.name]

    def check(self, name: str) -> None:
        """Raise LeaseLost if a lease of this name was held, or adopted, and is so no more."""
        if (lease := self.held.get(name)) is not None:
            lease.check()

    def still_held(self, name: str) -> None:
        """The same at little cost, for the middle of work: what the beats found out, or, of an
        adopted lease, the file at most once in a beat."""
        lease = self.held.get(name)
        if lease is None:
            return
        now = time.monotonic()
        if lease.lost or (lease.adopted and now - lease.checked > self.beat):
            lease.checked = now
            lease.check()

    def _take(self, folder: Path, name: str) -> Lease | None:
        last = max(_numbers(folder), default=None)
        seen = None
        if last is not None:
            seen = self._expired(name, folder / str(last))
            if seen is None:
                return None
        number = 0 if last is None else last + 1
        token = uuid.uuid4().hex
        place = folder / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with place.open("xb") as file:
                about = {**this_process(), "token": token, "beat": "0" * COUNT_DIGITS}
                file.write(json.dumps(about).encode())
        except (FileExistsError, FileNotFoundError):
            return None  # another process was quicker, or gave it up just now
        # Whoever was frozen between looking and creating may have come too late.
        numbers = _numbers(folder)
        woken = seen is not None and _read(seen.place) != seen.content
        if woken or max(numbers, default=-1) != number:
            place.unlink(missing_ok=True)
            return None
        for before in numbers:
            if before < number:
                (folder / str(before)).unlink(missing_ok=True)
        lease = Lease(self, name, place, token)
        with contextlib.suppress(OSError):
            lease.guard()
        return lease

    def _expired(self, name: str, place: Path) -> _Sight | None:
        """A holder's file, if its holder is dead or has not beaten for a life."""
        content = _read(place)
        if content is None:
            return None  # given up just now
        now, seen = time.monotonic(), self._seen.get(name)
        if seen is None or (seen.place, seen.content) != (place, content):
            seen = self._seen[name] = _Sight(place, content, now)
        if _locked(place):
            return None
        return seen if is_dead(_about(content)) or now - seen.since > self.life else None

    def _beat(self) -> None:
        while True:
            time.sleep(self.beat)
            with self._lock:
                held = [lease for lease in self.held.values() if not lease.lost]
                if not self.held:
                    self._beating = None
                    return
            for lease in held:
                lease.beat()


def _numbers(folder: Path) -> list[int]:
    try:
        return [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    except FileNotFoundError:
        return []


def _read(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return None


def _token(content: bytes) -> str:
    return str(_about(content).get("token", ""))


def _about(content: bytes) -> Mapping[str, Any]:
    try:
        about = json.loads(content)
    except ValueError:
        return {}  # being written
    return about if isinstance(about, dict) else {}


def _locked(place: Path) -> bool:
    """Whether another process has the file locked by flock: then it lives."""
    if fcntl is None:
        return False
    try:
        descriptor = os.open(place, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # Shared: those who look do not see each other.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a filesystem without locks
    finally:
        os.close(descriptor)
    return False
