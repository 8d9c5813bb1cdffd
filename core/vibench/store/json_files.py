"""JSON files of the store: written with a digest of their content, and checked when read.

The last field of such a file is the SHA-256 of all text before it, so that a changed digit is
noticed and never taken for a number. Files without it, as earlier versions wrote them, are read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench.errors import StoreError
from vibench.store.files import read_whole

__all__ = ["SEAL", "parse_object", "read_object", "sealed_text"]

SEAL = "sha256"
"""The last field."""
OPENING = f',\n "{SEAL}": "'.encode()
CLOSING = b'"\n}\n'
SEAL_BYTES = len(OPENING) + 64 + len(CLOSING)


def sealed_text(table: Mapping[str, Any]) -> str:
    """Return a non-empty table as the text of a file, with the digest of its content."""
    plain = {name: value for name, value in table.items() if name != SEAL}
    body = json.dumps(plain, indent=1, ensure_ascii=False).removesuffix("\n}")
    # As it is encoded on disk: a lone surrogate, which JSON can hold, cannot be written as UTF-8.
    content = body.encode("utf-8", "backslashreplace")
    digest = hashlib.sha256(content).hexdigest()
    return content.decode() + OPENING.decode() + digest + CLOSING.decode()


def parse_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in a file's content.

    Raises ValueError, with what is wrong in a few words, for anything else, and for content that
    changed since it was written.
    """
    try:
        table = json.loads(content.decode())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:  # Text that is not UTF-8, too.
        if not content.strip():
            raise ValueError("it is empty") from None
        raise ValueError(f"it is not JSON: {error}") from error
    if not isinstance(table, dict):
        raise ValueError(f"it holds {_kind(table)}, not a JSON object")
    seal = content[-SEAL_BYTES:]
    if seal.startswith(OPENING) and seal.endswith(CLOSING):
        digest = hashlib.sha256(content[:-SEAL_BYTES]).hexdigest()
        if seal[len(OPENING) : -len(CLOSING)] != digest.encode():
            raise ValueError("its content was changed")
    return table


def read_object(path: Path, root: Path) -> dict[str, Any]:
    """Return the JSON object of a file. Raises FileNotFoundError, ValueError as `parse_object`
    does, and StoreError if the file cannot be read now."""
    try:
        return parse_object(read_whole(path, root))
    except StoreError as error:
        if isinstance(error.__cause__, IsADirectoryError):
            raise ValueError("it is a folder") from error
        raise


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return "a list" if isinstance(value, list) else "a single value"
