"""What was asked for, completed from a profile and checked, from flags and matrix files."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench import (
    Eval,
    Inducer,
    Judge,
    Materials,
    Outcome,
    Rubric,
    Sample,
    Subject,
    Transcript,
    Value,
    Verdict,
)
from vibench.errors import SpecError, UnknownName
from vibench.judging.rubrics import VALUES
from vibench.plugins import Plugins
from vibench.registry import Catalogue, load_catalogue
from vibench.run_options import split_names
from vibench.settings import parse_flag, sweep
from vibench.spec import Spec
from vibench.spec_completion import from_flags


class Untouched(Inducer):
    """The identity."""

    def induce(self, subject: Subject, value: Value, materials: Materials) -> Subject:
        return subject


class DPO(Untouched):
    """Has one parameter of each type."""

    parameters: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "beta": {"type": "number", "exclusiveMinimum": 0, "default": 0.1},
            "epochs": {"type": "integer", "minimum": 1, "default": 5},
            "learning_rate": {"type": "number", "exclusiveMinimum": 0, "default": 5e-6},
            "loss": {"type": "string", "default": "sigmoid"},
            "modules": {"type": "array", "items": {"type": "string"}, "default": ["q"]},
            "trl": {"type": "object", "default": {}},
        },
    }

    def __init__(self, **parameters: object) -> None:
        self.parameters_given = parameters


class Talk(Eval):
    """Asks nothing."""

    metrics = ("length",)

    def samples(self, data: object) -> Sequence[Sample]:
        return []

    def rubrics(self, transcript: Transcript) -> Iterable[Rubric]:
        return ()

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        return ()


class Rules(Judge):
    """Says none."""

    def accepts(self, rubric_name: str) -> bool:
        return True

    def decide(self, rubric: Rubric) -> Verdict:
        return Verdict(rubric.name, rubric.turn)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The project's, with settings in its embedded profile that the tests' `dpo` has, and none
    in `paper`, whose sources the tests' plugins lack."""
    found = load_catalogue(working_folder=Path(__file__).parent)
    embedded = replace(found.profile("embedded"), settings={"dpo": {"learning_rate": 2e-3}})
    paper = replace(found.profile("paper"), settings={})
    return replace(found, profiles={**found.profiles, "embedded": embedded, "paper": paper})


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    plugins = Plugins()
    for name in ("none", "prompt"):
        plugins.register("inducer", name, Untouched, "the tests")
    plugins.register("inducer", "dpo", DPO, "the tests")
    plugins.register("eval", "talk", Talk, "the tests")
    plugins.register("judge", "rules", Rules, "the tests")
    return plugins


class Asking:
    """`vibench run` as far as the spec, with an eval that asks nothing."""

    def __init__(self, catalogue: Catalogue, plugins: Plugins) -> None:
        self.catalogue, self.plugins = catalogue, plugins

    def __call__(self, **said: Any) -> Spec:
        return from_flags(self.catalogue, self.plugins, **{"evals": ["talk"], **said})

    def set(self, *sets: str, **said: Any) -> Mapping[str, Mapping[str, tuple[Any, ...]]]:
        return self(inducers=["dpo"], sets=sets, **said).settings


@pytest.fixture
def asking(catalogue: Catalogue, plugins: Plugins) -> Asking:
    return Asking(catalogue, plugins)


# --- what is asked, and what the profile gives -----------------------------------------


def test_with_nothing_but_an_eval_the_embedded_profile_holds(
    asking: Asking, catalogue: Catalogue
) -> None:
    spec, profile = asking(), catalogue.profile("embedded")
    assert spec.profile == "embedded"
    assert spec.models == profile.models
    assert spec.values == profile.values
    assert (spec.judges, spec.extractor) == (("rules",), "rules")
    assert (spec.engine, spec.sources) == (profile.engine, profile.sources)
    assert spec.inducers == ("none",)
    assert spec.seeds == (0,)
    assert spec.settings["sampling"]["max_tokens"] == (profile.sampling.max_tokens,)


