"""The format of a store: its marker file, and the sentences for folders that are not of it.

A damaged marker is written again if the artefacts beside it are those of a store of this version:
it is the one file of a store that says nothing which they do not say too.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from vibench.errors import StoreError, StoreFault
from vibench.store.files import explain, listed, set_aside, write_text
from vibench.store.json_files import read_object
from vibench.store.leftovers import owner_mark
from vibench.store.manifests import FORMAT, Damage, examine, read_manifest

__all__ = ["FORMAT", "check_format", "explained", "prepare"]

MARKER = "store.json"
FOLDERS = ("artefacts", "ledgers", "scratch", "runs", "locks", "tmp")

Tell = Callable[[str], None]


def prepare(root: Path, tell: Tell) -> float:
    """Make the folder of a store, and prove that it can be written to; return the time by the
    clock of its filesystem.

    Raises StoreError if it is read-only, full, or of another format.
    """
    with explained(root):
        try:
            for name in FOLDERS:
                (root / name).mkdir(parents=True, exist_ok=True)
        except FileNotFoundError as error:  # Below /proc, say: no folder can ever be made there.
            raise StoreError(
                f"The store {root} cannot be made there ({error.strerror}).",
                "Name a folder that can be written to with --store.",
            ) from error
        if not check_format(root, tell) or not (root / MARKER).exists():
            _write_marker(root)
        # A full disk still takes empty files and folders; a run is to fail before it has trained.
        probe = root / "tmp" / f"probe-{uuid.uuid4().hex[:8]}{owner_mark()}"
        probe.write_bytes(b"\0" * 4096)
        now = probe.stat().st_mtime
        probe.unlink()
    return now


def check_format(root: Path, tell: Tell) -> bool:
    """Return whether there is a store of this version's format.

    A damaged marker is written again if an artefact proves the format, and `tell` is called.
    Raises StoreError for a store of another format, with what to do about it.
    """
    damage = ""
    number: object = None
    with explained(root):
        try:
            number = read_object(root / MARKER, root).get("format")
            if type(number) is not int:
                damage = "it names no format"
        except FileNotFoundError:
            number = _format_of_artefacts(root)
            if number is None:
                return False
        except ValueError as error:
            damage = str(error)
        if damage:
            number = _format_of_artefacts(root)
            if number is None:
                raise _unknown(root, damage)
    if number != FORMAT:
        raise _other_format(root, number)
    if damage:
        _heal(root, damage, tell)
    return True


def _format_of_artefacts(root: Path) -> int | None:
    """Return the format that the first sound artefact of a store shows; None if none does."""
    for kind in listed(root / "artefacts"):
        for folder in (folder for part in _folders(kind) for folder in _folders(part)):
            number = (read_manifest(folder, root) or {}).get("format")
            if type(number) is not int:
                continue
            with contextlib.suppress(Damage, StoreError):
                if number != FORMAT or examine(str(folder), root, hash_all=False) is not None:
                    return number
    return None


def _folders(path: Path) -> list[Path]:
    return [folder for folder in listed(path) if folder.is_dir()] if path.is_dir() else []


def _heal(root: Path, damage: str, tell: Tell) -> None:
    try:
        set_aside(root / MARKER, root / "corrupt" / f"{MARKER}-{uuid.uuid4().hex[:6]}", root)
        with explained(root):
            _write_marker(root)
    except StoreError as error:
        if isinstance(error, StoreFault):
            raise
        return  # A store that may only be read is as good without the file.
    tell(f"{root / MARKER} was damaged ({damage}); the results beside it are sound, so it was "
         "written again.")  # fmt: skip


def _write_marker(root: Path) -> None:
    write_text(root / MARKER, json.dumps({"format": FORMAT}) + "\n")


def _unknown(root: Path, damage: str) -> StoreError:
    return StoreError(
        f"{root / MARKER} is damaged ({damage}), and no result in the folder shows which version "
        "of vibench wrote it.",
        "Name another folder with --store, or, if this one is a store of this version, remove "
        "that file.",
    )


def _other_format(root: Path, number: object) -> StoreError:
    if isinstance(number, int) and number < FORMAT:
        return StoreError(
            f"The store {root} was written by an earlier version of vibench: it has "
            f"format {number}, and this version reads {FORMAT}.",
            "Import the answers that were paid for into a new store: vibench store import "
            f"{root} --store NEW. Its results can be read by the version that wrote it.",
        )
    return StoreError(
        f"The store {root} has format {number}; this version reads {FORMAT}.",
        "Name another folder with --store, or use the version that wrote it.",
    )


@contextlib.contextmanager
def explained(root: Path) -> Iterator[None]:
    """Within it, the operating system's refusals become StoreErrors with a way out."""
    try:
        yield
    except OSError as error:
        raise explain(error, root) from error
