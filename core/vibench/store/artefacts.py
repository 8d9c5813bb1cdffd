"""Artefacts on disk: content-addressed, written atomically, checked when read.

    .vibench/
      artefacts/KIND/KEY/     files and manifest.json (sizes, hashes, provenance)
      ledgers/NAME/*.parquet  rows of unfinished stages, one file for each committed shard
      scratch/KEY/            checkpoints of unfinished training
      runs/ID/                a run's request and its results
      locks/  tmp/  corrupt/

A stage's artefact appears by one rename, so it is either complete or absent, and so is a ledger's
shard: a kill costs at most the shard that is being written. Any number of processes may share a
store: a stage is made under a lease, and shards have unique names.

If the operating system refuses something for now (too many open files, a network that is away),
that is a StoreError and changes nothing. Only content with another hash, and files that are
missing from a folder that exists, are damage: they are moved to `corrupt/`.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vibench.errors import StoreError, StoreFault
from vibench.store import manifests, store_format
from vibench.store.files import explain, listed, replacing, set_aside, sha256, write_text
from vibench.store.json_files import sealed_text
from vibench.store.leases import Lease, Leases
from vibench.store.ledgers import Ledger
from vibench.store.leftovers import owner_mark, remove_leftovers
from vibench.store.manifests import MANIFEST, Artefact, CorruptArtefact, Damage
from vibench.store.run_records import RECORD, read_record, write_record
from vibench.store.store_format import FORMAT

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


class Store:
    """A folder of artefacts. It touches the disk on first use, not when the object is made."""

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
        """Takes a line for each damaged file."""
        self._verified: set[Path] = set()
        self._unmovable: set[tuple[str, str]] = set()

    def prepare(self) -> None:
        """Make the folder, prove that it can be written to, and remove what dead processes left.

        Raises StoreError if it is read-only, full, or of another format.
        """
        now = store_format.prepare(self.root, self.tell)
        remove_leftovers(self.root, self.leases, now)

    def check_format(self) -> bool:
        """Return whether there is a store of this version's format.

        Raises StoreError for a store of another format, with what to do about it.
        """
        return store_format.check_format(self.root, self.tell)

    def explained(self) -> contextlib.AbstractContextManager[None]:
        """Within it, the operating system's refusals become StoreErrors with a way out."""
        return store_format.explained(self.root)

    def folder(self, kind: str, key: str) -> Path:
        """Return the folder of an artefact, whether it has been made yet or not."""
        return Path(self.place(kind, key))

    def place(self, kind: str, key: str, file: str = "") -> str:
        """Return `folder` (or a file in it) as text.

        It is made in a tenth of the time of a path: reports need it for every cell, several times.
        """
        folder = f"{self._artefacts}/{kind}/{key[:2]}/{key}"
        return f"{folder}/{file}" if file else folder

    def has(self, kind: str, key: str) -> bool:
        """Return whether the artefact exists and is complete.

        A damaged artefact is reported, and moved to `corrupt/`; where the store may only be read,
        it stays and counts as missing. Raises StoreError if a file cannot be read.
        """
        return self.whole_manifest(kind, key) is not None

    def whole_manifest(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Return the manifest of an artefact that the store `has`, else None."""
        try:
            return manifests.examine(self.place(kind, key), self.root, hash_all=False)
        except Damage as e:
            damaged = f"The stored {kind} {key[:12]} was damaged ({e})"
            if self._set_aside(kind, key, str(e)):
                self.tell(f"{damaged}; it has been moved to {self.root / 'corrupt'}.")
            elif (kind, key) not in self._unmovable and self.folder(kind, key).exists():
                self._unmovable.add((kind, key))
                self.tell(f"{damaged}; the store may only be read, so it counts as missing.")
            return None

    def keys(self, kind: str) -> list[str]:
        """Return the keys of a kind's artefacts, the oldest first."""
        self.check_format()
        dated: list[tuple[int, str]] = []
        with self.explained():
            # Not glob, which skips folders that may not be read without an error.
            for part in listed(self.root / "artefacts" / kind):
                for folder in listed(part):
                    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                        dated.append(((folder / MANIFEST).stat().st_mtime_ns, folder.name))
        return [key for _, key in sorted(dated)]

    def listing(self) -> Callable[[str, str], bool]:
        """Return a function that tells whether an artefact has a folder, for questions about many.

        It lists each folder of the store once, so it does not see what is made later.
        """
        shards: dict[tuple[str, str], frozenset[str]] = {}

        def has_folder(kind: str, key: str) -> bool:
            shard = kind, key[:2]
            if shard not in shards:
                with self.explained():
                    folders = listed(self.folder(kind, key).parent)
                    shards[shard] = frozenset(folder.name for folder in folders)
            return key in shards[shard]

        return has_folder

    def open(self, kind: str, key: str) -> Artefact:
        """Return the artefact, every file checked against its hash once per process.

        Raises CorruptArtefact if it is damaged (and then moved to `corrupt/`) or missing, and
        StoreError if it cannot be read for another reason.
        """
        folder = self.folder(kind, key)
        try:
            unverified = folder not in self._verified
            manifest = manifests.examine(str(folder), self.root, hash_all=unverified)
        except Damage as e:
            self._set_aside(kind, key, str(e))
            raise CorruptArtefact(kind, key, str(e)) from e
        if manifest is None:
            raise CorruptArtefact(kind, key, "it is missing")
        self._verified.add(folder)
        return Artefact(kind, key, folder, manifest)

    def manifest(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return an artefact's manifest as it stands; None if there is none, or it is not JSON.

        Raises StoreError if it cannot be read.
        """
        return manifests.read_manifest(self.folder(kind, key), self.root)

    def _set_aside(self, kind: str, key: str, why: str) -> bool:
        """Move a damaged artefact away; return false if another process has, or none may."""
        aside = self.root / "corrupt" / f"{kind}-{key}-{uuid.uuid4().hex[:6]}"
        try:
            if not set_aside(self.folder(kind, key), aside, self.root):
                return False
        except StoreError as e:
            if isinstance(e, StoreFault):
                raise
            return False  # A process that may only read cannot move it.
        with contextlib.suppress(OSError):
            (aside / "why.txt").write_text(why + "\n")
        return True

    @contextlib.contextmanager
    def making(self, kind: str, key: str, manifest: dict[str, Any]) -> Iterator[Path]:
        """A folder to fill; on a clean exit it becomes the artefact, otherwise it is removed.

        `manifest` may be filled while the folder is: it is written last. Raises LeaseLost if the
        stage was under a lease that another process has taken over.
        """
        folder = self.root / "tmp" / f"{kind}-{key}-{uuid.uuid4().hex[:8]}{owner_mark()}"
        with self.explained():
            folder.mkdir(parents=True)
        try:
            yield folder
            with self.explained():
                self._commit(kind, key, folder, manifest)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _commit(self, kind: str, key: str, folder: Path, manifest: dict[str, Any]) -> None:
        files = manifests.facts_of_files(folder)
        content = {"format": FORMAT, "kind": kind, "key": key, **manifest, "files": files}
        write_text(folder / MANIFEST, sealed_text(content))
        target = self.folder(kind, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        # The last moment to find out that another process has taken the stage over: hashing large
        # files took long enough for that.
        self.leases.check(key)
        try:
            folder.rename(target)
        except OSError as e:
            # Another process was quicker with the same content: its artefact is as good as this
            # one, unless it is damaged, and has now been moved away.
            if e.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            if not self.has(kind, key):
                folder.rename(target)
        self._verified.discard(target)

    def ledger(self, name: str) -> Ledger:
        """Return the ledger of an unfinished stage, or one that several stages share."""
        return Ledger(self.root, name, self.tell)

    def scratch(self, key: str) -> Path:
        """Return a folder that survives a kill, for checkpoints."""
        folder = self.root / "scratch" / key
        with self.explained():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def clear(self, key: str) -> None:
        """Remove the scratch and the ledger of a stage whose artefact is made."""
        shutil.rmtree(self.root / "scratch" / key, ignore_errors=True)
        shutil.rmtree(self.root / "ledgers" / key, ignore_errors=True)

    def lock(self, key: str) -> Lease | None:
        """Return the lease of a stage, or None while another process holds it.

        It ends when it is closed, or when its process has died in any way.
        """
        return self.leases.take(key)

    def run_folder(self, run: str) -> Path:
        """Return the folder of a run, which is made if need be."""
        folder = self.root / "runs" / run
        with self.explained():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def runs(self) -> list[str]:
        """Return the ids of all runs, the most recently changed last."""
        self.check_format()
        folder = self.root / "runs"
        with self.explained():
            if not folder.is_dir():
                return []
            records = [p / RECORD for p in folder.iterdir() if (p / RECORD).exists()]
            return [p.parent.name for p in sorted(records, key=lambda p: p.stat().st_mtime_ns)]

    def write_run(self, run: str, record: Mapping[str, Any]) -> None:
        """Write a run's record in place of an earlier one."""
        with self.explained():
            write_record(self.run_folder(run), record)

    def read_run(self, run: str) -> dict[str, Any]:
        """Return a run's record. Raises StoreError if there is none, or it is damaged."""
        return read_record(self.root, run)


def _to_stderr(text: str) -> None:
    print(f"vibench: {text}", file=sys.stderr)
