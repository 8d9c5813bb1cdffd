"""`--judge-repeats`, `--budget-usd` and the Batch API in plans: what keys hold, and what not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

from vibench.data import DataFiles
from vibench.errors import RegistryError, SpecError
from vibench.matrix_file import read_matrix
from vibench.plan import Plan, make_plan
from vibench.plugins import Plugins
from vibench.registry import Catalogue, load_catalogue
from vibench.spec import Spec
from vibench.spec_completion import from_flags


@pytest.fixture
def asked(catalogue: Catalogue, plugins: Plugins) -> Callable[..., Spec]:
    def ask(**said: Any) -> Spec:
        said = {"evals": ["advbench"], "values": ["empathy"], "judges": ["o4-mini"], **said}
        return from_flags(catalogue, plugins, **said)

    return ask


@pytest.fixture
def planned(catalogue: Catalogue, plugins: Plugins, asked: Callable[..., Spec]) -> Any:
    def plan(**said: Any) -> Plan:
        data = DataFiles(None, True, catalogue.datasets)
        return make_plan(asked(**said), catalogue, plugins, data)

    return plan


def keys(plan: Plan) -> set[str]:
    return set(plan.stages)


def verdicts(plan: Plan) -> list[Any]:
    return [s for s in plan.stages.values() if s.kind == "verdicts"]


def test_a_budget_a_price_and_batches_are_no_part_of_any_key(planned: Any) -> None:
    plain = planned()
    assert keys(planned(budget_usd=5.0)) == keys(plain)
    assert keys(planned(sets=["openai.batch=true", "openai.batch_requests=7"])) == keys(plain)
    assert keys(planned(judge_repeats=1)) == keys(plain)


def test_repeats_are_part_of_what_is_judged_and_of_nothing_before(planned: Any) -> None:
    once, thrice = planned(), planned(judge_repeats=3)
    changed = {s.kind for s in thrice.stages.values() if s.key not in once.stages}
    assert changed == {"verdicts", "outcomes"}
    (one,), (three,) = verdicts(once), verdicts(thrice)
    assert one.spec.scope == three.spec.scope, "the first of three is what one is"
    assert three.work["verdicts"] == 3 * one.work["verdicts"]


def test_repeats_leave_judges_that_decide_by_themselves_as_they_are(planned: Any) -> None:
    both = planned(judges=["rules", "o4-mini"], judge_repeats=3)
    rules = planned(judges=["rules"])
    assert {s.key for s in verdicts(rules)} < {s.key for s in verdicts(both)}
    assert {s.work["verdicts"] for s in verdicts(both)} == {28, 84}


def test_the_mean_of_repeats_judges_each_apart_and_the_first_as_if_asked_once(
    planned: Any,
) -> None:
    once, mean = planned(), planned(judge_repeats=3, judge_combine="mean")
    assert {s.key for s in verdicts(once)} < {s.key for s in verdicts(mean)}
    assert len(verdicts(mean)) == 3 * len(verdicts(once))
    for cell in mean.cells:
        judged = [k for k in mean.stages[cell.outcomes].need_keys if k != cell.transcripts]
        assert judged[0] == cell.verdicts
        assert [mean.stages[k].spec.repeat for k in judged] == [0, 1, 2]
    assert keys(planned(judge_combine="mean")) == keys(once), "the mean of one is that one"


def test_what_repeats_come_to_is_majority_or_mean(asked: Any, tmp_path: Path) -> None:
    assert asked().judge_combine == "majority"
    with pytest.raises(
        SpecError, match='--judge-combine is "median"; expected one of majority, mean'
    ):
        asked(judge_combine="median")
    file = tmp_path / "matrix.toml"
    file.write_text('judge_combine = "mean"\njudge_repeats = 2\n')
    assert asked(matrix=file).judge_combine == "mean"


def test_repeats_of_rules_alone_are_an_error(planned: Any) -> None:
    with pytest.raises(SpecError, match=r"--judge-repeats 3: rules asks no model"):
        planned(judges=["rules"], judge_repeats=3)


def test_a_budget_bounds_nothing_where_no_endpoint_is_asked(planned: Any) -> None:
    assert keys(planned(judges=["rules"], budget_usd=0.0)) == keys(planned(judges=["rules"]))


@pytest.mark.parametrize("number", [0, -3])
def test_repeats_are_at_least_one(asked: Callable[..., Spec], number: int) -> None:
    with pytest.raises(SpecError, match=f"--judge-repeats is {number};"):
        asked(judge_repeats=number)


def test_a_matrix_file_says_them_and_flags_replace_them(
    tmp_path: Path, asked: Callable[..., Spec]
) -> None:
    file = tmp_path / "m.toml"
    file.write_text("judge_repeats = 3\nbudget_usd = 2\n")
    assert (read_matrix(file).judge_repeats, read_matrix(file).budget_usd) == (3, 2)
    spec = asked(matrix=file)
    assert (spec.judge_repeats, spec.budget_usd) == (3, 2.0)
    spec = asked(matrix=file, judge_repeats=5, budget_usd=0.0)
    assert (spec.judge_repeats, spec.budget_usd) == (5, 0.0)
    file.write_text("judge_repeats = 1.5\n")
    with pytest.raises(SpecError, match="judge_repeats"):
        read_matrix(file)


def overlay(tmp_path: Path, text: str) -> Catalogue:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    return load_catalogue([file], working_folder=tmp_path)


def test_an_overlay_gives_a_price_or_mends_one(tmp_path: Path) -> None:
    text = '[prices."org/model"]\ninput = 1\noutput = 2\n[prices."o4-mini"]\ninput = 9\n'
    prices = overlay(tmp_path, text).prices
    assert (prices["org/model"].input, prices["org/model"].batch_discount) == (1, 0.0)
    assert (prices["o4-mini"].input, prices["o4-mini"].output) == (9, 4.4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[prices."m"]\ninput = 1\n', "output"),
        ('[prices."m"]\ninput = -1\noutput = 1\n', "at least 0"),
        ('[prices."m"]\ninput = "1"\noutput = 1\n', "number"),
        ('[prices."m"]\ninput = 1\noutput = 1\nbatch_discount = 50\n', "at most 1"),
    ],
)
def test_a_price_that_is_none_is_an_error_with_its_key(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(RegistryError, match=said) as caught:
        overlay(tmp_path, text)
    assert "prices.m" in str(caught.value)


@pytest.mark.slow
def test_a_run_with_repeats_asks_each_question_so_often_and_one_more_asks_the_rest(
    endpoint: Callable[..., Any], tmp_path: Path
) -> None:
    server = endpoint(models="o4-mini")

    def run(*more: str) -> dict[str, Any]:
        command = [
            *("run", "--eval", "advbench", "--limit", "6"),
            *("--judge", "o4-mini", "--set", "o4-mini.model=o4-mini", "--json"),
            *("--set", f"openai.base_url={server.base_url}", "--set", "sampling.max_tokens=16"),
        ]
        done = CommandLine(tmp_path)(*command, *more)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    once = run()
    assert server.stats()["requests"] == 6
    thrice = run("--judge-repeats", "3")
    assert server.stats()["requests"] == 18
    # Each question got three requests; the server's rules say the same each time.
    assert set(server.stats()["answered"].values()) == {3}
    assert [r["rate"] for r in once["rows"]] == [r["rate"] for r in thrice["rows"]]
    assert thrice["cost"]["verdicts"]["asked"] == 18
    assert thrice["cost"]["spent"]["calls"] == 12
