"""`vibench data subsets`: the sizes of value subsets, beside the paper's (Table 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vibench.cli.data.commands import judged_by
from vibench.cli.data.options import DataOptions
from vibench.cli.data.work import DataRun, make
from vibench.cli.listings import print_listing
from vibench.cli.screen import console
from vibench.exhibits.lists import Listing
from vibench.stages.subset import SubsetSpec

if TYPE_CHECKING:
    from vibench.preferences.subsets import SubsetCounts

__all__ = ["subsets"]

COUNTS = ("chosen", "rejected", "total", "both", "neither", "unscored")
SHARES = ("% of the 15", "% in Table 1")


def subsets(
    options: DataOptions,
    value: Sequence[str],
    minimum: int | None,
    paper: bool,
    pairs: Sequence[str],
) -> int:
    """Print the sizes of the value subsets (Table 1); return 2 if one is too small, else 0."""
    data_run = make(options, "subsets", values=value, minimum_pairs=minimum, pairs=pairs)
    counts = {name: _counts(data_run, name) for name in data_run.spec.values}
    columns: tuple[str, ...] = ("value", *COUNTS)
    rows = [[name, *(getattr(c, column) for column in COUNTS)] for name, c in counts.items()]
    title, notes = "Value subsets", _subset_notes(data_run)
    if data_run.spec.pairs:
        columns += ("own",)
        rows = [[*row, counts[row[0]].own] for row in rows]
    # JSON and CSV have names without spaces; tables have words.
    heads = columns
    if data_run.planned.values:
        title += f", by {judged_by(data_run)}"
        shares = _shares(data_run)
        rows = [[*row, *shares.get(row[0], (None, None))] for row in rows]
        columns, heads = (*columns, "share_of_15", "table_1"), (*heads, *SHARES)
    percent = frozenset(SHARES)
    full = Listing(title, columns, rows, notes=notes)
    short = Listing(title, heads, rows, percent, notes)
    if paper:
        published = [_published(row[0]) for row in rows]
        beside = list(zip(rows, published, strict=True))
        paper_columns = ("paper_chosen", "paper_rejected", "paper_total")
        full = Listing(title, columns + paper_columns, [r + p for r, p in beside], notes=notes)
        short = Listing(title, (*heads, "paper"), [r + p[2:] for r, p in beside], percent, notes)
    print_listing(full, options.form, console(), (short,))
    return data_run.code()


def pairs_of_table_1() -> int:
    """Return the number of pairs in all subsets of the paper's Table 1."""
    from vibench.paper import value_data

    return sum(size.total for size in value_data().subsets.values())


def _published(value: str) -> list[Any]:
    """Return a row of the paper's Table 1; None for each number of another value."""
    from vibench.paper import value_data

    size = value_data().subsets.get(value)
    return [size.chosen, size.rejected, size.total] if size else [None] * 3


def _shares(data_run: DataRun) -> Mapping[str, tuple[float | None, float]]:
    """Return the share of each of the paper's 15 values in the pairs of all 15, here and in
    Table 1."""
    from vibench.paper import value_data

    # The paper gives the sizes of its subsets, and not of how many pairs they were selected: what
    # can be compared is how the values share their sum.
    published = {name: size.total for name, size in value_data().subsets.items()}
    table = pairs_of_table_1()
    sources = data_run.expressed().values()
    sizes = {name: sum(source.counts(name).total for source in sources) for name in published}
    total = sum(sizes.values())
    return {
        name: (
            sizes[name] / total if total and name not in data_run.spec.pairs else None,
            size / table,
        )
        for name, size in published.items()
    }


def _subset_notes(data_run: DataRun) -> tuple[str, ...]:
    """Return notes on the columns, and a sentence about the pairs of each subset."""
    from vibench.execute.run import subset_summaries

    notes = []
    if data_run.planned.values:
        notes.append(
            "Pairs with the value on exactly one side: chosen, or rejected and then flipped. "
            "Unscored pairs have a side whose values are unknown; they are in no subset."
        )
        notes.append(
            "% of the 15: a value's pairs among those of all of the paper's 15 values. % in Table "
            f"1: the same share of the {pairs_of_table_1():,} pairs in the paper's Table 1 (four "
            "sets, by Mistral-7B-Instruct-v0.3; the paper does not say of how many pairs)."
        )
    if data_run.spec.pairs:
        notes.append("Own: pairs given with --pairs, trained on as they are.")
    for summary in subset_summaries(data_run.planned.plan, data_run.store):
        notes.append(f"{summary.sentence}.")
        notes += [f"WARNING: {summary.warning}"] if summary.warning else []
    return tuple(notes)


def _counts(data_run: DataRun, value: str) -> SubsetCounts:
    """Return a subset's counts, also if it was refused for its size."""
    from vibench.preferences.subsets import SubsetCounts

    artefact = data_run.artefact(SubsetSpec.kind, data_run.planned.subsets[value])
    if artefact is not None:
        return SubsetCounts.of(artefact.manifest["facts"])
    # A subset that was refused has no artefact, but its size is what the user wants to know: it is
    # counted from the values of all sources. Pairs made for a value have no such counts.
    empty = SubsetCounts(0, 0, 0, 0, 0)
    if value in data_run.spec.pairs:
        return empty
    return sum((source.counts(value) for source in data_run.expressed().values()), start=empty)
