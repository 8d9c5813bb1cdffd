"""`vibench data pairs`, `values`, `candidates` and `subsets`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.cli.data.options import DataOptions
from vibench.cli.data.work import Made, data_of, make
from vibench.cli.listings import print_listing
from vibench.cli.screen import console
from vibench.exhibits.listing import Listing
from vibench.run_options import split_names
from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.pairs import PairsSpec
from vibench.stages.subset import SubsetSpec

if TYPE_CHECKING:
    from vibench.preferences.description import PairDescription
    from vibench.preferences.extraction import PairValues
    from vibench.preferences.subsets import SubsetCounts

__all__ = ["candidates", "judged_by", "pairs", "subsets", "values"]


def pairs(asked: DataOptions, own: Sequence[str]) -> int:
    """Print what each source and file has; exit code 2 if one cannot be read."""
    from vibench.preferences.description import describe

    made = make(asked, "pairs", pairs=own)
    found: list[tuple[str, Mapping[str, int], PairDescription]] = []
    for name, key in made.planned.pairs.items():
        if artefact := made.artefact(PairsSpec.kind, key):
            about = describe(artefact.file("pairs.parquet"))
            found.append((name, artefact.manifest["facts"]["dropped"], about))
    drops = [(name, cause, n) for name, dropped, _ in found for cause, n in dropped.items()]
    shown = [
        Listing(
            "Preference pairs",
            ("source", "rows", "dropped", "pairs", "multi-turn", "chosen", "rejected"),
            _with_sums([_pairs_row(*one) for one in found], 5),
            notes=(
                "Multi-turn: pairs whose prompt has several turns of the user. Chosen, rejected: "
                "median length in characters.",
            ),
        )
    ]
    if drops:
        shown.append(Listing("Rows that give no pair", ("source", "cause", "rows"), drops))
    print_listing(_all_of_pairs(found), asked.form, console(), shown)
    return made.code()


def _pairs_row(name: str, dropped: Mapping[str, int], about: PairDescription) -> list[Any]:
    gone = sum(dropped.values())
    medians = (side.median if side else None for side in (about.chosen, about.rejected))
    return [name, about.pairs + gone, gone, about.pairs, about.multi_turn, *medians]


def _with_sums(rows: list[list[Any]], counted: int) -> list[list[Any]]:
    """A last row with the sums of the columns up to `counted`, if there are several rows."""
    if len(rows) < 2:
        return rows
    sums = [sum(row[i] for row in rows) for i in range(1, counted)]
    return [*rows, ["all", *sums, *[None] * (len(rows[0]) - counted)]]


def _all_of_pairs(found: Sequence[tuple[str, Mapping[str, int], PairDescription]]) -> Listing:
    """One row for each source, with a column for each cause of a drop."""
    causes = sorted({cause for _, dropped, _ in found for cause in dropped})
    columns = ["source", "rows", *(f"dropped: {cause}" for cause in causes), "pairs", "multi_turn"]
    columns += [
        f"{side}_{what}"
        for side in ("chosen", "rejected")
        for what in ("mean", "median", "longest")
    ]
    rows = []
    for name, dropped, about in found:
        lengths: list[Any] = []
        for side in (about.chosen, about.rejected):
            lengths += [side.mean, side.median, side.longest] if side else [None] * 3
        whole = about.pairs + sum(dropped.values())
        counts = [dropped.get(cause, 0) for cause in causes]
        rows.append([name, whole, *counts, about.pairs, about.multi_turn, *lengths])
    return Listing("Preference pairs", tuple(columns), rows, notes=("Lengths are in characters.",))


def values(asked: DataOptions, top: int, figure: Path | None) -> int:
    """Print which values the responses of each source express (Figure 9)."""
    made = make(asked, "values")
    expressed = made.expressed()
    rows: list[tuple[Any, ...]] = []
    sheets: list[Listing] = []
    drawn: dict[str, list[tuple[str, int, int]]] = {}
    by = judged_by(made)
    for name, found in expressed.items():
        distribution = found.distribution()
        scored = 2 * found.pairs - found.unscored.total()
        of_source = [
            (name, v.value, v.chosen, v.rejected, v.total, v.total / scored) for v in distribution
        ]
        rows += of_source
        drawn[name] = [row[1:4] for row in of_source]
        sheets.append(
            Listing(
                f"Values in {name}, the {min(top, len(of_source))} most frequent of "
                f"{len(of_source)}, by {by}",
                ("value", "chosen", "rejected", "total", "% of responses"),
                [row[1:] for row in of_source[:top]],
                frozenset({"% of responses"}),
                (_scored(scored, found.unscored),),
            )
        )
    columns = ("source", "value", "chosen", "rejected", "total", "share")
    notes = tuple(f"{s}: {_scored_of(found)}" for s, found in expressed.items())
    print_listing(
        Listing(f"Values by {by}", columns, rows, notes=notes), asked.form, console(), sheets
    )
    if figure is not None and drawn:
        from vibench.exhibits.value_figure import draw

        draw(drawn, figure, top, f"Values in preference data, by {by}")
        console(to_stderr=True).print(f"Figure 9 is in {figure}.", markup=False)
    return made.code()


def _scored_of(found: PairValues) -> str:
    return _scored(2 * found.pairs - found.unscored.total(), found.unscored)


def _scored(scored: int, unscored: Mapping[str, int]) -> str:
    causes = ", ".join(f"{n:,} {cause}" for cause, n in sorted(unscored.items()))
    return f"{scored:,} responses scored, {sum(unscored.values()):,} unscored" + (
        f" ({causes})." if causes else "."
    )


def judged_by(made: Made) -> str:
    """The extractor, with the model that it asks."""
    return judge_words(made, next(iter(made.planned.values.values())))


def judge_words(made: Made, key: str) -> str:
    """A stage's judge in words: `mistral (org/name)`, or `rules (a baseline)`."""
    spec = made.planned.plan.stages[key].spec
    assert isinstance(spec, JudgedSpec)
    name = spec.judge.name
    if spec.model is not None:
        return f"{name} ({spec.model.name})"
    return f"{name} (a baseline)" if made.plugins.get("judge", name).baseline else name


