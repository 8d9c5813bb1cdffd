"""The file of a lease: its holder's token, place and count of beats, and flock where it works."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench.store.processes import this_process

fcntl: Any = None
with contextlib.suppress(ImportError):  # Windows: the beats alone decide.
    fcntl = importlib.import_module("fcntl")

__all__ = ["add_beat", "create", "holder_in", "is_locked", "lock", "numbers_in", "read", "token_in"]

COUNT_DIGITS = 12
"""Digits of the count of beats. A fixed width lets a beat overwrite the count in its place."""


def numbers_in(folder: Path) -> list[int]:
    """Return the numbers of a lease's files, in no order."""
    try:
        return [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    except FileNotFoundError:
        return []


def create(path: Path, token: str) -> bool:
    """Create a lease's file for this process; return false if another process was quicker."""
    try:
        # "x" is the one operation here that every filesystem lets exactly one process do.
        with path.open("xb") as file:
            holder = {**this_process(), "token": token, "beat": "0" * COUNT_DIGITS}
            file.write(json.dumps(holder).encode())
    except (FileExistsError, FileNotFoundError):
        return False  # It is taken, or its folder was removed with a lease given up just now.
    return True


def read(path: Path) -> bytes | None:
    """Return the content of a lease's file, None if it is gone."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def holder_in(content: bytes) -> Mapping[str, Any]:
    """Return the holder that a file's content describes; {} while it is being written."""
    try:
        holder = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return holder if isinstance(holder, dict) else {}


def token_in(content: bytes) -> str:
    """Return the holder's token, "" while the file is being written."""
    return str(holder_in(content).get("token", ""))


def add_beat(path: Path, token: str, count: int) -> bool:
    """Write a count of beats into the file of the holder with `token`.

    Returns false if the file is another holder's. Raises OSError if it cannot be written, and
    FileNotFoundError if it is gone.
    """
    with path.open("r+b") as file:
        if token_in(content := file.read()) != token:
            return False
        # Only the count is written, in its place, through the file that was just read: a file
        # that has taken its place since would not be this holder's to change.
        file.seek(content.index(b'"beat": "') + len(b'"beat": "'))
        file.write(b"%0*d" % (COUNT_DIGITS, count))
    return True


def lock(path: Path) -> int | None:
    """Lock the file by flock for as long as the returned descriptor is open; None if that does
    not work here."""
    if fcntl is None:
        return None
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def is_locked(path: Path) -> bool:
    """Return whether another process has the file locked by flock, which proves that it lives."""
    if fcntl is None:
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # A shared lock, so that processes that only look do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # A filesystem without locks.
    finally:
        os.close(descriptor)
    return False
