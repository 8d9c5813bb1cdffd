"""JSON as every command prints it."""

from __future__ import annotations

import json
from typing import Any

from vibench.text import json_safe

__all__ = ["as_json"]


def as_json(content: Any) -> str:
    """Return indented JSON with text as it is; numbers that JSON does not have are null."""
    return json.dumps(json_safe(content), indent=1, ensure_ascii=False) + "\n"
