"""What a run needs of this machine, seen before hours go into what comes first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vibench.boundary import planning
from vibench.records import canonical_json

if TYPE_CHECKING:
    from vibench.interfaces import Plugin
    from vibench.plan import Stage
    from vibench.plugins import Plugins

__all__ = ["check_ready"]

PARTS = {"inducer": "inducer", "engine": "engine", "simulator_engine": "engine"}
"""The parts of a stage's spec that may need a package or a key, and each one's kind."""


def check_ready(stages: Iterable[Stage], plugins: Plugins) -> None:
    """Raises UsageError for the first thing that these stages need and this machine lacks."""
    checked: set[str] = set()
    for stage in stages:
        for part, kind in PARTS.items():
            asked = stage.spec.get(part)
            if asked is None:
                continue
            at = canonical_json([kind, asked["name"], asked["asked"]])
            if at not in checked:
                checked.add(at)
                plugin: Plugin = plugins.build(kind, asked["name"], asked["asked"])
                with planning(plugins.entry(kind, asked["name"]), "check()"):
                    plugin.check()
