"""The kit as one self-contained page that is filled in offline.

What models wrote reaches the page as JSON in a data block and is shown as text alone. The
page's policy allows its own style and script by their hashes, and nothing else: no other
script, no network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from vibench.preferences.annotation.instructions import as_html
from vibench.preferences.annotation.items import Item

__all__ = ["html_page"]

_PARTS = files(__package__) / "page"
_UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def html_page(
    kit_id: str,
    items: Sequence[Item],
    annotators: Sequence[str],
    definitions: Mapping[str, str],
    names: Sequence[str],
) -> str:
    """The whole page. `names` are the values whose definitions the guidelines list."""
    style = _part("page.css")
    script = _part("answers.js") + _part("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'"
    )
    data = {
        "kit": kit_id,
        "annotators": list(annotators),
        "definitions": {name: definitions[name] for name in names if name in definitions},
        "items": [
            {
                # No target here: whoever reads the page's source must not learn which value was
                # drawn.
                "id": item.id,
                "messages": [[message.role, message.content] for message in item.messages],
                "labels": list(item.labels),
            }
            for item in items
        ],
    }
    filling = {
        "kit": escape(kit_id),
        "policy": policy,
        "style": style,
        "script": script,
        "guidelines": as_html(definitions, names),
        "data": _embedded(data),
    }
    # One pass, so that what is filled in is not looked into.
    return re.sub(r"\{\{(\w+)\}\}", lambda slot: filling[slot[1]], _part("page.html"))


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _embedded(data: Any) -> str:
    """JSON that cannot end the block it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
