"""Does the embedded base model show the paper's order, None < Prompt or equal < Train < Both?

    python benchmarks/order.py [--store .vibench-order] [--values all] [--model tiny-base]

Runs the matrix with vibench (a quarter of an hour on two cores for all 15 values; again at no
cost from the same store) and prints, per value, how often each setting's answers express the
induced value, with 95 % paired intervals of Train - Prompt and of Both - Train over the same
prompts, clustered by issue (paper, Table 5; judged by the rules judge).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from vibench.results.outcomes import EXPRESSION, Outcomes, load_outcomes
from vibench.results.runs import read_runs
from vibench.stats import Contrast, contrast
from vibench.store.artefacts import Store

SETTINGS = {"none": "None", "prompt": "Prompt", "dpo": "Train", "dpo+prompt": "Both"}


def column(outcomes: Outcomes, value: str) -> dict[str, float | None]:
    scores = outcomes.columns([EXPRESSION + value], outcomes.rows)[:, 0]
    pairs = zip(outcomes.rows.samples.tolist(), scores.tolist(), strict=True)
    return {sample: None if score != score else score for sample, score in pairs}


def told(c: Contrast) -> str:
    assert c.difference is not None
    assert c.low is not None
    assert c.high is not None
    return f"{100 * c.difference:+6.1f} [{100 * c.low:+6.1f}, {100 * c.high:+6.1f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", default=".vibench-order")
    parser.add_argument("--values", default="all")
    parser.add_argument("--model", default="tiny-base")
    asked = parser.parse_args()
    matrix = ["--model", asked.model, "--inducer", "prompt,dpo,dpo+prompt", "--value", asked.values]
    subprocess.run(
        [
            *(sys.executable, "-m", "vibench", "run", *matrix),
            *("--eval", "issuebench", "--store", asked.store),
        ],
        check=True,
    )
    store = Store(Path(asked.store))
    cells = read_runs(store, ())[0].cells
    values = list(dict.fromkeys(c.value for c in cells if c.value))
    print(f"\n{'value':16}" + "".join(f"{s:>8}" for s in SETTINGS.values()), end="")
    print(f"{'Train - Prompt':>26}{'Both - Train':>26}  order")
    held = clear = 0
    for value in values:
        scores, clusters = {}, {}
        for cell in cells:
            if cell.value in ("", value):
                outcomes = load_outcomes(
                    store.folder("outcomes", cell.outcomes) / "outcomes.parquet", [value]
                )
                scores[cell.inducer] = column(outcomes, value)
                rows = outcomes.rows
                clusters |= dict(zip(rows.samples.tolist(), rows.clusters.tolist(), strict=True))
        rates = {}
        for setting in SETTINGS:
            scored = [s for s in scores[setting].values() if s is not None]
            rates[setting] = sum(scored) / len(scored)
        first = contrast(scores["dpo"], scores["prompt"], clusters)
        second = contrast(scores["dpo+prompt"], scores["dpo"], clusters)
        none = contrast(scores["dpo"], scores["none"], clusters)
        order = max(rates["none"], rates["prompt"]) < rates["dpo"] < rates["dpo+prompt"]
        sure = order and all(c.low is not None and c.low > 0 for c in (first, second, none))
        held, clear = held + order, clear + sure
        shown = "".join(f"{100 * rates[s]:>8.1f}" for s in SETTINGS)
        print(f"{value:16}{shown}{told(first):>26}{told(second):>26}  ", end="")
        print("clear" if sure else "held" if order else "-")
    print(f"order held for {held} of {len(values)} values, for {clear} with intervals above zero")


if __name__ == "__main__":
    main()
