"""`vibench judges agree JUDGE --labels FILE`: a judge and people."""

from __future__ import annotations

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
from vibench.exhibits.listing import Listing
from vibench.stats.agreement import agreement
from vibench.stats.links import link
from vibench.stats.shares import Share

if TYPE_CHECKING:
    from vibench.agreement.comparison import JudgeComparison
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["with_labels"]

COLUMNS = (
    "eval", "rubric", "label", "labelled", "scored", "true_positive", "false_negative",
    "false_positive", "true_negative", *three("sensitivity"), *three("specificity"),
    *three("agreement"), *three("kappa"), "kappa_reason", *three("unscored"),
)  # fmt: skip
HEADS = (
    "question", "TP", "FN", "FP", "TN", "sens.", "95 % CI", "spec.", "95 % CI ", "kappa",
    "kappa's CI",
)  # fmt: skip


def with_labels(
    store: Store, plugins: Plugins, judge: str, path: Path, run: str, minimum: int, form: Form
) -> None:
    """Print how far a judge finds what people found."""
    found = against_labels(store, plugins, judge, path, run, minimum)
    names = (found.first, found.second)
    full, shown, rows = [], [], []
    for one in found.rubrics:
        for asked in one.questions:
            a, of = agreement(asked.paired, names), link(asked.paired)
            c, right = a.counts, others(of.of_no)
            counts = (c.both, c.first, c.second, c.neither)
            full.append(
                [one.eval, one.rubric, asked.label, one.total, one.scored, *counts,
                 *three_of(of.of_yes if of.of_yes.of else None),
                 *three_of(right if right.of else None), *three_of(a.agreement),
                 *three_of(a.kappa), a.kappa.reason or None, *three_of(one.unscored[1])]
            )  # fmt: skip
            shown.append(
                [question(one.rubric, asked.label), *counts, of.of_yes.value, ci(of.of_yes),
                 right.value, ci(right), a.kappa.value, kappa_ci(a.kappa)]
            )  # fmt: skip
            rows.append((one, asked.label, a))
    notes = [
        f"Positive: people gave the label. {sum(one.total for one in found.rubrics):,} labelled "
        f"answers of {sets(found.sets)}. Intervals are Wilson's where each is of its own cluster.",
        INTERVALS,
        *reasons(rows),
        *seldom(found.rubrics, minimum),
        *_sets(found),
        f"Unscored by {names[1]}, and in no count: {unscored(found, 1)}.",
    ]
    if found.unknown:
        notes.append(
            f"{sum(found.unknown.values()):,} rows of {path} are of nothing that was judged: "
            f"{counted(found.unknown)}."
        )
    title = f"{names[1]} against the labels in {path}"
    print_listing(
        Listing(title, COLUMNS, full, notes=tuple(notes)),
        form,
        console(),
        (Listing(title, HEADS, shown, frozenset({"sens.", "spec."}), tuple(notes)),),
    )


def others(share: Share) -> Share:
    """The share of the answers that are no hits."""
    value = None if share.value is None else 1 - share.value
    rest = share.of - share.hits
    return Share(value, 1 - share.high, 1 - share.low, rest, share.of, share.clusters)


def _sets(found: JudgeComparison) -> list[str]:
    return [
        f"{one.rubric}: mean Jaccard of the label sets {one.jaccard.value:.2f} "
        f"({one.jaccard.low:.2f} to {one.jaccard.high:.2f})."
        for one in found.rubrics
        if one.jaccard and one.jaccard.value is not None
    ]
