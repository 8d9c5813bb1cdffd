"""The installed plugins, read from package metadata; nothing is imported."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, entry_points
from typing import Any

from vibench.errors import UnknownName, UsageError
from vibench.version import __version__

__all__ = ["BUILTIN", "GROUPS", "KINDS", "VARIABLE", "PluginEntry", "installed"]

BUILTIN = "vibench"
"""The distribution whose plugins are the built-in ones."""

VARIABLE = "VIBENCH_PLUGINS"
"""The environment variable that chooses among installed plugins."""

GROUPS = {
    "vibench.inducers": "inducer",
    "vibench.evals": "eval",
    "vibench.judges": "judge",
    "vibench": "hooks",
}
KINDS = ("inducer", "eval", "judge", "engine", "source", "hooks")


@dataclass(frozen=True, slots=True)
class PluginEntry:
    """A plugin as its distribution announces it. `value` is "module:Class", or
    "module" for hooks. `path` is the file of one that is not installed; its `distribution` is
    then the file's name."""

    kind: str
    name: str
    value: str
    distribution: str
    version: str = ""
    path: str = ""

    @property
    def class_name(self) -> str:
        """The name of its class."""
        return self.value.rpartition(":")[2]

    @property
    def file_name(self) -> str:
        """The name of a plugin in a file without its folder, as content keys hold it so that the
        file can move; "" for an installed plugin."""
        return f"{self.distribution}:{self.class_name}" if self.path else ""

    @property
    def owner(self) -> str:
        """Distribution and version, as shown to users."""
        return f"{self.distribution} {self.version}".strip()


def installed(choice: str | None) -> list[PluginEntry]:
    """Return the installed plugins that `choice` (the value of VIBENCH_PLUGINS) allows.

    None allows all; "" or "none" only the built-in ones; "a,b" those and the plugins of
    the distributions a and b; "-a" all but a's. Raises UnknownName for a distribution
    that has no plugins.
    """
    entries = []
    points = entry_points()
    for group, kind in GROUPS.items():
        for point in points.select(group=group):
            name, version = _name_and_version(point.dist)
            entries.append(PluginEntry(kind, point.name, point.value, name, version))
    order = {kind: position for position, kind in enumerate(KINDS)}
    entries.sort(key=lambda entry: (order[entry.kind], entry.name, entry.distribution))
    return entries if choice is None else _chosen(entries, choice)


@cache
def _name_and_version(distribution: Distribution | None) -> tuple[str, str]:
    # Cached, because importlib.metadata parses the file at each access.
    metadata: Any = distribution.metadata if distribution else None
    if not metadata or "Name" not in metadata:
        # An interrupted uninstallation leaves such a folder behind.
        return "unknown", ""
    name = str(metadata["Name"])
    # An editable install's metadata keeps the version it had when it was installed.
    return name, __version__ if name == BUILTIN else str(metadata["Version"])


def _chosen(entries: Iterable[PluginEntry], choice: str) -> list[PluginEntry]:
    names = {_normal(entry.distribution): entry.distribution for entry in entries}
    third_party = set(names) - {BUILTIN}
    terms = [term.strip() for term in choice.split(",")]
    terms = [term for term in terms if term not in ("", "none")]
    for term in terms:
        name = _normal(term.removeprefix("-"))
        if name == BUILTIN:
            raise UsageError(
                f"{VARIABLE} contains '{term}', but built-in plugins are always available.",
                f"List other distributions only: {', '.join(sorted(third_party)) or 'none'}.",
            )
        if name not in third_party:
            distributions = [names[key] for key in third_party]
            kind = f"distribution with plugins (in {VARIABLE})"
            raise UnknownName(kind, term.removeprefix("-"), distributions)
    left_out = {_normal(term[1:]) for term in terms if term.startswith("-")}
    picked = {_normal(term) for term in terms if not term.startswith("-")}
    # Exclusions alone keep everything else; any inclusion makes it a list of what to keep.
    let_in = third_party if left_out and not picked else picked
    let_in = (let_in - left_out) | {BUILTIN}
    return [entry for entry in entries if _normal(entry.distribution) in let_in]


def _normal(name: str) -> str:
    """Return a distribution's name as the packaging specifications compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
