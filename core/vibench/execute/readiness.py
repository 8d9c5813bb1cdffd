"""The check that this machine has the packages and keys that a run needs, before it starts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vibench.boundary import planning
from vibench.errors import UsageError
from vibench.execute.model_uses import purposes, uses_of_engine, way_out
from vibench.records import canonical_json
from vibench.sessions.configs import EngineConfig

if TYPE_CHECKING:
    from vibench.interfaces import Plugin
    from vibench.plan import Stage
    from vibench.plugins import Plugins

__all__ = ["check_ready"]


def check_ready(stages: Iterable[Stage], plugins: Plugins) -> None:
    """Raise UsageError for the first package or key that these stages need and this machine
    lacks."""
    stages = list(stages)
    checked: set[str] = set()
    for stage in stages:
        for config in stage.spec.plugins():
            identity = canonical_json([config.kind, config.name, config.asked])
            # Thousands of stages share a handful of plugins.
            if config.checked and identity not in checked:
                checked.add(identity)
                plugin: Plugin = plugins.build(config.kind, config.name, config.asked)
                try:
                    with planning(plugins.entry(config.kind, config.name), "check()"):
                        plugin.check()
                except UsageError as error:
                    # A package that is missing is named with what needs it already.
                    if type(error) is not UsageError or not isinstance(config, EngineConfig):
                        raise
                    uses = list(uses_of_engine((each.spec for each in stages), config))
                    needed = f" It is needed for {purposes(uses)}." if uses else ""
                    hint = f"{error.hint}{way_out(uses, plugins)}"
                    raise UsageError(f"{error.message}{needed}", hint) from error
