"""Manifests: the record of an artefact's files, and the check of the files against it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench.store.files import read_small, read_whole, sha256, sync, unless_missing

__all__ = ["MANIFEST", "Damage", "examine", "facts_of_files", "read_manifest"]

MANIFEST = "manifest.json"


class Damage(Exception):
    """An artefact's content is not the content that was written."""


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
    """Return a folder's manifest as it stands; None if there is none, or it is not JSON.

    Raises StoreError if it cannot be read.
    """
    try:
        manifest = json.loads(read_whole(folder / MANIFEST, root))
    except (FileNotFoundError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def examine(folder: str, root: Path, *, hash_all: bool) -> Mapping[str, Any] | None:
    """Return the manifest of an artefact whose files are complete; None if there is no artefact.

    Files are hashed if they were touched since they were written, or all of them with `hash_all`.
    Raises Damage for content that is not what was written, and for files that are missing from a
    folder that exists; StoreError for whatever else keeps a file from being read.
    """
    name = MANIFEST
    try:
        with unless_missing(root):
            # With texts for paths: a report examines the artefacts of every cell.
            manifest: dict[str, Any] = json.loads(read_small(f"{folder}/{MANIFEST}"))
            for name, facts in manifest["files"].items():
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
        raise Damage(f"{name} is missing") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damage(f"{MANIFEST}: {error}") from error
    return manifest


def _exists(folder: Path, root: Path) -> bool:
    # Not `Path.exists`, which is false for a folder that may not be read, or on a network that is
    # away: neither is a reason to make an artefact again.
    try:
        with unless_missing(root):
            folder.stat()
    except FileNotFoundError:
        return False
    return True
