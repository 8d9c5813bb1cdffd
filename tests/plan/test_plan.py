"""Planning: equal work once, keys of everything that matters and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench.errors import SpecError, UnknownName
from vibench.plan import Plan, Stage, make_plan
from vibench.plan.eval_requests import take
from vibench.plugins import Plugins
from vibench.records import Message, Sample
from vibench.registry import Catalogue
from vibench.spec_completion import from_flags


@pytest.fixture
def planned(catalogue: Catalogue, plugins: Plugins) -> Any:
    def plan(**said: Any) -> Plan:
        said = {"evals": ["advbench"], "values": ["empathy"], **said}
        spec = from_flags(catalogue, plugins, **said)
        return make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))

    return plan


def kinds(plan: Plan) -> Counter[str]:
    return Counter(stage.kind for stage in plan.stages.values())


def only(plan: Plan, kind: str) -> Stage:
    (stage,) = (s for s in plan.stages.values() if s.kind == kind)
    return stage


def test_the_vanilla_model_is_always_asked_and_once(planned: Any) -> None:
    plan = planned(inducers=["prompt"], values=["empathy", "honesty", "humor"])
    vanilla = [c for c in plan.cells if c.vanilla is None]
    assert [(c.model, c.inducer, c.value) for c in vanilla] == [("tiny-base", "none", "")]
    assert {c.vanilla for c in plan.cells if c.value} == {vanilla[0].outcomes}
    assert kinds(plan)["transcripts"] == 4


def test_how_often_a_sample_is_scored_is_known_while_planning(planned: Any) -> None:
    plan = planned(
        inducers=["none"],
        evals=["anthrobench", "advbench"],
        sets=["anthrobench.turns=1,3"],
        simulator="tiny-instruct",
    )
    assert sorted(plan.turns.values()) == [1, 1, 3]
    assert plan.turns.keys() == plan.samples.keys()


def test_two_models_under_one_judges_name_have_verdicts_of_their_own(planned: Any) -> None:
    plan = planned(
        inducers=["prompt"],
        evals=["advbench"],
        judges=["mistral"],
        sets=["mistral.engine=openai", "mistral.model=one,two"],
    )
    models = {
        key: stage.spec.judge_model.model.name
        for key, stage in plan.stages.items()
        if stage.kind == "verdicts"
    }
    assert sorted(models.values()) == ["one", "one", "two", "two"]
    assert {(c.settings["mistral.model"], models[c.verdicts]) for c in plan.cells} == {
        ("one", "one"),
        ("two", "two"),
    }


def test_what_two_cells_share_is_one_stage(planned: Any) -> None:
    plan = planned(
        inducers=["dpo", "dpo+prompt"], evals=["advbench", "issuebench"], sets=["dpo.beta=0.1,0.3"]
    )
    count = kinds(plan)
    assert count["adapter"] == 2, "one for each beta, whatever is composed on top of it"
    assert count["reference"] == 1, "shared by both betas"
    assert count["subset"] == count["pairs"] == count["values"] == 1
    assert count["receipt"] == 2
    assert count["samples"] == 2
    assert count["transcripts"] == 2 * (1 + 2 + 2)


def test_each_stage_comes_after_its_needs(planned: Any) -> None:
    plan = planned(inducers=["dpo+prompt", "orpo"], evals=["issuebench", "anthrobench"])
    seen: set[str] = set()
    for stage in plan.stages.values():
        assert set(stage.need_keys) <= seen
        seen.add(stage.key)


def test_planning_twice_gives_the_same_keys(planned: Any) -> None:
    said = {"inducers": ["dpo+prompt"], "evals": ["anthrobench"]}
    assert list(planned(**said).stages) == list(planned(**said).stages)


@pytest.mark.parametrize(
    ("change", "same", "other"),
    [
        ({"sets": ["dpo.beta=0.5"]}, ["reference", "subset"], ["adapter", "receipt"]),
        ({"sets": ["dpo.max_length=99"]}, ["subset"], ["reference", "adapter"]),
        ({"seeds": ["7"]}, ["reference", "samples"], ["adapter", "transcripts"]),
        ({"sets": ["sampling.temperature=0"]}, ["adapter", "samples"], ["transcripts"]),
        ({"limit": 3}, ["adapter"], ["samples", "transcripts"]),
        ({"models": ["tiny-instruct"]}, ["subset", "samples"], ["reference", "transcripts"]),
        ({"sets": ["transformers.batch_size=3"]}, ["transcripts", "receipt"], []),
        ({"minimum_pairs": 3}, ["pairs", "values", "subset", "adapter"], []),
        ({"extractor": "mistral"}, ["pairs", "samples"], ["values", "subset", "adapter"]),
    ],
)
def test_a_setting_changes_the_keys_of_what_it_determines(
    planned: Any, change: dict[str, Any], same: list[str], other: list[str]
) -> None:
    def keys(plan: Plan, kind: str) -> set[str]:
        return {s.key for s in plan.stages.values() if s.kind == kind}

    before, after = planned(inducers=["dpo"]), planned(inducers=["dpo"], **change)
    for kind in same:
        assert keys(before, kind) == keys(after, kind), kind
    for kind in other:
        assert not keys(before, kind) & keys(after, kind), kind


def test_references_are_known_by_what_is_in_the_chat_template(planned: Any, tmp_path: Path) -> None:
    template = tmp_path / "template.jinja"
    asked = {"inducers": ["dpo"], "sets": [f"dpo.chat_template={template}"]}
    keys = []
    for text in ("{{ messages }}", "{{ messages[0] }}", "{{ messages }}"):
        template.write_text(text)
        keys.append(only(planned(**asked), "reference").key)
    assert keys[0] != keys[1]
    assert keys[0] == keys[2]


def test_a_value_is_known_by_its_text_where_it_is_prompted(
    catalogue: Catalogue, plugins: Plugins
) -> None:
    from dataclasses import replace

    flags = {"evals": ["advbench"], "values": ["empathy"], "inducers": ["prompt", "dpo"]}
    data = DataFiles(None, True, catalogue.datasets)
    reworded = replace(catalogue.values["empathy"], induction="Feel with the person.")
    other = replace(catalogue, values={**catalogue.values, "empathy": reworded})
    before, after = (
        make_plan(from_flags(c, plugins, **flags), c, plugins, data) for c in (catalogue, other)
    )
    assert only(before, "adapter").key == only(after, "adapter").key
    asked = [{c.inducer: c.transcripts for c in p.cells} for p in (before, after)]
    assert asked[0]["prompt"] != asked[1]["prompt"]
    assert asked[0]["dpo"] == asked[1]["dpo"]


def test_training_goes_on_from_what_stands_to_its_left(planned: Any) -> None:
    plan = planned(inducers=["prompt+dpo", "dpo+orpo"])
    adapters = [s for s in plan.stages.values() if s.kind == "adapter"]
    assert len(adapters) == 3
    (prompted,) = (s for s in adapters if s.spec.subject.system)
    assert prompted.spec.subject.system.startswith("You are")
    (second,) = (s for s in adapters if s.spec.subject.adapter)
    first = plan.stages[second.spec.subject.adapter]
    assert first.kind == "adapter"
    assert first.key in second.need_keys


def test_what_is_done_is_not_needed_again(planned: Any) -> None:
    plan = planned(inducers=["dpo"])
    everything = {s.key for s in plan.stages.values()}
    assert {s.key for s in plan.needed(())} == everything
    done = {s.key for s in plan.stages.values() if s.kind == "adapter"}
    left = {s.kind for s in plan.needed(done)}
    assert "reference" not in left
    assert {"receipt", "samples", "transcripts"} <= left
    assert plan.needed(everything) == []


def test_a_sample_limit_is_spread_and_nested() -> None:
    samples = [Sample(f"s{i}", (Message("user", "hi"),), f"c{i % 7}") for i in range(700)]
    few, more = take(samples, 40), take(samples, 120)
    assert len(few) == 40
    assert {s.id for s in few} < {s.id for s in more}
    assert [s.id for s in more] == [s.id for s in samples if s in more]
    assert len({s.cluster for s in few}) == 7
    assert take(samples, None) == samples


def test_unknown_names_are_told(planned: Any) -> None:
    with pytest.raises(UnknownName, match="dpo"):
        planned(inducers=["dpoo"])
    with pytest.raises(UnknownName, match="empathy"):
        planned(values=["empaty"])
    with pytest.raises(UnknownName, match="advbench"):
        planned(evals=["advbanch"])
    with pytest.raises(UnknownName, match="tiny-base"):
        planned(models=["tinybase"])


def test_a_judge_must_be_able_to_answer(planned: Any, plugins: Plugins) -> None:
    from vibench import Judge, Rubric, Verdict

    class OnlyHaiku(Judge):
        """Counts syllables."""

        def accepts(self, rubric_name: str) -> bool:
            return rubric_name == "haiku"

        def decide(self, rubric: Rubric) -> Verdict:
            return Verdict(rubric.name, rubric.turn, ("5-7-5",))

    plugins.register("judge", "haiku", OnlyHaiku, owner="a test")
    with pytest.raises(SpecError, match="cannot answer the question 'compliance'"):
        planned(judges=["haiku"])


def test_a_source_may_be_a_file(planned: Any, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"prompt": "Hi", "chosen": "Hello.", "rejected": "No."}\n')
    first = planned(inducers=["dpo"], sources=[str(file)])
    file.write_text('{"prompt": "Hi", "chosen": "Hello!", "rejected": "No."}\n')
    second = planned(inducers=["dpo"], sources=[str(file)])
    assert only(first, "pairs").key != only(second, "pairs").key
