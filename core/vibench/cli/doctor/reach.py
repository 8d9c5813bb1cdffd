"""Keys, addresses, data and the store: within reach or not, without showing a key."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vibench.cli.doctor.machine import GIB, home_as_tilde
from vibench.connection import at_once
from vibench.engines.hub_access import ENDPOINT as HUB
from vibench.engines.hub_access import OFFLINE, is_offline

if TYPE_CHECKING:
    from vibench.registry import Catalogue

__all__ = ["addresses", "data_sets", "keys", "store_state"]

PATIENCE = 4.0
"""Seconds to wait for all addresses together."""
ENDPOINT = "https://api.openai.com/v1"


def keys() -> list[tuple[str, bool, str]]:
    """Return (variable, whether it is set, what for)."""
    cached = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface")) / "token"
    token = bool(os.environ.get("HF_TOKEN")) or cached.is_file()
    return [
        ("HF_TOKEN", token, "gated models on the hub; hf auth login sets it too"),
        ("OPENAI_API_KEY", bool(os.environ.get("OPENAI_API_KEY")), "the engine openai"),
    ]


def addresses(endpoints: Sequence[str]) -> list[tuple[str, bool, str]]:
    """Return (address, whether it takes connections, the cause if not), within four seconds."""
    urls = [os.environ.get("HF_ENDPOINT", HUB), *(endpoints or (ENDPOINT,))]
    # Looking up a name can take minutes without a network.
    causes = at_once({url: partial(_refusal, url) for url in urls}, PATIENCE)
    rows = []
    for url in urls:
        cause = causes.get(url, f"no answer within {PATIENCE:g} seconds")
        # The hub alone: endpoints are asked even when the hub is switched off.
        if url == urls[0] and is_offline():
            cause = f"{OFFLINE} is set: nothing is read from the hub"
        rows.append((_public(url), not cause, cause))
    return rows


def _refusal(url: str) -> str:
    """Return why nothing connects to a URL's host, or ""."""
    try:
        parts = urlsplit(url)
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        return "it is not a URL"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "it is not an http:// or https:// URL"
    try:
        socket.create_connection((parts.hostname, port), timeout=PATIENCE).close()
    except OSError as error:
        return error.strerror or str(error) or "no answer"
    return ""


def _public(url: str) -> str:
    """Return a URL without the name and password that it may hold."""
    head, _, rest = url.partition("://")
    # user:password@host, as proxies have it.
    return f"{head}://{rest.rpartition('@')[2]}" if rest else url


def data_sets(catalogue: Catalogue, data: str | None) -> list[tuple[str, str]]:
    """Return (data set, where it would come from) for the evals' data sets."""
    folder = data or os.environ.get("VIBENCH_DATA")
    if folder is None:
        where = "its public home (name a folder with --data or VIBENCH_DATA)"
        return [(name, where) for name in sorted(catalogue.datasets)]
    place = home_as_tilde(folder)
    if not Path(folder).is_dir():
        return [(name, f"nowhere: {place} is not a folder") for name in sorted(catalogue.datasets)]
    return [
        (name, place if (Path(folder) / name).is_dir() else f"nowhere: {place} has no '{name}'")
        for name in sorted(catalogue.datasets)
    ]


def store_state(root: Path) -> tuple[list[tuple[str, str]], bool]:
    """Return rows about a store, and whether a run could use it."""
    from vibench.errors import StoreError
    from vibench.store.artefacts import Store

    rows = [("folder", home_as_tilde(root))]
    # The store may not exist yet: then its nearest folder has to be writable.
    parent = next((p for p in (root, *root.absolute().parents) if p.exists()), Path())
    usable = os.access(parent, os.W_OK)
    try:
        there = Store(root).check_format()
    except StoreError as error:
        return [*rows, ("problem", error.message)], False
    runs = root / "runs"
    count = sum(1 for _ in runs.iterdir()) if runs.is_dir() else 0
    rows += [
        (
            "state",
            f"a store with {count} runs" if there else "not there yet: the first run makes it",
        ),
        ("writable", "yes" if usable else "no: reports work, runs do not"),
        ("free", f"{shutil.disk_usage(parent).free / GIB:.0f} GiB"),
    ]
    return rows, usable