def subsets(
    asked: DataOptions,
    value: Sequence[str],
    minimum: int | None,
    paper: bool,
    pairs: Sequence[str],
) -> int:
    """Print the sizes of the value subsets (Table 1); exit code 2 if one is too small."""
    made = make(asked, "subsets", values=value, minimum_pairs=minimum, pairs=pairs)
    counts = {name: _counts(made, name) for name in made.spec.values}
    columns: tuple[str, ...] = (
        "value", "chosen", "rejected", "total", "both", "neither", "unscored"
    )  # fmt: skip
    rows: list[list[Any]] = [
        [name, c.chosen, c.rejected, c.total, c.both, c.neither, c.unscored]
        for name, c in counts.items()
    ]
    title, notes = "Value subsets", _subset_notes(made)
    if made.planned.values:
        title += f", by {judged_by(made)}"
    if made.spec.pairs:
        columns += ("own",)
        rows = [[*row, counts[row[0]].own] for row in rows]
    full = shown = Listing(title, columns, rows, notes=notes)
    if paper:
        from vibench.paper import value_data

        theirs = [value_data().subsets.get(row[0]) for row in rows]
        more = [[t.chosen, t.rejected, t.total] if t else [None] * 3 for t in theirs]
        named = ("paper_chosen", "paper_rejected", "paper_total")
        both = list(zip(rows, more, strict=True))
        full = Listing(title, columns + named, [r + m for r, m in both], notes=notes)
        shown = Listing(title, (*columns, "paper"), [r + m[2:] for r, m in both], notes=notes)
    print_listing(full, asked.form, console(), (shown,))
    return made.code()


def _subset_notes(made: Made) -> tuple[str, ...]:
    """What the columns mean, and what became of each subset's pairs."""
    from vibench.execute.run import subset_summaries

    notes = []
    if made.planned.values:
        notes.append(
            "Pairs with the value on exactly one side: chosen, or rejected and then flipped. "
            "Unscored pairs have a side whose values are not known; they are in no subset."
        )
    if made.spec.pairs:
        notes.append("Own: pairs given with --pairs, trained on as they are.")
    for summary in subset_summaries(made.planned.plan, made.store):
        notes.append(f"{summary.sentence}.")
        notes += [f"WARNING: {summary.warning}"] if summary.warning else []
    return tuple(notes)


def _counts(made: Made, value: str) -> SubsetCounts:
    """A subset's counts, also where it was refused for its size."""
    from vibench.preferences.subsets import SubsetCounts

    artefact = made.artefact(SubsetSpec.kind, made.planned.subsets[value])
    if artefact is not None:
        return SubsetCounts.of(artefact.manifest["facts"])
    empty = SubsetCounts(0, 0, 0, 0, 0)
    if value in made.spec.pairs:
        return empty
    return sum((found.counts(value) for found in made.expressed().values()), start=empty)


def candidates(asked: DataOptions, minimum: int, category: Sequence[str], everything: bool) -> int:
    """Print the values that meet the paper's criteria (section 4)."""
    from vibench.preferences.candidates import CATEGORIES
    from vibench.preferences.candidates import candidates as qualify
    from vibench.preferences.subsets import SubsetCounts
    from vibench.preferences.taxonomy import Taxonomy

    taxonomy = Taxonomy.of(data_of(asked))
    made = make(asked, "values")
    none = SubsetCounts(0, 0, 0, 0, 0)
    expressed = made.expressed().values()
    found: dict[str, SubsetCounts] = {}
    for name in sorted({name for source in expressed for name in source.names}):
        found[name] = none
    for source in expressed:
        counts = source.all_counts()
        for name in found:
            found[name] += counts.get(name) or SubsetCounts(
                0, 0, 0, source.pairs - (u := source.counts(name).unscored), u
            )
    wanted = split_names(category) or CATEGORIES
    listed = qualify(found, taxonomy, minimum, wanted)
    shown = listed if everything else [c for c in listed if c.qualifies]
    columns = ("value", "category", "chosen", "rejected", "total", "both", "why_not")
    rows = [
        [c.value, c.category, c.chosen, c.rejected, c.total, c.both, "; ".join(c.unmet) or None]
        for c in shown
    ]
    drawn = [[*row[:2], row[4], row[6]] if everything else row[:6] for row in rows]
    heads = ("value", "category", "pairs", "why not") if everything else columns[:6]
    of = Counter(c.qualifies for c in listed)
    note = (
        f"{of[True]:,} of {len(listed):,} values qualify: at least {minimum:,} pairs with the "
        f"value on exactly one side, category {' or '.join(wanted)}."
    )
    title = f"Values that qualify for a subset, by {judged_by(made)}"
    full = Listing(title, columns, rows, notes=(note,))
    print_listing(full, asked.form, console(), (Listing(title, heads, drawn, notes=(note,)),))
    return made.code()
