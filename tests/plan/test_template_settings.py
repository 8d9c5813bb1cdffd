"""Settings of chat templates: their place in keys, and the sentences about them in plans."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from vibench.agreement.judges import judge_id
from vibench.data import DataFiles
from vibench.embedded import locate
from vibench.errors import SpecError, UsageError
from vibench.plan import Plan, make_plan
from vibench.plan.parameters import Parameters, parameters_in_use
from vibench.plan.template_notes import FileFacts, template_notes
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.spec_completion import from_flags

TEMPLATE = Path(__file__).parents[1] / "templates" / "default_and_switch.jinja"
NO_SWITCH = "cannot be told whether to ask for thoughts"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model whose template has a system prompt of its own, and opens a thought."""
    folder = tmp_path_factory.mktemp("models") / "tiny-thinker"
    shutil.copytree(locate("embedded:tiny-instruct"), folder)
    shutil.copy(TEMPLATE, folder / "chat_template.jinja")
    return str(folder)


@pytest.fixture
def planned(catalogue: Catalogue, plugins: Plugins, model: str) -> Any:
    def plan(*sets: str, **flags: Any) -> Plan:
        flags = {
            "models": [model],
            "inducers": ["prompt"],
            "values": ["empathy"],
            "evals": ["advbench"],
            "profile": "embedded",
            **flags,
        }
        spec = from_flags(catalogue, plugins, sets=list(sets), **flags)
        return make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))

    return plan


def keys(plan: Plan, kind: str) -> Mapping[str, str]:
    """The keys of a kind's stages, by the label."""
    return {s.label: key for key, s in plan.stages.items() if s.kind == kind}


def notes(plan: Plan) -> list[str]:
    return template_notes(plan.stages.values(), FileFacts())


def test_settings_at_their_defaults_change_no_key_and_no_record(
    planned: Any, catalogue: Catalogue, plugins: Plugins
) -> None:
    plain = planned()
    assert plain.stages == planned("prompt.template_system=replace").stages
    # The engine's configuration has what was typed, and no key has it.
    as_it_is = planned("transformers.thinking=template")
    assert plain.stages.keys() == as_it_is.stages.keys()
    assert not any("thinking" in str(s.spec.table()["subject"]) for s in transcripts(plain))
    spec = from_flags(catalogue, plugins, inducers=["prompt"], values=["empathy"], evals=["mmlu"])
    used = parameters_in_use(spec, plain, plugins)
    assert used["inducer"]["prompt"] == {"text": ""}
    assert "thinking" not in used["engine"]["transformers"]


def transcripts(plan: Plan) -> list[Any]:
    return [stage for stage in plan.stages.values() if stage.kind == "transcripts"]


def test_a_kept_system_prompt_is_part_of_the_keys_of_prompted_subjects_alone(planned: Any) -> None:
    flags = {"inducers": ["prompt", "dpo", "prompt+dpo", "dpo+prompt"]}
    before, after = planned(**flags), planned("prompt.template_system=append", **flags)
    changed = {
        label for label, key in keys(before, "transcripts").items()
        if keys(after, "transcripts")[label] != key
    }  # fmt: skip
    assert {label.split()[1] for label in changed} == {"prompt", "prompt+dpo", "dpo+prompt"}
    # Of `prompt+dpo` the training has another context; of `dpo+prompt` it has none.
    trained = [{key for key, s in p.stages.items() if s.kind == "adapter"} for p in (before, after)]
    assert [len(trained[0]), len(trained[0] & trained[1])] == [2, 1]
    proved = [plan.stages[c.transcripts].needs for plan in (before, after) for c in plan.cells
              if c.inducer == "dpo+prompt"]  # fmt: skip
    assert proved[0] == proved[1]


def test_thoughts_are_part_of_the_keys_of_everything_that_renders(planned: Any) -> None:
    flags = {"inducers": ["dpo"], "judges": ["rules"]}
    plans = [planned(f"transformers.thinking={s}", **flags) for s in ("template", "on", "off")]
    for kind in ("reference", "adapter", "receipt", "transcripts"):
        for one, two in ((0, 1), (1, 2), (0, 2)):
            assert not set(keys(plans[one], kind).values()) & set(keys(plans[two], kind).values())
    for kind in ("samples", "pairs", "values", "subset"):
        assert keys(plans[0], kind) == keys(plans[2], kind)
    record = {
        "spec": {"engine": "transformers", "settings": {"transformers": {"thinking": ["off"]}}}
    }
    parameters = Parameters(record).of(plans[2].cells[0])
    assert parameters["transformers.thinking"] == "off"
    assert "transformers.thinking" not in Parameters({}).of(plans[0].cells[0])


