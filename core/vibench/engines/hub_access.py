"""Access to a model on the Hugging Face hub, looked up in seconds and without downloading it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from vibench.connection import knock
from vibench.embedded import PREFIX

__all__ = ["ENDPOINT", "OFFLINE", "Refusal", "hub_refusal", "in_cache", "is_hub_id", "is_offline"]

ENDPOINT = "https://huggingface.co"
OFFLINE = "HF_HUB_OFFLINE"
CONFIG, INDEX = "config.json", "model.safetensors.index.json"
WEIGHTS = "*.safetensors"


class Refusal(NamedTuple):
    """The reason for which a model cannot be loaded, a way out, and whether the hub itself is out
    of reach (a model in the cache loads all the same)."""

    reason: str
    hint: str
    unreachable: bool = False


def is_hub_id(source: str) -> bool:
    """Return whether a model's source names a repository on the hub."""
    return not source.startswith((PREFIX, ".", "/", "~")) and not Path(source).is_dir()


def is_offline() -> bool:
    """Return whether the user has switched the hub off."""
    return os.environ.get(OFFLINE, "0").upper() in ("1", "ON", "YES", "TRUE")


def in_cache(source: str, revision: str | None) -> bool:
    """Return whether a model's configuration and all its weights are in the local cache."""
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    cache = Path(os.environ.get("HF_HUB_CACHE", home / "hub")).expanduser()
    repository = cache / f"models--{source.replace('/', '--')}"
    try:
        reference = repository / "refs" / (revision or "main")
        commit = reference.read_text("utf-8").strip() if reference.is_file() else revision or ""
        folder = repository / "snapshots" / commit
        if not commit or not (folder / CONFIG).is_file():
            return False
        if (folder / INDEX).is_file():
            shards = json.loads((folder / INDEX).read_text("utf-8"))["weight_map"].values()
            return all((folder / shard).is_file() for shard in set(shards))
        return any(path.is_file() for path in folder.glob(WEIGHTS))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def hub_refusal(source: str, revision: str | None, timeout: float) -> Refusal | None:
    """Return why the hub would not give a model's files to this user; None if it would."""
    if is_offline():
        return Refusal(f"{OFFLINE} is set", f"Unset {OFFLINE}, or name a local folder.")
    base = os.environ.get("HF_ENDPOINT", ENDPOINT).rstrip("/")
    url = f"{base}/{source}/resolve/{quote(revision or 'main', safe='')}/{CONFIG}"
    token = _token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = knock(url, timeout, headers, "HEAD")
    if answer.cause:
        return Refusal(
            f"{base} cannot be reached ({answer.cause})",
            "Check the network, or name a local folder.",
            unreachable=True,
        )
    page = f"{base}/{source}"
    code = answer.headers.get("x-error-code", "")
    if code == "GatedRepo" or (answer.status == 403 and not code):
        with_token = "your token has no access to it" if token else "HF_TOKEN is not set"
        return Refusal(
            f"it is gated and {with_token}",
            f"Accept its terms at {page}, and set HF_TOKEN to a token of that account (or run "
            "hf auth login).",
        )
    if code == "RevisionNotFound":
        return Refusal(f"it has no revision '{revision or 'main'}'", f"Look it up at {page}.")
    if code == "RepoNotFound" or (answer.status in (401, 404) and not code):
        private = "" if token else "; a private one needs HF_TOKEN"
        return Refusal(f"there is no such model at {base}", f"Check its name{private}.")
    # Anything else (a rate limit, a hiccup of the hub) is for the libraries' own retries.
    return None


def _token() -> str:
    """Return the token that the hub's own library would send, "" if there is none."""
    try:
        from huggingface_hub import get_token
    except ImportError:
        return os.environ.get("HF_TOKEN", "").strip()
    return get_token() or ""
