"""Preference pairs to 15 value subsets at the paper's size: time, memory, and their growth.

    python benchmarks/value_data.py [--pairs 10000,50000,260000] [--data ../shared/data]

The pairs are the real ones at hand (HH-RLHF, UltraFeedback, PKU-SafeRLHF), shuffled and
repeated with another id and another end of the prompt until there are enough. The rules judge
says once which values each real response expresses, and copies have the same. Then each step
is timed in a process of its own, through the stages that `vibench data subsets` runs: the
`pairs` stage (rows of a JSONL file to Parquet), reading pairs and stored verdicts, and that
again with 15 `subset` stages.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

from vibench.data import DataFiles
from vibench.execute.scheduler import execute
from vibench.judging.rubrics import values_rubric
from vibench.plan import Stage
from vibench.plan.preferences import DataPlan, Depth, plan_data
from vibench.plugins import Plugins
from vibench.preferences import unique_pairs
from vibench.preferences.extraction import PairValues
from vibench.preferences.tables import read_pairs, write_pairs
from vibench.preferences.values import response_messages
from vibench.records import PreferencePair, Verdict
from vibench.registry import load_catalogue
from vibench.spec_completion import from_flags
from vibench.store.artefacts import CorruptArtefact, Store
from vibench.store.record_tables import read_verdicts, write_verdicts

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SOURCES = ("hh-rlhf", "ultrafeedback", "pku-saferlhf")
SIDES = ("chosen", "rejected")
PAPER = 260_000
MOST_SECONDS, MOST_MB = 60.0, 2000.0


class Silent:
    """A listener that says nothing."""

    def started(self, stage: Stage) -> None: ...
    def progress(self, stage: Stage, done: int, total: int, note: str) -> None: ...
    def finished(self, stage: Stage, status: str, seconds: float, error: str | None) -> None: ...
    def waiting(self, stages: int) -> None: ...
    def remade(self, error: CorruptArtefact) -> None: ...


@dataclass(frozen=True, slots=True)
class Bench:
    """One size's files: the pairs as a user would bring them, and the store."""

    folder: Path
    size: int

    @property
    def rows(self) -> Path:
        return self.folder / f"pairs-{self.size}.jsonl"

    @property
    def store(self) -> Store:
        return Store(self.folder / f"store-{self.size}")

    def plan(self, depth: Depth) -> DataPlan:
        catalogue, plugins = load_catalogue(), Plugins.discover()
        spec = from_flags(
            catalogue,
            plugins,
            evaluating=False,
            profile="embedded",
            sources=[str(self.rows)],
            values=["all"],
        )
        return plan_data(spec, catalogue, plugins, DataFiles(None, False, {}), depth)

    def run(self, depth: Depth) -> DataPlan:
        """Plan and execute, as a command does. Raises SystemExit if a stage fails."""
        made, plugins, store = self.plan(depth), Plugins.discover(), self.store
        store.prepare()
        log = self.folder / "worker.log"
        result = execute(made.plan, store, plugins, DataFiles(None, False, {}), log, Silent())
        for failure in result.failures.values():
            sys.exit(f"{failure.stage.label}: {failure.message}")
        return made

    def file(self, kind: str, keys: Sequence[str], name: str) -> Path:
        return self.store.folder(kind, keys[0]) / name


# -- what is measured


def prepare(bench: Bench, data: Path) -> dict[str, float]:
    """The real pairs and what the rules judge says of them, for all sizes."""
    plugins, place = Plugins.discover(), DataFiles(data, False, {})
    found = [
        pair
        for name in SOURCES
        for pair in unique_pairs(plugins.build("source", name, {}), place)
        if isinstance(pair, PreferencePair)
    ]
    random.Random(0).shuffle(found)
    judge = plugins.build("judge", "rules", {})
    write_pairs(bench.folder / "real.parquet", found)
    judged = (
        (f"{pair.id}/{side}", judge.decide(values_rubric(response_messages(pair, side))))
        for pair in found
        for side in SIDES
    )
    write_verdicts(bench.folder / "judged.parquet", judged)
    return {"pairs": len(found)}


def copies(bench: Bench) -> Iterator[tuple[PreferencePair, str]]:
    """The size's pairs, each with the id of the real one it is of."""
    real = list(read_pairs(bench.folder / "real.parquet"))
    for n in range(bench.size):
        copy, at = divmod(n, len(real))
        pair = real[at]
        last = pair.prompt[-1]
        asked = replace(last, content=f"{last.content} (Asked again: {copy}.)")
        yield replace(pair, id=f"{copy}/{pair.id}", prompt=(*pair.prompt[:-1], asked)), pair.id


def rows(bench: Bench) -> dict[str, float]:
    """Write the pairs as a user's file."""
    with bench.rows.open("w", encoding="utf-8") as file:
        for pair, _ in copies(bench):
            row = {"id": pair.id, "prompt": [asdict(m) for m in pair.prompt]}
            row |= {"chosen": pair.chosen, "rejected": pair.rejected}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return {"mb": bench.rows.stat().st_size / 1e6}


def pairs(bench: Bench) -> dict[str, float]:
    """The `pairs` stage."""
    bench.run("pairs")
    return {}


