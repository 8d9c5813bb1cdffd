"""The paper's matrices in `examples/` are valid and are planned in seconds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from vibench.data import DataFiles
from vibench.matrix_file import read_matrix
from vibench.paper.paper_numbers import BETAS, MODELS, TEMPERATURES, VALUES
from vibench.plan import Plan, make_plan
from vibench.plugins import Plugins
from vibench.registry import load_catalogue
from vibench.spec_completion import from_flags

EXAMPLES = Path(__file__).parents[2] / "examples"
BENCHMARKS = ("mmlu", "gsm8k", "truthfulqa", "mmlu-pro")


def planned(name: str, real_data: Path, **said) -> Plan:
    catalogue, plugins = load_catalogue(()), Plugins.discover()
    spec = from_flags(catalogue, plugins, matrix=EXAMPLES / name, data=str(real_data), **said)
    return make_plan(spec, catalogue, plugins, DataFiles(real_data, False, catalogue.datasets))


def test_the_whole_matrix_is_the_papers() -> None:
    asked = read_matrix(EXAMPLES / "paper.toml")
    assert tuple(asked.models) == MODELS
    assert tuple(asked.values) == VALUES
    assert tuple(asked.inducers) == ("prompt", "dpo", "dpo+prompt")
    assert tuple(asked.evals) == ("issuebench", "anthrobench", "advbench", *BENCHMARKS)
    settings = {(s.plugin, s.parameter): s.options for s in asked.settings}
    assert settings["dpo", "beta"] == BETAS
    assert settings["dpo", "learning_rate"] == (5e-6,)
    assert settings["sampling", "max_tokens"] == (2048,)


def test_robustness_has_both_trainers_and_all_temperatures() -> None:
    asked = read_matrix(EXAMPLES / "paper-robustness.toml")
    assert tuple(asked.inducers) == ("dpo", "orpo")
    settings = {(s.plugin, s.parameter): s.options for s in asked.settings}
    assert settings["sampling", "temperature"] == TEMPERATURES


@pytest.mark.parametrize("judge", ["mistral", "o4-mini"])
def test_the_whole_matrix_is_planned_in_seconds(real_data: Path, judge: str) -> None:
    began = time.perf_counter()
    evals = ("issuebench", "anthrobench", "advbench")
    plan = planned("paper.toml", real_data, evals=evals, judges=(judge,))
    assert time.perf_counter() - began < 60
    adapters = [s for s in plan.stages.values() if s.kind == "adapter"]
    assert len(adapters) == 8 * 15 * 4
    # Vanilla, prompt, and train and both at four betas.
    assert len(plan.cells) == 3 * 8 * (1 + 15 * (1 + 4 + 4))


def test_benchmarks_are_planned_too(real_data: Path) -> None:
    there = set(Plugins.discover().names("eval"))
    if not there.issuperset(BENCHMARKS):
        pytest.skip("the question-answering evals are not installed")
    # The folder has no worked examples for MMLU-Pro; the hub has.
    said = {"models": ("Mistral-Base",), "judges": ("mistral",)}
    plan = planned("paper.toml", real_data, sets=("mmlu-pro.num_fewshot=0",), **said)
    assert {cell.eval for cell in plan.cells} >= set(BENCHMARKS)


def test_robustness_shares_the_papers_adapters(real_data: Path) -> None:
    def trained(plan: Plan) -> set[str]:
        kept = [s for s in plan.stages.values() if s.kind == "adapter"]
        return {s.key for s in kept if s.spec.inducer.name == "dpo"}

    whole = planned("paper.toml", real_data, models=("Mistral-Instruct",), evals=("issuebench",))
    further = trained(planned("paper-robustness.toml", real_data))
    assert len(further) == 15
    assert further <= trained(whole)
