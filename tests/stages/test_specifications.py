"""Specifications of stages: their stored JSON, their keys, and the one table of kinds."""

from __future__ import annotations

import json
import random
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.data import DataFiles
from vibench.plan import Plan, make_plan
from vibench.plan.parts import Part, stage_keys
from vibench.plugins import Plugins
from vibench.records import Model, Sampling, Value
from vibench.registry import Catalogue
from vibench.sessions.configs import CONFIGS, DataPlace
from vibench.sessions.stage_work import Need
from vibench.spec_completion import from_flags
from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.kinds import KINDS, stage_of, until_kinds
from vibench.stages.specification import Holding, StageSpec, SubjectSpec
from vibench.stages.stage import Stage
from vibench.stages.transcripts import ConversationsSpec, MeasurementSpec, TranscriptsSpec

GOLDEN = Path(__file__).with_name("content_keys.json")
"""The keys that stages have; see `test_content_keys_are_what_they_were`."""

FORMS = [
    *(form for form in KINDS.values() if form is not TranscriptsSpec),
    ConversationsSpec,
    MeasurementSpec,
]

texts = st.text(max_size=6)
shares = st.floats(0, 1)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
mappings = st.dictionaries(texts, plain, max_size=2)
for config in CONFIGS.values():
    st.register_type_strategy(
        config,
        st.builds(config, texts, mappings, mappings, st.none() | st.just({"version": "1"})),
    )
st.register_type_strategy(Model, st.builds(Model, texts, texts, texts, chat_template=texts))
st.register_type_strategy(DataPlace, st.builds(DataPlace, texts, st.booleans(), mappings))
st.register_type_strategy(Value, st.builds(Value, texts, st.just("neutral"), texts, texts, texts))
st.register_type_strategy(Sampling, st.builds(Sampling, st.sampled_from((0.0, 0.7))))


@st.composite
def specifications(draw: st.DrawFn) -> StageSpec:
    form = draw(st.sampled_from(FORMS))
    hints = get_type_hints(form, localns={"Any": Any})
    strategies = {
        one.name: shares if hints[one.name] is float else st.from_type(hints[one.name])
        for one in fields(form)
    }
    return form(**{name: draw(strategy) for name, strategy in strategies.items()})


@given(specifications())
def test_a_specification_is_read_back_from_its_json_as_it_was(spec: StageSpec) -> None:
    stored = json.loads(json.dumps(spec.table(), allow_nan=False))
    again = KINDS[spec.kind].of(stored)
    assert again == spec
    assert type(again) is type(spec)
    assert again.table() == spec.table()


@given(specifications(), st.sampled_from(("nothing", "model", "judge")))
def test_a_stage_is_read_back_from_the_workers_order_as_it_was(spec: StageSpec, form: Any) -> None:
    needs = tuple(Need(name, kind, "k") for name, kind in spec.needed.items())
    stage = Stage("key", "label", needs, spec, Holding(form, "m"), {"verdicts": 3}, "like")
    again = stage_of(json.loads(json.dumps(stage.table())))
    assert again == stage
    assert again.group == ("m" if form == "model" else "")


@pytest.mark.parametrize("table", [{}, {"eval": {}}, {"content": "", "colour": "red"}])
def test_json_of_another_form_is_no_specification(table: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        KINDS["samples"].of(table)


parts = st.dictionaries(texts, st.builds(Part, plain, texts), min_size=1, max_size=4)
needs = st.lists(st.tuples(texts, texts), max_size=3)


@given(st.sampled_from(FORMS), parts, needs, st.randoms(use_true_random=False))
def test_a_key_does_not_depend_on_the_order_of_parts_nor_on_their_values(
    form: type[StageSpec], named: dict[str, Part], below: Any, chance: random.Random
) -> None:
    shuffled = list(named.items())
    chance.shuffle(shuffled)
    other = {name: Part("another value", one.key, one.alike) for name, one in shuffled}
    assert stage_keys(form, named, below) == stage_keys(form, other, below)


@given(st.sampled_from(FORMS), parts, needs, st.data())
def test_a_key_depends_on_each_part_on_each_need_and_on_the_kind(
    form: type[StageSpec], named: dict[str, Part], below: Any, data: st.DataObject
) -> None:
    key, likeness = stage_keys(form, named, below)
    name = data.draw(st.sampled_from(sorted(named)))
    changed = {**named, name: Part(None, f"{named[name].key} changed")}
    assert stage_keys(form, changed, below)[0] != key
    assert stage_keys(form, named, [*below, ("another", "")])[0] != key
    raised = type("Raised", (form,), {"version": form.version + 1})
    assert stage_keys(raised, named, below)[0] != key
    alike = {**named, name: Part(None, "other code", named[name].likeness)}
    assert stage_keys(form, alike, below)[1] == likeness


def test_the_table_holds_every_kind_and_what_each_needs() -> None:
    def below(form: type[StageSpec]) -> set[type[StageSpec]]:
        return {form, *(f for sub in form.__subclasses__() for f in below(sub))}

    bases = {StageSpec, SubjectSpec, JudgedSpec}
    ours = {f for f in below(StageSpec) if f.__module__.startswith("vibench.")}
    assert {f.kind for f in ours - bases if hasattr(f, "kind")} == set(KINDS)
    for name, form in KINDS.items():
        assert form.kind == name
        assert set(form.needed.values()) <= set(KINDS)
        assert form.run is not StageSpec.run or form is TranscriptsSpec
        assert ("max_errors" in {one.name for one in fields(form)}) == form.bounded
    assert until_kinds() == ("adapter", "transcripts", "verdicts")


# --- content keys ---


MATRICES: dict[str, dict[str, Any]] = {
    "trained": {"inducers": ["dpo", "dpo+prompt", "prompt"], "sets": ["dpo.beta=0.1,0.3"]},
    "wide": {
        "evals": ["advbench", "issuebench", "anthrobench"],
        "values": ["empathy", "honesty"],
        "inducers": ["dpo+orpo", "prompt"],
        "judges": ["rules", "mistral"],
        "simulator": "tiny-instruct",
        "seeds": ["0", "1"],
    },
    "repeated": {
        "inducers": ["prompt"],
        "judges": ["mistral"],
        "judge_repeats": 3,
        "sets": ["mistral.engine=openai", "mistral.model=one"],
    },
    "endpoint": {
        "models": ["gpt-x"],
        "engine": "openai",
        "evals": ["anthrobench"],
        "inducers": ["prompt"],
        "judges": ["rules"],
        "simulator": "openai:sim",
    },
    "extracted": {
        "inducers": ["orpo"],
        "extractor": "mistral",
        "sets": ["mistral.model=tiny-base"],
    },
}


@pytest.mark.parametrize("name", MATRICES)
def test_content_keys_are_what_they_were(name: str, catalogue: Catalogue, plugins: Plugins) -> None:
    """Stores are reused for as long as keys stay. A plugin or a kind of stage whose `version` is
    raised has new keys, and so has a plugin with a new parameter; they belong in the file, and
    nothing else may change one."""
    said = {"evals": ["advbench"], "values": ["empathy"], **MATRICES[name]}
    spec = from_flags(catalogue, plugins, **said)
    plan: Plan = make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))
    golden = json.loads(GOLDEN.read_text())[name]
    assert {key: f"{s.kind}: {s.label}" for key, s in plan.stages.items()} == golden["stages"]
    assert plan.run == golden["run"]
