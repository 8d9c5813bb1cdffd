"""Artefacts on disk: content-addressed, written atomically, checked when read.

    .vibench/
      artefacts/KIND/KEY/     files and manifest.json (sizes, hashes, provenance)
      ledgers/NAME/*.parquet  rows of unfinished stages, one file a committed shard
      scratch/KEY/            checkpoints of unfinished training
      runs/ID/                what was asked, what came of it
      locks/  tmp/  corrupt/

A stage's artefact appears by one rename, so it is there whole or not at all. A ledger's
shard likewise: a kill costs at most the shard in the making. Any number of processes may
share a store: a stage is made under a lease, shards have unique names.

What the operating system refuses for now (too many open files, a network that is away) is an
error in words and changes nothing. Only content that is not what its hash says, and files that
are missing from a folder that is there, are damage: they are set aside under `corrupt/`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench.errors import StoreError, StoreFault, VibenchError
from vibench.store.files import (
    explain,
    read_small,
    read_whole,
    replacing,
    sha256,
    sync,
    unless_missing,
)
from vibench.store.leases import Lease, Leases
from vibench.store.ledgers import Ledger

__all__ = [
    "FORMAT",
    "MANIFEST",
    "Artefact",
    "CorruptArtefact",
    "Ledger",
    "Store",
    "explain",
    "replacing",
    "sha256",
]

FORMAT = 2
MANIFEST = "manifest.json"
MARKER = "store.json"


class CorruptArtefact(VibenchError):
    """An artefact's files are not what its manifest says. It has been set aside."""

    def __init__(self, kind: str, key: str, why: str) -> None:
        super().__init__(f"The stored {kind} {key[:12]} was damaged ({why}); it is made again.")
        self.kind = kind
        self.key = key


class _Damage(Exception):
    """An artefact's content is not what was written."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A finished stage's result."""

    kind: str
    key: str
    folder: Path
    manifest: Mapping[str, Any]

    def file(self, name: str) -> Path:
        return self.folder / name


