"""The parameters of a run's plugins, set or at their defaults, for its record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.plan.plan import Cell, Plan
from vibench.settings import SAMPLING, is_absent, sweep
from vibench.stages.stage import plugin_configs

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.spec import Spec

__all__ = ["Parameters", "parameters_in_use"]


def parameters_in_use(
    spec: Spec, plan: Plan, plugins: Plugins
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the parameters that every plugin of a run is built with, by kind and name.

    Left out are those that differ between cells (a cell has them in its settings) and those
    that do not determine results (`"x-key": false`), but for the model and engine of a judge:
    they are known by what they stand for there, and yet decide who judged.
    """
    settings_by_plugin: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for kind, name, parameters in (*_of_stages(plan), *_of_inducers(spec, plugins)):
        settings_by_parameter = settings_by_plugin.setdefault((kind, name), {})
        properties = _properties(kind, name, plugins)
        for parameter, setting in parameters.items():
            if is_absent(properties.get(parameter, {}), setting):
                continue
            settings = settings_by_parameter.setdefault(parameter, [])
            if setting not in settings:
                settings.append(setting)
    parameters_by_kind: dict[str, dict[str, dict[str, Any]]] = {}
    for (kind, name), settings_of in settings_by_plugin.items():
        counts = _counting(kind, name, settings_of, plugins)
        parameters_by_kind.setdefault(kind, {})[name] = {
            parameter: settings_of[parameter][0]
            for parameter in counts
            if len(settings_of[parameter]) == 1
        }
    return parameters_by_kind


def _of_stages(plan: Plan) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for config in plugin_configs(plan.stages.values()):
        yield config.kind, config.name, config.parameters


def _of_inducers(spec: Spec, plugins: Plugins) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """One that does not train is part of no stage."""
    for name in dict.fromkeys(
        step for expression in spec.inducers for step in expression.split("+")
    ):
        for setting in sweep(spec.settings.get(name, {})):
            yield "inducer", name, plugins.resolved("inducer", name, setting)


def _counting(kind: str, name: str, parameters: Iterable[str], plugins: Plugins) -> list[str]:
    # A judge's model and engine are not part of its key as parameters, but a reader wants to know
    # them.
    if kind == "judge":
        return list(parameters)
    properties = _properties(kind, name, plugins)
    return [p for p in parameters if properties.get(p, {}).get("x-key", True)]


def _properties(kind: Any, name: str, plugins: Plugins) -> Mapping[str, Any]:
    """Return the schemas of a plugin's parameters; none if it is not installed any more."""
    try:
        properties: Mapping[str, Any] = plugins.get(kind, name).parameters.get("properties", {})
    except UsageError:
        return {}
    return properties


class Parameters:
    """Every parameter that counts for a run's cells, out of the run's record."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._used: Mapping[str, Any] = record.get("parameters", {})
        self._said: Mapping[str, Any] = record.get("spec", {}).get("settings", {})
        self._engine: str = record.get("spec", {}).get("engine", "")
        self._unswept: dict[tuple[str, str, str], dict[str, Any]] = {}

    def of(self, cell: Cell) -> dict[str, Any]:
        """Flat, as "dpo.beta": those of the cell's inducers, its eval, its judge and of
        sampling, and what its run swept. Of a record without defaults (made by version 0.1.0)
        only what was said."""
        alike = cell.inducer, cell.eval, cell.judge
        if alike not in self._unswept:
            self._unswept[alike] = self._parameters(cell)
        return {**self._unswept[alike], **cell.settings}

    def _parameters(self, cell: Cell) -> dict[str, Any]:
        """Return the parameters of the cell's plugins, without its own settings."""
        steps = () if cell.inducer == "none" else cell.inducer.split("+")
        parameters: dict[str, Any] = {}
        plugins = [
            *(("inducer", step) for step in steps),
            ("eval", cell.eval),
            ("judge", cell.judge),
        ]
        for kind, name in plugins:
            settings = self._used.get(kind, {}).get(name) or self._single(name)
            parameters |= {
                f"{name}.{parameter}": setting for parameter, setting in settings.items()
            }
        # The engine's other settings are not a cell's; this one makes another question of a prompt.
        thinking = self._single(self._engine).get("thinking", "template")
        if thinking != "template":
            parameters[f"{self._engine}.thinking"] = thinking
        if cell.judge:
            settings = self._single(SAMPLING)
            parameters |= {
                f"{SAMPLING}.{parameter}": setting for parameter, setting in settings.items()
            }
        return parameters

    def _single(self, name: str) -> dict[str, Any]:
        """Return the parameters that were set to one value and not swept."""
        settings = self._said.get(name, {})
        return {
            parameter: options[0] for parameter, options in settings.items() if len(options) == 1
        }
