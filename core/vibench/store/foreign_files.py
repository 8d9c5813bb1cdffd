"""Files that come from elsewhere: an exported file or the folder of another store.

Nobody vouches for them. A name is checked before anything is read under it, and whatever is not a
plain file with a plain name is refused.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol

from vibench.errors import StoreError
from vibench.store.files import listed, sha256
from vibench.store.json_files import parse_object

__all__ = [
    "FileDigest",
    "FolderFiles",
    "ForeignFiles",
    "checked_name",
    "digest_of",
    "json_object",
    "refusal_of",
]

MAX_DEPTH = 40
"""Folders above a file in a store: those of stores are a few deep."""
PARTS = ("artefacts", "ledgers", "runs")
"""The folders of a store that are imported."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file's size and SHA-256."""

    bytes: int
    sha256: str


class ForeignFiles(Protocol):
    """Plain files under checked names, as in a store's folder."""

    label: str
    """The path that the user named."""
    closed: bool
    """True if there may be no other files than those of a store."""
    names: frozenset[str]

    def digest(self, name: str) -> FileDigest:
        """Return the size and digest of a file's content."""

    def read(self, name: str) -> bytes:
        """Return a file's content."""

    def copy(self, name: str, path: Path) -> None:
        """Write a file's content to a new file."""


class FolderFiles:
    """The files of another store. Raises StoreError for links and devices among them."""

    closed = False

    def __init__(self, root: Path) -> None:
        self.root, self.label = root, str(root)
        names: set[str] = set()
        for part in PARTS:
            self._add(root / part, part, names)
        self.names = frozenset(names)

    def _add(self, path: Path, name: str, names: set[str]) -> None:
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            return
        if stat.S_ISDIR(mode):
            checked_name(name, self.label)
            for each in listed(path):
                self._add(each, f"{name}/{each.name}", names)
        elif stat.S_ISREG(mode):
            names.add(checked_name(name, self.label))
        else:
            raise refusal_of(self.label, f"'{name}' is a link or a device")

    def digest(self, name: str) -> FileDigest:
        path = self.root / name
        return FileDigest(path.stat().st_size, sha256(path))

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def copy(self, name: str, path: Path) -> None:
        shutil.copyfile(self.root / name, path)


def checked_name(name: str, label: str) -> str:
    """Return the name of a file within a store. Raises StoreError for one that could lie outside
    of it, and for one that does not print."""
    parts = name.split("/")
    if (
        len(parts) > MAX_DEPTH
        or any(part in ("", ".", "..") for part in parts)
        or any(character in name for character in "\\:")
        or not name.isprintable()
        or any(len(part.encode("utf-8", "replace")) > 255 for part in parts)
    ):
        raise refusal_of(label, f"it has a file with the name {name[:100]!a}")
    return name


def json_object(content: bytes, name: str, label: str) -> dict[str, Any]:
    """Return the JSON object in a file. Raises StoreError for anything else, and for content that
    changed since it was written."""
    try:
        return parse_object(content)
    except ValueError:
        raise refusal_of(label, f"'{name}' is damaged") from None


def digest_of(file: BufferedReader) -> FileDigest:
    """Return the size and digest of an open file's content."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileDigest(file.tell(), digest)


def refusal_of(label: str, problem: str, hint: str = "") -> StoreError:
    """Return the error for files that are not imported."""
    return StoreError(
        f"{label} was not imported, because {problem}.",
        hint or "Nothing was written. Export it again, or copy the store again.",
    )
