"""Files read and written with care: replaced whole, hashed, and what the operating system
refuses told in words.

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
    "read_small",
    "read_whole",
    "refusal",
    "replacing",
    "sha256",
    "sync",
    "unless_missing",
]

RETRY = "Run the same command again once that has passed: nothing was changed, and what was "
RETRY += "finished is kept."
FEW_FILES = (errno.EMFILE, errno.ENFILE)
FULL = (errno.ENOSPC, errno.EDQUOT)
PASSING = (*FEW_FILES, *FULL, errno.EIO, errno.ESTALE, errno.ENOMEM, errno.ETIMEDOUT)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write that takes the place of `path` when it is whole and on disk."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def explain(e: OSError, root: Path) -> StoreError:
    """A sentence for what the operating system said about the store, and what to do.

    A StoreFault where the same command can succeed later, a plain StoreError where the folder
    is the wrong one.
    """
    where = f" at {e.filename}" if e.filename and Path(e.filename) != root else ""
    why = e.strerror or str(e)
    if e.errno in FULL:
        return StoreFault(
            f"The disk that holds the store {root} is full.",
            "Free some space or move the store (--store), then run the same command again: "
            "what was finished is kept.",
        )
    if e.errno == errno.EROFS:
        return StoreError(
            f"The store {root} cannot be written to ({why}).",
            "Name a folder that can with --store.",
        )
    if e.errno in (errno.EACCES, errno.EPERM):
        return StoreError(
            f"The store {root} may not be read or cannot be written to ({why}{where}).",
            "Allow it, or name another folder with --store. Nothing was changed.",
        )
    if e.errno in (errno.ENOTDIR, errno.EEXIST):
        return StoreError(f"The store {root} is not a folder.", "Name a folder with --store.")
    if e.errno in FEW_FILES:
        return StoreFault(
            f"The store {root} cannot be read now: too many files are open ({why}{where}).",
            f"Allow more (ulimit -n 4096), or end what else has files open. {RETRY}",
        )
    return StoreFault(
        f"The store {root} failed: {why}{where}.", f"Check the disk or the network. {RETRY}"
    )


def is_passing(e: OSError) -> bool:
    """Whether what the operating system refused may succeed later, whatever it was about."""
    return e.errno in PASSING


def is_about(e: OSError, root: Path) -> bool:
    """Whether an error is about a file of the store, or, where it names no file, is one that
    writing to a disk gives."""
    if e.filename is None:
        return e.errno in (*FULL, errno.EIO, errno.EROFS, errno.ESTALE)
    return Path(os.fsdecode(e.filename)).absolute().is_relative_to(root.absolute())


def refusal(error: BaseException) -> OSError | None:
    """Return what the operating system refused where that is why a library (pyarrow, DuckDB)
    could not read a file; None where the file is missing, or its content is the trouble."""
    if isinstance(error, FileNotFoundError):
        return None
    if isinstance(error, OSError) and error.errno:
        return error
    if isinstance(error, OSError) or type(error).__name__ == "IOException":
        # They have no number, and end in the system's words.
        for number in (*PASSING, errno.EACCES, errno.EPERM):
            if os.strerror(number) in str(error):
                return OSError(number, os.strerror(number))
    return None


def check_readable(path: Path, error: BaseException | None = None) -> None:
    """Raise StoreError if a file's bytes cannot be read now, whatever they are, or could not
    be when a reader raised `error`, though that may have passed since. One that is missing is
    not looked at."""
    if error is not None and (refused := refusal(error)):
        raise explain(refused, path.parent) from error
    with contextlib.suppress(FileNotFoundError):
        read_whole(path, path.parent)


def read_whole(path: Path, root: Path) -> bytes:
    """A file's bytes. Raises FileNotFoundError if it is missing, and StoreError for whatever
    else keeps it from being read."""
    with unless_missing(root):
        return path.read_bytes()


def read_small(path: str) -> bytes:
    """Return a file's bytes, without what a path and a buffer cost: half of a small one's time."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()


@contextlib.contextmanager
def unless_missing(root: Path) -> Iterator[None]:
    """Turn what the operating system refuses into words, but for a file that is missing."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as e:
        raise explain(e, root) from e


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
