"""The description of a plugin in `vibench plugins`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from vibench.entry_points import PluginEntry

__all__ = ["PluginInfo"]


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One line of `vibench plugins`. `error` is why a broken plugin cannot be used; `summary`
    is the first line of its docstring, filled in once it is imported. `called` are the methods
    that a check called with small parts, and `uncalled` says why it called no others."""

    kind: str
    name: str
    distribution: str
    version: str
    value: str
    status: Literal["ok", "unchecked", "broken"]
    error: str | None = None
    summary: str | None = None
    hooks: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    uncalled: str = ""

    @classmethod
    def of(cls, entry: PluginEntry, error: str | None) -> PluginInfo:
        """Return what the metadata tell of a plugin; broken if there is an error."""
        return cls(
            kind=entry.kind,
            name=entry.name,
            distribution=entry.distribution,
            version=entry.version,
            value=entry.value,
            status="broken" if error else "unchecked",
            error=error,
        )

    @classmethod
    def checked(cls, entry: PluginEntry, plugin: Any, hooks: tuple[str, ...]) -> PluginInfo:
        """Return the description of a plugin that was imported and keeps its contract."""
        # inspect.getdoc would lend a class its contract's docstring.
        lines = (getattr(plugin, "__doc__", None) or "").strip().splitlines()
        summary = lines[0] if lines else ""
        return replace(cls.of(entry, None), status="ok", summary=summary, hooks=hooks)
