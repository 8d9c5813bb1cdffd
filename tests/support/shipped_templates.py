"""The models' own chat templates that TRL ships as data."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

__all__ = ["shipped_templates"]


def shipped_templates() -> dict[str, str]:
    """Return the templates by name; none without TRL."""
    trl = find_spec("trl")
    if trl is None or trl.origin is None:
        return {}
    folder = Path(trl.origin).parent / "chat_templates"
    files = sorted(path for path in folder.glob("*.jinja") if "_training" not in path.stem)
    return {path.stem: path.read_text(encoding="utf-8") for path in files}
