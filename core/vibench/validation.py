"""JSON Schema validation with errors as sentences.

Registry files, matrix files and plugin parameters are all checked here, so that a
wrong key reads the same wherever it stands.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vibench.errors import UnknownName
from vibench.text import echoed

__all__ = [
    "Problem",
    "closed",
    "dotted",
    "expectation",
    "filled",
    "first_problem",
    "one_form",
    "schema_file",
]

TYPES = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a table",
    "array": "a list",
    "null": "null",
}
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "greater than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in an instance. `path` leads to it, `what` continues a sentence that begins with
    the path, `rule` is the JSON Schema keyword that it breaks."""

    path: tuple[str | int, ...]
    rule: str
    what: str
    hint: str = ""

    @property
    def key(self) -> str:
        """The path as it is written in TOML."""
        return dotted(self.path)


@cache
def schema_file(name: str) -> Mapping[str, Any]:
    """Return a schema shipped in `vibench/schemas`, by its name without `.schema.json`."""
    path = Path(__file__).parent / "schemas" / f"{name}.schema.json"
    schema: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def dotted(path: tuple[str | int, ...]) -> str:
    """Return a key path as in TOML: `values.empathy.valence`, `models."a.b".source`, `seeds[1]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            part = echoed(part)
            bare = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"'
            text += f".{bare}" if text else bare
    return text


def expectation(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> str:
    """Return what fits a schema, in words: "a number greater than 0 and at most 1".

    `root` is the schema whose `$defs` it may refer to.
    """
    if "$ref" in schema and root:
        return expectation(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(str(option) for option in schema["enum"])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(expectation(option, root) for option in schema[choice])
    if "pattern" in schema and "description" in schema:
        return str(schema["description"])
    types = schema.get("type", [])
    names = [TYPES[name] for name in ([types] if isinstance(types, str) else types)]
    words = " or ".join(names) or "something else"
    if "items" in schema and types == "array":
        words += f" whose items are each {expectation(schema['items'], root)}"
    bounds = [f"{text} {schema[key]}" for key, text in BOUNDS.items() if key in schema]
    if bounds:
        words += " " + " and ".join(bounds)
    if schema.get("minLength") or schema.get("minItems"):
        words += " that is not empty"
    if schema.get("uniqueItems"):
        words += " without repeats"
    return words


def first_problem(
    instance: Any, schema: Mapping[str, Any], *, partial: bool = False
) -> Problem | None:
    """Return the first error in `instance`, or None. Unknown keys come before missing
    ones, since a misspelt key is both. `partial` lets required keys be missing."""
    # Imported here because it takes 0.1 s, which `vibench --help` would wait for.
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(schema).iter_errors(instance)
    problems = [_problem(error, schema) for error in errors]
    if partial:
        problems = [problem for problem in problems if problem.rule != "required"]
    problems += _not_finite(instance, ())
    # A misspelt required key is both unknown and missing. Reporting it as unknown gives the hint
    # with the right spelling.
    rank = {"additionalProperties": 0, "required": 2}
    problems.sort(key=lambda p: (rank.get(p.rule, 1), [str(part) for part in p.path]))
    return problems[0] if problems else None


def _problem(error: Any, root: Mapping[str, Any]) -> Problem:
    path: tuple[str | int, ...] = tuple(error.absolute_path)
    rule = str(error.validator)
    schema: Mapping[str, Any] = error.schema
    if "propertyNames" in error.absolute_schema_path:
        what = f"is not a possible name; expected {expectation(schema, root)}"
        return Problem((*path, str(error.instance)), rule, what)
    if rule == "additionalProperties":
        keys = schema.get("properties", {})
        extra = next(key for key in error.instance if key not in keys)
        hint = UnknownName("key", str(extra), keys).hint
        return Problem((*path, str(extra)), rule, "is not a known key", hint)
    if rule == "required":
        key = next(key for key in schema["required"] if key not in error.instance)
        expected = expectation(schema.get("properties", {}).get(key, {}), root)
        return Problem((*path, key), rule, f"is missing; expected {expected}")
    hint = ""
    if rule == "enum" and isinstance(error.instance, str):
        hint = UnknownName("choice", error.instance, map(str, schema["enum"])).hint
    return Problem(
        path, rule, f"is {_shown(error.instance)}; expected {expectation(schema, root)}", hint
    )


def _shown(instance: Any) -> str:
    text = json.dumps(instance, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _not_finite(instance: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    # JSON Schema lets NaN and infinity pass every bound, and content keys cannot hold them.
    if isinstance(instance, float) and not math.isfinite(instance):
        yield Problem(path, "type", f"is {instance}; expected a finite number")
    elif isinstance(instance, int) and abs(instance) >= 2**63:
        yield Problem(path, "type", "has too many digits; expected a number of at most 64 bits")
    elif isinstance(instance, Mapping):
        for key, value in instance.items():
            yield from _not_finite(value, (*path, str(key)))
    elif isinstance(instance, list | tuple):
        for position, value in enumerate(instance):
            yield from _not_finite(value, (*path, position))


def closed(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema with unknown keys forbidden, unless it has a rule for them itself."""
    return {"additionalProperties": False, **schema}


def filled(schema: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with the schema's defaults, each number in the one form its type has.

    JSON Schema takes 1.0 for an integer and 1 for a number; content keys would not.
    """
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    defaults = {name: p["default"] for name, p in properties.items() if "default" in p}
    # Copied, because a plugin may change a list or table in place, and the schema is shared by all
    # instances.
    full = {**copy.deepcopy(defaults), **values}
    return {name: one_form(properties.get(name, {}), value) for name, value in full.items()}


def one_form(schema: Mapping[str, Any], value: Any) -> Any:
    """Return a number as the schema's type; anything else unchanged."""
    # In Python True is an int, and would turn into 1.0 for a number.
    if isinstance(value, bool):
        return value
    if schema.get("type") == "number" and isinstance(value, int):
        return float(value)
    if schema.get("type") == "integer" and isinstance(value, float):
        return int(value)
    return value
