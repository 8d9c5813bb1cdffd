"""Names that carry an argument: `lm-eval:arc_easy` is the plugin `lm-eval` with its argument.

The argument is the value of the one parameter that the plugin marks with `"x-argument": true`.
A text with no installed plugin's name before its first colon that ends in `.py` or `.py:Class`
names a file with a plugin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vibench.errors import SpecError

__all__ = ["FILE_FORM", "argument_parameter", "is_file_name", "plugin_name", "with_argument"]

FILE_FORM = re.compile(r"(?P<path>.*[^/\\]\.py)(?::(?P<name>[^:/\\]*))?", re.DOTALL)


def is_file_name(name: str) -> bool:
    """Return whether a name that no installed plugin has names a file."""
    return FILE_FORM.fullmatch(name) is not None


def plugin_name(name: str) -> str:
    """Return the plugin's name: the text before the first colon, or all of it."""
    return name.partition(":")[0]


def argument_parameter(parameters: Mapping[str, Any]) -> str | None:
    """Return the parameter that a name's argument fills, if there is one."""
    properties: Mapping[str, Mapping[str, Any]] = parameters.get("properties", {})
    return next((name for name, schema in properties.items() if schema.get("x-argument")), None)


def with_argument(
    name: str, schema: Mapping[str, Any], values: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return `values` with the parameter that the name's argument fills.

    Raises SpecError if `values` set that parameter otherwise, or the argument is empty.
    """
    plugin, colon, argument = name.partition(":")
    parameter = argument_parameter(schema)
    if not colon or parameter is None:
        return values
    if not argument:
        raise SpecError(
            f"The name '{name}' has no argument after its colon.",
            f"Write it as {plugin}:{parameter.upper()}.",
        )
    if values.get(parameter, argument) != argument:
        raise SpecError(
            f"The parameter {name}.{parameter} is set to '{values[parameter]}', and the name "
            f"says '{argument}'.",
            f"Say it once: {plugin}:{values[parameter]}, or {plugin}:{argument}.",
        )
    return {**values, parameter: argument}
