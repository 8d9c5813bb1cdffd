"""Names that carry an argument: `lm-eval:arc_easy` is the plugin `lm-eval` with its argument.

The argument is the value of the one parameter that the plugin marks with `"x-argument": true`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vibench.errors import SpecError

__all__ = ["argument_parameter", "plugin_name", "with_argument"]


def plugin_name(name: str) -> str:
    """The plugin's own name: what stands before the first colon, or all of it."""
    return name.partition(":")[0]


def argument_parameter(schema: Mapping[str, Any]) -> str | None:
    """The parameter that a name's argument fills, if there is one."""
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    return next((name for name, one in properties.items() if one.get("x-argument")), None)


def with_argument(
    name: str, schema: Mapping[str, Any], given: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The parameters that are given, and the one that the name's argument fills.

    Raises SpecError if that one is given another value too, or the argument is empty.
    """
    own, colon, argument = name.partition(":")
    parameter = argument_parameter(schema)
    if not colon or parameter is None:
        return given
    if not argument:
        raise SpecError(
            f"The name '{name}' ends on its colon.", f"Write it as {own}:{parameter.upper()}."
        )
    if given.get(parameter, argument) != argument:
        raise SpecError(
            f"The parameter {name}.{parameter} is set to '{given[parameter]}', and the name "
            f"says '{argument}'.",
            f"Say it once: {own}:{given[parameter]}, or {own}:{argument}.",
        )
    return {**given, parameter: argument}
