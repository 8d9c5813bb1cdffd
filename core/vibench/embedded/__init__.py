"""The small models, pairs and prompts that need no network (made by scripts/embedded)."""

from __future__ import annotations

from pathlib import Path

from vibench.errors import UnknownName

__all__ = ["FOLDER", "PREFIX", "locate"]

FOLDER = Path(__file__).parent
PREFIX = "embedded:"


def locate(source: str) -> str:
    """Return the folder of an `embedded:NAME` model; any other source (hub id, folder) as it is.

    Raises UnknownName for an embedded model that does not exist.
    """
    if not source.startswith(PREFIX):
        return source
    name = source.removeprefix(PREFIX)
    folder = FOLDER / "models" / name
    if not folder.is_dir():
        names = [p.name for p in (FOLDER / "models").glob("*") if p.is_dir()]
        raise UnknownName("embedded model", name, names)
    return str(folder)
