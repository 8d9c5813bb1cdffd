"""The command line: light to start, plain in what it says, and wrong input told in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click import Context
from typer.main import get_command

from vibench.cli import app
from vibench.cli.lazy_groups import LazyGroup
from vibench.cli.screen import console

HEAVY = ("torch", "transformers", "trl", "peft", "datasets", "pyarrow", "scipy", "numpy")
OWN = ("vibench.report", "vibench.stats", "vibench.plan", "vibench.execute", "vibench.engines")

Vibench = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"], ["plugins"]])
def test_starting_imports_nothing_heavy(command: list[str]) -> None:
    script = (
        "import sys\n"
        f"sys.argv = ['vibench', *{command}]\n"
        "from vibench.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('LOADED', *sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    loaded = out.rpartition("LOADED")[2].split()
    assert not set(HEAVY) & {module.partition(".")[0] for module in loaded}
    assert not set(OWN) & set(loaded)


def test_every_command_explains_itself(vibench: Vibench) -> None:
    for command in ([], ["run"], ["plan"], ["report"], ["plugins"]):
        done = vibench(*command, "--help")
        assert done.returncode == 0
        assert "Usage: " in done.stdout


def groups(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The groups of commands below one, itself included, with their paths."""
    if isinstance(command, LazyGroup):
        command = command.load()
    if hasattr(command, "commands"):
        yield path, command
        for name, child in command.commands.items():
            yield from groups(child, (*path, name))


def test_every_summary_fits_its_line() -> None:
    """At 80 columns no command's summary in the help of its group is cut short."""
    listed = dict(groups(get_command(app)))
    assert {(), ("data",), ("data", "annotate"), ("judges",), ("results",), ("store",)} <= {*listed}
    for path, group in listed.items():
        context = Context(group, info_name=" ".join(("vibench", *path)), terminal_width=80)
        _, _, summaries = group.get_help(context).partition("Commands:")
        lines = [line.strip() for line in summaries.splitlines() if line.strip()]
        assert len(lines) == len(group.commands), "a line for each command"
        assert [line for line in lines if line.endswith("...")] == []
        assert all(len(line.split(maxsplit=1)) == 2 for line in lines), "each has a summary"


def test_the_version_is_told(vibench: Vibench) -> None:
    import vibench as package

    assert vibench("--version").stdout.strip() == f"vibench {package.__version__}"


def test_a_plan_runs_nothing_and_can_be_json(vibench: Vibench, tmp_path: Path) -> None:
    done = vibench("plan", "--inducer", "dpo", "--eval", "anthrobench", "--json")
    facts = json.loads(done.stdout)
    assert facts["stages"]["adapter"] == {"stages": 3, "left": 3}
    assert facts["left"]["trainings"] == 3
    assert not (tmp_path / ".vibench").exists()


def broken_registry(folder: Path) -> None:
    (folder / "registry.toml").write_text('[values.kindness]\nvalence = "good"\n')


def broken_toml(folder: Path) -> None:
    (folder / "matrix.toml").write_text("models = [\n")


def misspelt_matrix(folder: Path) -> None:
    (folder / "matrix.toml").write_text('model = ["tiny-base"]\nevals = ["advbench"]\n')


def bare_model(folder: Path) -> None:
    (folder / "my-model").mkdir()
    (folder / "my-model" / "config.json").write_text('{"model_type": "llama"}')
    (folder / "my-model" / "model.safetensors").write_bytes(b"")


def one_sided_pairs(folder: Path) -> None:
    rows = ['{"prompt": "Hi", "chosen": "A", "rejected": "B"}', '{"prompt": "Hi", "chosen": "A"}']
    (folder / "pairs.jsonl").write_text("\n".join(rows) + "\n")


def plain_pairs(folder: Path) -> None:
    row = '{"prompt": "Hi", "chosen": "The box is blue.", "rejected": "The box is red."}'
    (folder / "pairs.jsonl").write_text(row + "\n")


def empty_data(folder: Path) -> None:
    (folder / "data").mkdir()


def a_file(folder: Path) -> None:
    (folder / "store").write_text("no folder")


def nothing(folder: Path) -> None:
    pass


TRAIN = ("--inducer", "dpo", "--value", "empathy", "--eval", "advbench", "--limit", "2")
PROMPT = ("--inducer", "prompt", "--value", "empathy", "--eval", "advbench", "--limit", "2")