@pytest.mark.parametrize(
    ("models", "profile"),
    [
        (["tiny-base,tiny-instruct"], "embedded"),
        (["embedded:tiny-base"], "embedded"),
        (["tiny-base", "OLMo-2-Base"], "paper"),
        (["org/name"], "paper"),
    ],
)
def test_the_models_choose_the_profile(models: list[str], profile: str, asking: Asking) -> None:
    assert asking(models=models).profile == profile


def test_a_profile_that_is_named_holds_whatever_the_models(asking: Asking) -> None:
    spec = asking(models=["org/name"], profile="embedded")
    assert (spec.profile, spec.models, spec.judges) == ("embedded", ("org/name",), ("rules",))
    paper = asking(profile="paper")
    assert len(paper.models) == 8
    assert paper.values == VALUES
    assert paper.judges == ("o4-mini",)


def test_flags_repeat_or_take_commas_and_names_count_once(asking: Asking) -> None:
    spec = asking(
        models=["tiny-base, tiny-sft", "tiny-base"],
        inducers=["dpo+prompt", "prompt,none"],
        values=["honesty", "humor,honesty"],
        seeds=["3,1", "3"],
    )
    assert spec.models == ("tiny-base", "tiny-sft")
    assert spec.inducers == ("none", "dpo+prompt", "prompt")
    assert spec.values == ("honesty", "humor")
    assert spec.seeds == (3, 1)


@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=4), max_size=4))
def test_splitting_does_not_depend_on_where_the_commas_are(groups: list[list[str]]) -> None:
    flat = list(itertools.chain.from_iterable(groups))
    assert split_names(map(",".join, groups)) == split_names(flat) == tuple(dict.fromkeys(flat))


def test_all_values_are_the_catalogues(asking: Asking, catalogue: Catalogue) -> None:
    assert asking(values=["all"]).values == tuple(catalogue.values)


def test_without_an_eval_the_error_lists_them(asking: Asking) -> None:
    with pytest.raises(SpecError, match="No eval is set") as caught:
        asking(evals=[])
    assert caught.value.hint == "Set one with --eval: talk."


def test_an_unknown_value_or_profile_is_answered_with_what_is_near(asking: Asking) -> None:
    with pytest.raises(UnknownName, match="no value called 'empaty'") as caught:
        asking(values=["empaty"])
    assert "Did you mean empathy?" in caught.value.hint
    with pytest.raises(UnknownName, match="no profile called 'embeded'"):
        asking(profile="embeded")


@pytest.mark.parametrize("seed", ["-1", "one", "1.5"])
def test_a_seed_is_a_whole_number(seed: str, asking: Asking) -> None:
    with pytest.raises(SpecError, match=f"--seed {seed} is not a whole number"):
        asking(seeds=[seed])


def test_a_limit_is_at_least_one(asking: Asking) -> None:
    with pytest.raises(SpecError, match="limit is 0"):
        asking(limit=0)


# --- settings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plugin", "parameter", "options"),
    [
        ("dpo.beta=0.01,0.1", "dpo", "beta", (0.01, 0.1)),
        ("dpo.loss=ipo", "dpo", "loss", ("ipo",)),
        ('dpo.loss="a,b",c', "dpo", "loss", ("a,b", "c")),
        ('dpo.loss=say "hi, you",c', "dpo", "loss", ('say "hi', 'you"', "c")),
        ('dpo.trl={"a":1,"b":[2,3]},{}', "dpo", "trl", ({"a": 1, "b": [2, 3]}, {})),
        ('dpo.trl={"a":"}, \\" ,"},{}', "dpo", "trl", ({"a": '}, " ,'}, {})),
        ("dpo.modules=[1,2],[3]", "dpo", "modules", ([1, 2], [3])),
        ("a.b.c=true, null", "a.b", "c", (True, None)),
        ("dpo.loss=NaN,a=b", "dpo", "loss", ("NaN", "a=b")),
    ],
)
def test_a_setting_is_read_as_json_or_else_as_a_string(
    text: str, plugin: str, parameter: str, options: tuple[Any, ...]
) -> None:
    setting = parse_flag(text)
    assert (setting.plugin, setting.parameter, setting.options) == (plugin, parameter, options)


