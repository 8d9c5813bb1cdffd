"""Sentences about plugins that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from vibench.entry_points import BUILTIN, PluginEntry

__all__ = ["duplicate", "newer_interface", "older_interface", "remedy", "title"]


def title(entry: PluginEntry) -> str:
    """A plugin as sentences begin with it: The eval 'haiku' of vibench-haiku 0.3.0."""
    return f"The {entry.kind} '{entry.name}' of {entry.owner}"


def duplicate(entries: Sequence[PluginEntry]) -> str:
    """One name that two distributions have."""
    owners = " and ".join(entry.owner for entry in entries)
    return f"The {entries[0].kind} '{entries[0].name}' is in two distributions: {owners}"


def remedy(entry: PluginEntry) -> str:
    """The way out of a plugin that is broken."""
    name = entry.distribution
    if entry.path:
        return f"Correct the file {entry.path}."
    if not entry.version:  # Registered by this process, so there is nothing to install.
        return f"It was registered by {name}; mend it there."
    if name == BUILTIN:
        return "It is a built-in plugin: reinstall it with pip install --force-reinstall vibench"
    return f"Upgrade it (pip install -U {name}) or uninstall it (pip uninstall {name})."


def older_interface(entry: PluginEntry) -> str:
    """The way out of a plugin that imports a name which this version of vibench lacks."""
    return (
        f"It was written for another version of vibench. {remedy(entry)} Its author finds the "
        "names that plugins import in `vibench` and `vibench.training` (docs/plugins.md)."
    )


def newer_interface(entry: PluginEntry) -> str:
    """The way out of a plugin that is written for a later version of the plugin interface."""
    return (
        "Upgrade vibench (pip install -U vibench) or install an earlier version of "
        f"{entry.distribution}."
    )
