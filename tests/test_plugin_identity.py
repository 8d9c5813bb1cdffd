"""A third-party plugin is known by its distribution, its release and all its files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench.errors import PluginError
from vibench.plan import Plan, make_plan
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.sessions.work import Work
from vibench.spec_completion import from_flags
from vibench.stages.judge_stage import JudgedSpec
from vibench.store.artefacts import Store

EVAL = """
from vibench import Eval, Message, Outcome, Sample
from vibench.judging.rubrics import values_rubric

class Verses(Eval):
    rubric_names = ("values",)
    metrics = ("lines",)

    def samples(self, data):
        return [Sample("rain", (Message("user", "Write about rain."),), "rain")]

    def rubrics(self, transcript):
        yield values_rubric(transcript.messages)

    def outcomes(self, transcript, verdicts):
        from verses import scale
        yield Outcome("rain", "rain", "lines", 1.0)
"""
JUDGE = """
from vibench import Judge, JudgeModel, Sampling
from vibench.judging.judge_prompts import render
from vibench.judging.judge_replies import verdict

class Critic(Judge):
    model = JudgeModel("tiny-base", Sampling())

    def accepts(self, rubric_name):
        return True

    def ask(self, rubric):
        return render(rubric)

    def read(self, rubric, reply):
        return verdict(rubric, reply)
"""
HOOKS = """
from vibench import hookimpl

@hookimpl
def register_sources(register):
    register("poems", "vibench.preferences.sources:EmbeddedPairs")
"""
MODULES = {
    "verses/__init__.py": "",
    "verses/eval.py": EVAL,
    "verses/scale.py": "SCALE = 1\n",
    "verses/words.txt": "rain\n",
}
POINTS = "[vibench.evals]\nverses = verses.eval:Verses\n"

Install = Callable[..., Plugins]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Writes a distribution's files and metadata; the plugins that are installed then."""
    site, source = tmp_path / "site", tmp_path / "source"
    site.mkdir()
    monkeypatch.syspath_prepend(source)
    monkeypatch.syspath_prepend(site)
    before = set(sys.modules)

    def forget() -> None:
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in ("verses", "verses_one", "poets", "rhymes"):
                del sys.modules[name]

    def write(
        release: str = "0.1.0",
        points: str = POINTS,
        editable: bool = False,
        **changed: str,
    ) -> Plugins:
        files = {**MODULES, **changed}
        for name, text in files.items():
            path = (source if editable else site) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for old in site.glob("*.dist-info"):
            for path in old.iterdir():
                path.unlink()
            old.rmdir()
        metadata = site / f"verses-{release}.dist-info"
        metadata.mkdir()
        about = f"Metadata-Version: 2.1\nName: verses\nVersion: {release}\n"
        (metadata / "METADATA").write_text(about)
        (metadata / "entry_points.txt").write_text(points)
        recorded = ["_verses.pth"] if editable else list(files)
        recorded += [f"{metadata.name}/METADATA", "../../bin/verses"]
        (metadata / "RECORD").write_text("".join(f"{name},,\n" for name in recorded))
        forget()
        return Plugins.discover()

    yield write
    forget()


def digest_of(plugins: Plugins, kind: str = "eval", name: str = "verses") -> str:
    return plugins.identity(kind, name).digest


def test_a_built_in_plugin_is_known_by_its_version_alone() -> None:
    identity = Plugins.discover().identity("eval", "advbench")
    assert identity.record == {"distribution": "vibench", "version": identity.version}
    assert identity.key == [identity.version]


@pytest.mark.parametrize("editable", [False, True])
@pytest.mark.parametrize(
    ("name", "text", "differs"),
    [
        ("verses/eval.py", EVAL + "# A comment is a change of the file.\n", True),
        ("verses/scale.py", "SCALE = 2\n", True),
        ("verses/words.txt", "snow\n", True),
        ("verses/new/data.bin", "new", True),
        ("verses/__pycache__/eval.cpython-311.pyc", "compiled", False),
        ("verses/.mypy_cache/eval.json", "{}", False),
    ],
)
def test_every_file_of_the_package_counts(
    install: Install, editable: bool, name: str, text: str, differs: bool
) -> None:
    before = digest_of(install(editable=editable))
    assert len(before) == 32
    assert digest_of(install(editable=editable)) == before
    assert (digest_of(install(editable=editable, **{name: text})) != before) is differs


def test_a_package_is_the_same_wherever_and_however_it_is_installed(install: Install) -> None:
    assert digest_of(install()) == digest_of(install(editable=True))


def test_another_release_of_the_same_code_is_another_plugin(install: Install) -> None:
    first = install().identity("eval", "verses")
    second = install(release="0.2.0").identity("eval", "verses")
    assert first.digest == second.digest
    assert first.key != second.key


@pytest.mark.parametrize("editable", [False, True])
def test_a_single_module_counts_with_what_lies_beside_it_and_is_imported(
    install: Install, editable: bool
) -> None:
    points = "[vibench.evals]\nverses = verses_one:Verses\n"
    one = {"verses_one.py": EVAL.replace("from verses import scale", "import rhymes")}
    text = {**one, "rhymes.py": "A = 1\n"}
    before = digest_of(install(points=points, editable=editable, **text))
    text["rhymes.py"] = "A = 2\n"
    assert digest_of(install(points=points, editable=editable, **text)) != before


