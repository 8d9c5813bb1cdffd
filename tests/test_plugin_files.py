"""A plugin in a file that is not installed: named by its path, known by its content."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

from vibench.data import DataFiles
from vibench.entry_points import PluginEntry
from vibench.errors import PluginError, SpecError, UnknownName
from vibench.plan import Plan, make_plan
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.spec import Spec
from vibench.spec_completion import from_flags

POEMS = """
import common_topics
from dataclasses import dataclass, replace
from typing import Annotated
from vibench import Eval, Inducer, Judge, Message, Outcome, Parameter, Rubric, Sample, Verdict

class FreePoems(Eval):
    metrics = ("lines",)
    rubric_names = ("mood",)

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        pace: Annotated[int, Parameter("Pace.", minimum=0)] = 1

    def samples(self, data):
        asks = {t: Message("user", f"{t}, {self.settings.pace}") for t in common_topics.TOPICS}
        return [Sample(topic, (ask,), topic) for topic, ask in asks.items()]

    def rubrics(self, transcript):
        yield Rubric("mood", "Glad?", transcript.messages, ("glad", "sad"))

    def outcomes(self, transcript, verdicts):
        lines = len(transcript.messages[-1].content.splitlines())
        yield Outcome(transcript.sample.id, transcript.sample.cluster, "lines", float(lines))

class Moods(Judge):
    def accepts(self, rubric_name):
        return rubric_name == "mood"

    def decide(self, rubric):
        return Verdict(rubric.name, rubric.turn, ("glad",))

class Gentle(Inducer):
    def induce(self, subject, value, materials):
        return replace(subject, system=f"Be gentle: {value.name}.")
"""
FLAGS = {"inducers": ["poems.py"], "values": ["empathy"], "judges": ["poems.py:Moods"]}


@pytest.fixture(autouse=True)
def _import_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = {*sys.modules}
    yield
    for name in {"common_topics"} - before:
        sys.modules.pop(name, None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with plugins, which is the working folder."""
    (tmp_path / "poems.py").write_text(POEMS)
    (tmp_path / "common_topics.py").write_text('TOPICS = ("rain", "cats")\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def spec(catalogue: Catalogue, folder: Path) -> Callable[..., Spec]:
    def complete(**flags: Any) -> Spec:
        return from_flags(
            catalogue, Plugins.discover(), **{**FLAGS, "evals": ["poems.py"], **flags}
        )

    return complete


@pytest.fixture
def plan(catalogue: Catalogue, spec: Callable[..., Spec]) -> Callable[..., Plan]:
    data = DataFiles(None, True, catalogue.datasets)

    def planned(**flags: Any) -> Plan:
        return make_plan(spec(**flags), catalogue, Plugins.discover(), data)

    return planned


def test_the_spec_holds_absolute_paths_and_classes(spec: Callable[..., Spec], folder: Path) -> None:
    completed = spec(inducers=["./poems.py+prompt"], judges=["free-poems=poems.py"])
    path = folder / "poems.py"
    assert completed.evals == (f"{path}:FreePoems",)
    assert completed.inducers == ("none", f"{path}:Gentle+prompt")
    assert completed.judges == (f"{path}:FreePoems={path}:Moods",)
    assert completed.judging(f"{path}:FreePoems") == (f"{path}:Moods",)


@pytest.mark.parametrize("name", ["free-poems", "poems.py:FreePoems", "./poems.py"])
def test_parameters_are_set_by_the_class_in_kebab_case_or_by_the_path(
    spec: Callable[..., Spec], folder: Path, name: str
) -> None:
    settings = spec(sets=[f"{name}.pace=3,4"]).settings
    assert settings[f"{folder / 'poems.py'}:FreePoems"] == {"pace": (3, 4)}


def test_a_short_name_of_two_plugins_is_refused(spec: Callable[..., Spec], folder: Path) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "poems.py").write_text(POEMS)
    with pytest.raises(SpecError, match="'free-poems' is the name of several plugins"):
        spec(evals=["poems.py", "more/poems.py"], sets=["free-poems.pace=3"])


def test_a_judge_that_decides_by_itself_runs_in_the_worker(plan: Callable[..., Plan]) -> None:
    groups = {stage.group for stage in plan().stages.values() if stage.kind == "verdicts"}
    assert len(groups) == 1
    assert groups.pop().startswith("judge:")


def test_an_edit_of_the_file_or_its_neighbour_gives_new_keys(
    plan: Callable[..., Plan], folder: Path
) -> None:
    before = {*plan().stages}
    assert {*plan().stages} == before
    (folder / "unrelated.py").write_text("")
    assert {*plan().stages} == before
    (folder / "common_topics.py").write_text('TOPICS = ("rain", "dogs")\n')
    neighbour = {*plan().stages}
    assert not neighbour & before
    (folder / "poems.py").write_text(POEMS.replace("Glad?", "Glad!"))
    assert {*plan().stages} != neighbour