@pytest.mark.parametrize("text", ["dpo.beta", "beta=1", "=1", "dpo.=1", ".beta=1", "dpo.beta="])
def test_a_setting_of_another_form_is_an_error_that_shows_the_form(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_flag(text)
    assert text in caught.value.message
    assert "--set dpo.beta=0.01,0.1" in caught.value.hint


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=5, unique=True))
def test_a_swept_number_comes_back_as_it_was_typed(betas: list[float]) -> None:
    assert parse_flag("dpo.beta=" + ",".join(map(repr, betas))).options == tuple(betas)


def test_settings_are_typed_by_the_plugins_schema(asking: Asking) -> None:
    settings = asking.set("dpo.beta=1,0.5,1.0", "dpo.epochs=2.0", "dpo.loss=1", "dpo.trl={}")
    assert settings["dpo"]["beta"] == (1.0, 0.5)
    assert [type(beta) for beta in settings["dpo"]["beta"]] == [float, float]
    assert settings["dpo"]["epochs"] == (2,)
    assert settings["dpo"]["loss"] == ("1",)
    assert settings["dpo"]["trl"] == ({},)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("dpo.beta=0", "--set dpo.beta: dpo.beta is 0; expected a number greater than 0.", ""),
        ("dpo.beta=0.1,big", 'dpo.beta is "big"; expected a number greater than 0.', ""),
        ("dpo.beta=1e999", "dpo.beta is inf; expected a finite number.", ""),
        ("dpo.epochs=1.5", "dpo.epochs is 1.5; expected a whole number at least 1.", ""),
        ("dpo.trl=3", "dpo.trl is 3; expected a table.", ""),
        ("dpo.modules=q,k", 'dpo.modules is "q"; expected a list whose items', ""),
        ("dpo.betta=1", "'dpo' has no parameter 'betta'.", "Did you mean beta"),
        ("dop.beta=1", "this run does not use a plugin called 'dop'.", "Did you mean dpo?"),
        ("sampling.top_p=0", "sampling.top_p is 0; expected a number greater than 0 and at", ""),
        ("sampling.topp=1", "'sampling' has no parameter 'topp'.", "Did you mean top_p"),
    ],
)
def test_a_setting_that_does_not_fit_is_an_error(
    text: str, message: str, hint: str, asking: Asking
) -> None:
    with pytest.raises(SpecError) as caught:
        asking.set(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_setting_of_a_plugin_that_the_run_does_not_use_is_an_error(asking: Asking) -> None:
    with pytest.raises(SpecError, match="this run does not use a plugin called 'dpo'"):
        asking(inducers=["prompt"], sets=["dpo.beta=0.1"])
    assert asking(inducers=["prompt+dpo"], sets=["dpo.beta=0.5"]).settings["dpo"]["beta"] == (0.5,)


def test_the_profiles_settings_hold_for_what_is_in_use_unless_the_user_sets_them(
    asking: Asking, catalogue: Catalogue
) -> None:
    rate = catalogue.profile("embedded").settings["dpo"]["learning_rate"]
    assert "dpo" not in asking().settings
    assert asking.set()["dpo"]["learning_rate"] == (rate,)
    assert asking.set("dpo.learning_rate=1e-5")["dpo"]["learning_rate"] == (1e-5,)
    assert "learning_rate" not in asking.set(profile="paper", judges=["rules"]).get("dpo", {})
    assert asking.set("sampling.temperature=0")["sampling"]["temperature"] == (0.0,)


# --- sweeps ------------------------------------------------------------------------------


def test_a_sweep_is_every_combination_in_a_fixed_order() -> None:
    assert sweep({"epochs": (1, 2), "beta": (0.1, 0.01)}) == [
        {"beta": 0.1, "epochs": 1},
        {"beta": 0.1, "epochs": 2},
        {"beta": 0.01, "epochs": 1},
        {"beta": 0.01, "epochs": 2},
    ]
    assert sweep({}) == [{}]


@given(
    st.dictionaries(
        st.sampled_from("abcd"), st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True)
    )
)
def test_a_sweep_holds_each_combination_once_whatever_order_it_was_asked_in(
    asked: dict[str, list[int]],
) -> None:
    options = {name: tuple(values) for name, values in asked.items()}
    combinations = sweep(options)
    assert len(combinations) == math.prod(map(len, asked.values()))
    assert len({tuple(sorted(one.items())) for one in combinations}) == len(combinations)
    assert sweep(dict(reversed(options.items()))) == combinations