WRONG = {
    "no eval": (nothing, ("--inducer", "dpo"), "No eval", "--eval"),
    "eval": (nothing, ("--eval", "anthrobanch"), "anthrobanch", "anthrobench"),
    "inducer": (nothing, ("--inducer", "dop", "--eval", "advbench"), "'dop'", "dpo"),
    "judge": (nothing, ("--judge", "rule", "--eval", "advbench"), "'rule'", "rules"),
    "value": (nothing, ("--value", "empaty", "--eval", "advbench"), "empaty", "empathy"),
    "model": (nothing, ("--model", "tiny-bas", "--eval", "advbench"), "tiny-bas", "tiny-base"),
    "engine": (nothing, (*PROMPT, "--engine", "transformer"), "transformer", "transformers"),
    "profile": (nothing, (*PROMPT, "--profile", "papre"), "papre", "paper"),
    "type": (nothing, (*TRAIN, "--set", "dpo.beta=high"), "dpo.beta", "number"),
    "range": (nothing, (*TRAIN, "--set", "dpo.beta=-1"), "dpo.beta", "0"),
    "parameter": (nothing, (*TRAIN, "--set", "dpo.betta=1"), "betta", "beta"),
    "no such plugin": (nothing, (*PROMPT, "--set", "dpo.beta=1"), "dpo", "--inducer dpo"),
    "form": (nothing, (*TRAIN, "--set", "beta"), "beta", "="),
    "sampling": (nothing, (*PROMPT, "--set", "sampling.top_p=2"), "top_p", "1"),
    "seed": (nothing, (*PROMPT, "--seed", "one"), "one", "whole number"),
    "matrix syntax": (broken_toml, ("matrix.toml",), "matrix.toml", "TOML"),
    "matrix typo": (misspelt_matrix, ("matrix.toml",), "matrix.toml", "models"),
    "no matrix": (nothing, ("absent.toml",), "absent.toml", "path"),
    "registry": (broken_registry, PROMPT, "registry.toml", "valence"),
    "no data folder": (nothing, (*PROMPT, "--data", "absent"), "absent", "--data"),
    "no file in it": (empty_data, (*PROMPT, "--data", "data"), "advbench", "harmful_behaviors.csv"),
    "model folder": (bare_model, (*PROMPT, "--model", "./my-model", *("--judge", "rules")),
                     "tokenizer", "my-model"),
    "no pairs": (nothing, (*TRAIN, "--source", "absent.jsonl"), "absent.jsonl", ""),
    "one side": (one_sided_pairs, (*TRAIN, "--source", "pairs.jsonl"), "pairs.jsonl", "rejected"),
    "empty subset": (plain_pairs, (*TRAIN, "--source", "pairs.jsonl"), "empathy", "source"),
    "store": (a_file, (*PROMPT, "--store", "store"), "store", "--store"),
    "store url": (nothing, (*PROMPT, "--store", "s3://b/store"), "s3://b/store", "folder"),
    "limit": (nothing, (*PROMPT, "--limit", "0"), "0", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_told_in_two_sentences(case: str, vibench: Vibench, tmp_path: Path) -> None:
    prepare, arguments, what, cure = WRONG[case]
    prepare(tmp_path)
    done = vibench("run", *arguments)
    said = done.stderr
    assert done.returncode == 2, done.stdout + said
    assert "Traceback" not in done.stdout + said
    assert what in said
    assert cure in said


def test_a_read_only_store_is_told(vibench: Vibench, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        target = "/proc/vibench-store"  # root may write anywhere but here
    else:
        (tmp_path / "locked").mkdir(mode=0o500)
        target = str(tmp_path / "locked" / "store")
    done = vibench("run", *PROMPT, "--store", target)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "--store" in done.stderr


def test_a_report_without_a_run_says_how_to_make_one(vibench: Vibench) -> None:
    done = vibench("report")
    assert done.returncode == 2
    assert "vibench run" in done.stderr
    assert vibench("report", "--format", "pdf").returncode == 2


def test_debug_shows_where_an_error_comes_from(vibench: Vibench) -> None:
    done = vibench("--debug", "run", "--eval", "anthrobanch")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_what_is_printed_is_text_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(":heart: https://here/12", markup=False)
    assert capsys.readouterr().out == ":heart: https://here/12\n"
