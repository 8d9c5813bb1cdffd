"""A run's options are one dataclass, which flags, help and matrix files follow."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.main import get_command

from vibench.cli import app
from vibench.errors import SpecError
from vibench.matrix_file import read_matrix
from vibench.option_values import checked_options
from vibench.preferences.pair_files import PairsFor
from vibench.run_options import (
    RunOptions,
    matrix_schema,
    option_of,
    options_from_flags,
)
from vibench.spec import Spec, default_options

GOLDEN = json.loads(Path(__file__).with_name("golden_matrix_schema.json").read_text())
NAMES = [one.name for one in fields(RunOptions)]


def without_descriptions(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: without_descriptions(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [without_descriptions(one) for one in schema] if isinstance(schema, list) else schema


def command(name: str) -> Any:
    return get_command(app).commands[name]  # type: ignore[attr-defined]


def flag_of(name: str) -> Any:
    (flag,) = (one for one in command("run").params if option_of(name).flag in one.opts)
    return flag


def test_the_matrix_schema_is_the_one_it_was_when_written_by_hand() -> None:
    Draft202012Validator.check_schema(matrix_schema())
    assert without_descriptions(matrix_schema()) == GOLDEN


@pytest.mark.parametrize("name", NAMES)
def test_an_option_has_one_description_in_help_and_schema(name: str) -> None:
    option = option_of(name)
    assert option.description == matrix_schema()["properties"][option.table]["description"]
    assert flag_of(name).help.startswith(option.description)
    assert option.description.endswith(".")
    assert "\n" not in option.description


@pytest.mark.parametrize("name", sorted(default_options()))
def test_the_help_shows_the_default_that_the_spec_has(name: str) -> None:
    default = default_options()[name]
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    if name in NAMES:
        assert f"[default: {shown}]" in flag_of(name).help
    assert next(one.default for one in fields(Spec) if one.name == name) == default


def test_run_and_plan_take_the_same_options() -> None:
    assert [p.opts for p in command("run").params] == [p.opts for p in command("plan").params]


def test_every_run_option_is_completed_in_the_spec() -> None:
    assert {*NAMES} <= {one.name for one in fields(Spec)}


# --- the two ways to set an option -----------------------------------------------------


@given(
    limit=st.none() | st.integers(1, 9),
    repeats=st.none() | st.integers(1, 9),
    combine=st.sampled_from([None, "majority", "mean"]),
    budget=st.none() | st.integers(0, 9) | st.floats(0, 9),
    engine=st.none() | st.sampled_from(["vllm", "openai"]),
    seeds=st.lists(st.integers(0, 9), unique=True, max_size=3),
)
def test_a_matrix_file_and_flags_give_the_same_options(
    tmp_path_factory: pytest.TempPathFactory,
    limit: int | None,
    repeats: int | None,
    combine: str | None,
    budget: float | None,
    engine: str | None,
    seeds: list[int],
) -> None:
    plain = {
        "limit": limit,
        "judge_repeats": repeats,
        "judge_combine": combine,
        "budget_usd": budget,
        "engine": engine,
    }
    table = {name: value for name, value in plain.items() if value is not None}
    lines = [f"{name} = {json.dumps(value)}" for name, value in table.items()]
    lines += [f"seeds = {seeds}"] if seeds else []
    path = tmp_path_factory.mktemp("matrix") / "matrix.toml"
    path.write_text("\n".join(lines))
    assert tomllib.loads(path.read_text()).keys() - {"seeds"} == table.keys()
    options = checked_options(options_from_flags(seeds=map(str, seeds), **plain))
    assert checked_options(read_matrix(path)) == options
    assert options.budget_usd is None or isinstance(options.budget_usd, float)


def test_options_lie_over_those_below_and_settings_are_joined() -> None:
    below = options_from_flags(
        models=["a"], values=["x,y"], limit=3, sets=["p.a=1"], pairs=["x=1.jsonl", "y=2.jsonl"]
    )
    options = options_from_flags(values=["y"], sets=["p.b=2"]).over(below)
    assert (options.models, options.values, options.limit) == (("a",), ("y",), 3)
    assert [s.parameter for s in options.settings] == ["a", "b"]
    assert options.pairs == (PairsFor("y", "2.jsonl"),)
    assert RunOptions().over(below) == below


# --- bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"limit": 0}, "--limit is 0; expected a whole number at least 1."),
        ({"judge_repeats": 0}, "--judge-repeats is 0; expected a whole number at least 1."),
        ({"judge_combine": "sum"}, '--judge-combine is "sum"; expected one of majority, mean.'),
        ({"max_errors": 2.0}, "--max-errors is 2.0; expected a number at least 0 and at most 1."),
        ({"budget_usd": float("nan")}, "--budget-usd is nan; expected a finite number."),
        ({"budget_usd": -1}, "--budget-usd is -1; expected a number at least 0."),
    ],
)
def test_an_option_out_of_bounds_is_named_by_its_flag(flags: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        checked_options(options_from_flags(**flags))
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("judge_repeat = 2", "judge_repeat is not a known key.", "Did you mean judge_repeats"),
        ("settings = {}", "settings is not a known key.", "Known: budget_usd"),
        ('eval = ["a"]', "eval is not a known key.", "Did you mean evals"),
        ("[sets.dpo]\nbeta = 1", "sets is not a known key.", "Did you mean set"),
    ],
)
def test_a_renamed_key_of_a_matrix_file_is_named_with_the_one_that_is_near(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    path = tmp_path / "matrix.toml"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        read_matrix(path)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_flag_and_a_key_exist_for_each_field_alone() -> None:
    assert {option_of(name).table for name in NAMES} == {*matrix_schema()["properties"]}
    flags = [option_of(name).flag for name in NAMES]
    assert len({*flags}) == len(flags)