# --- matrix files --------------------------------------------------------------------------


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    path = tmp_path / "matrix.toml"
    path.write_text(
        """
models = ["tiny-base", "tiny-instruct"]
inducers = ["prompt", "dpo", "dpo+prompt"]
values = ["empathy"]
evals = ["talk"]
seeds = [0, 1]
limit = 60
data = "data"

[set.dpo]
beta = [0.01, 0.1]
epochs = 2
modules = ["q", "v"]
trl = { a = 1 }

[set.sampling]
temperature = 0
""",
        encoding="utf-8",
    )
    return path


def test_a_matrix_file_says_what_flags_say(matrix: Path, asking: Asking) -> None:
    flags = asking(
        models=["tiny-base,tiny-instruct"],
        inducers=["prompt,dpo,dpo+prompt"],
        values=["empathy"],
        seeds=["0,1"],
        limit=60,
        data="data",
        sets=[
            "dpo.beta=0.01,0.1",
            "dpo.epochs=2",
            'dpo.modules=["q","v"]',
            'dpo.trl={"a":1}',
            "sampling.temperature=0",
        ],
    )
    assert asking(matrix=matrix, evals=[]) == flags
    assert flags.settings["dpo"]["modules"] == (["q", "v"],)


def test_a_list_of_lists_sweeps_a_parameter_that_is_a_list(matrix: Path, asking: Asking) -> None:
    matrix.write_text('inducers = ["dpo"]\n[set.dpo]\nmodules = [["q"], ["q", "v"]]\n')
    assert asking(matrix=matrix).settings["dpo"]["modules"] == (["q"], ["q", "v"])


def test_flags_replace_what_the_matrix_file_says(matrix: Path, asking: Asking) -> None:
    spec = asking(matrix=matrix, evals=[], values=["humor"], limit=3, sets=["dpo.beta=0.5"])
    assert (spec.values, spec.limit, spec.seeds) == (("humor",), 3, (0, 1))
    assert spec.settings["dpo"]["beta"] == (0.5,)
    assert spec.settings["dpo"]["epochs"] == (2,)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('modles = ["tiny-base"]', "modles is not a known key.", "Did you mean models?"),
        ('models = "tiny-base"', 'models is "tiny-base"; expected a list whose items are', ""),
        ("seeds = [0, -1]", "seeds[1] is -1; expected a whole number at least 0.", ""),
        ("seeds = [0, 0]", "seeds is [0, 0]; expected a list", ""),
        ("limit = 0", "limit is 0; expected a whole number at least 1.", ""),
        ("evals = []", "evals is []; expected a list", ""),
        ("evals = [", "is not valid TOML", ""),
        ("[set]\ndpo = 3", "set.dpo is 3; expected a table.", ""),
        ("[set.dpo]\nbeta = -1", "set.dpo.beta: dpo.beta is -1; expected a number greater", ""),
        ("[set.dpo]\nbeta = nan", "set.dpo.beta is nan; expected a finite number.", ""),
        ("[set.dpo]\nbeta = []", "set.dpo.beta is an empty list.", ""),
        ("[set.dpo]\nbetta = 1", "'dpo' has no parameter 'betta'.", "Did you mean beta"),
        (
            "[set.dpp]\nbeta = 1",
            "this run does not use a plugin called 'dpp'.",
            "Did you mean dpo?",
        ),
    ],
)
def test_a_matrix_file_with_a_mistake_is_an_error_with_file_and_key(
    text: str, message: str, hint: str, tmp_path: Path, asking: Asking
) -> None:
    path = tmp_path / "matrix.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        asking(matrix=path, inducers=["dpo"])
    assert str(path) in caught.value.message
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_matrix_file_that_is_not_there_is_an_error(tmp_path: Path, asking: Asking) -> None:
    with pytest.raises(SpecError, match=r"absent\.toml cannot be read: No such file"):
        asking(matrix=tmp_path / "absent.toml")
