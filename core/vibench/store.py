"""Artefacts on disk: content-addressed, written atomically, checked when read.

    .vibench/
      artefacts/KIND/KEY/     files and manifest.json (sizes, hashes, provenance)
      ledgers/NAME/*.parquet  rows of unfinished stages, one file a committed shard
      scratch/KEY/            checkpoints of unfinished training
      runs/ID/                what was asked, what came of it
      locks/  tmp/  corrupt/

A stage's artefact appears by one rename, so it is there whole or not at all. A ledger's
shard likewise: a kill costs at most the shard in the making. Any number of processes may
share a store: a stage is made under an advisory lock, shards have unique names.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from vibench.columns import read_parquet, strings
from vibench.errors import StoreError, VibenchError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Artefact", "CorruptArtefact", "Ledger", "Store"]

FORMAT = 1
MANIFEST = "manifest.json"


class CorruptArtefact(VibenchError):
    """An artefact's files are not what its manifest says. It has been set aside."""

    def __init__(self, kind: str, key: str, why: str) -> None:
        super().__init__(f"The stored {kind} {key[:12]} was damaged ({why}); it is made again.")
        self.kind = kind
        self.key = key


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
        self._verified: set[Path] = set()

    # -- opening -----------------------------------------------------------------

    def prepare(self) -> None:
        """Make the folder, and prove that it can be written to.

        Raises StoreError when it is read-only, full, or of a newer format.
        """
        with self.explained():
            for name in ("artefacts", "ledgers", "scratch", "runs", "locks", "tmp"):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            marker = self.root / "store.json"
            if marker.exists():
                found = json.loads(marker.read_text()).get("format")
                if found != FORMAT:
                    raise StoreError(
                        f"The store {self.root} has format {found}; this version reads {FORMAT}.",
                        "Name another folder with --store, or use the version that wrote it.",
                    )
            else:
                self._write(marker, json.dumps({"format": FORMAT}) + "\n")
            probe = self.root / "tmp" / f"probe-{uuid.uuid4().hex}"
            probe.write_bytes(b"\0" * 4096)
            probe.unlink()

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the operating system's refusals into a sentence and a way out."""
        try:
            yield
        except OSError as e:
            raise explain(e, self.root) from e
        except json.JSONDecodeError as e:
            raise StoreError(
                f"{self.root / 'store.json'} is not JSON ({e}).",
                "Name another folder with --store; this one was not made by vibench.",
            ) from e

    # -- artefacts ---------------------------------------------------------------

    def folder(self, kind: str, key: str) -> Path:
        """Where an artefact lies once it is made."""
        return self.root / "artefacts" / kind / key[:2] / key

    def has(self, kind: str, key: str) -> bool:
        """Whether the artefact is there and no file of it was touched since it was made."""
        folder = self.folder(kind, key)
        try:
            manifest = json.loads((folder / MANIFEST).read_text())
            for name, facts in manifest["files"].items():
                path = folder / name
                stat = path.stat()
                if stat.st_size != facts["bytes"]:
                    raise ValueError(f"{name} has {stat.st_size} bytes, not {facts['bytes']}")
                touched = stat.st_mtime_ns != facts["mtime_ns"]
                if touched and sha256(path) != facts["sha256"]:
                    raise ValueError(f"{name} has another content")
        except FileNotFoundError as e:
            if not folder.is_dir():
                return False
            self._set_aside(kind, key, f"{Path(e.filename).name} is missing")
            return False
        except (ValueError, KeyError) as e:
            self._set_aside(kind, key, str(e))
            return False
        return True

    def keys(self, kind: str) -> list[str]:
        """The keys of a kind's artefacts, the oldest first."""
        found = (self.root / "artefacts" / kind).glob("*/*/" + MANIFEST)
        return [p.parent.name for p in sorted(found, key=lambda p: p.stat().st_mtime_ns)]

    def open(self, kind: str, key: str) -> Artefact:
        """The artefact, every file checked against its hash once per process.

        Raises CorruptArtefact (after setting it aside) when it is damaged or missing.
        """
        folder = self.folder(kind, key)
        try:
            manifest = json.loads((folder / MANIFEST).read_text())
            if folder not in self._verified:
                for name, facts in manifest["files"].items():
                    if sha256(folder / name) != facts["sha256"]:
                        raise ValueError(f"{name} has another content")
                self._verified.add(folder)
        except (OSError, ValueError, KeyError) as e:
            self._set_aside(kind, key, str(e))
            raise CorruptArtefact(kind, key, str(e)) from e
        return Artefact(kind, key, folder, manifest)

    def _set_aside(self, kind: str, key: str, why: str) -> None:
        folder = self.folder(kind, key)
        if folder.is_dir():
            aside = self.root / "corrupt" / f"{kind}-{key}-{uuid.uuid4().hex[:6]}"
            aside.parent.mkdir(exist_ok=True)
            with contextlib.suppress(OSError):
                folder.rename(aside)
                (aside / "why.txt").write_text(why + "\n")

    @contextlib.contextmanager
    def making(self, kind: str, key: str, manifest: dict[str, Any]) -> Iterator[Path]:
        """A folder to fill; on a clean exit it becomes the artefact, else it is gone.

        `manifest` may still be filled while the folder is: it is written last.
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
        try:
            folder.rename(target)
        except OSError as e:
            # Another process was quicker with the same content: theirs is as good as ours.
            if e.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        self._verified.discard(target)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")

    # -- work in progress --------------------------------------------------------

    def ledger(self, name: str) -> Ledger:
        """Rows of an unfinished stage (or shared by several: references)."""
        return Ledger(self, self.root / "ledgers" / name)

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

    def lock(self, key: str) -> IO[bytes] | None:
        """An advisory lock on a stage, or None while another process holds it.

        It ends when the returned file is closed or the process dies, however it dies.
        """
        with self.explained():
            handle = (self.root / "locks" / key).open("wb")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return None
        except OSError:
            # A filesystem without locks: the worst case is work done twice.
            return handle
        return handle

    # -- runs ----------------------------------------------------------------------

    def run_folder(self, run: str) -> Path:
        folder = self.root / "runs" / run
        with self.explained():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def runs(self) -> list[str]:
        """Run ids, the most recently touched last."""
        folder = self.root / "runs"
        if not folder.is_dir():
            return []
        found = [p for p in folder.iterdir() if (p / "run.json").exists()]
        return [p.name for p in sorted(found, key=lambda p: (p / "run.json").stat().st_mtime_ns)]

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


class Ledger:
    """Rows of (key, JSON value), appended in shards, each whole or not there at all."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self.folder = folder

    def rows(self) -> dict[str, Any]:
        """All committed rows. A shard that cannot be read is dropped and its rows made again."""
        return {key: json.loads(text) for key, text in self.texts().items()}

    def texts(self) -> dict[str, str]:
        """The same, their values still as JSON: less memory where there are many."""
        found: dict[str, str] = {}
        for shard in self.shards():
            keys = self.column(shard, "key")
            values = self.column(shard, "value") if keys is not None else None
            if keys is not None and values is not None:
                found.update(zip(keys.to_pylist(), values.to_pylist(), strict=True))
        return found

    def shards(self) -> list[Path]:
        """The committed shards, sorted by name."""
        return sorted(self.folder.glob("*.parquet")) if self.folder.is_dir() else []

    def column(self, shard: Path, name: str) -> pa.ChunkedArray | None:
        """The column `key` or `value` of a shard; None, and the shard is dropped, if it cannot
        be read."""
        import pyarrow as pa

        try:
            return read_parquet(shard, [name]).column(name)
        except (pa.ArrowException, OSError, KeyError, ValueError):
            with contextlib.suppress(OSError):
                shard.unlink()
            return None

    def append(self, rows: Sequence[tuple[str, Any]]) -> None:
        """Commit a shard: after this returns, a kill cannot lose it."""
        self.append_texts([(key, json.dumps(value)) for key, value in rows])

    def append_texts(self, rows: Sequence[tuple[str, str]]) -> None:
        """The same, their values as JSON already."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not rows:
            return
        keys = strings([key for key, _ in rows])
        values = strings([text for _, text in rows])
        table = pa.Table.from_arrays([keys, values], names=["key", "value"])
        with self._store.explained():
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self.folder / f"{uuid.uuid4().hex}.parquet") as temporary:
                pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write that takes the place of `path` when it is whole and on disk."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def explain(e: OSError, root: Path) -> StoreError:
    """A sentence for what the operating system said about the store."""
    if e.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"The disk that holds the store {root} is full.",
            "Free some space or move the store (--store), then run the same command again: "
            "what was finished is kept.",
        )
    if e.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreError(
            f"The store {root} cannot be written to ({e.strerror}).",
            "Name a folder that can with --store.",
        )
    if e.errno in (errno.ENOTDIR, errno.EEXIST):
        return StoreError(f"The store {root} is not a folder.", "Name a folder with --store.")
    return StoreError(f"The store {root} failed: {e}.", "Check the disk, or use another --store.")


def sha256(path: Path) -> str:
    """A file's SHA-256, in hex."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have the file on disk before anything says that it is."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