def test_a_moved_file_keeps_its_keys(
    plan: Callable[..., Plan], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {*plan().stages}
    sys.modules.pop("common_topics")
    (folder / "moved").mkdir()
    for name in ("poems.py", "common_topics.py"):
        (folder / name).rename(folder / "moved" / name)
    monkeypatch.chdir(folder / "moved")
    sys.path.remove(str(folder))
    assert {*plan().stages} == before


def test_a_neighbour_that_another_module_hides_is_refused(
    spec: Callable[..., Spec], folder: Path
) -> None:
    (folder / "json.py").write_text("")
    (folder / "poems.py").write_text(f"import json\n{POEMS}")
    with pytest.raises(PluginError, match="imports 'json', and another module of that name"):
        spec()


def test_an_installed_name_before_the_colon_comes_first() -> None:
    plugins = Plugins.discover()
    assert plugins.entry("eval", "lm-eval:tasks.py").name == "lm-eval"
    with pytest.raises(UnknownName):
        plugins.entry("eval", "poems.txt:Poems")
    with pytest.raises(UnknownName):
        plugins.entry("engine", "poems.py:Poems")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("gone.py:Poems", None, "There is no plugin file"),
        ("gone.py", None, "There is no plugin file"),
        ("poems.py:Verse", None, "has no class 'Verse'"),
        ("poems.py:Moods", None, "Moods is not a subclass of vibench.Eval"),
        ("poems.py:replace", None, "not a class"),
        ("made.py", "x = 1", "has no eval"),
        ("made.py", POEMS + POEMS.replace("FreePoems", "More"), "several evals: FreePoems, More"),
        ("made.py", "raise SystemExit(3)", "cannot be loaded: SystemExit: 3"),
        ("made.py", "def", "cannot be loaded: SyntaxError"),
        ("a+b.py:Poems", "", "contains '\\+', which separates names"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(
    folder: Path, name: str, text: str | None, sentence: str
) -> None:
    if text is not None:
        (folder / name.partition(":")[0]).write_text(text)
    with pytest.raises(PluginError, match=sentence) as caught:
        Plugins.discover().get("eval", name)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_an_entry_of_a_file_is_read_anew_by_each_process(folder: Path) -> None:
    name = f"{folder / 'poems.py'}:FreePoems"
    first = Plugins.discover().get("eval", name)
    (folder / "poems.py").write_text(POEMS.replace("Glad?", "Glad!"))
    assert Plugins.discover().get("eval", name) is not first
    assert Plugins.discover().entry("eval", name) == PluginEntry(
        "eval", name, name, "poems.py", path=str(folder / "poems.py")
    )


def test_plugins_of_one_file_share_its_module_until_it_or_a_neighbour_changes(
    folder: Path,
) -> None:
    def topics() -> tuple[type, type, list[str]]:
        plugins = Plugins.discover()
        evaluation, judge = plugins.get("eval", "poems.py"), plugins.get("judge", "poems.py")
        samples = plugins.build("eval", "poems.py", {}).samples(DataFiles(None, True, {}))
        return evaluation, judge, [sample.id for sample in samples]

    evaluation, judge, listed = topics()
    assert sys.modules[evaluation.__module__] is sys.modules[judge.__module__]
    assert vars(sys.modules[judge.__module__])["FreePoems"] is evaluation
    assert (topics(), listed) == ((evaluation, judge, listed), ["rain", "cats"])
    (folder / "common_topics.py").write_text('TOPICS = ("sun",)  # one\n')
    other, _, edited = topics()
    assert other is not evaluation
    assert edited == ["sun"]


@pytest.mark.slow
def test_a_run_resumes_from_another_folder_and_reports_without_the_file(
    vibench: CommandLine, folder: Path
) -> None:
    run = ["--limit", "1", "--value", "empathy", "--store", str(folder / "store")]
    first = vibench(
        "run", "--eval", "poems.py", "--inducer", "poems.py", "--judge", "poems.py", *run
    )
    assert first.returncode == 0, first.stderr
    (folder / "sub").mkdir()
    path = "../poems.py"
    again = vibench.at(folder / "sub")(
        "plan", "--eval", path, "--inducer", path, "--judge", path, *run
    )
    assert "Left: 0 trainings, 0 completions" in again.stdout or "0 stages to run" in again.stdout
    report = vibench("report", "--store", str(folder / "store"))
    (folder / "poems.py").unlink()
    without = vibench("report", "--store", str(folder / "store"))
    assert "lines" in report.stdout
    assert (without.returncode, without.stdout) == (0, report.stdout), without.stderr
