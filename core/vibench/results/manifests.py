"""Manifests of artefacts, read beside the rows they describe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench.store.artefacts import MANIFEST
from vibench.store.files import read_whole

__all__ = ["read_manifest"]


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Return the manifest in an artefact's folder; an empty one if it is missing or damaged.

    Raises StoreError if it cannot be read now.
    """
    try:
        manifest = json.loads(read_whole(folder / MANIFEST, folder))
    except (FileNotFoundError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
