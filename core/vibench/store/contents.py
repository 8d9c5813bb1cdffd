"""The contents of a store by folder: files and bytes, artefacts, shards, and which are damaged.

Nothing here changes a store: damage is returned, and stays where it is.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.store.files import listed, unless_missing
from vibench.store.ledgers import Ledger, is_intact
from vibench.store.manifests import Damage, examine, read_manifest

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["DamagedFile", "Size", "StageId", "artefact_ids", "damaged_files", "ledger_names",
           "size_of"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """A number of files, and their bytes."""

    files: int = 0
    bytes: int = 0

    def __add__(self, size: Size) -> Size:
        return Size(self.files + size.files, self.bytes + size.bytes)


@dataclass(frozen=True, slots=True, order=True)
class StageId:
    """The kind and the key of a stage, which name its artefact."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """An artefact or a ledger's shard whose content is not what was written."""

    path: Path
    why: str
    stage: StageId | None = None
    """The artefact's stage; None for a shard."""
    label: str = ""


def size_of(path: Path) -> Size:
    """Return the size of a file, or of all files below a folder; links are not followed."""
    files = total = 0
    paths = [str(path)]
    while paths:
        try:
            status = os.lstat(paths[-1])
            if stat.S_ISDIR(status.st_mode):
                with os.scandir(paths.pop()) as entries:
                    paths += [entry.path for entry in entries]
                continue
        except FileNotFoundError:  # It was removed meanwhile.
            paths.pop()
            continue
        files, total = files + 1, total + status.st_size
        paths.pop()
    return Size(files, total)


def artefact_ids(store: Store) -> Iterator[StageId]:
    """Yield the stages that have a folder in the store, sound or not."""
    for kind in sorted(_folders(store.root / "artefacts")):
        for part in sorted(_folders(kind)):
            for folder in sorted(_folders(part)):
                yield StageId(kind.name, folder.name)


def ledger_names(store: Store) -> list[str]:
    """Return the names of the ledgers that have a shard, by name."""
    root = store.root / "ledgers"
    # A stage's replies are a ledger within the folder of its own (KEY and KEY/replies).
    folders = [folder for top in _folders(root) for folder in (top, *_folders(top))]
    names = sorted(folder.relative_to(root).as_posix() for folder in folders)
    return [name for name in names if store.ledger(name).shards()]


def damaged_files(store: Store) -> Iterator[DamagedFile]:
    """Yield the artefacts whose files differ from their manifests, and the damaged shards.

    Every file is hashed. Raises StoreError for a file that cannot be read now.
    """
    for stage in artefact_ids(store):
        folder = store.folder(stage.kind, stage.key)
        try:
            manifest = examine(str(folder), store.root, hash_all=True)
        except Damage as damage:
            label = str((read_manifest(folder, store.root) or {}).get("label", ""))
            yield DamagedFile(folder, str(damage), stage, label)
            continue
        if manifest is not None and not manifest["files"]:
            yield DamagedFile(folder, "its manifest lists no files", stage)
    for name in ledger_names(store):
        yield from _damaged_shards(store.ledger(name))


def _damaged_shards(ledger: Ledger) -> Iterator[DamagedFile]:
    for shard in ledger.shards():
        try:
            with unless_missing(ledger.root):
                intact = is_intact(shard)
        except FileNotFoundError:
            continue  # It was compacted meanwhile.
        if not intact:
            yield DamagedFile(shard, "it has another content")


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    return [folder for folder in listed(path) if folder.is_dir() and not folder.is_symlink()]
