"""Reports of many cells: each file is read once, and a run's end names what shows all rows."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pytest
from rich.console import Console

from vibench.cli.report import several
from vibench.data import DataFiles
from vibench.execute.run import carry_out
from vibench.execute.scheduler import done_stages
from vibench.plan import Cell, Plan, Stage
from vibench.plan.cells import CELLS, write_cells
from vibench.plugins import Plugins
from vibench.records import Outcome
from vibench.report.run_report import run_report
from vibench.results import cells as cell_results
from vibench.results.outcomes import Outcomes, load_outcomes
from vibench.sessions.configs import EvalConfig
from vibench.stages.outcomes import OutcomesSpec
from vibench.store.artefacts import Store
from vibench.store.record_tables import write_outcomes

SEEDS, VALUES = 3, ("empathy", "humor", "honesty")


def key(*parts: object) -> str:
    return "-".join(map(str, parts)).encode().hex()[:32].ljust(32, "0")


def add_cell(store: Store, seed: int, value: str) -> Cell:
    """A finished cell of ten samples, and its outcomes in the store."""
    outcomes = [
        Outcome(f"s{i}", f"c{i // 2}", "refusal", float((i * 7 + seed + len(value)) % 3 == 0))
        for i in range(10)
    ]
    name = key(seed, value)
    with store.making("outcomes", name, {"facts": {"answers": 10, "cut_off": seed}}) as folder:
        write_outcomes(folder / "outcomes.parquet", outcomes)
    inducer, vanilla = ("prompt", key(seed, "")) if value else ("none", None)
    return Cell(
        "tiny-base", inducer, value, "advbench", "rules", seed, {}, name, key("t", seed, value),
        "", vanilla,
    )  # fmt: skip


@pytest.fixture
def finished(tmp_path: Path) -> Store:
    """A store with one finished run, `large`."""
    store = Store(tmp_path / "store")
    store.prepare()
    cells = [add_cell(store, seed, value) for seed in range(SEEDS) for value in ("", *VALUES)]
    write_cells(store.run_folder("large") / CELLS, cells)
    store.write_run("large", {"id": "large", "status": "complete", "spec": {}, "failures": []})
    return store


def test_each_outcomes_file_is_read_once(finished: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: Counter[Path] = Counter()

    def counted(path: Path, *which: Collection[str] | None) -> Outcomes:
        reads[path] += 1
        return load_outcomes(path, *which)

    monkeypatch.setattr(cell_results, "load_outcomes", counted)
    report = run_report(finished).report
    assert len(report.rows) == SEEDS * (1 + len(VALUES))
    assert [row.seeds for row in report.seeds] == [tuple(range(SEEDS))] * len(VALUES)
    assert [row.cut_offs.cut_off for row in report.rows if row.vanilla_cut_offs] == [
        seed for seed in range(SEEDS) for _ in VALUES
    ]
    assert set(reads.values()) == {1}
    assert len(reads) == len(report.rows)


def printed(store: Store, rows: int | None) -> str:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    several(store, ["large"], "terminal", console, rows=rows)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_beyond_so_many_rows_the_command_that_prints_them_stands_in_their_place(
    finished: Store,
) -> None:
    whole, brief = printed(finished, None), printed(finished, 11)
    assert printed(finished, 12) == whole
    lines = [line for line in whole.splitlines() if line.lstrip().startswith("prompt")]
    assert any("humor" in line for line in lines)
    assert "too many" not in whole
    assert "The tables have 12 rows" in brief
    assert f"vibench report large --store {finished.root}\n" in brief
    assert "WARNING" in brief, "of answers that were cut off"
    assert "Over seeds" in brief
    rest = set(whole.splitlines()) - set(brief.splitlines())
    assert {line.split()[0] for line in rest if line.strip()} >= {"prompt"}
    assert len(brief.splitlines()) < len(whole.splitlines())


class Silent:
    """A listener that no stage should reach."""

    def __getattr__(self, name: str) -> object:
        return lambda *facts: pytest.fail(f"{name}{facts}")


class Watched(Store):
    """A store that counts the artefacts that are looked at."""

    looks = 0

    def has(self, kind: str, key: str) -> bool:
        self.looks += 1
        return super().has(kind, key)


def test_what_is_finished_is_looked_for_once_in_a_run(finished: Store, tmp_path: Path) -> None:
    store = Watched(finished.root)
    keys = store.keys("outcomes")
    spec = OutcomesSpec(eval=EvalConfig("advbench", {}, {}))
    stages = {k: Stage(k, k, (), spec) for k in keys}
    plan = Plan(stages, (), {}, tuple(keys))
    done = done_stages(plan, store)
    assert (done, store.looks) == (set(keys), len(keys))
    data = DataFiles(None, True, {})
    log = tmp_path / "worker.log"
    result = carry_out("large", plan, store, Plugins.discover(), data, Silent(), log, done)
    assert (result.made, result.failures, store.looks) == (0, {}, len(keys))
