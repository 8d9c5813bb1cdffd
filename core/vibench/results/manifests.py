"""Manifests of artefacts, read beside the rows they describe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench.store.artefacts import MANIFEST
from vibench.store.json_files import read_object

__all__ = ["read_manifest"]


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Return the manifest in an artefact's folder; an empty one if it is missing or damaged.

    Raises StoreError if it cannot be read now.
    """
    try:
        return read_object(folder / MANIFEST, folder)
    except (FileNotFoundError, ValueError):
        return {}
