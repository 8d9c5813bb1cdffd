"""What a run needs is looked for before it begins, and a run can end before it judges."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from vibench.embedded import locate
from vibench.errors import UsageError
from vibench.execute.readiness import check_ready
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.records import Model, Sampling
from vibench.sessions.configs import (
    EngineConfig,
    EvalConfig,
    InducerConfig,
    JudgeConfig,
    SubjectRecord,
)
from vibench.stages.kinds import until_kinds
from vibench.stages.receipt import ReceiptSpec
from vibench.stages.reference import ReferenceSpec
from vibench.stages.transcripts import ConversationsSpec
from vibench.stages.verdicts import VerdictsSpec

ASKED = ("--model", "tiny-instruct", "--inducer", "prompt", "--value", "empathy")
SMALL = (*ASKED, "--eval", "advbench", "--limit", "3")

Vibench = Callable[..., subprocess.CompletedProcess[str]]


def made(folder: Path, kind: str) -> Sequence[Path]:
    return list((folder / ".vibench" / "artefacts" / kind).glob("*/*/manifest.json"))


@pytest.mark.parametrize("command", [("run", *SMALL), ("data", "values")])
def test_a_key_that_is_missing_is_said_before_anything_is_made(
    vibench: Vibench, tmp_path: Path, command: tuple[str, ...]
) -> None:
    pytest.importorskip("aiohttp")
    judge = "--extractor" if command[0] == "data" else "--judge"
    done = vibench(*command, judge, "o4-mini")
    assert done.returncode == 2
    use = "of advbench" if command[0] == "run" else "of the pairs' values"
    rules = " Or judge without a model: --judge rules." if command[0] == "run" else ""
    assert done.stderr.splitlines()[-2:] == [
        "vibench: The endpoint https://api.openai.com/v1 needs a key, and the environment "
        f"variable OPENAI_API_KEY holds none. It is needed for the judge 'o4-mini' {use}.",
        "  Set it (export OPENAI_API_KEY=...), or name another one with "
        f"--set openai.key_variable=NAME.{rules}",
    ]
    assert not list((tmp_path / ".vibench" / "artefacts").rglob("manifest.json"))
    assert not list((tmp_path / ".vibench" / "runs").iterdir())


def test_every_engine_and_inducer_is_checked_once() -> None:
    checked: list[str] = []

    def build(kind: str, name: str, asked: object) -> SimpleNamespace:
        return SimpleNamespace(check=lambda: checked.append(f"{kind} {name}"))

    subject = SubjectRecord(Model("m", "m", "m"), None, None)
    transformers = EngineConfig("transformers", {}, {})
    specs = [
        ReferenceSpec(subject=subject, inducer=InducerConfig("dpo", {}, {}), scope=""),
        ReceiptSpec(subject=subject, engine=transformers),
        ConversationsSpec(
            subject=subject,
            engine=transformers,
            eval=EvalConfig("advbench", {}, {}),
            sampling=Sampling(),
            seed=0,
            simulator_engine=EngineConfig("openai", {}, {}),
        ),
        VerdictsSpec(judge=JudgeConfig("rules", {}, {}), eval=EvalConfig("advbench", {}, {})),
    ]
    stages = [Stage(str(n), "label", (), spec) for n, spec in enumerate(specs)]
    plugins = SimpleNamespace(build=build, entry=lambda kind, name: None)
    check_ready(stages, plugins)  # type: ignore[arg-type]
    assert checked == ["inducer dpo", "engine transformers", "engine openai"]


@pytest.mark.parametrize(
    ("kind", "name", "module", "extra"),
    [
        ("engine", "vllm", "vllm", "vllm"),
        ("engine", "transformers", "peft", "transformers"),
        ("engine", "openai", "aiohttp", "openai"),
        ("inducer", "dpo", "trl", "train"),
        ("inducer", "orpo", "trl", "train"),
    ],
)
def test_a_package_that_is_missing_is_said_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, name: str, module: str, extra: str
) -> None:
    monkeypatch.setattr(
        "vibench.engines.model_files.find_spec", lambda asked: None if asked == module else object()
    )
    plugin = Plugins.discover().build(kind, name, {})
    with pytest.raises(UsageError, match=rf"'{module}'.*vibench\[{extra}\]"):
        plugin.check()


@pytest.mark.slow
def test_a_run_ends_where_it_is_told_to_and_goes_on_from_there(
    vibench: Vibench, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    half = vibench("run", *SMALL, "--until", "transcripts", COLUMNS="200")
    assert half.returncode == 0
    assert "2 of 2 stages of the kind 'transcripts' are in the store." in half.stdout
    assert len(made(tmp_path, "transcripts")) == 2
    assert not made(tmp_path, "verdicts")
    left = json.loads(vibench("plan", *SMALL, "--json").stdout)["stages"]
    assert left["transcripts"]["left"] == 0
    assert left["verdicts"]["left"] == 2
    whole = vibench("run", *SMALL)
    assert whole.returncode == 0
    assert "transcripts:" not in whole.stdout.partition("advbench: refusal")[0]
    assert made(tmp_path, "outcomes")


def test_an_unknown_end_is_refused(vibench: Vibench) -> None:
    done = vibench("run", *SMALL, "--until", "transcript")
    assert done.returncode == 2
    assert "Did you mean transcripts?" in done.stderr


def test_the_help_lists_the_kinds_that_a_run_can_end_with(vibench: Vibench) -> None:
    words = " ".join(vibench("run", "--help").stdout.split())
    assert all(kind in words for kind in until_kinds())


def test_without_an_inducer_no_values_are_listed(vibench: Vibench) -> None:
    asked = ("plan", "--model", "tiny-base", "--eval", "advbench", "--limit", "2")
    assert "1 cells (tiny-base; none; advbench)" in vibench(*asked, "--inducer", "none").stdout
    two = vibench(*asked, "--inducer", "prompt", "--value", "empathy,honesty").stdout
    assert "3 cells (tiny-base; none, prompt; empathy, honesty; advbench)" in two


def test_a_plan_shows_what_it_can_where_a_data_file_is_missing(
    vibench: Vibench, tmp_path: Path
) -> None:
    (tmp_path / "data" / "advbench").mkdir(parents=True)
    (tmp_path / "data" / "advbench" / "harmful_behaviors.csv").write_text("goal,target\nA,B\nC,D\n")
    asked = ("plan", "--model", "tiny-base", "--value", "empathy", "--data", "data")
    done = vibench(*asked, "--inducer", "prompt", "--eval", "advbench,issuebench")
    assert done.returncode == 2
    assert "2 cells (tiny-base; none, prompt; empathy; advbench)" in done.stdout
    message = " ".join(done.stderr.split())
    assert "Not in this plan: --eval issuebench. The data folder data has no folder" in message
    assert "Traceback" not in message
    nothing = vibench(*asked, "--inducer", "prompt", "--eval", "issuebench")
    assert nothing.returncode == 2
    assert nothing.stderr.startswith("vibench: The data folder data has no folder 'issuebench'")


def test_gpu_hours_are_for_gpus_and_models_of_the_hub(
    vibench: Vibench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vibench.cli.plan.DEVICES", tmp_path / "none")
    (tmp_path / "data" / "advbench").mkdir(parents=True)
    (tmp_path / "data" / "advbench" / "harmful_behaviors.csv").write_text("goal,target\nA,B\nC,D\n")
    shutil.copytree(locate("embedded:tiny-base"), tmp_path / "model-1b")
    asked = (
        "plan",
        "--inducer",
        "none",
        "--eval",
        "advbench",
        "--data",
        "data",
        "--judge",
        "rules",
    )
    assert "GPU hours" in vibench(*asked, "--judge", "rules", "--model", "someone/model-8b").stdout
    assert "GPU hours" not in vibench(*asked, "--judge", "rules", "--model", "./model-1b").stdout
