"""Whole runs by the command line, on an engine and a judge that break on purpose."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, wait_until

MAIN = [
    *("--inducer", "prompt", "--value", "empathy,honesty", "--eval", "advbench"),
    *("--engine", "faulty", "--judge", "counting"),
]


@pytest.fixture
def vibench(faults: Path, tmp_path: Path) -> CommandLine:
    seen = {"SEEN": str(tmp_path / "seen.txt"), "ASKED": str(tmp_path / "asked.txt")}
    return CommandLine(tmp_path, variables={"PYTHONPATH": str(faults), **seen})


def rows(vibench: CommandLine, *more: str) -> list[dict[str, Any]]:
    """The report as CSV rows, without the places that differ from store to store."""
    done = vibench("report", "--format", "csv", *more)
    assert done.returncode == 0, done.stderr
    return [
        {k: v for k, v in row.items() if k != "transcripts"}
        for row in csv.DictReader(io.StringIO(done.stdout))
    ]


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_run_ends_and_its_report_can_be_read_again(vibench: CommandLine, tmp_path: Path) -> None:
    first = vibench("run", *MAIN)
    assert first.returncode == 0, first.stderr
    assert "refusal" in first.stdout
    again = vibench("report")
    assert again.returncode == 0
    assert again.stdout.strip() in first.stdout
    found = rows(vibench)
    assert {(r["inducer"], r["value"]) for r in found} == {
        ("none", ""),
        ("prompt", "empathy"),
        ("prompt", "honesty"),
    }
    seen = Counter(lines(tmp_path / "seen.txt"))
    assert seen["transcripts made"] == 3
    assert seen["run complete"] == 1


def test_the_same_command_again_does_nothing(vibench: CommandLine, tmp_path: Path) -> None:
    assert vibench("run", *MAIN).returncode == 0
    asked = lines(tmp_path / "asked.txt")
    second = vibench("run", *MAIN)
    assert second.returncode == 0
    assert "0 stages to run. Everything is in the store already." in second.stdout
    assert [k for k in lines(tmp_path / "asked.txt") if k != "BEGIN"] == [
        k for k in asked if k != "BEGIN"
    ]


def test_a_worker_that_dies_is_a_failed_stage_and_costs_at_most_one_shard(
    vibench: CommandLine, tmp_path: Path
) -> None:
    """Shards are of 5 conversations and the worker dies after 12, so each life adds 10."""
    dying = vibench("run", *MAIN, "--set", "faulty.die_after=12")
    assert dying.returncode == 1
    assert "killed by SIGKILL (out of memory?)" in dying.stderr
    assert "about to die" in dying.stderr, "the worker's last words"
    assert "Traceback" not in dying.stderr
    assert lines(tmp_path / "seen.txt")[-1] == "run incomplete"
    lives = 1
    while vibench("run", *MAIN, "--set", "faulty.die_after=12").returncode == 1:
        lives += 1
        assert lives < 10
    broken = rows(vibench)
    assert vibench("run", *MAIN, "--store", "unbroken").returncode == 0
    assert broken == rows(vibench, "--store", "unbroken")


def test_one_failing_cell_does_not_stop_the_others(vibench: CommandLine) -> None:
    done = vibench("run", *MAIN, "--eval", "issuebench", "--set", "faulty.raise_on=blackmail")
    assert done.returncode == 1
    assert "RuntimeError: the engine broke in the middle" in done.stderr
    found = rows(vibench)
    assert {r["eval"] for r in found} == {"issuebench"}
    assert "cells without a result" in vibench("report").stdout


def test_an_answer_the_engine_refused_is_unscored_and_counted(vibench: CommandLine) -> None:
    done = vibench("run", *MAIN, "--set", "faulty.refuse=blackmail")
    assert done.returncode == 0, done.stderr
    assert "too long" in done.stdout
    assert [int(r["unscored"]) for r in rows(vibench)] == [1, 1, 1]


def test_a_judge_that_breaks_fails_its_stage_and_loses_no_transcript(
    vibench: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "data" / "advbench"
    file.mkdir(parents=True)
    (file / "harmful_behaviors.csv").write_text("goal,target\nBreak the judge,Sure\nBe mean,Ok\n")
    done = vibench("run", *MAIN, "--data", "data")
    assert done.returncode == 1
    assert "The judge 'counting' of vibench-faults 0.1.0 broke on 1 of 2" in done.stderr
    assert "'compliance' (turn 0) of" in done.stderr
    assert "ValueError: no such answer was expected" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(list((tmp_path / ".vibench/artefacts/transcripts").rglob("*.parquet"))) == 3


def test_a_damaged_artefact_is_made_again(
    vibench: CommandLine, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    assert vibench("run", *MAIN).returncode == 0
    before = rows(vibench)
    artefacts = tmp_path / ".vibench" / "artefacts"
    for kind in ("outcomes", "verdicts", "transcripts"):
        for path in artefacts.glob(f"{kind}/*/*/*.parquet"):
            damage(path)
    for path in artefacts.glob("outcomes/*/*/manifest.json"):
        path.unlink()
    assert vibench("run", *MAIN).returncode == 0
    assert rows(vibench) == before


def test_damage_found_while_reading_is_mended_in_the_same_run(
    vibench: CommandLine, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    assert vibench("run", *MAIN).returncode == 0
    before = rows(vibench)
    artefacts = tmp_path / ".vibench" / "artefacts"
    for path in artefacts.glob("transcripts/*/*/*.parquet"):
        times = path.stat()
        damage(path)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    for kind in ("outcomes", "verdicts"):
        for path in artefacts.glob(f"{kind}/*/*/*.parquet"):
            path.unlink()
    done = vibench("run", *MAIN)
    assert done.returncode == 0, done.stderr
    assert "was damaged" in done.stdout
    assert rows(vibench) == before


def test_what_was_deleted_by_hand_is_made_again(vibench: CommandLine, tmp_path: Path) -> None:
    """Also when only things that came of it are left."""
    assert vibench("run", *MAIN).returncode == 0
    before = rows(vibench)
    artefacts = tmp_path / ".vibench" / "artefacts"
    for kept in ("samples", "verdicts"):
        shutil.rmtree(tmp_path / ".vibench")
        assert vibench("run", *MAIN).returncode == 0
        for kind in artefacts.iterdir():
            if kind.name != kept:
                shutil.rmtree(kind)
        assert vibench("run", *MAIN).returncode == 0
        assert rows(vibench) == before


def test_two_runs_on_one_store_at_once_do_every_stage_once(
    vibench: CommandLine, tmp_path: Path
) -> None:
    command = ("run", *MAIN, "--set", "faulty.seconds=0.02")
    for process in [vibench.start(*command) for _ in range(2)]:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
    made = Counter(lines(tmp_path / "seen.txt"))
    assert made["transcripts made"] == 3
    assert made["verdicts made"] == 3
    assert made["run complete"] == 2
    assert not any((tmp_path / ".vibench" / "tmp").iterdir())
    assert len(rows(vibench)) == 3


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_how_to_go_on_and_goes_on(
    how: signal.Signals, vibench: CommandLine, tmp_path: Path
) -> None:
    slow = [*MAIN, "--set", "faulty.seconds=0.1"]
    ledgers = tmp_path / ".vibench" / "ledgers"
    with vibench.start("run", *slow) as process:
        wait_until(lambda: list(ledgers.rglob("*.parquet")))
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "rerun the same command" in out
    assert err == ""
    assert list(ledgers.rglob("*.parquet")), "what was finished is kept"
    assert vibench("run", *MAIN).returncode == 0
    broken = rows(vibench)
    assert vibench("run", *MAIN, "--store", "unbroken").returncode == 0
    assert broken == rows(vibench, "--store", "unbroken")


def test_the_worker_ends_when_the_main_process_is_killed(vibench: CommandLine) -> None:
    with vibench.start("run", *MAIN, "--set", "faulty.seconds=0.2") as process:
        workers = wait_until(lambda: children(process.pid))
        process.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 10)


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(p) for p in path.read_text().split()] if path.exists() else []
