"""Training seeds out of finished cells."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from command_line import CommandLine

from vibench.records import Outcome
from vibench.report import build
from vibench.report.seed_spread import seed_sentence
from vibench.results.cells import CellResult
from vibench.results.outcomes import Outcomes, outcomes_of


def cell(seed: int, share: float, inducer: str = "none", **parameters: float) -> CellResult:
    rng = np.random.default_rng(seed)
    scores = [
        Outcome(f"s{i:03}", f"c{i // 5}", "refusal", float(rng.random() < share))
        for i in range(300)
    ]
    value = "" if inducer == "none" else "empathy"
    return CellResult(
        "tiny-base", inducer, value, "advbench", "rules", outcomes_of(scores), seed=seed,
        parameters=parameters,
    )  # fmt: skip


def test_seeds_of_one_subject_are_one_row() -> None:
    cells = [cell(seed, 0.9) for seed in (0, 1, 2)]
    cells += [cell(seed, share, "dpo", beta=0.1) for seed, share in enumerate((0.9, 0.6, 0.3))]
    cells += [cell(0, 0.8, "dpo", beta=0.3)]
    several, one = build(cells).seeds
    assert (several.seeds, several.parameters) == ((0, 1, 2), {"beta": 0.1})
    assert several.effects.mean == pytest.approx(-0.3, abs=0.05)
    assert several.effects.share is not None
    assert several.effects.share > 0.8
    line = seed_sentence(several)
    assert line.startswith("dpo on empathy, tiny-base: refusal (advbench) -")
    assert "over 3 seeds" in line
    assert "the seed's share of a run's variance is" in line
    assert one.effects.share is None
    assert "one training seed" in seed_sentence(one)


def test_a_seed_without_its_vanilla_model_is_left_out() -> None:
    cells = [cell(0, 0.9), cell(0, 0.8, "dpo"), cell(1, 0.8, "dpo")]
    [row] = build(cells).seeds
    assert row.seeds == (0,)
    assert build(cells[1:]).seeds == ()


class Counted(CellResult):
    """A cell that counts how often it is read, and held beside another."""

    reads = 0
    comparisons = 0

    def load(self, values: Collection[str] | None) -> Outcomes:
        Counted.reads += 1
        return super().load(values)

    def serves(self, other: CellResult) -> bool:
        Counted.comparisons += 1
        return super().serves(other)


def test_each_cell_is_read_once_and_its_vanilla_cell_not_looked_for_among_all() -> None:
    seeds, betas = range(6), (0.1, 0.2, 0.3, 0.4)
    cells = [cell(seed, 0.9) for seed in seeds]
    cells += [cell(seed, 0.8, "dpo", beta=beta) for seed in seeds for beta in betas]
    counted = [
        Counted(**{f.name: getattr(one, f.name) for f in fields(CellResult)}) for one in cells
    ]
    report = build(counted)
    assert (len(report.rows), len(report.seeds)) == (len(cells), len(betas))
    assert Counted.reads == len(cells)
    induced = len(cells) - len(seeds)
    assert Counted.comparisons == induced, "with the vanilla cell of its own seed alone"


@pytest.mark.slow
def test_a_run_with_several_seeds_says_what_they_come_to(tmp_path: Path) -> None:
    flags = "--inducer prompt --value empathy --eval advbench --limit 8 --seed 0,1,2"

    def vibench(*words: str) -> str:
        done = CommandLine(tmp_path)(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "Over seeds" in vibench("run", *flags.split())
    written = vibench("report", "--format", "markdown")
    assert "## Over seeds" in written
    assert "prompt on empathy" in written.split("## Over seeds")[1]
    (row,) = json.loads(vibench("report", "--format", "json"))["seeds"]
    assert (row["metric"], row["seeds"]) == ("refusal", [0, 1, 2])
    differences = [
        r["difference"]
        for r in json.loads(vibench("report", "--format", "json"))["rows"]
        if r["inducer"] == "prompt"
    ]
    assert min(differences) <= row["effects"]["mean"] <= max(differences)
    vibench("report", "--html", "page.html")
    assert "<h3>Over seeds</h3>" in (tmp_path / "page.html").read_text()
