"""The format of a store: its marker file, and the sentences for folders that are not of it."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

from vibench.errors import StoreError
from vibench.store.files import explain, write_text

__all__ = ["FORMAT", "check_format", "explained", "prepare"]

FORMAT = 2
"""Raised when stores of the version before can no longer be read."""
MARKER = "store.json"
FOLDERS = ("artefacts", "ledgers", "scratch", "runs", "locks", "tmp")


def prepare(root: Path) -> None:
    """Make the folder of a store, and prove that it can be written to.

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
        if not check_format(root):
            write_text(root / MARKER, json.dumps({"format": FORMAT}) + "\n")
        # A full disk still takes empty files and folders; a run is to fail before it has trained.
        probe = root / "tmp" / f"probe-{uuid.uuid4().hex}"
        probe.write_bytes(b"\0" * 4096)
        probe.unlink()


def check_format(root: Path) -> bool:
    """Return whether there is a store of this version's format.

    Raises StoreError for a store of another format, with what to do about it.
    """
    with explained(root):
        try:
            number = json.loads((root / MARKER).read_text()).get("format")
        except FileNotFoundError:
            return False
    if number == FORMAT:
        return True
    if isinstance(number, int) and number < FORMAT:
        raise StoreError(
            f"The store {root} was written by an earlier version of vibench: it has "
            f"format {number}, and this version reads {FORMAT}.",
            "Import the answers that were paid for into a new store: vibench store import "
            f"{root} --store NEW. Its results can be read by the version that wrote it.",
        )
    raise StoreError(
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
    except json.JSONDecodeError as error:
        raise StoreError(
            f"{root / MARKER} is not JSON ({error}).",
            "Name another folder with --store; this one was not made by vibench.",
        ) from error
