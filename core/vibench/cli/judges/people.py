"""`vibench judges agree JUDGE --labels FILE`: a judge against people's labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vibench.agreement.comparison import against_labels
from vibench.cli.judges.phrases import (
    INTERVALS,
    ci,
    counted,
    kappa_ci,
    question,
    reasons,
    seldom,
    sets,
    three,
    three_of,
    unscored,
)
from vibench.cli.listings import Form, print_listing
from vibench.cli.screen import console
from vibench.exhibits.lists import Listing
from vibench.stats.agreement import Agreement, agreement
from vibench.stats.links import link
from vibench.stats.shares import Share

if TYPE_CHECKING:
    from vibench.agreement.comparison import JudgeComparison, RubricComparison
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["with_labels"]

COLUMNS = (
    *("eval", "rubric", "label", "labelled", "scored"),
    *("true_positive", "false_negative", "false_positive", "true_negative"),
    *three("sensitivity"),
    *three("specificity"),
    *three("agreement"),
    *three("kappa"),
    "kappa_reason",
    *three("unscored"),
)
"""The columns of JSON and CSV."""
# Columns need names of their own, so the second interval's ends with a space.
HEADS = (
    *("question", "TP", "FN", "FP", "TN"),
    *("sens.", "95 % CI", "spec.", "95 % CI ", "kappa", "kappa's CI"),
)


def with_labels(
    store: Store, plugins: Plugins, judge: str, path: Path, run: str, minimum: int, form: Form
) -> None:
    """Print a judge's sensitivity, specificity and agreement with people's labels."""
    comparison = against_labels(store, plugins, judge, path, run, minimum)
    names = (comparison.first, comparison.second)
    full, short, rows = [], [], []
    for rubric in comparison.rubrics:
        for item in rubric.questions:
            a, shares = agreement(item.paired, names), link(item.paired)
            # Specificity: of the answers without the label, the share left without by the judge.
            c, specificity = a.counts, complement(shares.of_no)
            counts = (c.both, c.first, c.second, c.neither)
            full.append(
                [
                    *(rubric.eval, rubric.rubric, item.label, rubric.total, rubric.scored),
                    *counts,
                    *three_of(shares.of_yes if shares.of_yes.of else None),
                    *three_of(specificity if specificity.of else None),
                    *three_of(a.agreement),
                    *(*three_of(a.kappa), a.kappa.reason or None),
                    *three_of(rubric.unscored[1]),
                ]
            )
            short.append(
                [
                    *(question(rubric.rubric, item.label), *counts),
                    *(shares.of_yes.value, ci(shares.of_yes)),
                    *(specificity.value, ci(specificity)),
                    *(a.kappa.value, kappa_ci(a.kappa)),
                ]
            )
            rows.append((rubric, item.label, a))
    notes = _notes(comparison, rows, minimum, path)
    title = f"{names[1]} against the labels in {path}"
    print_listing(
        Listing(title, COLUMNS, full, notes=notes),
        form,
        console(),
        (Listing(title, HEADS, short, frozenset({"sens.", "spec."}), notes),),
    )


def _notes(
    comparison: JudgeComparison,
    rows: Sequence[tuple[RubricComparison, str, Agreement]],
    minimum: int,
    path: Path,
) -> tuple[str, ...]:
    labelled = sum(rubric.total for rubric in comparison.rubrics)
    notes = [
        f"Positive: people gave the label. {labelled:,} labelled answers of "
        f"{sets(comparison.sets)}. Intervals are Wilson's if each answer is its own cluster.",
        INTERVALS,
        *reasons(rows),
        *seldom(comparison.rubrics, minimum),
        *_sets(comparison),
        f"Unscored by {comparison.second}, and in no count: {unscored(comparison, 1)}.",
    ]
    if comparison.unknown:
        notes.append(
            f"{sum(comparison.unknown.values()):,} rows of {path} match no judged answer: "
            f"{counted(comparison.unknown)}."
        )
    return tuple(notes)


def complement(share: Share) -> Share:
    """Return the share of the answers that are no hits."""
    value = None if share.value is None else 1 - share.value
    misses = share.of - share.hits
    return Share(value, 1 - share.high, 1 - share.low, misses, share.of, share.clusters)


def _sets(comparison: JudgeComparison) -> list[str]:
    return [
        f"{rubric.rubric}: mean Jaccard of the label sets {rubric.jaccard.value:.2f} "
        f"({rubric.jaccard.low:.2f} to {rubric.jaccard.high:.2f})."
        for rubric in comparison.rubrics
        if rubric.jaccard and rubric.jaccard.value is not None
    ]
