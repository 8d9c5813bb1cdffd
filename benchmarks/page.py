"""The report's page: how long it takes to write, to open and to filter, and how large it is.

    python benchmarks/page.py                        # 10,000 transcripts in the page, of as many
    python benchmarks/page.py --transcripts 50000    # as many in the page, the rest beside it

The store is made, not run: two models, each untouched and with eleven subjects, on IssueBench
(one verdict), AnthroBench (13) and AdvBench, with answers of about 1,500 characters. The page
is written by a fresh process and opened by headless Chromium (playwright) from the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vibench.judging.rubrics import VALUES
from vibench.plan import Cell
from vibench.plan.cells import write_cells
from vibench.records import Message, Outcome, Sample, Transcript, Verdict, digest
from vibench.store.artefacts import Store
from vibench.store.record_tables import write_outcomes, write_transcripts, write_verdicts

ASKED_SECONDS = 1.0
WORDS, LENGTH = 4000, 240
BEHAVIOURS = [f"behaviour/b{i:02}" for i in range(13)]
SUBJECTS = [("none", ""), *(("dpo", v) for v in VALUES[:6]), *(("prompt", v) for v in VALUES[:5])]
MODELS = ("model-a", "model-b")
EVALS = ("issuebench", "anthrobench", "advbench")


def make(folder: Path, transcripts: int) -> int:
    """A store with about that many transcripts; how many there are."""
    store, chance = Store(folder), random.Random(0)
    store.prepare()
    vocabulary = [
        "".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(WORDS)
    ]
    each = max(1, transcripts // (len(SUBJECTS) * len(MODELS) * len(EVALS)))
    cells: list[Cell] = []
    for model in MODELS:
        for evaluation in EVALS:
            base = None
            for inducer, value in SUBJECTS:
                cell = make_cell(
                    store, chance, vocabulary, each, (model, inducer, value, evaluation), base
                )
                base = base or cell.outcomes
                cells.append(cell)
    sampling = {"temperature": [0.7], "top_p": [0.95], "max_tokens": [2048]}
    record = {
        "id": "made", "status": "complete", "cells": len(cells), "failures": [],
        "spec": {"settings": {"sampling": sampling}, "models": MODELS, "evals": EVALS},
    }  # fmt: skip
    write_cells(store.run_folder("made") / "cells.parquet", cells)
    store.write_run("made", record)
    return each * len(cells)


def make_cell(
    store: Store,
    chance: random.Random,
    vocabulary: list[str],
    each: int,
    named: tuple[str, str, str, str],
    base: str | None,
) -> Cell:
    model, inducer, value, evaluation = named
    rubrics = {"issuebench": ["values"], "anthrobench": BEHAVIOURS, "advbench": ["compliance"]}
    rows, verdicts, outcomes = [], [], []
    for i in range(each):
        ask = Message("user", f"{evaluation} {i}: " + " ".join(chance.choices(vocabulary, k=12)))
        answer = Message("assistant", " ".join(chance.choices(vocabulary, k=LENGTH)))
        sample = Sample(f"{evaluation}/{i:05}", (ask,), f"c{i // 10}")
        rows.append(Transcript(sample, (ask, answer), "stop", None, 20, 300))
        for rubric in rubrics[evaluation]:
            labels = {
                "values": tuple(chance.sample(VALUES, 3)),
                "compliance": (chance.choice(["refused", "complied"]),),
            }.get(rubric, (chance.choice(["yes", "no"]),))
            why = " ".join(chance.choices(vocabulary, k=15))
            verdicts.append((sample.id, Verdict(rubric, 0, labels, None, why)))
            metric = {"values": "expression/empathy", "compliance": "refusal"}.get(rubric, rubric)
            score = float(bool({"yes", "refused", "empathy"} & set(labels)))
            outcomes.append(Outcome(sample.id, sample.cluster, metric, score))
    key = digest(list(named))
    write(store, "transcripts", key, lambda f: write_transcripts(f, rows))
    write(store, "verdicts", key, lambda f: write_verdicts(f, verdicts))
    write(store, "outcomes", key, lambda f: write_outcomes(f, outcomes))
    return Cell(model, inducer, value, evaluation, "mistral", 0, {}, key, key, key, base)


def write(store: Store, kind: str, key: str, act: Callable[[Path], Any]) -> None:
    with store.making(kind, key, {"needs": [], "spec": {}}) as folder:
        act(folder / f"{kind}.parquet")


def page(folder: Path, html: Path, held: int) -> dict[str, Any]:
    """Write the page in a process of its own."""
    command = [
        sys.executable, "-m", "vibench", "report", "--store", str(folder), "--html", str(html),
        "--transcripts", str(held),
    ]  # fmt: skip
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return {
        "seconds": round(seconds, 1),
        "GiB": round(used, 2),
        "MB": round(html.stat().st_size / 1e6, 1),
    }


def drive(html: Path) -> dict[str, float]:
    """Seconds that each act takes, until what it changes is drawn."""
    from playwright.sync_api import sync_playwright

    found = (
        os.environ.get("VIBENCH_BROWSER")
        or shutil.which("chromium")
        or shutil.which("google-chrome")
    )
    times: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1400, "height": 900})

        def timed(name: str, act: Callable[[], Any]) -> None:
            began = time.perf_counter()
            act()
            tab.wait_for_selector("body[data-ready]:not([data-busy])")
            tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
            times[name] = round(time.perf_counter() - began, 3)

        timed("open", lambda: tab.goto(html.as_uri(), wait_until="commit"))
        timed("filter by inducer", lambda: tab.select_option("#f-inducer", "dpo"))
        timed("filter by eval", lambda: tab.select_option("#f-eval", "anthrobench"))
        tab.get_by_role("button", name="Clear filters").click()
        question = json.dumps(["verdict", "mistral", "values"], separators=(",", ":"))
        timed("filter by rubric", lambda: tab.select_option("#f-question", question))
        timed("filter by answer", lambda: tab.select_option("#f-answer", index=1))
        tab.get_by_role("button", name="Clear filters").click()
        tab.locator("#f-text").fill("issuebench 7: ")
        timed("first search", lambda: tab.press("#f-text", "Enter"))
        tab.locator("#f-text").fill("ta")
        timed("next search", lambda: tab.press("#f-text", "Enter"))
        tab.locator("#list").focus()
        timed("open a transcript", lambda: tab.keyboard.press("ArrowDown"))
        timed("filter contrasts", lambda: tab.select_option("#c-inducer", index=1))
        browser.close()
    return times


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--transcripts", type=float, default=10_000)
    parser.add_argument("--held", type=int, default=10_000, help="how many the page holds")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, html = Path(temporary) / "store", Path(temporary) / "report.html"
        made = make(folder, int(asked.transcripts))
        print(f"{made:,} transcripts, at most {asked.held:,} in the page")
        print("written:", json.dumps(page(folder, html, asked.held)))
        times = drive(html)
        for name, seconds in times.items():
            print(f"{name:20} {seconds:6.3f} s")
    slow = [name for name, seconds in times.items() if seconds > ASKED_SECONDS]
    print(
        f"over {ASKED_SECONDS:g} s: {', '.join(slow)}"
        if slow
        else f"each under {ASKED_SECONDS:g} s"
    )
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
