"""A run's options: one dataclass that feeds the flags, their help and the matrix file's schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from vibench.errors import SpecError
from vibench.parameters import Parameter, schema_of
from vibench.preferences.pair_files import PairsFor, of_flag
from vibench.settings import Setting, parse_flag
from vibench.text import echoed

__all__ = [
    "ALL_VALUES",
    "Option",
    "RunOptions",
    "flag_type",
    "is_repeatable",
    "matrix_schema",
    "option_of",
    "options_from_flags",
    "split_names",
]

ALL_VALUES = "all"
"""The name that stands for every registered value."""

Name = Annotated[str, Parameter(minimum_length=1)]
Names = tuple[Name, ...]
Seeds = tuple[Annotated[int, Parameter(minimum=0)], ...]
MAX_DIGITS = 18
"""Digits of a number that fits into 64 bits, whatever they are."""
FILE = {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Option(Parameter):
    """The metadata of one option of a run."""

    flag: str = field(default="", kw_only=True)
    metavar: str | None = field(default=None, kw_only=True)
    variable: str | None = field(default=None, kw_only=True)
    """The environment variable that sets it too."""
    table: str = field(default="", kw_only=True)
    """Its key in a matrix file, where that is not the field's name."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options that a user set, on the command line or in a matrix file; the others are
    empty or None, and come from the profile or from `Spec`."""

    models: Annotated[
        Names,
        Option(
            "Models: registry names, hub IDs (org/name) or local folders.",
            flag="--model",
            minimum_items=1,
            unique=True,
        ),
    ] = ()
    inducers: Annotated[
        Names,
        Option(
            "Inducers: prompt, dpo, orpo, or several in turn: dpo+prompt.",
            flag="--inducer",
            minimum_items=1,
            unique=True,
        ),
    ] = ()
    values: Annotated[
        Names,
        Option(
            "Values to induce; 'all' for every registered value.",
            flag="--value",
            minimum_items=1,
            unique=True,
        ),
    ] = ()
    evals: Annotated[
        Names, Option("Evals to run.", flag="--eval", minimum_items=1, unique=True)
    ] = ()
    judges: Annotated[
        Names,
        Option(
            "Judges of all evals, or of one: issuebench=mistral.",
            flag="--judge",
            minimum_items=1,
            unique=True,
        ),
    ] = ()
    judge_repeats: Annotated[
        int | None, Option("Times to ask each judge's model each question.", minimum=1)
    ] = None
    judge_combine: Annotated[
        Literal["majority", "mean"] | None,
        Option("How to combine repeats: majority or mean."),
    ] = None
    budget_usd: Annotated[
        float | None, Option("Maximum to spend at endpoints, in US dollars.", minimum=0)
    ] = None
    max_errors: Annotated[
        float | None,
        Option("Share of samples on which plugin code may raise.", minimum=0, maximum=1),
    ] = None
    seeds: Annotated[
        Seeds,
        Option("Seeds of training and sampling.", flag="--seed", minimum_items=1, unique=True),
    ] = ()
    settings: Annotated[
        Sequence[Setting],
        Option(
            "Plugin parameters; several values make a sweep.",
            flag="--set",
            metavar="PLUGIN.PARAMETER=VALUE[,VALUE]",
            table="set",
            schema={"type": "object", "additionalProperties": {"type": "object"}},
        ),
    ] = ()
    limit: Annotated[int | None, Option("Maximum number of samples per eval.", minimum=1)] = None
    data: Annotated[
        str | None, Option("Folder of data files.", variable="VIBENCH_DATA", minimum_length=1)
    ] = None
    pairs: Annotated[
        Sequence[PairsFor],
        Option(
            "Pairs made for a value, to train on unchanged; repeatable.",
            flag="--pairs",
            metavar="VALUE=FILE",
            schema={
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "anyOf": [FILE, {"type": "array", "minItems": 1, "items": FILE}]
                },
            },
        ),
    ] = ()
    sources: Annotated[
        Names,
        Option(
            "Preference sets to search for pairs: registered names or files.",
            flag="--source",
            minimum_items=1,
            unique=True,
        ),
    ] = ()
    minimum_pairs: Annotated[
        int | None, Option("Smallest number of pairs to train on for a value.", minimum=1)
    ] = None
    engine: Annotated[str | None, Option("Engine that loads the models.", minimum_length=1)] = None
    simulator: Annotated[
        str | None, Option("Model that plays an eval's other roles.", minimum_length=1)
    ] = None
    extractor: Annotated[
        str | None, Option("Judge that labels values in preference data.", minimum_length=1)
    ] = None
    profile: Annotated[
        str | None,
        Option("Profile for options you leave out: embedded or paper.", minimum_length=1),
    ] = None

    @property
    def given(self) -> dict[str, Any]:
        """The options that are set."""
        values = {option.name: getattr(self, option.name) for option in fields(self)}
        return {name: value for name, value in values.items() if value not in (None, ())}

    def over(self, below: RunOptions) -> RunOptions:
        """Return these options, completed from `below`.

        Settings are joined, and these win where both set a parameter. Pairs of `below` for
        values that these leave out are left out too.
        """
        if self.values and ALL_VALUES not in self.values:
            # Pairs of a value that the flags leave out would otherwise be an error of a matrix
            # file that was right by itself.
            pairs = tuple(file for file in below.pairs if file.value in self.values)
            below = replace(below, pairs=pairs)
        return replace(below, **{**self.given, "settings": (*below.settings, *self.settings)})


def option_of(name: str) -> Option:
    """Return the metadata of an option, its flag and its key in a matrix file filled in."""
    hint = _hints()[name]
    option = next(item for item in get_args(hint)[1:] if isinstance(item, Option))
    flag = option.flag or "--" + name.replace("_", "-")
    return replace(option, flag=flag, table=option.table or name)


def flag_type(name: str) -> Any:
    """Return the type that one flag of an option takes: str, int or float."""
    kinds = {*_kinds(_hints()[name])}
    if is_repeatable(name):
        return str
    return next((number for number in (int, float) if number in kinds), str)


def is_repeatable(name: str) -> bool:
    """Return whether the flag of an option can be repeated."""
    return next(option for option in fields(RunOptions) if option.name == name).default == ()


@cache
def matrix_schema() -> Mapping[str, Any]:
    """Return the JSON Schema of a matrix file: every option, none of them required."""
    properties = {
        option_of(name).table: _without_null(schema)
        for name, schema in schema_of(RunOptions)["properties"].items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vibench matrix",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def options_from_flags(
    *, seeds: Iterable[str] = (), sets: Iterable[str] = (), pairs: Iterable[str] = (), **flags: Any
) -> RunOptions:
    """Return the options of a command line, each by its field's name, `sets` for --set.

    Raises SpecError naming the flag.
    """
    values: dict[str, Any] = {
        name: split_names(value) if is_repeatable(name) else value for name, value in flags.items()
    }
    return RunOptions(
        **values,
        seeds=_whole_numbers("--seed", seeds),
        settings=tuple(parse_flag(text) for text in sets),
        pairs=tuple(map(of_flag, pairs)),
    )


def split_names(flags: Iterable[str]) -> tuple[str, ...]:
    """Return the names of a repeatable, comma-separated flag in order, each once."""
    names = (name.strip() for flag in flags for name in flag.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _whole_numbers(flag: str, flags: Iterable[str]) -> tuple[int, ...]:
    names = split_names(flags)
    for name in names:
        if name.isdecimal() and len(name) > MAX_DIGITS:
            raise SpecError(f"{flag} {echoed(name)} has too many digits.", f"Write {flag} 0.")
        if not name.isdecimal():
            raise SpecError(
                f"{flag} {echoed(name)} is not a whole number of at least 0.",
                f"Write it as {flag} 0 or {flag} 0,1,2",
            )
    return tuple(dict.fromkeys(map(int, names)))


@cache
def _hints() -> Mapping[str, Any]:
    return get_type_hints(RunOptions, include_extras=True)


def _kinds(hint: Any) -> list[Any]:
    """Return the plain types inside a type."""
    arguments = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
    return [kind for argument in arguments for kind in _kinds(argument)] if arguments else [hint]


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return an option's schema for TOML, which has no null and where a default is absence."""
    plain = {key: value for key, value in schema.items() if key != "default"}
    if isinstance(plain.get("type"), list):
        (plain["type"],) = (kind for kind in plain["type"] if kind != "null")
    if "anyOf" in plain and {"type": "null"} in plain["anyOf"]:
        (branch,) = (kind for kind in plain.pop("anyOf") if kind != {"type": "null"})
        plain = {**branch, **plain}
    return plain
