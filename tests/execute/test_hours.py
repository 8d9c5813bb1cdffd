"""Expected GPU hours: by stated assumptions, and by what a store measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from vibench.estimates.gpu_hours import PAIR, PAIRS, billions, gpu_hours, told_hours
from vibench.plan import Plan, Stage
from vibench.plugins import Plugins
from vibench.store.artefacts import Store

VLLM = {"name": "vllm", "parameters": {}}
DPO = {"name": "dpo", "parameters": {"epochs": 5.0}}


def model(source: str, name: str = "m") -> dict[str, Any]:
    return {"model": {"name": name, "source": source, "identity": f"hub:{source}"}}


EIGHT = model("meta-llama/Llama-3.1-8B")


def stage(kind: str, key: str, spec: Mapping[str, Any], needs: tuple[str, ...] = (), **work: int):
    return Stage(kind, key, key, needs, spec, "", work)


def hours(*stages: Stage, store: Store):
    plan = Plan({s.key: s for s in stages}, [], {})
    return gpu_hours(plan, stages, store, Plugins.discover())


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
    assert billions(model(source)["model"]) == size


def test_a_folders_size_is_its_weights(tmp_path: Path) -> None:
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(3_000_000)
    assert billions(model(str(tmp_path))["model"]) == pytest.approx(0.0015)


def test_training_takes_as_long_as_the_papers(store: Store) -> None:
    """15 values on a model of average size: the three days on eight GPUs of Appendix A."""
    spec = {"subject": model("org/average-10.9B"), "inducer": DPO}
    adapters = [stage("adapter", f"a{n}", spec, ("subset",), trainings=1) for n in range(15)]
    found = hours(*adapters, store=store)
    assert found.by_kind == {"training": pytest.approx(3 * 24 * 8)}
    assert found.measured == 0


def test_generation_goes_by_tokens_and_size(store: Store) -> None:
    spec = {"subject": EIGHT, "engine": VLLM, "sampling": {"max_tokens": 2048}}
    found = hours(stage("transcripts", "t", spec, completions=3600), store=store)
    assert found.total == pytest.approx(400 / 5000 + 300 / 50_000)
    padded = {**spec, "engine": {"name": "transformers", "parameters": {}}}
    slower = hours(stage("transcripts", "t", padded, completions=3600), store=store)
    assert slower.total == pytest.approx(5 * found.total)
    short = {**spec, "sampling": {"max_tokens": 40}}
    assert hours(stage("transcripts", "t", short, completions=3600), store=store).total == (
        pytest.approx(40 / 5000 + 300 / 50_000)
    )


def test_what_needs_no_gpu_takes_no_hours(store: Store) -> None:
    embedded = {"subject": model("embedded:tiny-base"), "engine": VLLM}
    endpoint = {
        "judge": {"name": "o4-mini"},
        "judge_model": model("o4-mini"),
        "engine": {"name": "openai", "parameters": {}},
    }
    found = hours(
        stage("transcripts", "t", embedded, completions=99),
        stage("verdicts", "v", endpoint, verdicts=99),
        stage("verdicts", "r", {"judge": {"name": "rules"}}, verdicts=99),
        stage("outcomes", "o", {}),
        store=store,
    )
    assert found.total == 0
    assert list(told_hours(found)) == []


def test_what_is_not_known_is_said(store: Store) -> None:
    spec = {"subject": model("org/no-number", "mine"), "engine": VLLM}
    found = hours(stage("transcripts", "t", spec, completions=10), store=store)
    assert found.total == 0
    assert list(told_hours(found)) == ["  Not in it: mine (its size is not in its name)."]


def kept(store: Store, key: str, spec: Mapping[str, Any], seconds: float, **more: Any) -> None:
    manifest = {
        "spec": spec,
        "facts": {"rows_used": 100},
        "seconds": seconds,
        "hardware": {"accelerators": ["a GPU"]},
        **more,
    }
    with store.making("adapter", key, manifest) as folder:
        (folder / "adapter").write_text("")


def test_measured_times_come_before_assumptions(store: Store) -> None:
    store.prepare()
    spec = {"subject": EIGHT, "inducer": DPO}
    kept(store, "ab" * 16, spec, 1000.0)  # 100 pairs, 5 epochs: 2 seconds each
    todo = stage("adapter", "new", spec, ("subset",), trainings=1)
    found = hours(todo, store=store)
    assert found.total == found.measured == pytest.approx(2 * PAIRS * 5 / 3600)
    (line,) = told_hours(found)
    assert "100 % of it by what such stages took in this store" in line
    assert "estimate" in line


def test_a_machine_without_a_gpu_says_nothing_of_gpu_hours(store: Store) -> None:
    store.prepare()
    spec = {"subject": EIGHT, "inducer": DPO}
    kept(store, "cd" * 16, spec, 9e9, hardware={"cores": 2})
    todo = stage("adapter", "new", spec, ("subset",), trainings=1)
    found = hours(todo, store=store)
    assert found.measured == 0
    assert found.total == pytest.approx(PAIR * 8 * PAIRS * 5 / 3600)
