"""`vibench data verify`: the subsets' values as other judges see them (Table 2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vibench.cli.data.commands import judge_words
from vibench.cli.data.options import DataOptions
from vibench.cli.data.work import DataRun, make
from vibench.cli.listings import print_listing
from vibench.cli.screen import console
from vibench.exhibits.lists import Listing, interval
from vibench.preferences.values import normalised
from vibench.stages.subset import SubsetSpec
from vibench.stages.verification import VerificationSpec

if TYPE_CHECKING:
    from vibench.preferences.verification import Averaged, Baseline, Precision

__all__ = ["verify"]

GUESSES = (1, 5)
"""Labels that each random baseline gives (Table 2)."""

COLUMNS = (
    "judge",
    "value",
    "pairs",
    "scored",
    "unscored",
    "hits",
    "precision",
    "low",
    "high",
    "labels each",
)
SUMMARY: tuple[str, ...] = (
    *("annotator", "pairs", "scored"),
    *("precision", "95 % CI", "pooled", "labels"),
)
SHARES = frozenset({"precision", "low", "high", "pooled", "paper"})


def verify(
    options: DataOptions,
    value: Sequence[str],
    judge: Sequence[str],
    minimum: int | None,
    paper: bool,
    pairs: Sequence[str],
) -> int:
    """Print Table 2 and the precision of each value."""
    data_run = make(
        options, "verification", values=value, judges=judge, minimum_pairs=minimum, pairs=pairs
    )
    # In the order of --judge, which the table keeps.
    by_judge = {name: _precisions(data_run, name) for name in data_run.spec.judges}
    rows, summary = _rows(data_run, by_judge)
    heads = SUMMARY
    if paper:
        heads += ("paper",)
        summary = [[*row, _paper(str(row[0]))] for row in summary]
    notes = _notes(data_run, by_judge)
    table = Listing("Precision of the value subsets (Table 2)", heads, summary, SHARES, notes)
    each = Listing("Precision by value", COLUMNS, rows, SHARES, notes)
    print_listing(each, options.form, console(), (table, _by_value(by_judge)))
    return data_run.code()


def _rows(
    data_run: DataRun, by_judge: Mapping[str, Sequence[Precision]]
) -> tuple[list[list[Any]], list[list[Any]]]:
    """Return the rows by value and those of Table 2: judges first, then random guessers."""
    rows: list[list[Any]] = []
    summary: list[list[Any]] = []
    for judge, precisions in by_judge.items():
        # A judge all of whose verifications failed has no row; its failure is printed.
        if precisions:
            name, total = _words(data_run, judge), _averaged(precisions)
            rows += [_row(name, p) for p in precisions]
            rows += _average_rows(name, total)
            span = interval(total.mean_low, total.mean_high)
            counts = (total.pairs, total.scored)
            shares = (total.mean, span, total.pooled, total.labels_per_response)
            summary.append([name, *counts, *shares])
    for guess in _baselines(data_run):
        # Guessers leave nothing unscored, and their hits are an expectation and no count.
        name, share, labels = f"random, k={guess.k}", guess.simulated, float(guess.k)
        counts = (guess.pairs, guess.pairs)
        rows.append(
            [name, "(pooled)", *counts, 0, None, share, guess.low, guess.high, labels],
        )
        summary.append([name, *counts, share, interval(guess.low, guess.high), share, labels])
    return rows, summary


def _notes(data_run: DataRun, judges: Collection[str]) -> tuple[str, ...]:
    """Return notes on the columns, and on judges whose numbers need a caution."""
    notes = [
        "Precision: % of the chosen responses in which the judge finds the subset's value, the "
        "mean over values; pooled: over all responses. Labels: given per response.",
        "A random guesser gives k of the 16 labels and none, for every response.",
    ]
    spec = data_run.spec
    if data_run.planned.values and spec.extractor in judges:
        # Its precision says nothing about the subset then.
        notes.append(f"{spec.extractor} also extracted the values: it agrees with itself.")
    for name in judges:
        vocabulary = data_run.plugins.get("judge", name).known_values
        if vocabulary is not None:
            unknown = [value for value in spec.values if value not in normalised(vocabulary)]
            if unknown:
                listed = ", ".join(unknown)
                notes.append(f"WARNING: {name} does not know {listed}: not measured by it.")
    return tuple(notes)


def _precisions(data_run: DataRun, judge: str) -> list[Precision]:
    from vibench.preferences.verification import precision
    from vibench.store.record_tables import read_verdicts

    precisions = []
    vocabulary = data_run.plugins.get("judge", judge).known_values
    for value in data_run.spec.values:
        artefact = data_run.artefact(
            VerificationSpec.kind, data_run.planned.verifications[judge, value]
        )
        if artefact is not None:
            by_pair = read_verdicts(artefact.file("verdicts.parquet")).values()
            # By pair on disk, one verdict after another here: precision is over responses.
            verdicts = (verdict for verdicts in by_pair for verdict in verdicts)
            precisions.append(precision(value, verdicts, judge, vocabulary))
    return precisions


def _averaged(precisions: Sequence[Precision]) -> Averaged:
    from vibench.preferences.verification import averaged

    return averaged(precisions)


def _words(data_run: DataRun, judge: str) -> str:
    key = data_run.planned.verifications[judge, data_run.spec.values[0]]
    return judge_words(data_run, key)


def _row(judge: str, p: Precision) -> list[Any]:
    return [
        judge,
        p.value,
        p.pairs,
        p.scored,
        p.pairs - p.scored,
        p.hits,
        p.precision,
        p.low,
        p.high,
        p.labels_per_response,
    ]


def _average_rows(judge: str, a: Averaged) -> list[list[Any]]:
    counts = [a.pairs, a.scored, a.pairs - a.scored, a.hits]
    each = a.labels_per_response
    return [
        [judge, "(mean)", *counts, a.mean, a.mean_low, a.mean_high, each],
        [judge, "(pooled)", *counts, a.pooled, a.pooled_low, a.pooled_high, each],
    ]


def _baselines(data_run: DataRun) -> list[Baseline]:
    """Return the random guessers, at the sizes of these subsets."""
    from vibench.preferences.subsets import SubsetCounts
    from vibench.preferences.verification import baseline

    sizes = {}
    for value, key in data_run.planned.subsets.items():
        if artefact := data_run.artefact(SubsetSpec.kind, key):
            sizes[value] = SubsetCounts.of(artefact.manifest["facts"]).total
    return [baseline(k, sizes) for k in GUESSES] if sizes else []


def _by_value(by_judge: Mapping[str, Sequence[Precision]]) -> Listing:
    """Return a row for each value, with the precision and unscored answers of each judge."""
    values = list(dict.fromkeys(p.value for precisions in by_judge.values() for p in precisions))
    columns = ["value", "pairs"]
    for judge in by_judge:
        columns += [judge, f"{judge}: unscored"]
    # A judge that does not know a value, or whose verification failed, has no number for it.
    by = {(j, p.value): p for j, precisions in by_judge.items() for p in precisions}
    rows = []
    for value in values:
        # All judges were given the same pairs; a failed one has none.
        row: list[Any] = [value, max(p.pairs for (_, v), p in by.items() if v == value)]
        for judge in by_judge:
            p = by.get((judge, value))
            row += [p.precision, p.pairs - p.scored] if p else [None, None]
        rows.append(row)
    return Listing("Precision by value, %", tuple(columns), rows, frozenset(by_judge))


PAPER = {
    "llama-3.3-70b": "Llama-3.3-70b-Instruct",
    "mistral-small-24b": "Mistral-Small-24B-Instruct",
    "random, k=1": "Random baseline k=1",
    "random, k=5": "Random baseline k=5",
}
"""A part of an annotator's text here, and the annotator's name in Table 2."""


def _paper(annotator: str) -> float | None:
    """Return the paper's number for the annotator of a row, as a share."""
    from vibench.paper import value_data

    name = next((theirs for ours, theirs in PAPER.items() if ours in annotator.lower()), "")
    percent = value_data().averaged.get(name)
    return percent / 100 if percent is not None else None