def verdicts(bench: Bench) -> dict[str, float]:
    """Put the stored verdicts where the `values` stage would."""
    planned = bench.plan("values")
    (key,) = planned.values.values()
    judged = read_verdicts(bench.folder / "judged.parquet")

    def told() -> Iterator[tuple[str, Verdict]]:
        for pair, real in copies(bench):
            for side in SIDES:
                yield f"file/{pair.id}/{side}", judged[f"{real}/{side}"][0]

    with bench.store.making("values", key, {"facts": {"responses": 2 * bench.size}}) as folder:
        write_verdicts(folder / "verdicts.parquet", told())
    return {}


def reading(bench: Bench) -> dict[str, float]:
    """Reading what the responses express, once, and counting every value."""
    planned = bench.plan("values")
    expressed = PairValues.read(
        bench.file("pairs", list(planned.pairs.values()), "pairs.parquet"),
        bench.file("values", list(planned.values.values()), "verdicts.parquet"),
    )
    return {"values": len(expressed.all_counts()), "shares": len(expressed.distribution())}


def subsets(bench: Bench) -> dict[str, float]:
    """From stored pairs and verdicts to 15 subsets."""
    planned = bench.run("subsets")
    facts = [bench.store.open("subset", key).manifest["facts"] for key in planned.subsets.values()]
    kept = [f["chosen"] + f["rejected"] for f in facts]
    return {"subsets": len(kept), "kept": sum(kept), "least": min(kept), "most": max(kept)}


STEPS = {
    "rows": rows,
    "pairs": pairs,
    "verdicts": verdicts,
    "reading": reading,
    "subsets": subsets,
}
MEASURED = ("pairs", "reading", "subsets")


def one(step: str, bench: Bench, data: Path) -> dict[str, float]:
    """Do a step in this process, and measure it."""
    begun, worked = time.perf_counter(), time.process_time()
    found = prepare(bench, data) if step == "prepare" else STEPS[step](bench)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {**found, "seconds": seconds, "cpu": cpu, "peak": peak}


# -- what is said


def apart(step: str, bench: Bench, data: Path) -> dict[str, float]:
    """The same in a process of its own, so that its peak is its own."""
    out = subprocess.run(
        [
            *(sys.executable, __file__, "--data", str(data)),
            *("--step", step, str(bench.folder), str(bench.size)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    if out.returncode:
        sys.exit(f"The step '{step}' failed at {bench.size:,} pairs.")
    found: dict[str, float] = json.loads(out.stdout)
    return found


def measure(bench: Bench, data: Path) -> dict[str, dict[str, float]]:
    """All steps of one size, with a line for each that is measured."""
    found = {}
    for step in STEPS:
        row = found[step] = apart(step, bench, data)
        if step in MEASURED:
            print(
                f"{bench.size:>9,}  {step:<8} {row['seconds']:>8.2f} {row['cpu']:>8.2f}"
                f" {1e6 * row['seconds'] / bench.size:>8.1f} {row['peak']:>8.0f}",
                flush=True,
            )
    return found


def judge_growth(sizes: Sequence[int], found: Sequence[dict[str, dict[str, float]]]) -> bool:
    """Say how time and memory grow, and whether the largest size is within bounds."""
    # By CPU time: on a machine that others use too, seconds say more of them than of this.
    print("\nCPU time and memory of each further pair (even where growth is linear):")
    for step in MEASURED:
        parts = []
        for (few, less), (many, more) in pairwise(zip(sizes, found, strict=True)):
            micros = 1e6 * (more[step]["cpu"] - less[step]["cpu"]) / (many - few)
            memory = 1e6 * (more[step]["peak"] - less[step]["peak"]) / (many - few)
            parts.append(f"{few:,} to {many:,}: {micros:.1f} us, {memory:,.0f} bytes")
        print(f"  {step:<8} {'; '.join(parts)}")
    row = found[-1]["subsets"]
    print(
        f"subsets of {sizes[-1]:,} pairs: {row['subsets']:.0f}, of {row['least']:,.0f} to"
        f" {row['most']:,.0f} pairs, {row['kept']:,.0f} together"
    )
    peak = max(row["peak"], found[-1]["reading"]["peak"])
    within = row["seconds"] < MOST_SECONDS and peak < MOST_MB
    print(
        f"{sizes[-1]:,} pairs to 15 subsets: {row['seconds']:.1f} s (at most {MOST_SECONDS:.0f}),"
        f" {peak:,.0f} MB (at most {MOST_MB:,.0f}): {'within' if within else 'NOT WITHIN'} bounds"
    )
    return within


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", default=f"10000,50000,{PAPER}")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step, folder, size = asked.step
        print(json.dumps(one(step, Bench(Path(folder), int(size)), asked.data)))
        return
    if not asked.data.is_dir():
        print(f"The real preference data is not here ({asked.data}); name its folder with --data.")
        sys.exit(2)
    sizes = [int(size) for size in asked.pairs.split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        real = apart("prepare", Bench(folder, 0), asked.data)
        print(f"{real['pairs']:,.0f} real pairs, judged in {real['seconds']:.0f} s")
        print(
            f"{'pairs':>9}  {'step':<8} {'seconds':>8} {'CPU s':>8} {'us/pair':>8} {'MB peak':>8}"
        )
        found = [measure(Bench(folder, size), asked.data) for size in sizes]
    sys.exit(0 if judge_growth(sizes, found) else 1)


if __name__ == "__main__":
    main()
