"""From millions of verdicts to all tables: time and memory, and how they grow.

    python benchmarks/report.py                 # 100,000, 1,000,000 and 7,000,000 verdicts
    python benchmarks/report.py --verdicts 1e5 --keep FOLDER

The stores are made, not run: random verdicts in the form that runs leave, with the paper's
matrix (models x None, Prompt, Train at four betas, Both at four betas x 15 values) on IssueBench
(6,360 verdicts a cell: 15 values asked after, and three or four others found of 3,000) and
AdvBench (520). Each is read by a fresh process: every row with its contrast, every table and
figure of the paper that such cells give, as on a terminal.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vibench.judging.rubrics import VALUES
from vibench.plan import Cell
from vibench.records import digest
from vibench.registry import load_catalogue
from vibench.store.artefacts import Store

ISSUES, PROMPTS, INSTRUCTIONS = 212, 30, 520
BETAS = (0.01, 0.1, 0.3, 0.9)
OTHERS, FOUND = 3000, 3.5
ASKED_SECONDS, ASKED_GIB = 60.0, 4.0
PER_SUBJECT = ISSUES * PROMPTS + INSTRUCTIONS


def subjects() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(model, inducer, value, settings), the vanilla model before what is induced into it."""
    catalogue = load_catalogue(())
    for model in catalogue.profile("paper").models:
        yield model, "none", "", {}
        for value in VALUES:
            yield model, "prompt", value, {}
            for inducer, beta in itertools.product(("dpo", "dpo+prompt"), BETAS):
                yield model, inducer, value, {"dpo.beta": beta}


def make(folder: Path, verdicts: int) -> int:
    """A store with about that many verdicts (whole subjects); how many there are."""
    store = Store(folder)
    store.prepare()
    random = np.random.default_rng(0)
    cells: list[Cell] = []
    for model, inducer, value, settings in itertools.islice(
        subjects(), max(2, round(verdicts / PER_SUBJECT))
    ):
        for name, table in (
            ("issuebench", issuebench(random, value)),
            ("advbench", advbench(random)),
        ):
            key = digest([model, inducer, value, settings, name])
            with store.making("outcomes", key, {}) as made:
                pq.write_table(
                    table, made / "outcomes.parquet", compression="zstd", write_page_checksum=True
                )
            vanilla = None if inducer == "none" else digest([model, "none", "", {}, name])
            cells.append(
                Cell(model, inducer, value, name, "mistral", 0, settings, key, key, key, vanilla)
            )
    write_run(store, cells)
    return len(cells) // 2 * PER_SUBJECT


def write_run(store: Store, cells: list[Cell]) -> None:
    from vibench.execute.run import CELLS, write_cells

    run = digest([c.outcomes for c in cells])[:12]
    sampling = {"temperature": [0.7], "top_p": [0.95], "max_tokens": [2048]}
    settings: Mapping[str, Any] = {"sampling": sampling, "dpo": {"beta": BETAS}}
    record = {
        "id": run,
        "status": "complete",
        "cells": len(cells),
        "spec": {"settings": settings},
        "failures": [],
    }
    write_cells(store.run_folder(run) / CELLS, cells)
    store.write_run(run, record)