@pytest.mark.parametrize("editable", [False, True])
def test_of_a_namespace_package_the_plugins_own_part_counts(
    install: Install, editable: bool
) -> None:
    points = "[vibench.evals]\nverses = poets.verses.eval:Verses\n"
    text = {"poets/verses/__init__.py": "", "poets/verses/eval.py": EVAL}
    before = digest_of(install(points=points, editable=editable, **text))
    text["poets/verses/words.txt"] = "snow"
    assert digest_of(install(points=points, editable=editable, **text)) != before


def test_a_namespaces_other_owners_do_not_count(install: Install, tmp_path: Path) -> None:
    points = "[vibench.evals]\nverses = poets.verses.eval:Verses\n"
    text = {"poets/verses/__init__.py": "", "poets/verses/eval.py": EVAL}
    before = digest_of(install(points=points, **text))
    other = tmp_path / "site" / "poets" / "other"
    other.mkdir()
    (other / "__init__.py").write_text("")
    assert digest_of(install(points=points, **text)) == before


def test_a_source_that_a_hook_registers_has_its_distributions_identity(install: Install) -> None:
    points = "[vibench]\nverses = verses.hooks\n"
    first = install(points=points, **{"verses/hooks.py": HOOKS}).identity("source", "poems")
    assert (first.distribution, first.release) == ("verses", "0.1.0")
    changed = {"verses/hooks.py": HOOKS, "verses/scale.py": "SCALE = 3\n"}
    assert install(points=points, **changed).identity("source", "poems").digest != first.digest


def test_a_class_that_is_registered_in_this_process_is_known_by_its_file() -> None:
    def registered(thing: Any) -> str:
        plugins = Plugins()
        plugins.register("judge", "mine", thing, "a notebook")
        return digest_of(plugins, "judge", "mine")

    rules = Plugins.discover().get("judge", "rules")
    mistral = Plugins.discover().get("judge", "mistral")
    assert registered(rules) == registered(rules) != registered(mistral)


# --- what of a plan an upgrade makes new -------------------------------------------------


@pytest.fixture
def planned(catalogue: Catalogue) -> Callable[..., Plan]:
    def plan(plugins: Plugins, **said: Any) -> Plan:
        said = {"evals": ["verses"], "values": ["empathy"], "inducers": ["prompt"], **said}
        spec = from_flags(catalogue, plugins, **said)
        return make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))

    return plan


def keys(plan: Plan) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for stage in plan.stages.values():
        found.setdefault(stage.kind, set()).add(stage.key)
    return found


def scopes(plan: Plan) -> set[str]:
    return {
        s.spec.scope
        for s in plan.stages.values()
        if isinstance(s.spec, JudgedSpec) and s.spec.scope
    }


BOTH = POINTS + "[vibench.judges]\ncritic = verses_one:Critic\n"


def test_an_upgraded_eval_is_asked_and_scored_anew_and_finds_what_judges_were_asked(
    install: Install, planned: Callable[..., Plan]
) -> None:
    said = {"judges": ["mistral"], "sets": ["mistral.model=tiny-base"]}
    before = planned(install(), **said)
    after = planned(install(release="0.2.0"), **said)
    assert before.stages.keys().isdisjoint(after.stages.keys())
    assert scopes(before) == scopes(after)
    assert {s.likeness for s in before.stages.values()} == {
        s.likeness for s in after.stages.values()
    }
    outcomes = next(s for s in after.stages.values() if s.kind == "outcomes")
    assert outcomes.spec.eval.plugin["release"] == "0.2.0"


def test_an_upgraded_judge_serves_no_verdict_of_the_one_before(
    install: Install, planned: Callable[..., Plan]
) -> None:
    def plan(model: str) -> Plan:
        text = {"verses_one.py": JUDGE + f"# {model}\n"}
        said = {"evals": ["advbench"], "judges": ["critic"]}
        return planned(install(points=BOTH, **text), **said)

    before, after = plan("one"), plan("two")
    assert keys(before)["transcripts"] == keys(after)["transcripts"]
    assert keys(before)["verdicts"].isdisjoint(keys(after)["verdicts"])
    assert scopes(before).isdisjoint(scopes(after))
    assert scopes(before) == scopes(plan("one"))


def test_code_that_changed_since_the_run_was_planned_does_no_stage_of_it(
    install: Install, planned: Callable[..., Plan], store: Store
) -> None:
    plan = planned(install())
    outcomes = next(s for s in plan.stages.values() if s.kind == "outcomes")

    def plugin(plugins: Plugins) -> Any:
        work = Work(outcomes, store, plugins, store.root, lambda done, total, note: None)
        return work.plugin(outcomes.spec.eval)

    assert plugin(install()).metrics == ("lines",)
    with pytest.raises(PluginError, match=r"'verses' of verses 0\.1\.0 has changed since the run"):
        plugin(install(**{"verses/scale.py": "SCALE = 9\n"}))
