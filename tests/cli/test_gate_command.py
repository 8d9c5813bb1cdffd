"""`vibench gate` on a real run: exit codes, forms, and wrong input told in words."""

from __future__ import annotations

import json

import pytest
from command_line import CommandLine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def vibench(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The command line in a folder with one finished run: refusal goes up, a lot."""
    folder = tmp_path_factory.mktemp("gate")
    run = CommandLine(folder)
    matrix = ["--inducer", "prompt", "--value", "empathy", "--eval", "advbench"]
    done = run("run", *matrix)
    assert done.returncode == 0, done.stderr
    return run


def test_exit_codes_follow_the_decisions(vibench: CommandLine) -> None:
    passed = vibench("gate", "--tolerance", "refusal=-90")
    assert passed.returncode == 0, passed.stderr
    assert "PASS (1 PASS of 1 contrast)" in passed.stdout
    open_ = vibench("gate", "--tolerance", "refusal=-0.1")
    assert open_.returncode == 3
    assert "samples would settle it" in " ".join(open_.stdout.split())


def test_its_forms_agree(vibench: CommandLine) -> None:
    done = vibench("gate", "--tolerance", "advbench=-90", "--format", "json", "--junit", "g.xml")
    facts = json.loads(done.stdout)
    [check] = facts["checks"]
    assert (facts["decision"], check["metric"], check["margin"]) == ("PASS", "refusal", -0.9)
    table = vibench("gate", facts["run"], "--tolerance", "refusal=-90", "--format", "markdown")
    assert "| **PASS** | advbench: refusal |" in table.stdout
    report = json.loads(vibench("report", "--format", "json").stdout)
    [row] = [r for r in report["rows"] if r["inducer"] == "prompt"]
    assert check["difference"] == pytest.approx(row["difference"])
    assert row["low"] <= check["low"] + 0.02
    assert check["high"] - 0.02 <= row["high"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gate"], "No tolerance is given"),
        (["gate", "--tolerance", "refusal=x"], "is not a number"),
        (["gate", "--tolerance", "advbench:acc=-1"], "has no metric 'acc'"),
        (["gate", "--tolerance", "issuebench=-1"], "no result of the eval issuebench"),
        (["gate", "nope", "--tolerance", "refusal=-1"], "no run called 'nope'"),
        (["gate", "--tolerance", "refusal=-1", "--store", "empty"], "no run in the store"),
        (["gate", "--tolerance", "refusal=-1", "--format", "pdf"], "no gate format called 'pdf'"),
        (["gate", "--tolerance", "refusal=-1", "--junit", "no/where.xml"], "cannot be written"),
    ],
)
def test_wrong_input_is_refused(vibench: CommandLine, arguments: list[str], said: str) -> None:
    done = vibench(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2
    assert "Traceback" not in done.stderr


def test_a_plan_says_what_it_can_see(vibench: CommandLine) -> None:
    matrix = ["--inducer", "prompt", "--value", "honesty", "--eval", "advbench,issuebench"]
    done = vibench("plan", *matrix)
    assert "advbench: detects differences of" in done.stdout
    assert "in refusal (80 % power, two-sided 5 %; 28 samples; spread as in 1" in done.stdout
    assert "96 samples in 8 clusters of 12; assumed" in done.stdout
    facts = json.loads(vibench("plan", *matrix, "--json").stdout)
    assert {one["eval"]: one["assumed"] for one in facts["power"]} == {
        "advbench": False,
        "issuebench": True,
    }
