"""`vibench view` and `vibench report --html`, as they are typed."""

from __future__ import annotations

import os
import re
import signal
import socket
import urllib.request
from pathlib import Path

import pytest
from command_line import CommandLine, Done

RUN = ("run", "--inducer", "prompt", "--value", "humor", "--eval", "advbench", "--limit", "4")


def vibench(folder: Path, *words: str) -> Done:
    return CommandLine(folder)(*words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that a run has filled."""
    pytest.importorskip("transformers")
    made = tmp_path_factory.mktemp("view")
    done = vibench(made, *RUN)
    assert done.returncode == 0, done.stderr
    return made


@pytest.mark.slow
def test_a_run_becomes_a_page(folder: Path) -> None:
    done = vibench(folder, "report", "--html", "out/report.html", "--redact", "--paper")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r"Wrote out/report.html \(\d\.\d MB\)\. It holds all 8 transcripts\.\n", done.stdout
    )
    assert "Table 5" in (folder / "out" / "report.html").read_text(encoding="utf-8")
    done = vibench(folder, "report", "all", "--html", "few.html", "--transcripts", "2")
    assert "It holds 2 of 8 transcripts; all are in 2 files in few-files" in done.stdout
    done = vibench(folder, "report", "all", "--format", "csv")
    assert done.stdout.count("\n") == 3


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_view_serves_until_it_is_told_to_end(folder: Path, number: signal.Signals) -> None:
    with CommandLine(folder).start("view", "--no-open") as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{20,}/", url)
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert b"Report of run" in answer.read()
        os.kill(process.pid, number)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.slow
def test_what_is_wrong_is_said_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    unknown = vibench(folder, "view", "nothing", "--no-open")
    assert unknown.returncode == 2
    assert "There is no run called 'nothing'." in unknown.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = vibench(folder, "view", "--no-open", "--port", str(taken.getsockname()[1]))
    assert busy.returncode == 2
    assert "is not available" in busy.stderr
    assert "Traceback" not in busy.stderr


@pytest.mark.parametrize("command", [("view", "--no-open"), ("report", "--html", "r.html")])
def test_a_store_without_a_run_is_said(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = vibench(tmp_path, *command)
    assert done.returncode == 2
    assert "There is no run in the store .vibench." in done.stderr
    assert "vibench run" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_about_the_page_needs_one(tmp_path: Path) -> None:
    for words in (("--redact",), ("--paper",), ("--transcripts", "5")):
        done = vibench(tmp_path, "report", *words)
        assert done.returncode == 2
        assert "Name its file with --html" in done.stderr
