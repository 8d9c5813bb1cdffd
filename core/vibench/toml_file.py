"""TOML files that users write: matrix files and registries, with errors as sentences."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Final

from vibench.errors import UsageError
from vibench.nesting import MAX_DEPTH, TooDeep, check_depth

__all__ = ["read_toml"]

MAX_BYTES: Final = 4_000_000
"""Size of the largest file that is read: one of this size takes seconds."""


def read_toml(path: Path, name: str, error: type[UsageError], advice: str) -> dict[str, Any]:
    """Return the tables of a TOML file; `name` is what errors call it ("matrix file").

    Raises `error`, with `advice` where the file cannot be read: missing, too large, not UTF-8,
    not TOML, or nested too deep.
    """
    # A path can hold a line break or be as long as a command line.
    where = f"The {name} {path}"
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as cause:
        raise error(f"{where} cannot be read: {os.strerror(cause.errno or 0)}.", advice) from cause
    except ValueError as cause:  # A NUL character in the path.
        raise error(f"{where} cannot be read: {cause}.", advice) from cause
    if len(content) > MAX_BYTES:
        raise error(
            f"{where} is larger than {MAX_BYTES // 1_000_000} MB.",
            f"Check that it is a {name}, or split it.",
        )
    try:
        tables = tomllib.loads(content.decode())
        check_depth(tables)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise error(f"{where} is not valid TOML: {cause}.", "Correct that line.") from cause
    except (RecursionError, TooDeep) as cause:
        raise error(
            f"{where} nests tables or lists more than {MAX_DEPTH} deep.",
            f"Write it as a {name}: no key is deeper than a few levels.",
        ) from cause
    except ValueError as cause:  # Python reads numbers of at most 4,300 digits.
        raise error(
            f"{where} is not valid TOML: a number has too many digits.", "Shorten that number."
        ) from cause
    return tables
