"""`vibench data verify`: whether subsets express their values, by other judges (Table 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vibench.cli.data.commands import judge_words
from vibench.cli.data.options import DataOptions
from vibench.cli.data.work import Made, make
from vibench.cli.listings import print_listing
from vibench.cli.screen import console
from vibench.exhibits.listing import Listing, interval
from vibench.preferences.values import normalised
from vibench.stages.subset import SubsetSpec
from vibench.stages.verification import VerificationSpec

if TYPE_CHECKING:
    from vibench.preferences.verification import Averaged, Baseline, Precision

__all__ = ["verify"]

GUESSES = (1, 5)
"""How many labels the random baselines name (Table 2)."""

COLUMNS = ("judge", "value", "pairs", "scored", "unscored", "hits", "precision", "low", "high",
           "labels each")  # fmt: skip
SHARES = frozenset({"precision", "low", "high", "pooled", "paper"})


def verify(
    asked: DataOptions,
    value: Sequence[str],
    judge: Sequence[str],
    minimum: int | None,
    paper: bool,
    pairs: Sequence[str],
) -> int:
    """Print Table 2 and the precision of each value."""
    made = make(
        asked, "verification", values=value, judges=judge, minimum_pairs=minimum, pairs=pairs
    )
    found = {name: _precisions(made, name) for name in made.spec.judges}
    names = {name: _words(made, name) for name in found}
    rows: list[list[Any]] = []
    summary: list[list[Any]] = []
    for name, precisions in found.items():
        if precisions:
            rows += [_row(names[name], p) for p in precisions]
            rows += _average_rows(names[name], total := _averaged(precisions))
            summary.append(
                [names[name], total.pairs, total.scored, total.mean,
                 interval(total.mean_low, total.mean_high), total.pooled,
                 total.labels_per_response]
            )  # fmt: skip
    for guess in _baselines(made):
        name, share = f"random, k={guess.k}", guess.simulated
        rows.append([name, "(pooled)", guess.pairs, guess.pairs, 0, None, share, guess.low,
                     guess.high, float(guess.k)])  # fmt: skip
        summary.append([name, guess.pairs, guess.pairs, share, interval(guess.low, guess.high),
                        share, float(guess.k)])  # fmt: skip
    columns: tuple[str, ...] = (
        "annotator", "pairs", "scored", "precision", "95 % CI", "pooled", "labels"
    )  # fmt: skip
    if paper:
        columns += ("paper",)
        summary = [[*row, _paper(str(row[0]))] for row in summary]
    notes: tuple[str, ...] = (
        "Precision: % of the chosen responses in which the judge finds the subset's value, the "
        "mean over values; pooled: over all responses. Labels: named per response.",
        "A random guesser names k of the 16 labels and none, for every response.",
    )
    if made.planned.values and made.spec.extractor in found:
        notes += (f"{made.spec.extractor} also extracted the values: it agrees with itself.",)
    for name in found:
        known = made.plugins.get("judge", name).known_values
        unknown = [v for v in made.spec.values if known is not None and v not in normalised(known)]
        if unknown:
            notes += (f"WARNING: {name} does not know {', '.join(unknown)}: not measured by it.",)
    table = Listing("Precision of the value subsets (Table 2)", columns, summary, SHARES, notes)
    each = Listing("Precision by value", COLUMNS, rows, SHARES, notes)
    print_listing(each, asked.form, console(), (table, _by_value(found)))
    return made.code()


def _precisions(made: Made, judge: str) -> list[Precision]:
    from vibench.preferences.verification import precision
    from vibench.store.record_tables import read_verdicts

    found = []
    known = made.plugins.get("judge", judge).known_values
    for value in made.spec.values:
        artefact = made.artefact(VerificationSpec.kind, made.planned.verifications[judge, value])
        if artefact is not None:
            by_pair = read_verdicts(artefact.file("verdicts.parquet")).values()
            found.append(precision(value, (v for given in by_pair for v in given), judge, known))
    return found


def _averaged(precisions: Sequence[Precision]) -> Averaged:
    from vibench.preferences.verification import averaged

    return averaged(precisions)


def _words(made: Made, judge: str) -> str:
    key = made.planned.verifications[judge, made.spec.values[0]]
    return judge_words(made, key)


def _row(judge: str, p: Precision) -> list[Any]:
    return [
        judge, p.value, p.pairs, p.scored, p.pairs - p.scored, p.hits, p.precision, p.low, p.high,
        p.labels_per_response,
    ]  # fmt: skip


def _average_rows(judge: str, a: Averaged) -> list[list[Any]]:
    counts = [a.pairs, a.scored, a.pairs - a.scored, a.hits]
    each = a.labels_per_response
    return [
        [judge, "(mean)", *counts, a.mean, a.mean_low, a.mean_high, each],
        [judge, "(pooled)", *counts, a.pooled, a.pooled_low, a.pooled_high, each],
    ]


def _baselines(made: Made) -> list[Baseline]:
    """The random guessers, at the sizes of the subsets at hand."""
    from vibench.preferences.subsets import SubsetCounts
    from vibench.preferences.verification import baseline

    sizes = {}
    for value, key in made.planned.subsets.items():
        if artefact := made.artefact(SubsetSpec.kind, key):
            sizes[value] = SubsetCounts.of(artefact.manifest["facts"]).total
    return [baseline(k, sizes) for k in GUESSES] if sizes else []


def _by_value(found: Mapping[str, Sequence[Precision]]) -> Listing:
    """A row for each value, and of each judge its precision and how many it could not say."""
    values = list(dict.fromkeys(p.value for precisions in found.values() for p in precisions))
    columns = ["value", "pairs"]
    for judge in found:
        columns += [judge, f"{judge}: unscored"]
    by = {(j, p.value): p for j, precisions in found.items() for p in precisions}
    rows = []
    for value in values:
        row: list[Any] = [value, max(p.pairs for (_, v), p in by.items() if v == value)]
        for judge in found:
            p = by.get((judge, value))
            row += [p.precision, p.pairs - p.scored] if p else [None, None]
        rows.append(row)
    return Listing("Precision by value, %", tuple(columns), rows, frozenset(found))


PAPER = {
    "llama-3.3-70b": "Llama-3.3-70b-Instruct",
    "mistral-small-24b": "Mistral-Small-24B-Instruct",
    "random, k=1": "Random baseline k=1",
    "random, k=5": "Random baseline k=5",
}
"""What an annotator's words hold, and the annotator's name in Table 2."""


def _paper(annotator: str) -> float | None:
    """The paper's number for the annotator of a row, as a share."""
    from vibench.paper import value_data

    name = next((theirs for ours, theirs in PAPER.items() if ours in annotator.lower()), "")
    found = value_data().averaged.get(name)
    return found / 100 if found is not None else None
