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
from vibench.exhibits.listing import Listing
from vibench.plugins import Plugins
from vibench.stats.agreement import Agreement, agreement
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from vibench.agreement.comparison import JudgeComparison, RubricComparison

__all__ = ["agree"]

Row = tuple["RubricComparison", str, Agreement]
"""A rubric, one of its labels, and how far the judges agree on it."""

COLUMNS = (
    "eval", "rubric", "label", "asked", "scored", "clusters", *three("agreement"),
    *three("kappa"), "kappa_reason", *three("first_share"), *three("second_share"),
    "both", "only_first", "only_second", "neither", *three("first_unscored"),
    *three("second_unscored"), *three("jaccard"),
)  # fmt: skip
PERCENT = frozenset({"agree", "% first", "% second", "first", "second"})


def agree(
    judges: Sequence[str], labels: Path | None, run: str, minimum: int, root: str, form: Form
) -> int:
    """Print how two judges agree, or how one does with people's labels."""
    if len(judges) != (1 if labels else 2):
        raise SpecError(
            f"{len(judges)} judge{' is' if len(judges) == 1 else 's are'} named.",
            "Name two judges, or one with --labels FILE.",
        )
    store, plugins = Store(root), Plugins.discover()
    if labels is not None:
        from vibench.cli.judges.people import with_labels

        with_labels(store, plugins, judges[0], labels, run, minimum, form)
        return 0
    found = between(store, plugins, judges[0], judges[1], run, minimum)[0]
    names = (found.first, found.second)
    rows = [(c, q.label, agreement(q.paired, names)) for c in found.rubrics for q in c.questions]
    full = [_full(*row) for row in rows]
    full += [_whole(one) for one in found.rubrics if one.jaccard or not one.questions]
    notes = [INTERVALS, *reasons(rows), *seldom(found.rubrics, minimum)]
    if found.unmatched:
        notes.append(f"{found.unmatched:,} questions have a verdict of one of the two only.")
    notes += [f"Unscored by {name}: {unscored(found, n)}." for n, name in enumerate(names)]
    title = f"{names[0]} (first) and {names[1]} (second) over {sets(found.sets)}"
    shown = [*_by_eval(rows), *_sets(found), *_unscored(found)]
    shown[0] = replace(shown[0], title=title, subtitle=shown[0].title)
    shown[-1] = replace(shown[-1], notes=tuple(notes))
    print_listing(Listing(title, COLUMNS, full, notes=tuple(notes)), form, console(), shown)
    return 0


def _full(one: RubricComparison, label: str, found: Agreement) -> list[Any]:
    k, c = found.kappa, found.counts
    return [
        one.eval, one.rubric, label, one.total, one.scored, found.agreement.clusters,
        *three_of(found.agreement), *three_of(k), k.reason or None, *three_of(found.first),
        *three_of(found.second), c.both, c.first, c.second, c.neither,
        *three_of(one.unscored[0]), *three_of(one.unscored[1]), *three_of(None),
    ]  # fmt: skip


def _whole(one: RubricComparison) -> list[Any]:
    """The row of a rubric as a whole: its label sets, or one of which nothing is compared."""
    return [
        one.eval, one.rubric, "(label sets)" if one.jaccard else None, one.total, one.scored,
        one.unscored[0].clusters, *[None] * 17, *three_of(one.unscored[0]),
        *three_of(one.unscored[1]), *three_of(one.jaccard),
    ]  # fmt: skip


def _by_eval(rows: Sequence[Row]) -> list[Listing]:
    """A table for each eval, a row for each question."""
    heads = ("question", "scored", "agree", "95 % CI", "kappa", "kappa's CI", "% first",
             "% second")  # fmt: skip
    names = list(dict.fromkeys(one.eval for one, _, _ in rows))
    found = []
    for name in names or ["nothing to compare"]:
        lines = [
            (question(one.rubric, label), a.agreement.of, a.agreement.value, ci(a.agreement),
             a.kappa.value, kappa_ci(a.kappa), a.first.value, a.second.value)
            for one, label, a in rows
            if one.eval == name
        ]  # fmt: skip
        found.append(Listing(name, heads, lines, PERCENT))
    return found


def _sets(found: JudgeComparison) -> list[Listing]:
    lines = [
        (one.eval, one.rubric, one.scored, *three_of(one.jaccard))
        for one in found.rubrics
        if one.jaccard
    ]
    heads = ("eval", "rubric", "scored", "Jaccard", "low", "high")
    return [Listing("label sets, mean overlap", heads, lines)] if lines else []


def _unscored(found: JudgeComparison) -> list[Listing]:
    """The rubrics of which something is unscored, with each judge's share."""
    lines = [
        (one.eval, one.rubric, one.total, one.scored, one.unscored[0].value, ci(one.unscored[0]),
         one.unscored[1].value, ci(one.unscored[1]))
        for one in found.rubrics
        if one.scored < one.total
    ]  # fmt: skip
    heads = ("eval", "rubric", "asked", "scored by both", "first", "95 % CI", "second", "95 % CI ")
    return [Listing("unscored, in %", heads, lines, PERCENT)] if lines else []
