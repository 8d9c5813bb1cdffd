"""Artefacts and their manifests: the record of their files, and the check of the files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibench.errors import StoreError, VibenchError
from vibench.store.files import explain, read_small, sha256, sync, unless_missing
from vibench.store.json_files import parse_object, read_object

__all__ = [
    "FORMAT",
    "MANIFEST",
    "Artefact",
    "CorruptArtefact",
    "Damage",
    "examine",
    "facts_of_files",
    "read_manifest",
]

FORMAT = 2
"""Of stores and their manifests; raised when those of the version before can no longer be read."""
MANIFEST = "manifest.json"


class Damage(Exception):
    """An artefact's content is not the content that was written."""


class CorruptArtefact(VibenchError):
    """An artefact's files differ from its manifest. It has been moved to `corrupt/`."""

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
        """Return the path of one of the artefact's files."""
        return self.folder / name


def facts_of_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size, hash and time of each file below a folder, all of which are then on disk."""
    facts: dict[str, dict[str, Any]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        # Before the folder gets its name in the store: after a power cut the rename may be on disk
        # and the content of the files not.
        sync(path)
        status = path.stat()
        facts[path.relative_to(folder).as_posix()] = {
            "bytes": status.st_size,
            "sha256": sha256(path),
            "mtime_ns": status.st_mtime_ns,
        }
    return facts


def read_manifest(folder: Path, root: Path) -> dict[str, Any] | None:
    """Return a folder's manifest as it stands; None if there is none, or it is damaged.

    Raises StoreError if it cannot be read.
    """
    try:
        return read_object(folder / MANIFEST, root)
    except (FileNotFoundError, ValueError):
        return None


def examine(folder: str, root: Path, *, hash_all: bool) -> Mapping[str, Any] | None:
    """Return the manifest of an artefact whose files are complete; None if there is no artefact.

    Files are hashed if they were touched since they were written, or all of them with `hash_all`.
    Raises Damage for content that is not what was written, and for files that are missing from a
    folder that exists; StoreError for an artefact of a newer version, and for whatever else keeps
    a file from being read.
    """
    try:
        manifest = parse_object(read_small(f"{folder}/{MANIFEST}"))
        _check_fields(manifest, folder, root)
        for name, facts in manifest["files"].items():
            # With texts for paths: a report examines the artefacts of every cell.
            path = f"{folder}/{name}"
            status = os.stat(path)  # noqa: PTH116
            if status.st_size != facts["bytes"]:
                raise Damage(f"{name} has {status.st_size} bytes, not {facts['bytes']}")
            # A store that was copied has other times everywhere: its files are hashed, and
            # are as good as before.
            touched = status.st_mtime_ns != facts["mtime_ns"]
            if (touched or hash_all) and sha256(Path(path)) != facts["sha256"]:
                raise Damage(f"{name} has another content")
    except FileNotFoundError as error:
        if not _exists(Path(folder), root):
            return None
        raise Damage(f"{_name_of(error, folder)} is missing") from error
    except IsADirectoryError as error:
        raise Damage(f"{_name_of(error, folder)} is a folder") from error
    except NotADirectoryError as error:
        raise Damage(f"a file is in place of a folder ({error.filename})") from error
    except OSError as error:
        raise explain(error, root) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damage(f"{MANIFEST}: {error}") from error
    return manifest


def _check_fields(manifest: Mapping[str, Any], folder: str, root: Path) -> None:
    """Raise ValueError for a manifest that no artefact in this folder can have, and StoreError
    for one of a newer version."""
    kind, _, key = folder.rsplit("/", 3)[-3:]
    number = manifest.get("format", FORMAT)
    if isinstance(number, int) and number > FORMAT:
        raise StoreError(
            f"The stored {kind} {key[:12]} was written by a newer version of vibench: it has "
            f"format {number}, and this version reads {FORMAT}.",
            f"Use that version, or name another store than {root} with --store.",
        )
    if number != FORMAT:
        raise ValueError(f"it has format {number!r}, not {FORMAT}")
    # One that was copied here from another artefact would lend it that one's numbers.
    if (manifest.get("kind", kind), manifest.get("key", key)) != (kind, key):
        raise ValueError("it is that of another artefact")
    if not manifest["files"]:
        raise ValueError("it lists no files")
    if not isinstance(manifest.get("facts", {}), dict):
        raise ValueError("its facts are no table")


def _name_of(error: OSError, folder: str) -> str:
    return os.fsdecode(error.filename).removeprefix(f"{folder}/")


def _exists(folder: Path, root: Path) -> bool:
    # Not `Path.exists`, which is false for a folder that may not be read, or on a network that is
    # away: neither is a reason to make an artefact again.
    try:
        with unless_missing(root):
            folder.stat()
    except FileNotFoundError:
        return False
    return True
