"""Judges of single evals: `--judge issuebench=mistral`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench.errors import SpecError, UnknownName
from vibench.plan import Plan, make_plan
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.spec_completion import from_flags

EVALS = ["issuebench", "advbench"]


@pytest.fixture
def planned(catalogue: Catalogue, plugins: Plugins) -> Callable[..., Plan]:
    def plan(*judges: str, **said: Any) -> Plan:
        said = {"evals": EVALS, "values": ["empathy"], "judges": judges, "limit": 2, **said}
        spec = from_flags(catalogue, plugins, **said)
        return make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))

    return plan


def who(plan: Plan) -> set[tuple[str, str]]:
    return {(cell.eval, cell.judge) for cell in plan.cells}


def test_an_eval_has_its_own_judges_and_the_others_those_of_all(planned: Any) -> None:
    assert who(planned("rules", "issuebench=mistral")) == {
        ("issuebench", "mistral"),
        ("advbench", "rules"),
    }
    assert who(planned("issuebench=mistral", "issuebench=rules", "advbench=rules")) == {
        ("issuebench", "mistral"),
        ("issuebench", "rules"),
        ("advbench", "rules"),
    }


def test_a_judge_named_for_an_eval_is_the_same_judge(planned: Any) -> None:
    assert set(planned("issuebench=rules", "advbench=rules").stages) == set(planned("rules").stages)


def test_settings_reach_a_judge_of_one_eval(planned: Any) -> None:
    swept = planned("rules", "issuebench=mistral", sets=["mistral.temperature=0,0.2"])
    cells = [c for c in swept.cells if c.eval == "issuebench" and c.inducer == "none"]
    assert [c.settings["mistral.temperature"] for c in cells] == [0, 0.2]


@pytest.mark.parametrize(
    ("judges", "error"),
    [
        (["issuebench=mistral"], "The eval 'advbench' has no judge"),
        (["rules", "anthrobench=rules"], "set for 'anthrobench', which is not an eval"),
        (["rules", "advbench=rulez"], "rulez"),
    ],
)
def test_bad_judges_of_evals(planned: Any, judges: list[str], error: str) -> None:
    with pytest.raises((SpecError, UnknownName), match=error):
        planned(*judges)


def test_the_papers_profile_extracts_values_with_mistral(
    catalogue: Catalogue, plugins: Plugins
) -> None:
    spec = from_flags(catalogue, plugins, evals=EVALS, profile="paper")
    assert spec.judging("issuebench") == ("mistral",)
    assert spec.judging("advbench") == ("o4-mini",)
    alone = from_flags(catalogue, plugins, evals=["advbench"], profile="paper")
    assert alone.judges == ("o4-mini",)


def test_a_matrix_file_can_name_them(tmp_path: Path, planned: Any) -> None:
    file = tmp_path / "matrix.toml"
    file.write_text('judges = ["rules", "issuebench=mistral"]\n')
    assert ("issuebench", "mistral") in who(planned(matrix=file))
