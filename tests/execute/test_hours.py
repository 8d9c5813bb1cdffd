"""Expected GPU hours: by stated assumptions, and by what a store measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vibench.estimates.gpu_hours import billions, gpu_hours, told_hours
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.records import Model, Sampling, Value
from vibench.sessions.configs import (
    EngineConfig,
    EvalConfig,
    InducerConfig,
    JudgeConfig,
    SubjectRecord,
)
from vibench.sessions.stage_work import Need
from vibench.stages.adapter import AdapterSpec
from vibench.stages.outcomes import OutcomesSpec
from vibench.stages.specification import StageSpec
from vibench.stages.transcripts import ConversationsSpec
from vibench.stages.verdicts import VerdictsSpec
from vibench.stages.workload import PAIR, PAIRS
from vibench.store.artefacts import Store

VLLM = EngineConfig("vllm", {}, {})
DPO = InducerConfig("dpo", {}, {"epochs": 5.0})
ADVBENCH = EvalConfig("advbench", {}, {})


def model(source: str, name: str = "m") -> SubjectRecord:
    return SubjectRecord(Model(name, source, f"hub:{source}"), None, None)


EIGHT = model("meta-llama/Llama-3.1-8B")


def adapter(subject: SubjectRecord) -> AdapterSpec:
    value = Value("honesty", "positive", "Social", "being truthful", "Be honest.")
    return AdapterSpec(subject=subject, inducer=DPO, value=value, seed=0)


def conversations(
    subject: SubjectRecord, engine: EngineConfig = VLLM, max_tokens: int = 2048
) -> ConversationsSpec:
    sampling = Sampling(max_tokens=max_tokens)
    return ConversationsSpec(
        subject=subject, engine=engine, eval=ADVBENCH, sampling=sampling, seed=0
    )


def stage(key: str, spec: StageSpec, needs: tuple[Need, ...] = (), **work: int) -> Stage:
    return Stage(key, key, needs, spec, work=work)


SUBSET = (Need("subset", "subset", "subset"),)


def hours(*stages: Stage, store: Store):
    return gpu_hours(stages, store, Plugins.discover())


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", 8.0),
        ("allenai/OLMo-2-1124-13B", 13.0),
        ("mistralai/Mistral-Nemo-Base-2407", 12.2),
        ("mistralai/Mistral-7B-Instruct-v0.3", 7.0),
        ("Qwen/Qwen2.5-0.5B", 0.5),
        ("mistralai/Mixtral-8x7B-v0.1", 56.0),
        ("org/no-number", None),
        ("org/model-4bit", None),
    ],
)
def test_a_models_size_is_in_its_name(source: str, size: float | None) -> None:
    assert billions(model(source).model) == size


def test_a_folders_size_is_its_weights(tmp_path: Path) -> None:
    tensor = {"dtype": "F32", "shape": [1500, 1000], "data_offsets": [0, 6_000_000]}
    header = json.dumps({"a": tensor, "__metadata__": {"format": "pt"}}).encode()
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
    assert billions(model(str(tmp_path)).model) == pytest.approx(0.0015)
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    assert billions(model(str(tmp_path)).model) is None


def test_training_takes_as_long_as_the_papers(store: Store) -> None:
    """15 values on a model of average size: the three days on eight GPUs of Appendix A."""
    spec = adapter(model("org/average-10.9B"))
    adapters = [stage(f"a{n}", spec, SUBSET, trainings=1) for n in range(15)]
    found = hours(*adapters, store=store)
    assert found.by_kind == {"training": pytest.approx(3 * 24 * 8)}
    assert found.measured == 0


def test_generation_goes_by_tokens_and_size(store: Store) -> None:
    found = hours(stage("t", conversations(EIGHT), completions=3600), store=store)
    assert found.total == pytest.approx(400 / 5000 + 300 / 50_000)
    padded = conversations(EIGHT, EngineConfig("transformers", {}, {}))
    slower = hours(stage("t", padded, completions=3600), store=store)
    assert slower.total == pytest.approx(5 * found.total)
    short = conversations(EIGHT, max_tokens=40)
    assert hours(stage("t", short, completions=3600), store=store).total == (
        pytest.approx(40 / 5000 + 300 / 50_000)
    )


def test_what_needs_no_gpu_takes_no_hours(store: Store) -> None:
    embedded = conversations(model("embedded:tiny-base"))
    endpoint = VerdictsSpec(
        judge=JudgeConfig("o4-mini", {}, {}),
        judge_model=model("o4-mini"),
        engine=EngineConfig("openai", {}, {}),
        eval=ADVBENCH,
    )
    rules = VerdictsSpec(judge=JudgeConfig("rules", {}, {}), eval=ADVBENCH)
    found = hours(
        stage("t", embedded, completions=99),
        stage("v", endpoint, verdicts=99),
        stage("r", rules, verdicts=99),
        stage("o", OutcomesSpec(eval=ADVBENCH)),
        store=store,
    )
    assert found.total == 0
    assert list(told_hours(found)) == []


def test_what_is_not_known_is_said(store: Store) -> None:
    spec = conversations(model("org/no-number", "mine"))
    found = hours(stage("t", spec, completions=10), store=store)
    assert found.total == 0
    assert list(told_hours(found)) == ["  Not included: mine (its size is not in its name)."]


def kept(store: Store, key: str, spec: StageSpec, seconds: float, **more: Any) -> None:
    manifest = {
        "spec": spec.table(),
        "facts": {"rows_used": 100},
        "seconds": seconds,
        "hardware": {"accelerators": ["a GPU"]},
        **more,
    }
    with store.making("adapter", key, manifest) as folder:
        (folder / "adapter").write_text("")


def test_measured_times_come_before_assumptions(store: Store) -> None:
    store.prepare()
    spec = adapter(EIGHT)
    kept(store, "ab" * 16, spec, 1000.0)  # 100 pairs, 5 epochs: 2 seconds each
    todo = stage("new", spec, SUBSET, trainings=1)
    found = hours(todo, store=store)
    assert found.total == found.measured == pytest.approx(2 * PAIRS * 5 / 3600)
    (line,) = told_hours(found)
    assert "100 % of it by what such stages took in this store" in line
    assert "estimate" in line


def test_a_machine_without_a_gpu_says_nothing_of_gpu_hours(store: Store) -> None:
    store.prepare()
    spec = adapter(EIGHT)
    kept(store, "cd" * 16, spec, 9e9, hardware={"cores": 2})
    todo = stage("new", spec, SUBSET, trainings=1)
    found = hours(todo, store=store)
    assert found.measured == 0
    assert found.total == pytest.approx(PAIR * 8 * PAIRS * 5 / 3600)
