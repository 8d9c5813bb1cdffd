"""A run's parameters in its record: every one that counts, said or left as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench.plan import Plan, make_plan
from vibench.plan.cells import read_cells, write_cells
from vibench.plan.parameters import Parameters, parameters_in_use
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.spec import Spec
from vibench.spec_completion import from_flags


@pytest.fixture
def planned(catalogue: Catalogue, plugins: Plugins) -> Any:
    def plan(**said: Any) -> tuple[Spec, Plan]:
        said = {"evals": ["anthrobench"], "values": ["empathy"], **said}
        spec = from_flags(catalogue, plugins, **said)
        return spec, make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))

    return plan


def test_defaults_are_recorded_and_what_does_not_count_is_not(
    planned: Any, plugins: Plugins
) -> None:
    spec, plan = planned(inducers=["dpo+prompt"], sets=["dpo.lora_rank=8"])
    used = parameters_in_use(spec, plan, plugins)
    assert used["inducer"]["dpo"]["beta"] == 0.1
    assert used["inducer"]["dpo"]["lora_rank"] == 8
    assert "device" not in used["inducer"]["dpo"]
    assert used["inducer"]["prompt"] == {"text": ""}
    assert used["eval"]["anthrobench"] == {"turns": 1}
    assert "batch_size" not in used["engine"]["transformers"]
    assert "dtype" in used["engine"]["transformers"]


def test_a_judges_model_is_recorded(planned: Any, plugins: Plugins) -> None:
    spec, plan = planned(
        judges=["mistral"],
        sets=["mistral.engine=openai", "mistral.model=other"],
        inducers=["prompt"],
    )
    judge = parameters_in_use(spec, plan, plugins)["judge"]["mistral"]
    assert (judge["model"], judge["engine"], judge["temperature"]) == ("other", "openai", 0.2)


def test_a_cell_has_the_parameters_of_its_own_plugins(planned: Any, plugins: Plugins) -> None:
    spec, plan = planned(inducers=["dpo", "prompt"], sets=["dpo.beta=0.1,0.9"])
    record = {
        "spec": {"settings": spec.settings},
        "parameters": parameters_in_use(spec, plan, plugins),
    }
    found = {(c.inducer, c.settings.get("dpo.beta")): Parameters(record).of(c) for c in plan.cells}
    assert found["dpo", 0.1]["dpo.beta"] == 0.1
    assert found["dpo", 0.9]["dpo.beta"] == 0.9
    assert found["dpo", 0.9]["dpo.epochs"] == found["dpo", 0.1]["dpo.epochs"]
    assert set(found["none", None]) == {
        "anthrobench.turns", "sampling.temperature", "sampling.top_p", "sampling.max_tokens",
    }  # fmt: skip
    assert set(found["prompt", None]) - set(found["none", None]) == {"prompt.text"}


def test_of_an_older_record_there_is_what_was_said(planned: Any) -> None:
    spec, plan = planned(inducers=["dpo"], sets=["dpo.beta=0.1,0.9", "dpo.lora_rank=8"])
    known = Parameters({"spec": {"settings": spec.settings}})
    induced = known.of(next(c for c in plan.cells if c.settings.get("dpo.beta") == 0.9))
    assert induced["dpo.lora_rank"] == 8
    assert induced["dpo.beta"] == 0.9
    assert "dpo.warmup" not in induced
    assert Parameters({}).of(plan.cells[0]) == {}


def test_cells_are_read_as_they_were_written(planned: Any, tmp_path: Path) -> None:
    _, plan = planned(inducers=["prompt"], sets=["sampling.temperature=0,0.7"])
    write_cells(tmp_path / "cells.parquet", plan.cells)
    assert read_cells(tmp_path) == plan.cells
