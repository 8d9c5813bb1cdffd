"""Plugin parameters as the user sets them: read from flags and tables, typed by schemas."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vibench.errors import SpecError
from vibench.nesting import TooDeep, parsed_json
from vibench.setting_synonyms import parameter_hint
from vibench.text import echoed
from vibench.validation import closed, first_problem, one_form, schema_file

__all__ = [
    "SAMPLING",
    "Setting",
    "checked",
    "is_absent",
    "of_tables",
    "parse_flag",
    "sampling_schema",
    "sweep",
]

SAMPLING = "sampling"
"""The name under which sampling parameters are set, beside the plugins' names."""

FORM = "Write it as --set PLUGIN.PARAMETER=VALUE[,VALUE...], for example --set dpo.beta=0.01,0.1"


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter and the values to sweep. `where` is the flag, or the file and key. `texts`
    are the values as typed, on the command line; `whole` is the list they are items of, in a
    file."""

    where: str
    plugin: str
    parameter: str
    options: tuple[Any, ...]
    texts: tuple[str, ...] = ()
    whole: Any = None


def parse_flag(text: str) -> Setting:
    """Read `dpo.beta=0.01,0.1`: each value is JSON, or else a string.

    Raises SpecError if it has another form.
    """
    name, equals, values = text.partition("=")
    plugin, dot, parameter = name.strip().rpartition(".")
    if not (equals and dot and plugin and parameter):
        raise SpecError(f"--set {echoed(text)} does not set a parameter to a value.", FORM)
    where = f"--set {echoed(name)}"
    texts = tuple(part.strip() for part in _parts(values))
    if not all(texts):
        raise SpecError(
            f"--set {echoed(text)} has an empty value.", f'{FORM} ("" is an empty string).'
        )
    try:
        options = tuple(map(_json, texts))
    except TooDeep as error:
        raise SpecError(f"{where}: {error}.", "Give a flatter value.") from error
    return Setting(where, plugin, parameter, options, texts)


def of_tables(where: str, tables: Mapping[str, Mapping[str, Any]]) -> list[Setting]:
    """Return the settings in TOML: per plugin a table of its parameters; a list sweeps.

    `where` is the file and the key of `tables`. Raises SpecError for an empty list.
    """
    settings = []
    for plugin, table in tables.items():
        for parameter, value in table.items():
            key = f"{where}.{echoed(plugin)}.{echoed(parameter)}"
            if value == []:
                raise SpecError(f"{key} is an empty list.", "Give at least one value, or omit it.")
            options = tuple(value) if isinstance(value, list) else (value,)
            whole = value if isinstance(value, list) else None
            settings.append(Setting(key, plugin, parameter, options, whole=whole))
    return settings


def checked(setting: Setting, schema: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the setting's values, each once, as the plugin's parameter schema types them.

    Raises SpecError naming the parameter: unknown, of a wrong type or out of range.
    """
    # Not above: the command line imports this module for its flags, and records take long.
    from vibench.records import canonical_json

    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    if setting.parameter not in properties and schema.get("additionalProperties", False) is False:
        raise SpecError(
            f"{setting.where}: '{setting.plugin}' has no parameter '{echoed(setting.parameter)}'.",
            parameter_hint(setting.plugin, setting.parameter, properties),
        )
    typed_as = properties.get(setting.parameter, {})
    options = setting.options
    lists = all(isinstance(option, list) for option in options)
    if setting.whole is not None and "array" in typed_as.get("type", ()) and not lists:
        options = (setting.whole,)  # The list is the value, not a sweep over its items.
    texts = setting.texts or (None,) * len(options)
    typed = [
        _typed(setting, schema, option, text) for option, text in zip(options, texts, strict=True)
    ]
    once = {
        canonical_json(value): value for value in (one_form(typed_as, value) for value in typed)
    }
    return tuple(once.values())


def is_absent(schema: Mapping[str, Any], setting: Any) -> bool:
    """Return whether records and keys leave a parameter out: one that earlier versions lacked, at
    its default."""
    return bool(schema.get("x-absent")) and setting == schema.get("default")


def _typed(setting: Setting, schema: Mapping[str, Any], option: Any, text: str | None) -> Any:
    problem = first_problem({setting.parameter: option}, closed(schema), partial=True)
    if problem is None:
        return option
    # A string may look like JSON (1, true): take the text itself if only that fits.
    as_text = {setting.parameter: text}
    if text is not None and first_problem(as_text, closed(schema), partial=True) is None:
        return text
    raise SpecError(
        f"{setting.where}: {setting.plugin}.{problem.key} {problem.what}.",
        problem.hint or "Give each value in that form, or omit it for the default.",
    )


def sampling_schema() -> Mapping[str, Any]:
    """Return the parameters of sampling, with the bounds of the registry's profiles."""
    definitions = schema_file("registry")["$defs"]
    names = definitions["profile"]["properties"]["sampling"]["properties"]
    return {"type": "object", "properties": {name: definitions[name] for name in names}}


def sweep(settings: Mapping[str, tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return every combination of a plugin's parameters in a fixed order: by parameter name,
    the last one changing fastest. Without settings, return one empty combination."""
    names = sorted(settings)
    products = itertools.product(*(settings[name] for name in names))
    return [dict(zip(names, combination, strict=True)) for combination in products]


def _parts(text: str) -> list[str]:
    """Split at the commas outside of JSON brackets and strings."""
    parts, start, depth = [], 0, 0
    blank, quoted, escaped = True, False, False
    for position, character in enumerate(text):
        if character == "," and not depth and not quoted:
            parts.append(text[start:position])
            start, blank = position + 1, True
            continue
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            # A quote inside a bare word does not begin a JSON string.
            quoted = depth > 0 or blank
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth = max(0, depth - 1)
        blank = blank and character.isspace()
    return [*parts, text[start:]]


def _json(text: str) -> Any:
    try:
        return parsed_json(text, strict=True)
    except TooDeep:
        raise
    except ValueError:
        return text
