"""A plugin's parameters: one frozen dataclass, from which schema, defaults and constructor follow.

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        beta: Annotated[float, Parameter("Strength of the penalty.", above=0)] = 0.1
        device: Annotated[str, Parameter("Device to train on.", key=False)] = "auto"

A field without a default is a required parameter.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, make_dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from vibench.errors import PluginError

__all__ = ["NoParameters", "Parameter", "build_parameters", "schema_of", "with_defaults"]

T = TypeVar("T")

SCALARS: Mapping[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    type(None): "null",
}
LISTS = (list, tuple, Sequence)
TABLES = (dict, Mapping)

NUMBERS, TEXTS, ARRAYS = ("integer", "number"), ("string",), ("array",)
BOUNDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "minimum": ("minimum", NUMBERS),
    "maximum": ("maximum", NUMBERS),
    "above": ("exclusiveMinimum", NUMBERS),
    "below": ("exclusiveMaximum", NUMBERS),
    "minimum_length": ("minLength", TEXTS),
    "minimum_items": ("minItems", ARRAYS),
    "unique": ("uniqueItems", ARRAYS),
}
"""Each bound of a `Parameter`: its JSON Schema keyword, and the types that it can bound."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """The metadata of one parameter, in the `Annotated` type of its field.

    Bounds apply to the numbers, texts or lists among the types of the field; `above` and
    `below` exclude the bound itself. `schema` holds further JSON Schema keywords; with a "type"
    among them it stands in place of the schema of the field's type.
    """

    description: str = ""
    minimum: float | None = field(default=None, kw_only=True)
    maximum: float | None = field(default=None, kw_only=True)
    above: float | None = field(default=None, kw_only=True)
    below: float | None = field(default=None, kw_only=True)
    minimum_length: int | None = field(default=None, kw_only=True)
    minimum_items: int | None = field(default=None, kw_only=True)
    unique: bool | None = field(default=None, kw_only=True)
    key: bool = field(default=True, kw_only=True)
    """False for a parameter that cannot change results (a batch size); no content key holds it."""
    file: bool = field(default=False, kw_only=True)
    """True for a parameter that may name a file: content keys hold the file's content."""
    argument: bool = field(default=False, kw_only=True)
    """True for the parameter that a name's argument fills (`lm-eval:arc_easy`)."""
    engine: bool = field(default=False, kw_only=True)
    """True for a parameter that names an engine, whose own parameters can then be set too."""
    absent: bool = field(default=False, kw_only=True)
    """True for a parameter that an earlier version of the plugin lacked: while it has its default,
    content keys and the records of runs leave it out, so that older results still match."""
    schema: Mapping[str, Any] = field(default_factory=dict, kw_only=True, hash=False)

    @property
    def marks(self) -> dict[str, Any]:
        """The keywords of vibench's own that the schema carries."""
        marks = {
            "x-file": self.file,
            "x-argument": self.argument,
            "x-engine": self.engine,
            "x-absent": self.absent,
        }
        return {name: True for name, mark in marks.items() if mark} | (
            {} if self.key else {"x-key": False}
        )


@dataclass(frozen=True)
class NoParameters:
    """The parameters of a plugin that has none."""


def schema_of(parameters: type) -> dict[str, Any]:
    """Return the JSON Schema of a parameters dataclass.

    Raises PluginError if it is not a frozen dataclass, or for a type or bound that has no
    JSON Schema.
    """
    properties: dict[str, Any] = {}
    required: list[str] = []
    hints = get_type_hints(_frozen(parameters), include_extras=True)
    for parameter in fields(parameters):
        properties[parameter.name] = _property(
            f"{parameters.__qualname__}.{parameter.name}", hints[parameter.name]
        )
        default = _default(parameter)
        if default is MISSING:
            required.append(parameter.name)
        else:
            properties[parameter.name]["default"] = _as_json(default)
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def build_parameters(parameters: type[T], values: Mapping[str, Any]) -> T:
    """Return the dataclass with these values as JSON has them: a list becomes a tuple where
    the field is a tuple."""
    # Resolving the hints costs more than everything else here, and only lists need them.
    hints = get_type_hints(parameters) if any(isinstance(v, list) for v in values.values()) else {}
    return parameters(
        **{
            name: tuple(value) if isinstance(value, list) and _is_tuple(hints.get(name)) else value
            for name, value in values.items()
        }
    )


