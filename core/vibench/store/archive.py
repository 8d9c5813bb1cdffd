"""The file that holds one run: an uncompressed tar of a store's files.

Its first member, `export.json`, lists every other one with size and SHA-256.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vibench.errors import StoreError
from vibench.store.files import replacing
from vibench.store.foreign_files import (
    FileDigest,
    checked_name,
    digest_of,
    json_object,
    refusal_of,
)
from vibench.store.store_format import FORMAT
from vibench.version import __version__

__all__ = ["ArchiveFiles", "open_archive", "write_archive"]

HEADER = "export.json"
VERSION = 1
"""Of exported files; raised when an earlier version of vibench can no longer import them."""
MAX_HEADER_BYTES = 1 << 28
UPDATE = "Nothing was written. Import it with the version of vibench that wrote it, or a later one."
FOREIGN = "it is not a file that `vibench store export` wrote"


def write_archive(path: Path, run: str, files: Mapping[str, Path]) -> int:
    """Write a run's files, by their names in the store, in place of `path`; return its bytes."""
    digests: dict[str, dict[str, Any]] = {}
    for name, file in sorted(files.items()):
        with file.open("rb") as stream:
            digest = digest_of(stream)
        digests[name] = {"bytes": digest.bytes, "sha256": digest.sha256}
    header = {"vibench_export": VERSION, "store_format": FORMAT, "vibench": __version__,
              "run": run, "files": digests}  # fmt: skip
    content = (json.dumps(header, indent=1) + "\n").encode()
    with (
        replacing(path) as temporary,
        tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as tar,
    ):
        tar.addfile(_member(HEADER, len(content)), io.BytesIO(content))
        for name, file in sorted(files.items()):
            with file.open("rb") as stream:
                tar.addfile(_member(name, digests[name]["bytes"]), stream)
        tar.close()  # Before it is on disk for good: the end of the file is written here.
    return path.stat().st_size


def _member(name: str, size: int) -> tarfile.TarInfo:
    # No owner, mode or time of the machine: the same run gives the same file.
    member = tarfile.TarInfo(name)
    member.size = size
    return member


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[ArchiveFiles]:
    """Open an exported file, all of whose content is checked.

    Raises StoreError for a file that is damaged, of a newer version, or not an exported one, and
    for names, links and devices that have no place in a store.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            yield ArchiveFiles(str(path), tar)
    except tarfile.TarError as error:
        damaged = isinstance(error, tarfile.ReadError) and "unexpected end" in str(error)
        raise refusal_of(str(path), "it is incomplete" if damaged else FOREIGN) from error


class ArchiveFiles:
    """The files of an exported run."""

    closed = True

    def __init__(self, label: str, tar: tarfile.TarFile) -> None:
        self.label, self._tar = label, tar
        first = tar.next()
        if first is None or first.name != HEADER or not _is_plain(first):
            raise refusal_of(label, FOREIGN)
        if first.size > MAX_HEADER_BYTES:
            raise refusal_of(label, f"its {HEADER} is too large")
        header = json_object(self._stream(first).read(), HEADER, label)
        run = _checked_header(header, label)
        self._digests = _digests(header, label)
        self._members = self._checked_members()
        self.names = frozenset(self._members)
        if f"runs/{run}/run.json" not in self.names:
            raise refusal_of(label, "its run is missing")

    def _checked_members(self) -> dict[str, tarfile.TarInfo]:
        members: dict[str, tarfile.TarInfo] = {}
        while (member := self._tar.next()) is not None:
            name = checked_name(member.name, self.label)
            if not _is_plain(member):
                raise refusal_of(self.label, f"'{name}' is a link or a device")
            if name in members or name not in self._digests:
                raise refusal_of(self.label, f"'{name}' is not in its list of files")
            if digest_of(self._stream(member)) != self._digests[name]:
                raise refusal_of(self.label, f"'{name}' is damaged")
            members[name] = member
        if absent := sorted(self._digests.keys() - members.keys()):
            raise refusal_of(self.label, f"'{absent[0]}' is missing")
        return members

    def _stream(self, member: tarfile.TarInfo) -> Any:
        stream = self._tar.extractfile(member)
        assert stream is not None, "a plain file"
        return stream

    def digest(self, name: str) -> FileDigest:
        return self._digests[name]

    def read(self, name: str) -> bytes:
        content: bytes = self._stream(self._members[name]).read()
        return content

    def copy(self, name: str, path: Path) -> None:
        with path.open("xb") as file:
            shutil.copyfileobj(self._stream(self._members[name]), file, 1 << 20)


def _is_plain(member: tarfile.TarInfo) -> bool:
    # A sparse file of a few bytes could stand for terabytes.
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()


def _checked_header(header: Mapping[str, Any], label: str) -> str:
    """Return the id of the run."""
    version, number, run = (header.get(n) for n in ("vibench_export", "store_format", "run"))
    if type(version) is not int or type(number) is not int or not isinstance(run, str):
        raise refusal_of(label, FOREIGN)
    if version > VERSION or number > FORMAT:
        raise refusal_of(label, "a newer version of vibench wrote it", UPDATE)
    if version != VERSION or number != FORMAT:
        raise refusal_of(label, f"it has format {number}, and this version reads {FORMAT}", UPDATE)
    return run


def _digests(header: Mapping[str, Any], label: str) -> dict[str, FileDigest]:
    try:
        return {
            checked_name(name, label): FileDigest(facts["bytes"], facts["sha256"])
            for name, facts in header["files"].items()
        }
    except StoreError:
        raise
    except (KeyError, TypeError, AttributeError) as error:
        raise refusal_of(label, f"'{HEADER}' is damaged") from error
