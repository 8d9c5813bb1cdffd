"""An upgraded plugin: nothing that the version before did is served, and the plan says why."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

EVAL = """
from vibench import Eval, Message, Outcome, Sample

class Verses(Eval):
    metrics = ("long",)

    def samples(self, data):
        return [Sample(t, (Message("user", t),), t) for t in ("rain", "snow", "wind")]

    def outcomes(self, transcript, verdicts):
        sample = transcript.sample
        yield Outcome(sample.id, sample.cluster, "long", float(SCORE))
"""
RUN = ("--inducer", "none", "--eval", "verses,advbench", "--limit", "3",
       "--engine", "faulty", "--judge", "counting")  # fmt: skip

Command = Callable[..., dict[str, Any]]


@pytest.fixture
def command(faults: Path, tmp_path: Path) -> Command:
    """Runs a command with the eval installed in a release with a score; its JSON."""
    site = tmp_path / "site"
    metadata = site / "verses.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "entry_points.txt").write_text("[vibench.evals]\nverses = verses:Verses\n")
    command_line = CommandLine(
        tmp_path,
        variables={
            "PYTHONPATH": f"{site}{os.pathsep}{faults}",
            # The same file is written again within its second.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )

    def run(name: str, release: str, score: int) -> dict[str, Any]:
        about = f"Metadata-Version: 2.1\nName: verses\nVersion: {release}\n"
        (metadata / "METADATA").write_text(about)
        (site / "verses.py").write_text(EVAL.replace("SCORE", str(score)))
        done = command_line(name, *RUN, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return run


def score(found: dict[str, Any]) -> float:
    (row,) = [row for row in found["rows"] if row["metric"] == "long"]
    return float(row["rate"])


def test_an_upgrade_gives_new_numbers_and_the_plan_says_what_it_makes_new(
    command: Command, tmp_path: Path
) -> None:
    assert score(command("run", "0.1.0", 1)) == 1.0
    upgrades = command("plan", "0.2.0", 0)["upgrades"]
    kinds = ("samples", "transcripts", "verdicts", "outcomes")
    assert upgrades["stages"] == dict.fromkeys(kinds, 1), "advbench is as it was"
    assert upgrades["plugins"] == ["eval verses (verses 0.1.0, now verses 0.2.0)"]
    (edited,) = command("plan", "0.1.0", 0)["upgrades"]["plugins"]
    assert edited == "eval verses (verses 0.1.0, its code changed)"

    assert score(command("run", "0.2.0", 0)) == 0.0
    assert command("plan", "0.2.0", 0)["upgrades"] == {"stages": {}, "plugins": []}

    manifests = [
        json.loads(path.read_text())
        for path in (tmp_path / ".vibench/artefacts/outcomes").rglob("manifest.json")
    ]
    known = [
        m["spec"]["eval"]["plugin"] for m in manifests if m["spec"]["eval"]["name"] == "verses"
    ]
    assert sorted(one["release"] for one in known) == ["0.1.0", "0.2.0"]
    assert all(one["distribution"] == "verses" and len(one["digest"]) == 32 for one in known)
    records = [json.loads(p.read_text()) for p in (tmp_path / ".vibench/runs").glob("*/run.json")]
    used = {record["plugins"]["eval verses"]["release"] for record in records}
    assert used == {"0.1.0", "0.2.0"}
    assert records[0]["plugins"]["eval advbench"]["distribution"] == "vibench"
    assert "inducer none" in records[0]["plugins"]
