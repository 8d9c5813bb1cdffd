"""`vibench judges agree`: two judges over the same transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.agreement.comparison import between
from vibench.cli.judges.phrases import (
    INTERVALS,
    ci,
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
from vibench.errors import SpecError
from vibench.exhibits.lists import Listing
from vibench.plugins import Plugins
from vibench.stats.agreement import Agreement, agreement
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from vibench.agreement.comparison import JudgeComparison, RubricComparison

__all__ = ["agree"]

Row = tuple["RubricComparison", str, Agreement]
"""A rubric, one of its labels, and the judges' agreement on it."""

COLUMNS = (
    *("eval", "rubric", "label", "asked", "scored", "clusters"),
    *three("agreement"),
    *three("kappa"),
    "kappa_reason",
    *three("first_share"),
    *three("second_share"),
    *("both", "only_first", "only_second", "neither"),
    *three("first_unscored"),
    *three("second_unscored"),
    *three("jaccard"),
)
"""The columns of JSON and CSV."""
PERCENT = frozenset({"agree", "% first", "% second", "first", "second"})


def agree(
    judges: Sequence[str], labels: Path | None, run: str, minimum: int, root: str, form: Form
) -> int:
    """Print the agreement of two judges, or of one with people's labels."""
    if len(judges) != (1 if labels else 2):
        raise SpecError(
            f"The command names {len(judges)} judge{'' if len(judges) == 1 else 's'}.",
            "Name two judges, or one with --labels FILE.",
        )
    store, plugins = Store(root), Plugins.discover()
    if labels is not None:
        # People are no second judge: their labels are taken as the truth, so that the numbers are
        # sensitivity and specificity and not only agreement.
        from vibench.cli.judges.people import with_labels

        with_labels(store, plugins, judges[0], labels, run, minimum, form)
        return 0
    comparison = between(store, plugins, judges[0], judges[1], run, minimum)[0]
    names = (comparison.first, comparison.second)
    rubrics = comparison.rubrics
    rows = [(c, q.label, agreement(q.paired, names)) for c in rubrics for q in c.questions]
    full = [_full(*row) for row in rows]
    # Label sets are of a whole rubric, so they have a row of their own.
    full += [_rubric_row(c) for c in rubrics if c.jaccard or not c.questions]
    notes = [INTERVALS, *reasons(rows), *seldom(rubrics, minimum)]
    if comparison.unmatched:
        notes.append(f"{comparison.unmatched:,} questions have a verdict of only one of the two.")
    notes += [f"Unscored by {name}: {unscored(comparison, n)}." for n, name in enumerate(names)]
    title = f"{names[0]} (first) and {names[1]} (second) over {sets(comparison.sets)}"
    sheets = [*_by_eval(rows), *_sets(comparison), *_unscored(comparison)]
    # The title stands over the first table and the notes below the last: they are about all.
    sheets[0] = replace(sheets[0], title=title, subtitle=sheets[0].title)
    sheets[-1] = replace(sheets[-1], notes=tuple(notes))
    print_listing(Listing(title, COLUMNS, full, notes=tuple(notes)), form, console(), sheets)
    return 0


def _full(rubric: RubricComparison, label: str, agreed: Agreement) -> list[Any]:
    """Return the row of a label with all columns, those of label sets empty."""
    k, c = agreed.kappa, agreed.counts
    return [
        *(rubric.eval, rubric.rubric, label, rubric.total, rubric.scored),
        agreed.agreement.clusters,
        *three_of(agreed.agreement),
        *three_of(k),
        k.reason or None,
        *three_of(agreed.first),
        *three_of(agreed.second),
        *(c.both, c.first, c.second, c.neither),
        *three_of(rubric.unscored[0]),
        *three_of(rubric.unscored[1]),
        *three_of(None),
    ]


def _rubric_row(rubric: RubricComparison) -> list[Any]:
    """Return the row of a rubric: of its label sets, or of one without a comparison."""
    label = "(label sets)" if rubric.jaccard else None
    return [
        *(rubric.eval, rubric.rubric, label, rubric.total, rubric.scored),
        rubric.unscored[0].clusters,
        # All columns between the counts and the unscored shares.
        *[None] * 17,
        *three_of(rubric.unscored[0]),
        *three_of(rubric.unscored[1]),
        *three_of(rubric.jaccard),
    ]


def _by_eval(rows: Sequence[Row]) -> list[Listing]:
    """Return a table for each eval, with a row for each question."""
    intervals = ("agree", "95 % CI", "kappa", "kappa's CI")
    heads = ("question", "scored", *intervals, "% first", "% second")
    names = list(dict.fromkeys(rubric.eval for rubric, _, _ in rows))
    sheets = []
    # One table all the same: it carries the title and the notes.
    for name in names or ["nothing to compare"]:
        lines = [
            (
                *(question(rubric.rubric, label), a.agreement.of),
                *(a.agreement.value, ci(a.agreement), a.kappa.value, kappa_ci(a.kappa)),
                *(a.first.value, a.second.value),
            )
            for rubric, label, a in rows
            if rubric.eval == name
        ]
        sheets.append(Listing(name, heads, lines, PERCENT))
    return sheets


def _sets(comparison: JudgeComparison) -> list[Listing]:
    lines = [
        (rubric.eval, rubric.rubric, rubric.scored, *three_of(rubric.jaccard))
        for rubric in comparison.rubrics
        if rubric.jaccard
    ]
    heads = ("eval", "rubric", "scored", "Jaccard", "low", "high")
    return [Listing("label sets, mean overlap", heads, lines)] if lines else []


def _unscored(comparison: JudgeComparison) -> list[Listing]:
    """Return the rubrics with unscored questions, with each judge's share."""
    lines = [
        (
            *(rubric.eval, rubric.rubric, rubric.total, rubric.scored),
            *(rubric.unscored[0].value, ci(rubric.unscored[0])),
            *(rubric.unscored[1].value, ci(rubric.unscored[1])),
        )
        for rubric in comparison.rubrics
        if rubric.scored < rubric.total
    ]
    # Columns need names of their own, so the second interval's ends with a space.
    heads = ("eval", "rubric", "asked", "scored by both", "first", "95 % CI", "second", "95 % CI ")
    return [Listing("unscored, in %", heads, lines, PERCENT)] if lines else []
