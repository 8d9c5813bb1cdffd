"""Planning from 1,764 to 100,548 cells: processor time, memory, and how both grow.

    python benchmarks/plan.py [--cells 1764,17640,100548]

Each size is planned in processes of their own, over the three embedded models, 15 values,
prompt, dpo, dpo+prompt and orpo with four betas, three evals, and as many seeds as it takes:
once `make_plan` alone, once the whole command `vibench plan` beside an empty store.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BETAS = "0.01,0.1,0.3,0.9"
EVALS = "issuebench,anthrobench,advbench"
SUBJECTS_PER_SEED = 3 * (1 + 15 * (1 + 4 + 4 + 4))


def matrix(cells: int, evals: str = EVALS) -> dict[str, list[str]]:
    """Return the options of about `cells` cells, as `spec_completion.from_flags` takes them."""
    seeds = max(1, round(cells / SUBJECTS_PER_SEED / len(evals.split(","))))
    return {
        "models": ["tiny-base,tiny-sft,tiny-instruct"],
        "inducers": ["prompt,dpo,dpo+prompt,orpo"],
        "values": ["all"],
        "evals": [evals],
        "seeds": [str(n) for n in range(seeds)],
        "sets": [f"dpo.beta={BETAS}", f"orpo.beta={BETAS}"],
    }


def options(cells: int, evals: str = EVALS) -> list[str]:
    """The same as options of the command line."""
    return [
        text
        for name, settings in matrix(cells, evals).items()
        for setting in settings
        for text in (f"--{name.rstrip('s')}", setting)
    ]


def command_seconds(arguments: list[str], folder: Path) -> float:
    """The processor time of a vibench command in `folder`, with all it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Path(os.devnull).open("w") as nowhere:
        command = [sys.executable, "-m", "vibench", *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=nowhere)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(cells: int) -> dict[str, Any]:
    """Plan about `cells` cells in this process."""
    from vibench.data import DataFiles
    from vibench.plan import make_plan
    from vibench.plugins import Plugins
    from vibench.registry import load_catalogue
    from vibench.spec_completion import from_flags

    catalogue, plugins = load_catalogue(), Plugins.discover()
    data = DataFiles(None, True, catalogue.datasets)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    plan = make_plan(from_flags(catalogue, plugins, **matrix(cells)), catalogue, plugins, data)
    seconds = time.process_time() - begun
    return {
        "cells": len(plan.cells),
        "stages": len(plan.stages),
        "seconds": seconds,
        "mib": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", default="1764,17640,100548")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one)))
        return
    print(
        f"{'cells':>9} {'stages':>9} {'make_plan s':>11} {'vibench plan s':>14} {'us/cell':>8} "
        f"{'MiB':>7} {'KiB/cell':>8}"
    )
    for size in map(int, asked.cells.split(",")):
        out = subprocess.run(
            [sys.executable, __file__, "--one", str(size)],
            check=True,
            capture_output=True,
            text=True,
        )
        row = json.loads(out.stdout)
        with tempfile.TemporaryDirectory() as folder:
            whole = command_seconds(["plan", *options(size)], Path(folder))
        print(
            f"{row['cells']:>9,} {row['stages']:>9,} {row['seconds']:>11.2f} {whole:>14.2f} "
            f"{1e6 * whole / row['cells']:>8.0f} {row['mib']:>7.0f} "
            f"{1024 * row['mib'] / row['cells']:>8.2f}"
        )
    print("asked: `vibench plan` of 17,640 cells in under 10 s, growing in proportion")


if __name__ == "__main__":
    main()
