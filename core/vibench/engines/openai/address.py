"""The address of an endpoint and its key. The key stays out of every text."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from vibench.errors import UsageError

__all__ = ["Address", "is_near", "locate_endpoint", "v1_path"]


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL without a slash at its end, and the key ("" for none)."""

    base_url: str
    key_variable: str
    key: str = field(default="", repr=False)

    def scrub(self, text: str, max_length: int = 300) -> str:
        """Return text from outside as one short line without the key."""
        # Some endpoints quote the key in their error, which goes into logs, stores and reports.
        if self.key:
            text = text.replace(self.key, "***")
        line = " ".join(text.split())
        return line if len(line) <= max_length else f"{line[: max_length - 3]}..."


def locate_endpoint(base_url: str, key_variable: str) -> Address:
    """Return the address at `base_url`, with the key that the environment holds for it.

    A loopback or private host may do without a key; so does any host if `key_variable` is
    empty. Raises UsageError for a malformed URL, for a missing or malformed key, and for a key
    that would be sent over the internet in clear text.
    """
    parts = _split(base_url)
    address = Address(base_url.rstrip("/"), key_variable)
    near = is_near(parts.hostname or "")
    if not key_variable:
        return address
    key = os.environ.get(key_variable, "").strip()
    if not key:
        if near:
            return address
        raise UsageError(
            f"The endpoint {address.base_url} needs a key, and the environment variable "
            f"{key_variable} holds none.",
            f"Set it (export {key_variable}=...), or name another one with "
            "--set openai.key_variable=NAME.",
        )
    # A key with a line break or a space is a mistake in the shell, and would break the header.
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UsageError(
            f"The environment variable {key_variable} holds characters that no key has.",
            "Set it again, to the key alone.",
        )
    if parts.scheme == "http" and not near:
        raise UsageError(
            f"The key in {key_variable} would be sent to {address.base_url} in clear text.",
            "Use an https:// URL, or send no key with --set 'openai.key_variable=\"\"'",
        )
    return Address(address.base_url, key_variable, key)


def _split(base_url: str) -> SplitResult:
    try:
        parts = urlsplit(base_url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    # The URL is part of error messages and manifests, where a password must not be.
    if sound and "@" in parts.netloc:
        raise UsageError(
            "The base URL holds a user name or a password.",
            "Take it out: a key is read from the environment alone (--set "
            "openai.key_variable=NAME).",
        )
    if sound and (azure := v1_path(base_url)) and (parts.query or "/deployments/" in parts.path):
        raise UsageError(
            f"The base URL '{base_url}' is of Azure's older API, which has a path and a version "
            "of its own for each deployment.",
            azure,
        )
    if not sound or parts.query or parts.fragment:
        raise UsageError(
            f"The base URL '{base_url}' is not valid: it has to be http(s)://host[:port]/path.",
            "Most of them end in /v1: --set openai.base_url=http://127.0.0.1:8000/v1",
        )
    return parts


def v1_path(base_url: str) -> str | None:
    """Return advice that names the path of Azure's v1 API, which needs no `api-version`; None for
    a URL at another host."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if not host.endswith(".azure.com") and "api-version" not in parts.query:
        return None
    deployment = parts.path.partition("/deployments/")[2].partition("/")[0]
    return (
        f"Use its v1 API: --set openai.base_url={parts.scheme}://{parts.netloc}/openai/v1, with "
        f"the deployment's name as the model (openai:{deployment or 'DEPLOYMENT'})."
    )


def is_near(host: str) -> bool:
    """Return whether a host is this machine or in its own network, by its number or name."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan"))
    return number.is_private or number.is_loopback or number.is_link_local
