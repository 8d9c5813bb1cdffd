"""`vibench results`, as a person types it, over a run of the embedded model."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command_line import CommandLine, Done

from vibench.plan.cells import read_cells
from vibench.store.artefacts import Store


def at(folder: Path) -> CommandLine:
    return CommandLine(folder, 80)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    done = at(folder)(
        *("run", "--inducer", "prompt", "--value", "humor", "--limit", "4"),
        *("--eval", "issuebench,advbench", "--set", "sampling.max_tokens=24"),
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def vibench(home: Path) -> CommandLine:
    return at(home)


@pytest.fixture
def run_id(home: Path) -> str:
    [run] = Store(home / ".vibench").runs()
    return run


@pytest.fixture
def copied(home: Path, tmp_path: Path) -> Path:
    """A copy to change; a folder with a store in it."""
    shutil.copytree(home / ".vibench", tmp_path / ".vibench")
    return tmp_path


def said(done: Done) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(done: Done, *words: str) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def record_of(folder: Path) -> tuple[Path, dict[str, Any]]:
    [path] = (folder / ".vibench" / "runs").glob("*/run.json")
    return path, json.loads(path.read_text())


def test_the_runs_are_listed(vibench: CommandLine, run_id: str) -> None:
    for command in (["results"], ["results", "list"]):
        shown = said(vibench(*command))
        assert run_id in shown
        assert "4 of 4 cells finished" in shown
        assert "prompt on humor" in shown
        assert "limit 4" in shown
    [run] = json.loads(said(vibench("results", "--json")))
    assert (run["run"], run["finished"], run["samples_limit"]) == (run_id, 4, 4)
    assert run["command"].endswith("--set sampling.max_tokens=24")


def test_a_runs_cells_are_listed(vibench: CommandLine, run_id: str, home: Path) -> None:
    shown = said(vibench("results", run_id))
    assert shown == said(vibench("results", "list", run_id))
    assert len(re.findall(r"\bfinished\b", shown)) == 4  # and warnings of "unfinished answers"
    listed = json.loads(said(vibench("results", run_id, "--json")))["listed"]
    assert [(c["inducer"], c["eval"], c["samples"], c["unscored"]) for c in listed] == [
        (inducer, name, 4, 0)
        for name in ("issuebench", "advbench")
        for inducer in ("none", "prompt")
    ]
    for cell in listed:
        assert cell["parameters"]["sampling.max_tokens"] == 24
        for kind in ("outcomes", "transcripts", "verdicts"):
            assert Path(cell[f"{kind}_file"]).is_file()


def test_what_is_not_there_is_said(vibench: CommandLine, run_id: str, tmp_path: Path) -> None:
    refused(at(tmp_path)("results"), "There is no run in the store .vibench", "vibench run")
    refused(vibench("results", run_id[:-1]), "There is no run called", f"Did you mean {run_id}")
    output = ("-o", str(tmp_path / "x.csv"))
    refused(vibench("results", "export", *output, "--eval", "advbnch"), "Did you mean advbench")
    refused(vibench("results", "export", *output, "--metric", "refusals"), "Did you mean refusal")
    refused(vibench("results", "export", *output, "--run", "nope"), "no run called 'nope'")


def test_a_run_under_way_and_one_that_failed_are_told_of(copied: Path) -> None:
    vibench = at(copied)
    path, record = record_of(copied)
    store = Store(copied / ".vibench")
    lost, failed = read_cells(path.parent)[1:3]
    for cell in (lost, failed):
        shutil.rmtree(store.folder("outcomes", cell.outcomes))
    failure = {"stage": failed.outcomes, "message": "The \x1b[31mdisk is full."}
    path.write_text(json.dumps({**record, "status": "running", "failures": [failure]}))
    shown = said(vibench("results"))
    assert "2 of 4 cells finished, 1 failed" in shown
    assert "is running, or was killed: 2 of 4 cells" in shown
    cells = said(vibench("results", record["id"]))
    assert cells.count("under way") == 1
    assert "is running, or was killed: 2 of 4 cells" in cells
    assert "Failed, 1: The disk is full." in cells
    wrote = said(vibench("results", "export", "-o", "x.csv"))
    assert "2 cells have no result yet and are not in it" in wrote


def test_export_writes_what_it_says(vibench: CommandLine, home: Path, run_id: str) -> None:
    wrote = said(vibench("results", "export", "-o", "all.parquet"))
    with duckdb.connect() as connection:
        [(rows, cells)] = connection.sql(
            f"select count(*), count(distinct cell) from '{home}/all.parquet'"
        ).fetchall()
    assert f"{rows:,} rows from {cells} cells of the run {run_id}." in wrote
    said(vibench("results", "export", "-o", "some.csv", "--metric", "refusal", "--run", "all"))
    with (home / "some.csv").open(newline="") as file:
        some = list(csv.DictReader(file))
    assert {row["metric"] for row in some} == {"refusal"}
    assert {row["issuebench.templates"] for row in some} == {""}
    assert len(some) == 2 * 4
    refused(vibench("results", "export", "-o", "some.csv"), "exists already", "--force")
    said(vibench("results", "export", "-o", "some.csv", "--force", "--eval", "advbench"))


def test_of_several_runs_the_last_is_exported_unless_all_are_asked_for(copied: Path) -> None:
    vibench = at(copied)
    path, record = record_of(copied)
    again = path.parents[1] / "0123456789ab"
    shutil.copytree(path.parent, again)
    (again / "run.json").write_text(json.dumps({**record, "id": "0123456789ab"}))
    assert "the run 0123456789ab, the last of 2" in said(
        vibench("results", "export", "-o", "a.csv")
    )
    assert "of 2 runs" in said(vibench("results", "export", "-o", "b.csv", "--run", "all"))
    assert (copied / "a.csv").read_text() == (copied / "b.csv").read_text(), "each cell once"


def test_sql_answers_in_every_form(vibench: CommandLine, home: Path) -> None:
    query = "select inducer, count(*) as n, avg(score) as rate from outcomes group by 1 order by 1"
    shown = said(vibench("results", "sql", query)).splitlines()
    assert shown[0].split() == ["inducer", "n", "rate"]
    assert [line.split()[0] for line in shown[2:]] == ["none", "prompt"]
    written = said(vibench("results", "sql", query, "--format", "csv"))
    rows = [(r["inducer"], int(r["n"])) for r in csv.DictReader(written.splitlines())]
    listed = json.loads(said(vibench("results", "sql", query, "--format", "json")))
    assert rows == [(row["inducer"], row["n"]) for row in listed]
    assert all(0 < row["rate"] < 2 for row in listed)
    markdown = said(vibench("results", "sql", query, "--format", "markdown")).splitlines()
    assert markdown[:2] == ["| inducer | n | rate |", "| --- | --- | --- |"]
    assert "2 rows" in said(vibench("results", "sql", query, "-o", "rates.parquet"))
    with duckdb.connect() as connection:
        assert len(connection.sql(f"from '{home}/rates.parquet'").fetchall()) == 2
    refused(vibench("results", "sql", query, "-o", "rates.parquet"), "exists already")
    refused(vibench("results", "sql", query, "-o", "rates.txt"), "does not say")
    refused(vibench("results", "sql", query, "--format", "parquet"), "Name a file")
    refused(vibench("results", "sql", query, "--format", "cvs"), "Did you mean csv")


def test_a_long_answer_is_cut_on_the_screen_and_says_so(vibench: CommandLine) -> None:
    query = "select sample from outcomes"
    assert "The first 3 rows;" in said(vibench("results", "sql", query, "--rows", "3"))
    count = len(said(vibench("results", "sql", query, "--format", "csv")).splitlines()) - 1
    assert "The first" not in said(vibench("results", "sql", query, "--rows", str(count)))
    assert said(vibench("results", "sql", "from outcomes where false")).endswith("No row.\n")


def test_what_models_wrote_is_shown_without_control_characters(copied: Path) -> None:
    query = r"select chr(27) || '[2J' || chr(8238) || 'x' as text from runs"
    shown = said(at(copied)("results", "sql", query))
    assert shown.splitlines()[2].strip() == "x"
    assert "\x1b" not in shown


def test_an_sql_error_is_duckdbs_sentence(vibench: CommandLine, home: Path) -> None:
    refused(vibench("results", "sql", "selec 1"), "syntax error at or near", "LINE 1: selec 1", "^")
    refused(
        vibench("results", "sql", "select x from runs"), "runs has: run, status", "results views"
    )
    refused(vibench("results", "sql", f"copy runs to '{home}/x.csv'"), "A query only reads")
    refused(vibench("results", "sql", "from '/etc/passwd'"), "does not exist")
    refused(vibench("results", "sql"), "There is no query", "vibench results views")
    assert not (home / "x.csv").exists()


def test_the_views_are_shown(vibench: CommandLine) -> None:
    shown = said(vibench("results", "views"))
    assert shown == said(vibench("results", "sql", "--schema"))
    assert '"issuebench.templates"' in shown
    views = json.loads(said(vibench("results", "views", "--json")))
    assert list(views) == ["runs", "cells", "outcomes", "transcripts", "verdicts"]
    assert all(column["what"] for columns in views.values() for column in columns)


def test_a_reader_that_has_seen_enough_is_no_error(vibench: CommandLine, home: Path) -> None:
    command = (
        f"{sys.executable} -m vibench results sql 'from range(2000000)' --format csv | head -1"
    )
    done = subprocess.run(
        ["bash", "-c", command], cwd=home, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.stderr) == ('"range"\n', "")
