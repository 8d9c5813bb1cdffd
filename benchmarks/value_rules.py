"""Rule judge's values and behaviours against labels of real answers, and their shares in real sets.

    python benchmarks/value_rules.py [--part dev|test] [--data ../shared/data] [--shares]

For each value and behaviour: how many answers have the label, how many the judge gives it, and
precision and recall with 95 % Wilson intervals. With --shares: for each preference set, the share
of answers that the judge gives a value, and each value's part of all value subsets (pairs in which
exactly one side has the value) beside its part of the paper's Table 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from labels import FOLDER, SOURCES, LabelledAnswer, read_labels, real_pairs  # noqa: E402

from vibench.errors import DataError  # noqa: E402
from vibench.paper.value_tables import value_data  # noqa: E402
from vibench.stats.shares import wilson  # noqa: E402
from vibench_judges.rules.behaviours import BEHAVIOURS, shows  # noqa: E402
from vibench_judges.rules.values import VALUES, expressed  # noqa: E402

GROUPS = ("pairs", "smollm2")
JUDGED_BEHAVIOURS = tuple(name for name in BEHAVIOURS if name != "first_person_pronouns")

Decision = tuple[frozenset[str], frozenset[str]]
"""The names in an answer's labels, and the names that the judge gives it."""


def value_decisions(answers: Iterable[LabelledAnswer]) -> list[Decision]:
    """Labels and verdicts on values."""
    return [
        (frozenset(each.labels["values"]), frozenset(expressed(each.answer))) for each in answers
    ]


def behaviour_decisions(answers: Iterable[LabelledAnswer]) -> list[Decision]:
    """Labels and verdicts on the behaviours that are judged."""
    return [
        (
            frozenset(each.labels["behaviours"]),
            frozenset(name for name in JUDGED_BEHAVIOURS if shows(name, each.user, each.answer)),
        )
        for each in answers
    ]


def table(names: Sequence[str], decisions: Sequence[Decision]) -> Iterator[str]:
    """The lines of one table, the last over all names."""
    yield f"{'':<24} labelled judged both  precision              recall"
    sums = [0, 0, 0]
    for name in names:
        labelled = sum(name in labels for labels, _ in decisions)
        judged = sum(name in verdicts for _, verdicts in decisions)
        both = sum(name in labels and name in verdicts for labels, verdicts in decisions)
        yield _line(name, labelled, judged, both)
        sums = [total + count for total, count in zip(sums, (labelled, judged, both), strict=True)]
    yield _line("all", *sums)


def _line(name: str, labelled: int, judged: int, both: int) -> str:
    counts = f"{name:<24} {labelled:>8} {judged:>6} {both:>4}"
    return f"{counts}  {_share(both, judged):<22} {_share(both, labelled)}".rstrip()


def _share(part: int, whole: int) -> str:
    if not whole:
        return "-"
    low, high = wilson(part / whole, whole)
    return f"{part / whole:.2f} [{low:.2f}, {high:.2f}]"


def print_accuracy(part: str, data: Path) -> None:
    """The tables of one half of the labels, by group of answers and over both."""
    groups = {
        group: read_labels(path, data)
        for group in GROUPS
        if (path := FOLDER / f"values_{group}_{part}.jsonl").is_file()
    }
    groups["all"] = [answer for answers in groups.values() for answer in answers]
    for group, answers in groups.items():
        print(f"== {part}, {group}: {len(answers)} answers")
        print("\n".join(table(VALUES, value_decisions(answers))), end="\n\n")
        print("\n".join(table(JUDGED_BEHAVIOURS, behaviour_decisions(answers))), end="\n\n")


def print_shares(data: Path) -> None:
    """Shares of answers by set, and of value subsets beside Table 1."""
    answers: dict[str, Counter[str]] = {}
    subsets: Counter[str] = Counter()
    sizes: dict[str, int] = {}
    texts, began = 0, time.process_time()
    for name in SOURCES:
        counts = answers[name] = Counter()
        # An exact copy says nothing new about how often a value is expressed.
        unique = {(p.prompt, p.chosen, p.rejected): p for p in real_pairs(name, data).values()}
        sizes[name] = len(unique)
        for pair in unique.values():
            chosen, rejected = set(expressed(pair.chosen)), set(expressed(pair.rejected))
            counts.update([*chosen, *rejected])
            subsets.update(chosen ^ rejected)
            texts += 2
    speed = texts / (time.process_time() - began)
    paper = value_data().subsets
    printed = sum(row.total for row in paper.values())
    names = "".join(f"{name:>15}" for name in SOURCES)
    print(f"{'% of answers':<17}{names}   % of subsets: rules  Table 1")
    for value in VALUES:
        row = "".join(
            f"{100 * answers[name][value] / (2 * sizes[name]):>15.1f}" for name in SOURCES
        )
        ours = 100 * subsets[value] / max(1, subsets.total())
        print(f"{value:<17}{row}{ours:>22.1f}{100 * paper[value].total / printed:>9.1f}")
    pairs = "".join(f"{sizes[name]:>15,}" for name in SOURCES)
    print(f"{'pairs':<17}{pairs}{subsets.total():>22,}{printed:>9,}")
    print(f"\n{speed:,.0f} answers a CPU second, reading of the sets included")


def main() -> int:
    """Print what was asked for; 2 if data or labels are not as they must be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--shares", action="store_true")
    options = parser.parse_args()
    try:
        print_accuracy(options.part, options.data)
        if options.shares:
            print_shares(options.data)
    except DataError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
