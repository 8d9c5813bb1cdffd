"""A run of 10,000 cells that has nothing left to do: the processor time of `vibench run`.

    python benchmarks/rerun.py [--cells 1764,10584] [--evals advbench] [--keep FOLDER] [--json FILE]

The store is made, not run: every cell of the matrix of `plan.py` has outcomes, drawn at random in
the form that runs leave. What is measured is the whole command, from its start over the plan
and the look into the store to the report with all contrasts and what seeds make of them.
`--json` keeps what `vibench report --json` says of the smallest, to be compared between versions.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from plan import EVALS, command_seconds, matrix, options

from vibench.data import DataFiles
from vibench.execute.scheduler import done_stages
from vibench.judging.rubrics import VALUES
from vibench.plan import Plan, make_plan
from vibench.plugins import Plugins
from vibench.records import Outcome, Sample
from vibench.registry import load_catalogue
from vibench.spec_completion import from_flags
from vibench.store.artefacts import Store
from vibench.store.record_tables import write_outcomes

VARIANTS = 50
"""Tables of outcomes that are drawn for an eval; cell after cell takes the next."""
ASKED_SECONDS = 15.0


def drawn(random: np.random.Generator, samples: list[Sample], pattern: str) -> Iterator[Outcome]:
    """Outcomes of one metric (of one for each value where it is open-ended)."""
    names = [pattern] if pattern[-1] != "*" else [pattern[:-1] + value for value in VALUES]
    for name in names:
        likely = random.random()
        for sample in samples:
            score = float(random.random() < likely)
            if name == "unique_values":
                score = float(random.integers(0, 5))
            lost = random.random() < 0.01
            yield Outcome(
                sample.id, sample.cluster, name, None if lost else score,
                unscored="malformed" if lost else None,
            )  # fmt: skip


def planned(cells: int, evals: str, plugins: Plugins) -> Plan:
    """Return the plan of the command that is measured."""
    catalogue = load_catalogue()
    spec = from_flags(catalogue, plugins, **matrix(cells, evals))
    return make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))


def check_finished(folder: Path, cells: int, evals: str) -> None:
    """Leave the program if the command would have anything to do: it would train for days."""
    plan, store = planned(cells, evals, Plugins.discover()), Store(folder / ".vibench")
    todo = plan.needed(done_stages(plan, store))
    if todo:
        sys.exit(
            f"The store in {folder} lacks {len(todo):,} of the {len(plan.stages):,} stages that "
            "the plan has now, as one of another version would. Remove it, and it is made again."
        )


def make(folder: Path, cells: int, evals: str) -> int:
    """Make a store in which about `cells` cells are finished; return how many they are."""
    store = Store(folder / ".vibench")
    store.prepare()
    plugins = Plugins.discover()
    plan = planned(cells, evals, plugins)
    random = np.random.default_rng(0)
    tables: dict[tuple[str, int], Path] = {}
    for n, cell in enumerate(plan.cells):
        name = cell.eval, n % VARIANTS
        if name not in tables:
            (key,) = (k for k in plan.stages[cell.transcripts].need_keys if k in plan.samples)
            metrics = plugins.get("eval", cell.eval).metrics
            tables[name] = folder / f"{cell.eval}-{n % VARIANTS}.parquet"
            rows = [o for m in metrics for o in drawn(random, list(plan.samples[key]), m)]
            write_outcomes(tables[name], rows)
        with store.making("outcomes", cell.outcomes, {"facts": {}}) as artefact:
            shutil.copy(tables[name], artefact / "outcomes.parquet")
    return len(plan.cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", default="1764,10584")
    parser.add_argument("--evals", default=EVALS, help="fewer evals of more seeds")
    parser.add_argument("--keep", type=Path, help="make the stores here, or take those there")
    parser.add_argument("--json", type=Path, help="write the report of the first size here")
    asked = parser.parse_args()
    print(f"{'cells':>7} {'vibench run s':>13} {'us/cell':>8}")
    with tempfile.TemporaryDirectory() as temporary:
        for size in map(int, asked.cells.split(",")):
            folder = (asked.keep or Path(temporary)) / str(size)
            begun = time.perf_counter()
            if not folder.is_dir():
                folder.mkdir(parents=True)
                made = make(folder, size, asked.evals)
                seconds = time.perf_counter() - begun
                print(f"(made a store of {made:,} cells in {seconds:.0f} s)", file=sys.stderr)
            check_finished(folder, size, asked.evals)
            whole = command_seconds(["run", *options(size, asked.evals)], folder)
            print(f"{size:>7,} {whole:>13.1f} {1e6 * whole / size:>8.0f}", flush=True)
            if asked.json:
                command = [sys.executable, "-m", "vibench", "report", "--format", "json"]
                with asked.json.open("w") as file:
                    subprocess.run(command, check=True, cwd=folder, stdout=file)
                asked.json = None
    print(f"asked: 10,000 cells in under {ASKED_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
