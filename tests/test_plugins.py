"""Plugins are found by metadata, imported by name, held to their contract; a broken one
is listed and stops only a run that names it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from command_line import CommandLine, Done
from hypothesis import given
from hypothesis import strategies as st

from vibench import (
    Engine,
    Eval,
    Inducer,
    Judge,
    Materials,
    Model,
    Outcome,
    PluginError,
    Rubric,
    RunFinished,
    Sample,
    Session,
    SpecError,
    StageFinished,
    Subject,
    Transcript,
    UsageError,
    Value,
    Verdict,
    hookimpl,
)
from vibench.contracts import breach
from vibench.entry_points import PluginEntry
from vibench.errors import UnknownName
from vibench.plugins import PluginInfo, Plugins

THIRD_PARTY = Path(__file__).parent / "third_party"
FINISHED = StageFinished("run", "key", "adapter", "an adapter", "made", 1.0)


class Length(Eval):
    """How long answers are.

    In characters.
    """

    metrics = ("length",)
    parameters: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "scale": {"type": "number", "exclusiveMinimum": 0, "default": 1},
            "turns": {"type": "integer", "minimum": 1, "maximum": 5, "default": 1},
            "topics": {"type": "array", "items": {"type": "string"}, "default": ["rain"]},
        },
    }

    def __init__(self, scale: float, turns: int, topics: Sequence[str]) -> None:
        self.scale, self.turns, self.topics = scale, turns, topics

    def samples(self, data: object) -> Sequence[Sample]:
        return []

    def rubrics(self, transcript: Transcript) -> Iterable[Rubric]:
        return ()

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        return ()


class Steer(Inducer):
    """Says that it trains."""

    trains = True

    def induce(self, subject: Subject, value: Value, materials: Materials) -> Subject:
        return subject


class Mute(Judge):
    """Accepts everything and answers nothing."""

    def accepts(self, rubric_name: str) -> bool:
        return True


class Deaf(Mute):
    """Asks a model and does not read the reply."""

    def ask(self, rubric: Rubric) -> None:
        return None


class Parrot(Engine):
    """An engine that loads nothing."""

    def open(self, model: Model) -> Session:
        raise UsageError("A parrot has no sessions.", "Name another engine.")


@pytest.fixture
def plugins() -> Plugins:
    plugins = Plugins()
    plugins.register("eval", "length", Length, "the tests")
    return plugins


# --- by name -------------------------------------------------------------------


def test_an_unknown_name_is_answered_with_what_is_near(plugins: Plugins) -> None:
    with pytest.raises(UnknownName, match="no eval called 'lenght'") as caught:
        plugins.get("eval", "lenght")
    assert caught.value.hint == "Did you mean length?"


def test_an_unknown_judge_is_answered_with_how_to_take_the_rules() -> None:
    with pytest.raises(UnknownName) as caught:
        Plugins.discover().get("judge", "oracle")
    assert "--judge rules" in caught.value.hint


def test_a_name_registered_twice_is_an_error_that_names_both_owners(plugins: Plugins) -> None:
    plugins.register("eval", "length", Length, "a notebook")
    plugins.register("judge", "length", Mute, "a notebook")  # Another kind: no clash.
    with pytest.raises(PluginError, match="the tests and a notebook"):
        plugins.get("eval", "length")
    infos = [info for info in plugins.listing() if info.kind == "eval"]
    assert [info.distribution for info in infos] == ["a notebook", "the tests"]
    assert {info.status for info in infos} == {"broken"}
    assert all("the tests and a notebook" in (info.error or "") for info in infos)


# --- parameters ------------------------------------------------------------------


def test_defaults_are_filled_in_and_the_instance_is_built_with_them(plugins: Plugins) -> None:
    assert plugins.resolved("eval", "length", {"turns": 5}) == {
        "scale": 1.0,
        "turns": 5,
        "topics": ["rain"],
    }
    built = plugins.build("eval", "length", {"turns": 5})
    assert isinstance(built, Length)
    assert (built.scale, built.turns) == (1.0, 5)


def test_a_default_that_is_changed_in_place_stays_what_the_schema_says(plugins: Plugins) -> None:
    plugins.resolved("eval", "length", {})["topics"].append("snow")
    assert plugins.resolved("eval", "length", {})["topics"] == ["rain"]


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"scale": 0}, "length.scale is 0; expected a number greater than 0."),
        ({"scale": "big"}, 'length.scale is "big"; expected a number greater than 0.'),
        ({"scale": float("nan")}, "length.scale is nan; expected a finite number."),
        ({"turns": 2.5}, "length.turns is 2.5; expected a whole number at least 1 and at most 5."),
        ({"turns": True}, "length.turns is true; expected a whole number"),
        ({"topics": "rain"}, 'length.topics is "rain"; expected a list whose items are each a'),
        ({"topics": ["rain", 3]}, "length.topics[1] is 3; expected a string."),
        ({"sclae": 2}, "length.sclae is not a known key."),
    ],
)
def test_a_wrong_parameter_is_named_with_what_was_expected(
    plugins: Plugins, parameters: dict[str, Any], what: str
) -> None:
    with pytest.raises(SpecError) as caught:
        plugins.resolved("eval", "length", parameters)
    assert what in caught.value.message
    if "sclae" in parameters:
        assert caught.value.hint == "Did you mean scale?"


@given(
    scale=st.one_of(st.integers(1, 9), st.floats(0.125, 9)),
    turns=st.one_of(st.integers(1, 5), st.integers(1, 5).map(float)),
)
def test_one_number_has_one_form_however_it_was_written(scale: float, turns: float) -> None:
    plugins = Plugins()
    plugins.register("eval", "length", Length, "the tests")
    once = plugins.resolved("eval", "length", {"scale": scale, "turns": turns})
    assert (type(once["scale"]), type(once["turns"])) == (float, int)
    assert plugins.resolved("eval", "length", once) == once == {**once, "scale": scale}


def test_a_constructor_that_fails_is_a_plugin_error_with_its_cause(plugins: Plugins) -> None:
    class Picky(Length):
        def __init__(self, **parameters: object) -> None:
            raise ValueError("not on a Sunday")

    plugins.register("eval", "picky", Picky, "the tests")
    with pytest.raises(PluginError, match="cannot be built: ValueError: not on a Sunday"):
        plugins.build("eval", "picky", {})


# --- contracts -------------------------------------------------------------------


def changed(base: type, **attributes: Any) -> type:
    return type("Changed", (base,), attributes)


@pytest.mark.parametrize(
    ("kind", "thing", "why"),
    [
        ("eval", "a string", "not a class"),
        ("judge", Length, "Length is not a subclass of vibench.Judge"),
        ("eval", Eval, "Eval does not define outcomes, samples"),
        ("eval", changed(Length, version=2), "Changed.version must be a string, not 2"),
        ("eval", changed(Length, interface=7), "version 7 of the plugin interface, which is newer"),
        ("eval", changed(Length, interface="1"), "interface must be a whole number from 1"),
        ("eval", changed(Length, metrics=()), "must name at least one metric"),
        ("eval", changed(Length, metrics="length"), "must be a tuple of strings, not 'length'"),
        ("eval", changed(Length, rubric_names=["values"]), "must be a tuple of strings"),
        ("eval", changed(Length, roles=("user",)), 'must name "subject"'),
        ("eval", changed(Length, parameters={"type": "array"}), "JSON Schema of type object"),
        (
            "eval",
            changed(Length, parameters={"type": "object", "properties": {"a": {"type": "text"}}}),
            "not a valid JSON Schema",
        ),
        (
            "eval",
            changed(
                Length,
                parameters={
                    "type": "object",
                    "properties": {"scale": {"type": "number", "default": "1"}},
                },
            ),
            'scale is "1"; expected a number',
        ),
        (
            "eval",
            changed(Length, parameters={"type": "object", "properties": {"colour": {}}}),
            "does not take its parameters (colour)",
        ),
        ("inducer", Steer, "says that it trains but does not define train"),
        (
            "inducer",
            changed(Steer, trains=False, needs_reference=True),
            "needs references but does not define reference",
        ),
        ("judge", Mute, "defines neither decide nor ask and read"),
        ("judge", Deaf, "defines ask (it asks a model) but not read"),
    ],
)
def test_a_class_that_breaks_its_contract_is_told_how(kind: str, thing: object, why: str) -> None:
    assert why in (breach(kind, thing) or "")


def test_a_class_that_keeps_its_contract_has_no_breach() -> None:
    assert breach("eval", Length) is None
    assert breach("engine", Parrot) is None


def test_a_run_that_names_a_broken_plugin_is_stopped_and_others_are_not(plugins: Plugins) -> None:
    plugins.register("eval", "half", Eval, "the tests")
    with pytest.raises(PluginError, match="'half' of the tests cannot be used: Eval does not def"):
        plugins.build("eval", "half", {})
    assert plugins.get("eval", "length") is Length
    statuses = {info.name: info.status for info in plugins.listing(check=True)}
    assert statuses == {"half": "broken", "length": "ok"}


def test_a_plugin_for_a_later_interface_names_the_way_out(plugins: Plugins) -> None:
    plugins.register("eval", "later", changed(Length, interface=7), "the tests")
    with pytest.raises(PluginError, match="newer than this vibench's, version 1") as error:
        plugins.get("eval", "later")
    assert error.value.hint.startswith("Upgrade vibench (pip install -U vibench)")


def test_a_checked_plugin_is_described_by_its_docstrings_first_line(plugins: Plugins) -> None:
    assert [info.summary for info in plugins.listing()] == [None]
    assert [info.summary for info in plugins.listing(check=True)] == ["How long answers are."]


def test_every_plugin_that_comes_with_vibench_keeps_its_contract() -> None:
    infos = [i for i in Plugins.discover().listing(check=True) if i.distribution == "vibench"]
    assert {info.name: info.error for info in infos if info.status != "ok"} == {}
    names = {(info.kind, info.name) for info in infos}
    assert {("inducer", "dpo"), ("eval", "anthrobench"), ("judge", "rules")} <= names
    assert {("engine", "transformers"), ("source", "embedded")} <= names


# --- hooks -----------------------------------------------------------------------


class Observer:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    @hookimpl
    def stage_finished(self, event: StageFinished) -> None:
        self.seen.append(event)

    @hookimpl
    def run_finished(self, event: RunFinished) -> None:
        self.seen.append(event)


class Grumbler:
    """Raises at every stage."""

    @hookimpl
    def stage_finished(self, event: StageFinished) -> None:
        raise RuntimeError("not again")


class Leaver:
    """Tries to end the process."""

    @hookimpl
    def stage_finished(self, event: StageFinished) -> None:
        sys.exit(3)


def test_an_observer_that_raises_is_warned_about_once_and_stops_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    plugins, observer = Plugins(), Observer()
    for name, thing in (("a", Grumbler()), ("b", observer), ("c", Grumbler()), ("d", Leaver())):
        plugins.register("hooks", name, thing, "the tests")
    ended = RunFinished("run", "complete", 1, 0, 2.0)
    with caplog.at_level(logging.WARNING, "vibench"):
        for event in (FINISHED, FINISHED, ended):
            plugins.notify(event)
    assert observer.seen == [FINISHED, FINISHED, ended]
    warned = [record.getMessage() for record in caplog.records]
    assert [message[:14] for message in warned] == [f"The plugin '{name}'" for name in "acd"]
    assert "RuntimeError: not again" in warned[0]


def test_an_observer_registered_while_a_run_goes_on_is_told_the_rest() -> None:
    plugins, observer = Plugins(), Observer()
    plugins.notify(FINISHED)
    plugins.register("hooks", "late", observer, "the tests")
    plugins.notify(FINISHED)
    assert observer.seen == [FINISHED]


def registering(value: Any) -> Any:
    class Registers:
        """Registers one engine."""

        @hookimpl
        def register_engines(self, register: Callable[[str, Any], None]) -> None:
            register("parrot", value)

    return Registers()


def test_a_registered_engine_is_imported_when_it_is_named_and_not_before() -> None:
    plugins = Plugins()
    plugins.register("hooks", "aviary", registering("no_such_module:Parrot"), "the tests")
    assert plugins.names("engine") == ["parrot"]
    assert plugins.entry("engine", "parrot").distribution == "the tests"
    with pytest.raises(PluginError, match="'parrot' of the tests cannot be used: ModuleNotFound"):
        plugins.get("engine", "parrot")


def test_the_built_in_engine_comes_through_the_same_hook() -> None:
    engine = Plugins.discover().get("engine", "transformers")
    assert issubclass(engine, Engine)


def test_two_engines_of_one_name_are_an_error_that_names_both_owners() -> None:
    plugins = Plugins()
    plugins.register("hooks", "one", registering("a:B"), "the tests")
    plugins.register("hooks", "two", registering("c:D"), "a notebook")
    with pytest.raises(PluginError, match="the tests and a notebook"):
        plugins.get("engine", "parrot")


def test_what_cannot_be_registered_breaks_only_who_registers_it() -> None:
    plugins, observer = Plugins(), Observer()
    plugins.register("hooks", "aviary", registering(Parrot), "the tests")
    plugins.register("hooks", "observer", observer, "the tests")
    infos = {info.name: info for info in plugins.listing(check=True)}
    assert "wants 'module:Class'" in (infos["aviary"].error or "")
    assert infos["observer"].hooks == ("run_finished", "stage_finished")
    with pytest.raises(UnknownName) as caught:
        plugins.get("engine", "parrot")
    assert "'aviary' of the tests" in caught.value.hint


def test_a_hook_with_a_wrong_argument_is_a_broken_plugin() -> None:
    class Wrong:
        @hookimpl
        def stage_finished(self, evnt: StageFinished) -> None:
            raise AssertionError("never called")

    plugins = Plugins()
    plugins.register("hooks", "wrong", Wrong(), "the tests")
    plugins.notify(FINISHED)
    (info,) = plugins.listing(check=True)
    assert (info.status, info.hooks) == ("broken", ())
    assert "evnt" in (info.error or "")


# --- packages by others, really installed --------------------------------------------


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Installs a package of tests/third_party into a folder of its own, once."""
    done: dict[str, Path] = {}

    def install(name: str) -> Path:
        if name not in done:
            done[name] = tmp_path_factory.mktemp(name)
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            how = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(done[name])]
            subprocess.run([*pip, *how, str(THIRD_PARTY / name)], check=True)
        return done[name]

    return install


