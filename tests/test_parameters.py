"""A plugin's parameters are one dataclass; schema, defaults and constructor follow from it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from vibench import (
    Eval,
    Judge,
    ModelJudge,
    Outcome,
    Parameter,
    PluginError,
    Rubric,
    Sample,
    SpecError,
    Transcript,
    Verdict,
    with_defaults,
)
from vibench.parameters import NoParameters, build_parameters, schema_of
from vibench.plugins import Plugins

GOLDEN = json.loads(Path(__file__).with_name("golden_parameters.json").read_text())
PAGE = Path(__file__).parents[1] / "docs" / "plugins.md"


@dataclass(frozen=True, kw_only=True)
class Everything:
    """A parameter of each type, with each bound."""

    flag: bool = False
    count: Annotated[int, Parameter("A count.", minimum=1, maximum=5)] = 1
    share: Annotated[float, Parameter(above=0, below=1, key=False)] = 0.5
    name: Annotated[str, Parameter(minimum_length=1, file=True)] = "x"
    mode: Annotated[Literal["a", True], Parameter(engine=True, absent=True)] = "a"
    limit: Annotated[int | None, Parameter(minimum=2)] = None
    topics: Annotated[
        tuple[Annotated[str, Parameter(minimum_length=1)], ...],
        Parameter(minimum_items=1, unique=True),
    ] = ("rain",)
    targets: Annotated[str | list[str], Parameter(minimum_items=1)] = "all"
    more: Annotated[Mapping[str, Any], Parameter(schema={"maxProperties": 2})] = field(
        default_factory=dict
    )
    task: Annotated[str, Parameter(argument=True)]


SCHEMA = {
    "type": "object",
    "properties": {
        "flag": {"type": "boolean", "default": False},
        "count": {
            "type": "integer",
            "minimum": 1,
            "maximum": 5,
            "default": 1,
            "description": "A count.",
        },
        "share": {
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "x-key": False,
            "default": 0.5,
        },
        "name": {"type": "string", "minLength": 1, "x-file": True, "default": "x"},
        "mode": {"enum": ["a", True], "x-engine": True, "x-absent": True, "default": "a"},
        "limit": {"type": ["integer", "null"], "minimum": 2, "default": None},
        "topics": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
            "uniqueItems": True,
            "default": ["rain"],
        },
        "targets": {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ],
            "default": "all",
        },
        "more": {"type": "object", "maxProperties": 2, "default": {}},
        "task": {"type": "string", "x-argument": True},
    },
    "required": ["task"],
    "additionalProperties": False,
}


class Echo(Eval):
    """An eval with all of them."""

    metrics = ("length",)
    Parameters = Everything
    settings: Everything

    def samples(self, data: object) -> Sequence[Sample]:
        return ()

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        return ()


def registered(kind: str, cls: type) -> Plugins:
    plugins = Plugins()
    plugins.register(kind, "echo", cls, "the tests")
    return plugins


def without_descriptions(schema: Any) -> Any:
    """A schema as what it accepts and fills in, whatever its words."""
    if isinstance(schema, dict):
        return {
            key: without_descriptions(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [without_descriptions(one) for one in schema] if isinstance(schema, list) else schema


# --- the schema --------------------------------------------------------------------


def test_types_bounds_marks_and_defaults_become_json_schema() -> None:
    schema = schema_of(Everything)
    Draft202012Validator.check_schema(schema)
    assert schema == SCHEMA
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("plugin", sorted(GOLDEN))
def test_the_schemas_of_built_in_plugins_are_those_they_had_when_written_by_hand(
    plugin: str,
) -> None:
    kind, name = plugin.split()
    assert without_descriptions(Plugins.discover().get(kind, name).parameters) == GOLDEN[plugin]


def test_every_built_in_plugin_derives_its_schema() -> None:
    plugins = Plugins.discover()
    for kind, name in (plugin.split() for plugin in GOLDEN):
        cls = plugins.get(kind, name)
        assert cls.parameters == schema_of(cls.Parameters)
        assert cls.__init__.__code__.co_varnames[1] == "values", name


@given(
    st.fixed_dictionaries(
        {"task": st.text()},
        optional={
            "flag": st.booleans(),
            "count": st.integers(1, 5),
            "limit": st.none() | st.integers(2, 9),
            "topics": st.lists(st.text(min_size=1), min_size=1, unique=True),
            "targets": st.text() | st.lists(st.text(), min_size=1),
        },
    )
)
def test_what_the_schema_accepts_the_dataclass_holds(values: dict[str, Any]) -> None:
    built = registered("eval", Echo).build("eval", "echo", values)
    assert isinstance(built, Echo)
    for name, value in values.items():
        held = getattr(built.settings, name)
        assert held == (tuple(value) if name == "topics" else value)
        assert isinstance(held, tuple) == (name == "topics")
    assert built.settings.share == 0.5


def test_a_value_out_of_bounds_is_refused_before_the_plugin_is_built() -> None:
    plugins = registered("eval", Echo)
    with pytest.raises(SpecError, match=r"echo\.count is 9; expected a whole number at least 1"):
        plugins.build("eval", "echo", {"task": "t", "count": 9})
    with pytest.raises(SpecError, match=r"echo\.task is missing"):
        plugins.build("eval", "echo", {})


# --- other defaults ------------------------------------------------------------------


def test_with_defaults_changes_these_defaults_and_nothing_else() -> None:
    changed = schema_of(with_defaults(Everything, count=3, task="t"))
    expected = json.loads(json.dumps(SCHEMA))
    expected["properties"]["count"]["default"] = 3
    expected["properties"]["task"]["default"] = "t"
    del expected["required"]
    assert changed == expected
    assert isinstance(with_defaults(Everything, task="t")(), Everything)
    with pytest.raises(PluginError, match="Everything has no parameter 'colour'"):
        with_defaults(Everything, colour="red")


def test_a_judge_written_with_asking_works_as_one_with_defaults() -> None:
    class Before(ModelJudge):
        parameters: ClassVar[Mapping[str, Any]] = ModelJudge.asking("org/name", max_tokens=7)

    class Now(ModelJudge):
        Parameters: ClassVar = with_defaults(ModelJudge.Parameters, model="org/name", max_tokens=7)

    assert Before.parameters == Now.parameters
    before, now = (registered("judge", cls).build("judge", "echo", {}) for cls in (Before, Now))
    assert isinstance(before, Judge)
    assert before.model == now.model  # type: ignore[attr-defined]


# --- what is refused -----------------------------------------------------------------


def test_a_plugin_with_a_schema_and_a_dataclass_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PluginError) as caught:
        type("Both", (Echo,), {"parameters": SCHEMA, "Parameters": Everything})
    assert "Both has both a JSON Schema" in caught.value.message
    assert "Remove the schema" in caught.value.hint


class Loose:
    """No dataclass."""


@dataclass
class Thawed:
    """Not frozen."""

    count: int = 1


@dataclass(frozen=True)
class Odd:
    """A type that JSON has not."""

    path: Path


@dataclass(frozen=True)
class Misfit:
    """A bound of numbers on a text."""

    name: Annotated[str, Parameter(minimum=1)] = ""


@pytest.mark.parametrize(
    ("parameters", "words", "hint"),
    [
        (Loose, "must be a frozen dataclass", "@dataclass(frozen=True, kw_only=True)"),
        (Thawed, "must be a frozen dataclass", "@dataclass(frozen=True, kw_only=True)"),
        ("text", "must be a frozen dataclass", "@dataclass(frozen=True, kw_only=True)"),
        (Odd, "Odd.path has a type without a JSON Schema", "Use bool, int, float"),
        (Misfit, "'minimum' does not fit the type of Misfit.name", "integer and number"),
    ],
)
def test_parameters_that_have_no_schema_are_refused_in_words(
    parameters: Any, words: str, hint: str
) -> None:
    with pytest.raises(PluginError) as caught:
        type("Broken", (Echo,), {"Parameters": parameters})
    assert words in caught.value.message
    assert hint in caught.value.hint


def test_a_default_out_of_bounds_is_a_breach_that_names_it() -> None:
    broken = type("Broken", (Echo,), {"Parameters": with_defaults(Everything, count=9)})
    with pytest.raises(PluginError, match=r"default of Broken\.parameters count is 9"):
        registered("eval", broken).get("eval", "echo")


# --- plugins written for the interface before ----------------------------------------


def test_a_schema_written_by_hand_comes_with_its_own_constructor() -> None:
    class Scaled(Echo):
        parameters: ClassVar[Mapping[str, Any]] = {
            "type": "object",
            "properties": {"scale": {"type": "number", "default": 2}},
        }

        def __init__(self, scale: float) -> None:
            self.scale = scale

    built = registered("eval", Scaled).build("eval", "echo", {})
    assert isinstance(built, Scaled)
    assert built.scale == 2.0


def test_a_plugin_without_parameters_needs_neither() -> None:
    class Bare(Judge):
        def accepts(self, rubric_name: str) -> bool:
            return True

        def decide(self, rubric: Rubric) -> Verdict:
            return Verdict(rubric.name, rubric.turn, ("yes",))

    built = registered("judge", Bare).build("judge", "echo", {})
    assert built.settings == build_parameters(NoParameters, {})


# --- the page ------------------------------------------------------------------------


def test_the_example_of_the_page_runs() -> None:
    (source,) = (
        body
        for body in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
        if "class Poems" in body
    )
    module = ModuleType("poems")
    sys.modules["poems"] = module
    try:
        exec(compile(source, "docs/plugins.md", "exec"), vars(module))
        plugins = registered("eval", module.Poems)
        poems = plugins.build("eval", "echo", {"form": "limerick", "topics": ["snow"]})
    finally:
        del sys.modules["poems"]
    (sample,) = poems.samples(None)  # type: ignore[attr-defined]
    assert sample.messages[0].content == "Write a limerick about snow."
    with pytest.raises(SpecError, match="expected one of haiku, limerick"):
        plugins.build("eval", "echo", {"form": "sonnet"})


def test_the_page_names_every_keyword_of_a_parameter() -> None:
    page = PAGE.read_text()
    for name in Parameter.__dataclass_fields__:
        assert name == "description" or re.search(rf"`{name}[=`]", page), name