class Store:
    """A folder of artefacts. Cheap to make: touches the disk on first use."""

    def __init__(self, root: Path | str) -> None:
        if "://" in str(root):
            raise StoreError(
                f"The store '{root}' is a URL; stores are folders.",
                "Name a folder on a local or shared filesystem with --store.",
            )
        self.root = Path(root)
        self._artefacts = str(self.root / "artefacts")
        self.leases = Leases(self.root)
        self.tell: Callable[[str], None] = _to_stderr
        """Who is told of what was set aside from ledgers."""
        self._verified: set[Path] = set()

    # -- opening -----------------------------------------------------------------

    def prepare(self) -> None:
        """Make the folder, and prove that it can be written to.

        Raises StoreError when it is read-only, full, or of a newer format.
        """
        with self.explained():
            try:
                for name in ("artefacts", "ledgers", "scratch", "runs", "locks", "tmp"):
                    (self.root / name).mkdir(parents=True, exist_ok=True)
            except FileNotFoundError as e:  # Below /proc, say: no folder can be made there, ever.
                raise StoreError(
                    f"The store {self.root} cannot be made there ({e.strerror}).",
                    "Name a folder that can be written to with --store.",
                ) from e
            if not self.check_format():
                self._write(self.root / MARKER, json.dumps({"format": FORMAT}) + "\n")
            probe = self.root / "tmp" / f"probe-{uuid.uuid4().hex}"
            probe.write_bytes(b"\0" * 4096)
            probe.unlink()

    def check_format(self) -> bool:
        """Whether there is a store, of this version's format.

        Raises StoreError for one of another format, saying what to do.
        """
        with self.explained():
            try:
                found = json.loads((self.root / MARKER).read_text()).get("format")
            except FileNotFoundError:
                return False
        if found == FORMAT:
            return True
        if isinstance(found, int) and found < FORMAT:
            raise StoreError(
                f"The store {self.root} was written by an earlier version of vibench: it has "
                f"format {found}, and this version reads {FORMAT}.",
                "Take over what was paid for into a new store: vibench store import "
                f"{self.root} --store NEW. Its results can be read by the version that wrote it.",
            )
        raise StoreError(
            f"The store {self.root} has format {found}; this version reads {FORMAT}.",
            "Name another folder with --store, or use the version that wrote it.",
        )

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the operating system's refusals into a sentence and a way out."""
        try:
            yield
        except OSError as e:
            raise explain(e, self.root) from e
        except json.JSONDecodeError as e:
            raise StoreError(
                f"{self.root / MARKER} is not JSON ({e}).",
                "Name another folder with --store; this one was not made by vibench.",
            ) from e

    # -- artefacts ---------------------------------------------------------------

    def folder(self, kind: str, key: str) -> Path:
        """Where an artefact lies once it is made."""
        return Path(self.place(kind, key))

    def place(self, kind: str, key: str, file: str = "") -> str:
        """Return `folder` (or a file in it) as text, which is made in a tenth of the time that
        a path takes: reports ask it of every cell, several times."""
        folder = f"{self._artefacts}/{kind}/{key[:2]}/{key}"
        return f"{folder}/{file}" if file else folder

    def has(self, kind: str, key: str) -> bool:
        """Whether the artefact is there and no file of it was touched since it was made.

        A damaged one is set aside. Raises StoreError if it cannot be told.
        """
        return self.whole_manifest(kind, key) is not None

    def whole_manifest(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Return the manifest of an artefact that the store `has`, else None."""
        try:
            return self._examined(self.place(kind, key), every=False)
        except _Damage as e:
            self._set_aside(kind, key, str(e))
            return None

    def keys(self, kind: str) -> list[str]:
        """The keys of a kind's artefacts, the oldest first."""
        self.check_format()
        found: list[tuple[int, str]] = []
        with self.explained():
            # Not glob: it passes over what may not be read.
            for part in _listed(self.root / "artefacts" / kind):
                for folder in _listed(part):
                    with contextlib.suppress(FileNotFoundError):
                        found.append(((folder / MANIFEST).stat().st_mtime_ns, folder.name))
        return [key for _, key in sorted(found)]

    def listing(self) -> Callable[[str, str], bool]:
        """Return a test of whether an artefact has a folder, for asking after many: it lists
        each folder of the store once, so it does not see what is made later."""
        shards: dict[tuple[str, str], frozenset[str]] = {}

        def has_folder(kind: str, key: str) -> bool:
            shard = kind, key[:2]
            if shard not in shards:
                with self.explained():
                    folders = _listed(self.folder(kind, key).parent)
                    shards[shard] = frozenset(folder.name for folder in folders)
            return key in shards[shard]

        return has_folder

    def open(self, kind: str, key: str) -> Artefact:
        """The artefact, every file checked against its hash once per process.

        Raises CorruptArtefact (after setting it aside) when it is damaged or missing, and
        StoreError when it cannot be read for another cause.
        """
        folder = self.folder(kind, key)
        try:
            manifest = self._examined(str(folder), every=folder not in self._verified)
        except _Damage as e:
            self._set_aside(kind, key, str(e))
            raise CorruptArtefact(kind, key, str(e)) from e
        if manifest is None:
            raise CorruptArtefact(kind, key, "it is missing")
        self._verified.add(folder)
        return Artefact(kind, key, folder, manifest)

    def manifest(self, kind: str, key: str) -> dict[str, Any] | None:
        """An artefact's manifest as it stands; None if there is none, or it is not JSON.

        Raises StoreError if it cannot be read.
        """
        try:
            found = json.loads(read_whole(self.folder(kind, key) / MANIFEST, self.root))
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _examined(self, folder: str, *, every: bool) -> Mapping[str, Any] | None:
        """The manifest of an artefact whose files are whole (all hashed with `every`, else only
        those that were touched); None if there is none.

        Raises _Damage for content that is not what was written, and files that are missing
        from a folder that is there; StoreError for what cannot be read.
        """
        name = MANIFEST
        try:
            with unless_missing(self.root):
                manifest: dict[str, Any] = json.loads(read_small(f"{folder}/{MANIFEST}"))
                for name, facts in manifest["files"].items():
                    path = f"{folder}/{name}"
                    status = os.stat(path)  # noqa: PTH116
                    if status.st_size != facts["bytes"]:
                        raise _Damage(f"{name} has {status.st_size} bytes, not {facts['bytes']}")
                    touched = status.st_mtime_ns != facts["mtime_ns"]
                    if (touched or every) and sha256(Path(path)) != facts["sha256"]:
                        raise _Damage(f"{name} has another content")
        except FileNotFoundError as e:
            if not self._is_there(Path(folder)):
                return None
            raise _Damage(f"{name} is missing") from e
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise _Damage(f"{MANIFEST}: {e}") from e
        return manifest

    def _is_there(self, folder: Path) -> bool:
        try:
            with unless_missing(self.root):
                folder.stat()
        except FileNotFoundError:
            return False
        return True

    def _set_aside(self, kind: str, key: str, why: str) -> None:
        aside = self.root / "corrupt" / f"{kind}-{key}-{uuid.uuid4().hex[:6]}"
        try:
            with unless_missing(self.root):
                aside.parent.mkdir(exist_ok=True)
                self.folder(kind, key).rename(aside)
        except FileNotFoundError:
            return  # another process did
        except StoreError as e:
            if isinstance(e, StoreFault):
                raise
            return  # who only reads may not move it; to them it is as good as gone
        with contextlib.suppress(OSError):
            (aside / "why.txt").write_text(why + "\n")

    @contextlib.contextmanager
    def making(self, kind: str, key: str, manifest: dict[str, Any]) -> Iterator[Path]:
        """A folder to fill; on a clean exit it becomes the artefact, else it is gone.

        `manifest` may still be filled while the folder is: it is written last. Raises LeaseLost
        where the stage was under a lease that another process has taken over.
        """
        folder = self.root / "tmp" / f"{kind}-{key}-{uuid.uuid4().hex[:8]}"
        with self.explained():
            folder.mkdir(parents=True)
        try:
            yield folder
            with self.explained():
                self._commit(kind, key, folder, manifest)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _commit(self, kind: str, key: str, folder: Path, manifest: dict[str, Any]) -> None:
        files = {}
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            sync(path)
            stat = path.stat()
            files[path.relative_to(folder).as_posix()] = {
                "bytes": stat.st_size,
                "sha256": sha256(path),
                "mtime_ns": stat.st_mtime_ns,
            }
        whole = {"format": FORMAT, "kind": kind, "key": key, **manifest, "files": files}
        self._write(folder / MANIFEST, json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
        target = self.folder(kind, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.leases.check(key)
        try:
            folder.rename(target)
        except OSError as e:
            # Another process was quicker with the same content: theirs is as good as ours,
            # unless it is damaged, and has now been set aside.
            if e.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            if not self.has(kind, key):
                folder.rename(target)
        self._verified.discard(target)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")

    # -- work in progress --------------------------------------------------------

    def ledger(self, name: str) -> Ledger:
        """Rows of an unfinished stage (or shared by several: references)."""
        return Ledger(self.root, name, self.tell)

    def scratch(self, key: str) -> Path:
        """A folder that survives a kill, for checkpoints."""
        folder = self.root / "scratch" / key
        with self.explained():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def clear(self, key: str) -> None:
        """Forget the scratch and the ledger of a stage whose artefact is made."""
        shutil.rmtree(self.root / "scratch" / key, ignore_errors=True)
        shutil.rmtree(self.root / "ledgers" / key, ignore_errors=True)

    def lock(self, key: str) -> Lease | None:
        """The lease of a stage, or None while another process holds it.

        It ends when it is closed or its process has died, however it died.
        """
        return self.leases.take(key)

    # -- runs ----------------------------------------------------------------------

    def run_folder(self, run: str) -> Path:
        folder = self.root / "runs" / run
        with self.explained():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def runs(self) -> list[str]:
        """Run ids, the most recently touched last."""
        self.check_format()
        folder = self.root / "runs"
        with self.explained():
            if not folder.is_dir():
                return []
            found = [p / "run.json" for p in folder.iterdir() if (p / "run.json").exists()]
            return [p.parent.name for p in sorted(found, key=lambda p: p.stat().st_mtime_ns)]

    def write_run(self, run: str, record: Mapping[str, Any]) -> None:
        with self.explained():
            self._write(
                self.run_folder(run) / "run.json",
                json.dumps(record, indent=1, ensure_ascii=False) + "\n",
            )

    def read_run(self, run: str) -> dict[str, Any]:
        with self.explained():
            record: dict[str, Any] = json.loads((self.root / "runs" / run / "run.json").read_text())
            return record


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _to_stderr(text: str) -> None:
    print(f"vibench: {text}", file=sys.stderr)