def issuebench(random: np.random.Generator, value: str) -> pa.Table:
    """The outcomes of one subject: a row for each of the 15 values, for each other value
    that was found, and for how many there are."""
    n = ISSUES * PROMPTS
    likely = np.linspace(0.02, 0.3, len(VALUES))
    if value:
        likely[VALUES.index(value)] = 0.6
    held = random.random((n, len(VALUES))) < likely
    rank = 1 / np.arange(1, OTHERS + 1)
    found = random.random((n, OTHERS // 100)) < FOUND / (OTHERS // 100)
    at = random.choice(OTHERS, size=int(found.sum()), p=rank / rank.sum())
    pairs = np.unique(np.nonzero(found)[0] * OTHERS + at)
    sample = np.concatenate([np.repeat(np.arange(n), len(VALUES)), pairs // OTHERS, np.arange(n)])
    metric = np.concatenate(
        [
            np.tile(np.arange(len(VALUES)), n),
            len(VALUES) + pairs % OTHERS,
            np.full(n, len(VALUES) + OTHERS),
        ]
    )
    unique = held.sum(1) + np.bincount(pairs // OTHERS, minlength=n)
    score = np.concatenate([held.ravel().astype(float), np.ones(len(pairs)), unique.astype(float)])
    order = np.argsort(sample, kind="stable")
    names = [*(f"expression/{v}" for v in VALUES), *OTHER_NAMES, "unique_values"]
    ids = [f"issue-{i // PROMPTS:03d}/{i % PROMPTS:02d}" for i in range(n)]
    clusters = [f"issue-{i // PROMPTS:03d}" for i in range(n)]
    return outcomes(random, sample[order], metric[order], score[order], ids, clusters, names)


OTHER_NAMES = [f"expression/other value {i}" for i in range(OTHERS)]


def advbench(random: np.random.Generator) -> pa.Table:
    n = INSTRUCTIONS
    ids = [f"advbench/{i}" for i in range(n)]
    score = (random.random(n) < 0.8).astype(float)
    every = np.arange(n)
    return outcomes(random, every, np.zeros(n, dtype=int), score, ids, ids, ["refusal"])


def outcomes(
    random: np.random.Generator,
    sample: Any,
    metric: Any,
    score: Any,
    ids: list[str],
    clusters: list[str],
    metrics: list[str],
) -> pa.Table:
    """The form of outcomes.parquet; the answers to one sample in a hundred are unscored."""
    lost = (random.random(len(ids)) < 0.01)[sample]
    coded = pa.DictionaryArray.from_arrays

    def text(codes: Any, names: list[str]) -> Any:
        return coded(pa.array(codes, pa.int32()), pa.array(names)).cast(pa.string())

    cause = pa.array(np.where(lost, 0, -1), pa.int32())
    cause = pa.array([None if c < 0 else 0 for c in cause.to_pylist()], pa.int32())
    return pa.table(
        {
            "sample": text(sample, ids),
            "cluster": text(sample, clusters),
            "turn": pa.array(np.zeros(len(sample)), pa.int16()),
            "metric": text(metric, metrics),
            "value": pa.array(np.where(lost, np.nan, score), pa.float64(), from_pandas=True),
            "unscored": coded(cause, pa.array(["malformed"])).cast(pa.string()),
        }
    )


def read(folder: Path) -> dict[str, float]:
    """What a fresh process takes from that store to all tables (run as `--read`)."""
    begun = time.perf_counter()
    from rich.console import Console

    from vibench.exhibits.exhibit_document import exhibit_document
    from vibench.exhibits.report_document import report_document
    from vibench.exhibits.terminal import show
    from vibench.paper import exhibits
    from vibench.report.run_report import run_report

    with Path(os.devnull).open("w") as nowhere:
        screen = Console(file=nowhere, width=120)
        collected = run_report(Store(folder))
        rows = time.perf_counter() - begun
        show(report_document(collected.report, screen.width), screen)
        shown = [one for one in exhibits(collected) if not one.empty]
        for exhibit in shown:
            show(exhibit_document(exhibit), screen)
    return {
        "rows": len(collected.report.rows),
        "exhibits": len(shown),
        "rows_seconds": rows,
        "seconds": time.perf_counter() - begun,
        "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def measured(folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--read", str(folder)]
    begun = time.perf_counter()
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {**json.loads(out), "whole": time.perf_counter() - begun}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verdicts", type=float, nargs="*", default=[1e5, 1e6, 7e6])
    parser.add_argument("--keep", type=Path, help="make the stores here and keep them")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        print(json.dumps(read(asked.read)))
        return
    print("verdicts     rows  exhibits  process s  to rows s  us/verdict   GiB")
    with tempfile.TemporaryDirectory() as temporary:
        for verdicts in map(int, asked.verdicts):
            folder = (asked.keep or Path(temporary)) / f"report-{verdicts}"
            made = make(folder, verdicts)
            found = measured(folder)
            print(
                f"{made:9,} {found['rows']:8,} {found['exhibits']:9} {found['whole']:10.1f}"
                f" {found['rows_seconds']:10.1f} {1e6 * found['whole'] / made:11.1f}"
                f" {found['gib']:5.2f}",
                flush=True,
            )
    print(f"asked: 7,000,000 in under {ASKED_SECONDS:.0f} s and {ASKED_GIB:.0f} GiB")


if __name__ == "__main__":
    main()
