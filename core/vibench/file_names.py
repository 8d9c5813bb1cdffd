"""Texts that can be the name or path of something, and texts that no file system takes."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final

__all__ = ["name_problem"]

MAX_PART: Final = 255
MAX_PATH: Final = 4095
"""Bytes in a part of a path, and in a path, on the systems that vibench runs on."""


def name_problem(text: str) -> str:
    """Return why a text can be neither a name nor a path, as the rest of a sentence; "" if it can.

    Asking the file system about such a text would raise more kinds of errors than "not found".
    """
    # Format characters (Cf) stay: they are in file names with emoji.
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        return "holds control characters or halves of a surrogate pair"
    if len(text.encode()) > MAX_PATH or max(len(p.encode()) for p in text.split("/")) > MAX_PART:
        return f"has {len(text):,} characters, too many for a name or a path"
    if text.startswith("~"):
        try:
            Path(text).expanduser()
        except RuntimeError:
            return f"names a home folder that does not exist, {text.split('/')[0]}"
    return ""