class Installed(CommandLine):
    """The command line with folders on the path."""

    def __call__(self, *arguments: str, path: Sequence[Path] = (), **variables: str) -> Done:
        return super().__call__(*arguments, **variables, PYTHONPATH=os.pathsep.join(map(str, path)))


@pytest.fixture
def vibench(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def listed(done: Done) -> list[PluginInfo]:
    assert done.stderr == ""
    return [PluginInfo(**info) for info in json.loads(done.stdout)]


def test_a_package_is_listed_as_soon_as_it_is_installed_and_no_longer_when_removed(
    installed: Callable[[str], Path], vibench: Installed, tmp_path: Path
) -> None:
    place = tmp_path / "site"
    shutil.copytree(installed("haiku"), place)
    infos = listed(vibench("plugins", "--json", path=[place]))
    (haiku,) = [info for info in infos if info.name == "haiku"]
    assert (haiku.kind, haiku.distribution, haiku.version) == ("eval", "vibench-haiku", "0.3.0")
    assert haiku.status == "unchecked"

    checked = vibench("plugins", "--json", "--check", path=[place])
    (haiku,) = [info for info in listed(checked) if info.name == "haiku"]
    assert (haiku.status, haiku.summary) == ("ok", "Haiku on everyday topics; one answer a topic.")
    assert checked.returncode == 0

    table = vibench("plugins", path=[place]).stdout
    assert "haiku" in table
    assert "vibench-haiku 0.3.0" in table

    shutil.rmtree(place)
    assert "haiku" not in vibench("plugins", "--json", path=[place]).stdout


def test_listing_imports_no_plugin_and_nothing_heavy(installed: Callable[[str], Path]) -> None:
    code = (
        "import sys; from vibench.cli.plugins import command; command(True, False);"
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed("haiku"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert '"haiku"' in done.stdout
    modules = set(done.stderr.split())
    roots = {name.partition(".")[0] for name in modules}
    assert "vibench.plugins" in modules
    plugins = {"vibench_haiku", "vibench_evals", "vibench_inducers", "vibench_judges"}
    heavy = {"torch", "transformers", "trl", "peft", "datasets", "pyarrow", "scipy", "numpy"}
    assert roots & (plugins | heavy | {"jsonschema"}) == set()


def test_a_package_that_fails_to_import_is_listed_with_its_error(
    installed: Callable[[str], Path], vibench: Installed
) -> None:
    place = [installed("broken_import")]
    assert vibench("plugins", path=place).returncode == 0
    checked = vibench("plugins", "--check", "--json", path=place)
    assert checked.returncode == 1
    (sphinx,) = [info for info in listed(checked) if info.name == "sphinx"]
    assert sphinx.status == "broken"
    assert "ImportError: cannot import name 'a_name_that_was_removed'" in (sphinx.error or "")
    assert "a_name_that_was_removed" in vibench("plugins", "--check", path=place).stdout


@pytest.fixture
def on_path(
    installed: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Puts an installed package on this process's path, for one test."""
    monkeypatch.delenv("VIBENCH_PLUGINS", raising=False)
    before = set(sys.modules)
    yield lambda name: monkeypatch.syspath_prepend(installed(name))
    for name in set(sys.modules) - before:
        if name.startswith(("vibench_haiku", "vibench_misspelt", "vibench_dup", "vibench_broken")):
            del sys.modules[name]


def test_only_a_run_that_names_the_broken_package_is_stopped(
    on_path: Callable[[str], None],
) -> None:
    on_path("broken_import")
    plugins = Plugins.discover()
    assert issubclass(plugins.get("judge", "rules"), Judge)
    with pytest.raises(
        PluginError, match=r"vibench-broken-import 1\.0\.0 cannot be used: Imp"
    ) as e:
        plugins.get("judge", "sphinx")
    assert "pip install -U vibench-broken-import" in e.value.hint
    assert "pip uninstall vibench-broken-import" in e.value.hint


@pytest.mark.parametrize(
    "line", ["from vibench.judges import ModelJudge", "from vibench import NoSuchName"]
)
def test_a_plugin_for_an_earlier_interface_is_told_where_the_names_are(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "written_before.py").write_text(f"{line}\n")
    monkeypatch.syspath_prepend(tmp_path)
    plugins = Plugins([PluginEntry("judge", "old", "written_before:Old", "old", "1.0")])
    with pytest.raises(PluginError, match=r"'old' of old 1\.0 cannot be used: ") as e:
        plugins.get("judge", "old")
    assert "written for another version of vibench" in e.value.hint
    assert "pip install -U old" in e.value.hint
    sys.modules.pop("written_before", None)


@pytest.mark.parametrize("body", ["raise SystemExit(1)", "def broken(:", "import no_such_module"])
def test_however_a_module_fails_it_is_one_broken_plugin(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vibench_broken_here.py").write_text(body)
    metadata = tmp_path / "broken_here-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-here\nVersion: 1.0\n")
    points = "[vibench.evals]\nbroken = vibench_broken_here:E\n[vibench]\nh = vibench_broken_here\n"
    (metadata / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(tmp_path)
    plugins = Plugins.discover()
    infos = [i for i in plugins.listing(check=True) if i.distribution == "broken-here"]
    assert [(i.kind, i.status, i.version) for i in infos] == [
        ("eval", "broken", "1.0"),
        ("hooks", "broken", "1.0"),
    ]
    assert plugins.get("inducer", "none").__name__ == "Untouched"


def test_what_is_left_of_a_package_without_its_metadata_does_not_stop_the_listing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = tmp_path / "left_over-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("[vibench.evals]\nghost = vibench_ghost:Ghost\n")
    monkeypatch.syspath_prepend(tmp_path)
    (ghost,) = [i for i in Plugins.discover().listing(check=True) if i.name == "ghost"]
    assert (ghost.distribution, ghost.status) == ("unknown", "broken")


def test_a_misspelt_hook_is_listed_with_the_hook_that_was_meant(
    on_path: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    on_path("misspelt_hook")
    plugins = Plugins.discover()
    plugins.notify(FINISHED)
    assert "implements 'stage_finishd', which is not a hook" in caplog.text
    (info,) = [i for i in plugins.listing(check=True) if i.name == "stopwatch"]
    assert (info.status, info.distribution) == ("broken", "vibench-misspelt-hook")
    assert "Did you mean stage_finished" in (info.error or "")
    assert "transformers" in plugins.names("engine")  # The other hooks are not harmed.


def test_a_name_in_two_packages_is_listed_twice_and_cannot_be_used(
    on_path: Callable[[str], None],
) -> None:
    on_path("duplicate")
    plugins = Plugins.discover()
    infos = [i for i in plugins.listing() if i.name == "anthrobench"]
    assert [i.distribution for i in infos] == ["vibench", "vibench-duplicate"]
    assert all("vibench 0" in (i.error or "") for i in infos)
    assert all("vibench-duplicate 0.9.0" in (i.error or "") for i in infos)
    with pytest.raises(PluginError, match=r"vibench \S+ and vibench-duplicate 0\.9\.0") as e:
        plugins.get("eval", "anthrobench")
    assert "VIBENCH_PLUGINS=-vibench-duplicate" in e.value.hint
    assert plugins.get("eval", "advbench").metrics == ("refusal",)


@pytest.mark.parametrize(
    ("choice", "there"),
    [
        (None, {"haiku", "sphinx"}),
        ("", set()),
        ("none", set()),
        ("vibench-haiku", {"haiku"}),
        ("Vibench_Haiku", {"haiku"}),
        ("-vibench-haiku", {"sphinx"}),
        ("-vibench-haiku,-vibench-broken-import", set()),
        ("vibench-haiku, vibench-broken-import", {"haiku", "sphinx"}),
    ],
)
def test_the_environment_chooses_among_packages(
    choice: str | None,
    there: set[str],
    on_path: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_path("haiku")
    on_path("broken_import")
    if choice is not None:
        monkeypatch.setenv("VIBENCH_PLUGINS", choice)
    names = {info.name for info in Plugins.discover().listing()}
    assert names & {"haiku", "sphinx"} == there
    assert {"dpo", "anthrobench", "rules"} <= names


@pytest.mark.parametrize("choice", ["vibench-hiaku", "-vibench-hiaku"])
def test_a_misspelt_choice_is_an_error_of_two_sentences(
    choice: str, installed: Callable[[str], Path], vibench: Installed
) -> None:
    done = vibench("plugins", path=[installed("haiku")], VIBENCH_PLUGINS=choice)
    assert done.returncode == 2
    assert "vibench-hiaku" in done.stderr
    assert "Did you mean vibench-haiku?" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_built_in_plugins_cannot_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIBENCH_PLUGINS", "-vibench")
    with pytest.raises(UsageError, match="always available"):
        Plugins.discover()


@pytest.mark.slow
def test_somebody_elses_eval_runs_beside_broken_packages_and_is_unknown_when_removed(
    installed: Callable[[str], Path], vibench: Installed
) -> None:
    path = [installed(one) for one in ("haiku", "broken_import", "misspelt_hook", "duplicate")]
    how = ("run", "--eval", "haiku", "--inducer", "prompt", "--value", "empathy", "--json")
    done = vibench(*how, "--set", "haiku.topics=3", path=path)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert {row["metric"] for row in rows} == {"three_lines", "empathy"}
    assert {row["inducer"] for row in rows} == {"none", "prompt"}
    assert {row["n"] for row in rows} == {3}
    assert done.stderr.count("'stopwatch' of vibench-misspelt-hook") == 1

    gone = vibench(*how, path=path[1:])
    assert gone.returncode == 2
    assert "There is no eval called 'haiku'." in gone.stderr
    assert "Traceback" not in gone.stderr

    stopped = vibench("run", "--eval", "anthrobench", path=path)
    assert stopped.returncode == 2
    assert "vibench-duplicate 0.9.0" in stopped.stderr
