"""Durable files: written completely or not at all, hashed, and the system's errors explained.

An error of the operating system says nothing about a file's content. Only bytes that could be
read, and are not what they should be, are damage.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from vibench.errors import StoreError, StoreFault

__all__ = [
    "RETRY",
    "check_readable",
    "explain",
    "is_about",
    "is_passing",
    "listed",
    "read_small",
    "read_whole",
    "refusal",
    "replacing",
    "set_aside",
    "sha256",
    "sync",
    "unless_missing",
    "write_text",
]

RETRY = "Run the same command again once that has passed: nothing was changed, and finished "
RETRY += "stages are kept."
FEW_FILES = (errno.EMFILE, errno.ENFILE)
FULL = (errno.ENOSPC, errno.EDQUOT)
# Errors that a later attempt may not meet. Permissions and read-only disks are not among them: a
# person has to change something first.
PASSING = (*FEW_FILES, *FULL, errno.EIO, errno.ESTALE, errno.ENOMEM, errno.ETIMEDOUT)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a file to write, which takes the place of `path` once it is complete and on disk."""
    # In the same folder, because a rename is atomic only within one filesystem; with a dot and a
    # name of its own, so that nobody reads it and two processes do not write into one.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        yield temporary
        # Without it, a power cut after the rename may leave an empty file under the final name.
        sync(temporary)
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file in place of an earlier one, if any."""
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode())


def explain(e: OSError, root: Path) -> StoreError:
    """Return the error for a refusal of the operating system about the store.

    It is a StoreFault if the same command can succeed later, a plain StoreError if the folder is
    the wrong one.
    """
    where = f" at {e.filename}" if e.filename and Path(e.filename) != root else ""
    why = e.strerror or str(e)
    if e.errno in FULL:
        return StoreFault(
            f"The disk that holds the store {root} is full.",
            "Free some space or move the store (--store), then run the same command again: "
            "finished stages are kept.",
        )
    if e.errno == errno.EROFS:
        return StoreError(
            f"The store {root} cannot be written to ({why}).",
            "Name a folder that can be with --store.",
        )
    if e.errno in (errno.EACCES, errno.EPERM):
        return StoreError(
            f"The store {root} may not be read or cannot be written to ({why}{where}).",
            "Change its permissions, or name another folder with --store. Nothing was changed.",
        )
    if e.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR) and root.is_dir():
        form = ("folder", "file") if e.errno == errno.EISDIR else ("file", "folder")
        return StoreError(
            f"{e.filename or root} in the store is a {form[0]}, where a {form[1]} has to be.",
            "Move it out of the store, then run the same command again.",
        )
    if e.errno in (errno.ENOTDIR, errno.EEXIST):
        return StoreError(f"The store {root} is not a folder.", "Name a folder with --store.")
    if e.errno in FEW_FILES:
        return StoreFault(
            f"The store {root} cannot be read now: too many files are open ({why}{where}).",
            f"Allow more (ulimit -n 4096), or end other programs that have files open. {RETRY}",
        )
    return StoreFault(
        f"The store {root} failed: {why}{where}.", f"Check the disk or the network. {RETRY}"
    )


def is_passing(e: OSError) -> bool:
    """Return whether the same operation may succeed later, whatever file it was about."""
    return e.errno in PASSING


def is_about(e: OSError, root: Path) -> bool:
    """Return whether an error is about a file of the store."""
    # An error from a write names no file. Those that only a disk gives are taken for the store's,
    # to which a run writes most.
    if e.filename is None:
        return e.errno in (*FULL, errno.EIO, errno.EROFS, errno.ESTALE)
    return Path(os.fsdecode(e.filename)).absolute().is_relative_to(root.absolute())


def refusal(error: BaseException) -> OSError | None:
    """Return the system's error behind that of a library (pyarrow, DuckDB) that could not read a
    file; None if the file is missing or a folder, or its content is the problem."""
    if isinstance(error, (FileNotFoundError, IsADirectoryError, NotADirectoryError)):
        return None
    if isinstance(error, OSError) and error.errno:
        return error
    if isinstance(error, OSError) or type(error).__name__ == "IOException":
        # The libraries' errors have no number, and end with the system's words for it.
        for number in (*PASSING, errno.EACCES, errno.EPERM):
            if os.strerror(number) in str(error):
                return OSError(number, os.strerror(number))
    return None


def check_readable(path: Path, error: BaseException | None = None) -> None:
    """Raise StoreError if a file's bytes cannot be read, now or when a reader raised `error`.

    So what is left after it is damage, or a file that is missing.
    """
    if error is not None and (refused := refusal(error)):
        raise explain(refused, path.parent) from error
    try:
        read_whole(path, path.parent)
    except FileNotFoundError:
        return
    except StoreError as refused_by_system:
        # A folder in place of a file can be read as no file can: it is damage.
        if not isinstance(refused_by_system.__cause__, (IsADirectoryError, NotADirectoryError)):
            raise


def read_whole(path: Path, root: Path) -> bytes:
    """Return a file's bytes. Raises FileNotFoundError if it is missing, and StoreError for
    whatever else keeps it from being read."""
    with unless_missing(root):
        return path.read_bytes()


def read_small(path: str) -> bytes:
    """Return a file's bytes without a path or a buffer, in half the time for a small file."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()


@contextlib.contextmanager
def unless_missing(root: Path) -> Iterator[None]:
    """Within it, the system's errors become StoreErrors, except that a file is missing."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as e:
        raise explain(e, root) from e


def listed(folder: Path) -> list[Path]:
    """Return what a folder holds, nothing if there is no folder."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def sha256(path: Path) -> str:
    """Return a file's SHA-256, in hex."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have a file's content on disk before this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_aside(path: Path, aside: Path, root: Path) -> bool:
    """Move a damaged file or folder to `aside`; return false if another process has done so.

    Raises StoreError if it cannot be moved.
    """
    try:
        with unless_missing(root):
            aside.parent.mkdir(exist_ok=True)
            path.rename(aside)
    except FileNotFoundError:
        return False
    return True
