"""Data and code inside a page, encoded so that they cannot end the block that they are in."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from typing import Any

__all__ = ["embedded", "packed", "policy", "unpacked"]

_UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&'\u2028\u2029"}


def embedded(data: Any) -> str:
    """Return JSON for a data block; `<`, `>`, `&` and line separators are escaped."""
    # Inside <script type="application/json"> the browser looks for "</script" and "<!--" before it
    # parses JSON. Escaped as \uXXXX they cannot occur, and mean the same to JSON.parse.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_UNSAFE)


def packed(data: Any) -> str:
    """Return JSON, compressed by gzip, in base64; browsers open it with DecompressionStream."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A fixed time in the header makes the same transcripts the same bytes.
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


def unpacked(text: str) -> Any:
    """Return the data that `packed` was given."""
    return json.loads(gzip.decompress(base64.b64decode(text)))


def policy(style: str, script: str, beside: bool = False, served: bool = False) -> str:
    """Return a Content-Security-Policy that allows one style, one script, and no network.

    `beside` allows scripts in files beside the page (or from its server), and `served` allows the
    script to talk to the page's server.
    """
    sources, trusted = (" file: 'self'", "beside") if beside else ("", "'none'")
    # The page shows what models wrote, so the policy is a second wall behind escaping: only this
    # very style and script run, nothing is fetched, and no string becomes HTML (trusted types).
    rules = [
        "default-src 'none'",
        f"style-src {_hash(style)}",
        f"script-src {_hash(script)}{sources}",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        f"trusted-types {trusted}",
    ]
    if served:
        rules.append("connect-src 'self'")
    return "; ".join(rules)


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
