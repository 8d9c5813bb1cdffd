"""`vibench tables`, as a person types it, over a real run of a small embedded model."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, Done

from vibench.cli.tables import TablesOptions, tables
from vibench.exhibits.exhibit import Exhibit, Panel
from vibench.paper import catalogue

MATRIX = (
    *("--model", "tiny-instruct", "--inducer", "none,prompt", "--value", "empathy,honesty"),
    *("--eval", "issuebench", "--limit", "6"),
)


def at(folder: Path) -> CommandLine:
    return CommandLine(folder, 100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store of one run: a model untouched, and prompted for two values."""
    made = tmp_path_factory.mktemp("tables")
    done = at(made)("run", *MATRIX)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def vibench(folder: Path) -> CommandLine:
    return at(folder)


def says(done: Done, *parts: str) -> None:
    """It ended with two plain sentences on stderr and exit code 2."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr


def test_the_list_needs_no_store(tmp_path: Path) -> None:
    done = at(tmp_path)("tables", "--list")
    assert done.returncode == 0
    names = [line.split()[0] for line in done.stdout.splitlines()]
    tables = [f"table-{n}" for n in (5, 6, 7, 8, 10, 11)]
    figures = [f"figure-{n}" for n in (2, 3, 4, 5, 6, 7, 10, 11, 12, 13)]
    assert sorted(names) == sorted([*tables, *figures, "matrix"])
    assert not list(tmp_path.iterdir())


def test_a_partial_table_says_what_is_missing_and_the_command(vibench: CommandLine) -> None:
    done = vibench("tables", "table-5")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Table 5: ")
    assert lines[0].endswith("(partial)")
    assert "judge rules" in lines[1]
    [row] = [line for line in lines if line.startswith("tiny-instruct")]
    assert row.split()[-2:] == ["-", "-"], "neither trained nor both"
    [command] = [line for line in lines if line.startswith("To make it: vibench run ")]
    assert "--inducer dpo,dpo+prompt" in command


def test_without_a_name_all_there_is_and_a_line_on_what_is_not(vibench: CommandLine) -> None:
    done = vibench("tables")
    assert done.returncode == 0, done.stderr
    assert "Table 5: " in done.stdout
    shown, _, rest = done.stdout.partition("The store has nothing of: ")
    assert "Table 8: " not in shown
    assert "table-8" in rest.splitlines()[0]
    assert "table-5" not in rest.splitlines()[0]
    assert "  For table-8" in rest
    assert "vibench run " in rest


def test_what_is_named_and_not_there_is_an_error_after_what_is_there(vibench: CommandLine) -> None:
    alone = vibench("tables", "table-8")
    says(alone, "nothing of table-8", "missing", "To make it: vibench run ", "--eval gsm8k")
    assert not alone.stdout
    both = vibench("tables", "table-5", "table-8")
    says(both, "nothing of table-8")
    assert "Table 5: " in both.stdout


def test_other_forms_are_the_same_numbers(vibench: CommandLine) -> None:
    rows = list(csv.DictReader(io.StringIO(vibench("tables", "table-5", "--format", "csv").stdout)))
    [made] = json.loads(vibench("tables", "table-5", "--format", "json").stdout)
    values = [entry["value"] for entry in made["entries"]]
    assert [float(row["value"]) if row["value"] else None for row in rows] == values
    assert values.count(None) == 2
    assert made["partial"]
    markdown = vibench("tables", "table-5", "--format", "markdown").stdout
    assert f"| {values[1]:.1f} ±" in markdown
    latex = vibench("tables", "table-5", "--format", "latex").stdout
    assert f"& ${values[1]:.1f}_{{\\pm " in latex


@pytest.mark.parametrize("paper", [False, True])
def test_the_papers_numbers_are_there_if_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], paper: bool
) -> None:
    """The small model is none of the paper's, so the number is set beside it here."""
    real = catalogue.exhibits

    def beside(*asked: Any) -> list[Exhibit]:
        return [replace(one, panels=tuple(map(printed, one.panels))) for one in real(*asked)]

    def printed(panel: Panel) -> Panel:
        return replace(
            panel,
            entries=tuple(tuple(replace(e, paper=12.34) for e in row) for row in panel.entries),
        )

    monkeypatch.setattr("vibench.paper.exhibits", beside)
    asked = TablesOptions(
        ("table-5",), (), str(folder / ".vibench"), paper, "terminal", None, {}, False
    )
    assert tables(asked) == 0
    said = capsys.readouterr().out
    assert ("12.34" in said) == paper
    assert ("paper: the number that the paper prints." in said) == paper


def test_a_folder_gets_every_form(vibench: CommandLine, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "new"
    done = vibench("tables", "table-5", "figure-7", "--out", str(out))
    assert done.returncode == 0, done.stderr
    expected = [f"table-5.{form}" for form in ("md", "tex", "csv")]
    expected += [f"figure-7.{form}" for form in ("md", "tex", "csv", "png", "svg", "pdf")]
    assert done.stdout.split() == [str(out / name) for name in expected]
    assert sorted(p.name for p in out.iterdir()) == sorted(expected)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    assert vibench("tables", "table-5", "figure-7", "--out", str(out)).returncode == 0
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["figure-9"], ["There is no table or figure called 'figure-9'", "vibench tables --list"]),
        (["--format", "xml"], ["There is no format called 'xml'", "latex"]),
        (["table-5", "--run", "nope"], ["There is no run called 'nope'"]),
        (["table-5", "--judge", "nobody"], ["There is no judge called 'nobody'", "rules"]),
        (["--out", "x", "--format", "csv"], ["With --out every form is written"]),
        (["--store", "none"], ["There is no run in the store none", "vibench run"]),
    ],
)
def test_what_is_asked_wrongly_is_said(
    vibench: CommandLine, folder: Path, arguments: list[str], parts: list[str]
) -> None:
    before = sorted(folder.iterdir())
    done = vibench("tables", *arguments)
    says(done, *parts)
    assert not done.stdout
    assert sorted(folder.iterdir()) == before


def test_a_store_without_a_finished_cell_is_said(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / ".vibench", tmp_path / ".vibench")
    shutil.rmtree(tmp_path / ".vibench" / "artefacts" / "outcomes")
    done = at(tmp_path)("tables")
    says(done, "No cell of the last run in the store .vibench is finished", "--run")
    assert f"Resume it: vibench run {' '.join(MATRIX)}." in done.stderr
    assert not done.stdout


def test_showing_a_table_imports_nothing_that_trains_or_draws(folder: Path) -> None:
    script = (
        "import sys\n"
        "sys.argv = ['vibench', 'tables', 'table-5', '--format', 'csv']\n"
        "from vibench.cli import app\n"
        "try:\n    app()\nexcept SystemExit as e:\n    assert not e.code\n"
        "heavy = {'torch', 'transformers', 'matplotlib', 'trl'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
