"""Ten SIGKILLs at random times in a real run; benchmarks/kills.py runs it for longer."""

from __future__ import annotations

import importlib
import os
import subprocess
import time
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("kills")


@pytest.mark.slow
@pytest.mark.timeout(2400)  # Ten lives, each with its start; a machine may have other work.
def test_a_run_killed_ten_times_ends_like_an_unbroken_one(
    kills: ModuleType, faults: Path, tmp_path: Path
) -> None:
    judge = ("--judge", "counting", "--set", "counting.seconds=0.03")
    around = {"PYTHONPATH": str(faults)}
    begun = time.monotonic()
    subprocess.run(
        kills.command(tmp_path / "unbroken", kills.MATRIX, judge),
        cwd=tmp_path,
        env={**os.environ, **around},
        check=True,
        capture_output=True,
    )
    longest = 0.5 * (time.monotonic() - begun)
    lives = kills.kill_and_resume(
        tmp_path, 10, 0, judge=judge, longest=longest, environment=around, say=lambda line: None
    )
    assert len(lives.ends) == 10
    assert {"main process", "worker"} == set(lives.ends)
    assert lives.broken_verdicts, "at least one life ended in the middle of judging"
    whole = kills.results(tmp_path / "unbroken", tmp_path, around)
    assert whole.count("\n") >= 10
    for store in kills.resumed(tmp_path):
        assert kills.results(store, tmp_path, around) == whole
