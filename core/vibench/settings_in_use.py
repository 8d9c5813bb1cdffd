"""The settings of the plugins that a run uses: the profile's, and over them the user's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vibench.errors import SpecError
from vibench.preferences.own import NAME as OWN
from vibench.setting_synonyms import plugin_hint
from vibench.settings import SAMPLING, Setting, checked, of_tables, sampling_schema
from vibench.spec import FILE, Spec, engine_of, is_path
from vibench.text import echoed

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.registry import Profile

__all__ = ["settings_in_use"]


def settings_in_use(
    spec: Spec, settings: Iterable[Setting], profile: Profile, plugins: Plugins
) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return the values to sweep per plugin and parameter: the profile's for the plugins in
    use, and over them `settings`. Raises SpecError for one that does not fit."""
    in_use = _plugins_in_use(spec, plugins)
    in_use += _engines_of_judges(in_use, settings, plugins)
    names = {name for _, name in in_use} | {SAMPLING}
    tables = {SAMPLING: asdict(profile.sampling), **profile.settings}
    defaults = of_tables(
        f"In the profile {profile.name}, settings",
        {plugin: table for plugin, table in tables.items() if plugin in names},
    )
    swept: dict[str, dict[str, tuple[Any, ...]]] = {}
    for setting in (*defaults, *settings):
        if setting.plugin not in names:
            raise _not_in_use(setting, in_use, plugins)
        schemas = [
            plugins.get(kind, name).parameters for kind, name in in_use if name == setting.plugin
        ]
        if setting.plugin == SAMPLING:
            schemas.append(sampling_schema())
        # An inducer and a judge may have the same name: the setting must fit both.
        for schema in schemas:
            options = checked(setting, schema)
        swept.setdefault(setting.plugin, {})[setting.parameter] = options
    return swept


def _not_in_use(setting: Setting, in_use: Iterable[tuple[str, str]], plugins: Plugins) -> SpecError:
    parameters: dict[str, dict[str, Any]] = {SAMPLING: {**sampling_schema()["properties"]}}
    # The planner reports a name that is not registered.
    for kind, name in (entry for entry in in_use if entry[1] in plugins.names(entry[0])):
        properties = plugins.get(kind, name).parameters.get("properties", {})
        parameters.setdefault(name, {}).update(properties)
    kinds = ("inducer", "eval", "judge", "engine", "source")
    kind = next((kind for kind in kinds if setting.plugin in plugins.names(kind)), "")
    return SpecError(
        f"{setting.where}: this run does not use a plugin called '{echoed(setting.plugin)}'.",
        plugin_hint(setting.plugin, setting.parameter, parameters, kind),
    )


def _plugins_in_use(spec: Spec, plugins: Plugins) -> list[tuple[str, str]]:
    """Return kind and name of the plugins that the run names, each once."""
    steps = [step for expression in spec.inducers for step in expression.split("+")]
    simulator_engine, _ = engine_of(spec.simulator or "", plugins)
    names = [
        *(("inducer", name) for name in steps),
        *(("eval", name) for name in spec.evals),
        *(("judge", name) for name in (*spec.judge_names, spec.extractor)),
        ("engine", spec.engine),
        *(("engine", name) for name in (simulator_engine,) if name),
        *(("source", FILE if is_path(name, plugins) else name) for name in spec.sources),
        *(("source", OWN) for _ in spec.pairs),
    ]
    return list(dict.fromkeys(names))


def _engines_of_judges(
    in_use: Iterable[tuple[str, str]], settings: Iterable[Setting], plugins: Plugins
) -> list[tuple[str, str]]:
    """Return the engines that judges name by a parameter with `"x-engine": true`."""
    values = {(s.plugin, s.parameter): s.options for s in settings}
    engines: list[str] = []
    registered = {*plugins.names("judge")}  # The planner reports a name that is not.
    for name in (name for kind, name in in_use if kind == "judge" and name in registered):
        properties = plugins.get("judge", name).parameters.get("properties", {})
        for parameter, schema in properties.items():
            if schema.get("x-engine"):
                engines += filter(None, values.get((name, parameter), (schema["default"],)))
    return [("engine", name) for name in dict.fromkeys(engines) if ("engine", name) not in in_use]
