"""Kill a run of the embedded matrix at random times, resume it each time, and compare.

    python benchmarks/kills.py --kills 200 --seed 1

The run trains, generates and judges for real. Each life is ended by SIGKILL, of the main
process or of its worker, after a random time. What must hold: the final results equal those
of an unbroken run to the last bit, and no verdict that is stored is asked again.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vibench.store.artefacts import Store

MATRIX = (
    *("--inducer", "dpo+prompt", "--value", "empathy", "--eval", "anthrobench,advbench"),
    *("--set", "dpo.epochs=1", "--set", "sampling.max_tokens=32", "--limit", "16"),
)
"""One adapter, four sets of transcripts, judged: every kind of stage there is."""


@dataclass
class Lives:
    """What each life was ended by, and how often a run was finished before its kill came."""

    ends: list[str] = field(default_factory=list)
    broken_verdicts: int = 0
    """Lives that ended in the middle of judging, with some verdicts stored."""


def command(store: Path, matrix: Sequence[str], judge: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "vibench", "run", *matrix, *judge, "--store", str(store)]


def workers(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(p) for p in children.read_text().split()] if children.exists() else []


def kill_and_resume(
    folder: Path,
    kills: int,
    seed: int,
    matrix: Sequence[str] = MATRIX,
    judge: Sequence[str] = (),
    longest: float = 12.0,
    environment: dict[str, str] | None = None,
    say: Callable[[str], None] = print,
) -> Lives:
    """Run until done through `kills` kills; then once more in peace. Raises AssertionError.

    A life lasts up to `longest` seconds, or, when the judge notes its questions in the file
    that ASKED names, each third one up to four seconds from the first question. Then it also
    holds that what a stage's ledger had stored when a life ended is not asked in the next life.
    """
    draw = random.Random(seed)
    store, log = folder / "broken", folder / "asked.txt"
    around = {**os.environ, **(environment or {}), "ASKED": str(log)}
    lives = Lives()
    while len(lives.ends) < kills:
        before = len(read(log))
        stored = unfinished(store)
        life = subprocess.Popen(
            command(store, matrix, judge),
            cwd=folder,
            env=around,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        judged = bool(judge) and len(lives.ends) % 3 == 2
        if judged:
            # Some lives are to end while answers are judged, however fast the machine is.
            while life.poll() is None and not questions(read(log)[before:]):
                time.sleep(0.05)
        time.sleep(draw.uniform(1.2, 4) if judged else draw.uniform(0.3, longest))
        victim = life.pid if judged else draw.choice([life.pid, *workers(life.pid)])
        if life.poll() is not None:
            # It was finished. Begin again from nothing, so that every kill hits work.
            check_asked(read(log)[before:], stored)
            store.rename(folder / f"finished-{len(lives.ends)}")
            continue
        os.kill(victim, signal.SIGKILL)
        which = "main process" if victim == life.pid else "worker"
        # With its worker killed, the main process goes on with what else there is.
        life.wait(timeout=600)
        lives.ends.append(which)
        asked = read(log)[before:]
        check_asked(asked, stored)
        say(f"kill {len(lives.ends)}/{kills}: {which}; {len(asked)} questions in this life")
        lives.broken_verdicts += bool(unfinished(store))
    before, stored = len(read(log)), unfinished(store)
    subprocess.run(
        command(store, matrix, judge), cwd=folder, env=around, check=True, capture_output=True
    )
    check_asked(read(log)[before:], stored)
    return lives


def resumed(folder: Path) -> list[Path]:
    """Every store that was finished after being broken."""
    return [folder / "broken", *folder.glob("finished-*")]


def read(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def questions(lines: list[str]) -> list[str]:
    """The lines that are questions; BEGIN stands where a judge was made."""
    return [line for line in lines if line != "BEGIN"]


def unfinished(store: Path) -> set[str]:
    """The questions whose verdicts the ledgers of unfinished stages hold."""
    found: set[str] = set()
    for ledger in (store / "ledgers").glob("*"):
        rows = Store(store).ledger(ledger.name).rows()
        found |= {k for k, v in rows.items() if isinstance(v, dict) and "labels" in v}
    return found


def check_asked(asked: list[str], stored: set[str]) -> None:
    """Raise AssertionError if a life asks what was stored when it began."""
    again = stored & set(questions(asked))
    assert not again, f"{len(again)} stored verdicts were asked again"


def results(store: Path, folder: Path, environment: dict[str, str] | None = None) -> str:
    """The report as CSV, without the column of paths."""
    import csv
    import io

    out = subprocess.run(
        [sys.executable, "-m", "vibench", "report", "--format", "csv", "--store", str(store)],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        check=True,
        capture_output=True,
        text=True,
    )
    rows = csv.DictReader(io.StringIO(out.stdout))
    return "\n".join(str({k: v for k, v in row.items() if k != "transcripts"}) for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        begun = time.monotonic()
        subprocess.run(command(folder / "unbroken", MATRIX, ()), cwd=folder, check=True)
        longest = 0.6 * (time.monotonic() - begun)
        kill_and_resume(folder, asked.kills, asked.seed, longest=longest)
        whole = results(folder / "unbroken", folder)
        same = all(results(store, folder) == whole for store in resumed(folder))
    print("equal to the unbroken run" if same else "NOT EQUAL to the unbroken run")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