def with_defaults(parameters: type[T], **defaults: Any) -> type[T]:
    """Return a subclass of a parameters dataclass that differs in these defaults alone."""
    hints = get_type_hints(_frozen(parameters), include_extras=True)
    unknown = sorted(defaults.keys() - hints.keys())
    if unknown:
        raise PluginError(
            f"{parameters.__qualname__} has no parameter '{unknown[0]}'.",
            f"Give defaults of its own parameters: {', '.join(hints)}.",
        )
    return make_dataclass(
        parameters.__name__,
        [(name, hints[name], field(default=value)) for name, value in defaults.items()],
        bases=(parameters,),
        frozen=True,
        kw_only=True,
    )


def _frozen(parameters: type) -> type:
    """Return the class itself. Raises PluginError if it is not a frozen dataclass."""
    frozen = getattr(getattr(parameters, "__dataclass_params__", None), "frozen", False)
    if not (isinstance(parameters, type) and is_dataclass(parameters) and frozen):
        raise PluginError(
            f"Parameters must be a frozen dataclass, not {parameters!r:.60}.",
            "Decorate the class with @dataclass(frozen=True, kw_only=True).",
        )
    return parameters


def _default(parameter: Field[Any]) -> Any:
    return (
        parameter.default_factory()
        if parameter.default_factory is not MISSING
        else parameter.default
    )


def _as_json(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _as_json(item) for key, item in value.items()}
    return value


def _is_tuple(hint: Any) -> bool:
    return tuple in (hint, get_origin(hint))


def _property(name: str, hint: Any) -> dict[str, Any]:
    """Return the schema of one field, without its default; `name` is for errors."""
    metadata = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    parameter = next((item for item in metadata if isinstance(item, Parameter)), Parameter())
    # Options of a run hold records (settings, files of pairs) whose form in a file is a table:
    # there the schema by hand is the only one.
    by_hand = "type" in parameter.schema
    schema = {} if by_hand else _type_schema(name, get_args(hint)[0] if metadata else hint)
    branches = schema.get("anyOf", [schema])
    for bound, (keyword, kinds) in BOUNDS.items():
        limit = getattr(parameter, bound)
        if limit is None:
            continue
        # A bound belongs to the branches of a union that it fits: an array of at least one item,
        # or any string.
        bounded = [b for b in branches if set(kinds) & {*_as_list(b.get("type", ()))}]
        if not bounded:
            raise PluginError(
                f"The bound '{bound}' does not fit the type of {name}.",
                f"Bounds by '{bound}' are for {' and '.join(kinds)} types.",
            )
        for branch in bounded:
            branch[keyword] = limit
    description = {"description": parameter.description} if parameter.description else {}
    return {**schema, **parameter.schema, **parameter.marks, **description}


def _type_schema(name: str, hint: Any) -> dict[str, Any]:
    """Return the schema of a type. Raises PluginError naming the field for other types."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return {}
    if hint in SCALARS:
        return {"type": SCALARS[hint]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is Annotated:
        return _property(name, hint)
    if origin in (Union, types.UnionType):
        schemas = [_type_schema(name, part) for part in arguments]
        # `int | None` is {"type": ["integer", "null"]} and not an anyOf, so that a bound applies
        # to the one schema and an error reads "a whole number or null".
        if all(schema.keys() == {"type"} for schema in schemas):
            return {"type": [schema["type"] for schema in schemas]}
        return {"anyOf": schemas}
    if hint in LISTS or origin in LISTS:
        items = _type_schema(name, arguments[0]) if arguments else {}
        return {"type": "array", "items": items} if items else {"type": "array"}
    if hint in TABLES or origin in TABLES:
        return {"type": "object"}
    raise PluginError(
        f"The parameter {name} has a type without a JSON Schema: {hint}.",
        "Use bool, int, float, str, None, Literal, a tuple or list of these, a union of them, "
        "or Mapping[str, Any].",
    )


def _as_list(kinds: str | Sequence[str]) -> Sequence[str]:
    return [kinds] if isinstance(kinds, str) else kinds