def test_a_judge_is_asked_to_think_by_its_own_setting(
    planned: Any, plugins: Plugins, model: str
) -> None:
    own = [f"mistral.model={model}", "mistral.engine=transformers"]

    def verdicts(*sets: str) -> Mapping[str, str]:
        return keys(planned(*own, *sets, judges=["mistral"]), "verdicts")

    plain = verdicts()
    assert verdicts("mistral.thinking=template") == plain
    assert not set(verdicts("mistral.thinking=off").values()) & set(plain.values())
    plan = planned(*own, "mistral.thinking=off", judges=["mistral"])
    # Agreement tells the two judges apart, too.
    judges = {judge_id(p.stages[c.verdicts].spec.table(), plugins)
              for p in (plan, planned(*own, judges=["mistral"])) for c in p.cells}  # fmt: skip
    assert len(judges) == 2
    assert "Thinking: off (mistral.thinking)." in notes(plan)
    assert not any("transformers.thinking)" in note for note in notes(plan))
    # The setting of the engine is for subjects.
    subjects = planned(*own, "transformers.thinking=off", judges=["mistral"])
    (judge,) = {s.spec.judge_model.model for s in subjects.stages.values() if s.kind == "verdicts"}
    assert judge.thinking == "template"
    with pytest.raises(SpecError, match=r"vllm\.thinking is for subjects") as caught:
        planned(own[0], "mistral.engine=vllm", "vllm.thinking=off", judges=["mistral"])
    assert caught.value.hint == "Set mistral.thinking instead."


def test_what_cannot_be_done_is_an_error_while_planning(planned: Any, model: str) -> None:
    with pytest.raises(UsageError, match=f"'tiny-instruct' {NO_SWITCH}"):
        planned("transformers.thinking=off", models=["tiny-instruct"])
    with pytest.raises(SpecError, match="the engine 'openai' cannot tell a model whether to think"):
        planned("o4-mini.thinking=off", judges=["o4-mini"])
    with pytest.raises(SpecError, match="at the endpoint of the engine 'openai' the template is"):
        planned("prompt.template_system=append", engine="openai", models=["any"])
    with pytest.raises(SpecError, match="no parameter 'thinking'"):
        planned("openai.thinking=off", engine="openai", models=["any"])
    # A simulated user on the engine of the subjects is asked as its template does by itself.
    sets = "transformers.thinking=off", "anthrobench.turns=2"
    plan = planned(*sets, simulator="tiny-instruct", evals=["anthrobench"])
    assert {s.spec.simulator.model.thinking for s in transcripts(plan)} == {"template"}


def test_a_plan_tells_of_the_templates_own_system_prompt(planned: Any) -> None:
    own = (
        "The chat template of 'tiny-thinker' has a system prompt of its own ('You are Tiny, a "
        "helpful assistant.'). The induced system prompt "
    )
    loss = "replaces it, so contrasts with vanilla include its loss"
    kept = "follows it with prompt.template_system=append"
    assert f"{own}{loss}; --set prompt.template_system=append keeps it." in notes(planned())
    assert f"{own}{kept}." in notes(planned("prompt.template_system=append"))
    both = planned("prompt.template_system=replace,append")
    assert f"{own}{loss} and {kept}." in notes(both)
    assert {cell.settings["prompt.template_system"] for cell in both.cells if cell.value} == {
        "replace", "append",
    }  # fmt: skip
    assert not any("of its own" in note for note in notes(planned(inducers=["dpo"])))
    assert notes(planned(models=["tiny-instruct"])) == []
    without = notes(planned("prompt.template_system=append", models=["tiny-instruct"]))
    assert without == [
        "The chat template of 'tiny-instruct' has no system prompt of its own, so "
        "prompt.template_system=append changes nothing for it."
    ]
    # A base model under `prompt` alone is asked without a template.
    assert notes(planned("prompt.template_system=append", models=["tiny-base"])) == []


def test_a_plan_tells_whether_models_are_asked_to_think(planned: Any) -> None:
    opened = "Prompts of 'tiny-thinker' end with <think>, which opens a thought"
    closes = "--set transformers.thinking=off closes it."
    assert f"{opened}. {closes}" in notes(planned())
    assert f"{opened}; answers are trained within it. {closes}" in notes(planned(inducers=["dpo"]))
    off = notes(planned("transformers.thinking=off", inducers=["dpo"]))
    assert off == ["Thinking: off (transformers.thinking)."]
