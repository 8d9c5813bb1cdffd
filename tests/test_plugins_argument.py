"""A name with an argument (`lm-eval:arc_easy`): the plugin before the colon, and what fills the
parameter that it marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from vibench import Eval, Outcome, PluginError, Sample, SpecError, Transcript, Verdict
from vibench.errors import UnknownName
from vibench.plugins import Plugins
from vibench.settings import parse_flag


class Recital(Eval):
    """Recites one poem."""

    metrics = ("lines",)
    parameters: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "poem": {"type": "string", "minLength": 1, "x-argument": True},
            "pace": {"type": "integer", "default": 1},
        },
        "required": ["poem"],
        "additionalProperties": False,
    }

    def __init__(self, poem: str, pace: int) -> None:
        self.poem, self.pace = poem, pace

    def samples(self, data: object) -> Sequence[Sample]:
        return ()

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        return ()


class Silence(Recital):
    """Takes no argument."""

    parameters: ClassVar[Mapping[str, Any]] = {"type": "object", "properties": {}}

    def __init__(self) -> None:
        super().__init__("", 1)


@pytest.fixture
def plugins() -> Plugins:
    plugins = Plugins()
    plugins.register("eval", "recital", Recital, "the tests")
    plugins.register("eval", "silence", Silence, "the tests")
    return plugins


def built(plugins: Plugins, name: str, **given: Any) -> Recital:
    found = plugins.build("eval", name, given)
    assert isinstance(found, Recital)
    return found


def test_what_follows_the_colon_fills_the_parameter_that_is_marked(plugins: Plugins) -> None:
    assert plugins.get("eval", "recital:rain") is Recital
    assert plugins.resolved("eval", "recital:rain", {}) == {"poem": "rain", "pace": 1}
    assert (built(plugins, "recital:rain", pace=3).poem, built(plugins, "recital:rain").pace) == (
        "rain",
        1,
    )


def test_an_argument_may_hold_further_colons_dots_and_slashes(plugins: Plugins) -> None:
    assert built(plugins, "recital:a:b/c-v1.1").poem == "a:b/c-v1.1"
    setting = parse_flag("recital:a:b/c-v1.1.pace=2")
    assert (setting.plugin, setting.parameter) == ("recital:a:b/c-v1.1", "pace")


def test_the_parameter_can_be_set_without_a_colon_and_so_be_swept(plugins: Plugins) -> None:
    assert built(plugins, "recital", poem="snow").poem == "snow"


def test_what_a_name_says_may_be_repeated_and_not_contradicted(plugins: Plugins) -> None:
    assert built(plugins, "recital:rain", poem="rain").poem == "rain"
    with pytest.raises(SpecError, match=r"recital:rain\.poem is set to 'snow', and the name says"):
        plugins.build("eval", "recital:rain", {"poem": "snow"})


@pytest.mark.parametrize("name", ["recital", "recital:"])
def test_a_missing_argument_is_told_where_to_be_written(plugins: Plugins, name: str) -> None:
    with pytest.raises(SpecError) as caught:
        plugins.build("eval", name, {})
    assert "recital:POEM" in caught.value.hint


def test_a_plugin_without_such_a_parameter_takes_no_argument(plugins: Plugins) -> None:
    with pytest.raises(UnknownName, match="no eval called 'silence:rain'") as caught:
        plugins.get("eval", "silence:rain")
    assert "'silence' takes nothing after a colon" in caught.value.hint
    with pytest.raises(UnknownName, match="no eval called 'noise:rain'"):
        plugins.get("eval", "noise:rain")


def test_a_plugin_whose_very_name_holds_the_colon_comes_first(plugins: Plugins) -> None:
    plugins.register("eval", "recital:rain", Silence, "the tests")
    assert plugins.get("eval", "recital:rain") is Silence
    assert plugins.get("eval", "recital:snow") is Recital


def test_a_plugin_in_two_distributions_is_one_with_an_argument_too(plugins: Plugins) -> None:
    plugins.register("eval", "recital", Silence, "a notebook")
    with pytest.raises(PluginError, match="the tests and a notebook"):
        plugins.get("eval", "recital:rain")


def test_names_are_listed_without_arguments(plugins: Plugins) -> None:
    plugins.build("eval", "recital:rain", {})
    assert plugins.names("eval") == ["recital", "silence"]
