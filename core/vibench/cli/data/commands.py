"""`vibench data pairs`, `values` and `candidates`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.cli.data.options import DataOptions
from vibench.cli.data.work import DataRun, data_of, make
from vibench.cli.listings import print_listing
from vibench.cli.screen import console
from vibench.exhibits.lists import Listing
from vibench.preferences.copies import COPY
from vibench.run_options import split_names
from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.pairs import PairsSpec

if TYPE_CHECKING:
    from vibench.preferences.description import PairDescription
    from vibench.preferences.extraction import PairValues

    SourceRows = tuple[str, Mapping[str, Any], PairDescription]
    """A source, the facts of its pairs, and their description."""

__all__ = ["candidates", "judge_words", "judged_by", "pairs", "values"]


def pairs(options: DataOptions, files: Sequence[str]) -> int:
    """Print the pairs of each source and file; return 2 if one cannot be read, else 0."""
    from vibench.preferences.description import describe

    data_run = make(options, "pairs", pairs=files)
    sources: list[SourceRows] = []
    for name, key in data_run.planned.pairs.items():
        if artefact := data_run.artefact(PairsSpec.kind, key):
            about = describe(artefact.file("pairs.parquet"))
            sources.append((name, artefact.manifest["facts"], about))
    drops = [
        (name, cause, n, facts["first_dropped"].get(cause))
        for name, facts, _ in sources
        for cause, n in facts["dropped"].items()
    ]
    sheets = [
        Listing(
            "Preference pairs",
            ("source", "rows", "dropped", "pairs", "multi-turn", "chosen", "rejected"),
            _with_sums([_pairs_row(*source) for source in sources], 5),
            notes=(
                "Multi-turn: pairs whose prompt has several user turns. Chosen, rejected: median "
                "length in characters.",
                *_changes(sources),
            ),
        )
    ]
    if drops:
        sheets.append(Listing("Rows without a pair", ("source", "cause", "rows", "first"), drops))
    print_listing(_full_pairs(sources), options.form, console(), sheets)
    return data_run.code()


def _changes(sources: Sequence[SourceRows]) -> Iterator[str]:
    """Yield sentences about copies that were kept or dropped, and rows that were repaired."""
    for name, facts, _ in sources:
        if copies := facts["copies"]:
            yield f"{name}: {copies:,} pairs are copies of earlier ones, and were kept."
        if copies := facts["dropped"].get(COPY, 0):
            yield f"{name}: {copies:,} rows are copies of earlier pairs, and were dropped."
        for repair, n in facts["repaired"].items():
            yield f"{name}: {n:,} rows repaired ({repair})."


def _pairs_row(name: str, facts: Mapping[str, Any], about: PairDescription) -> list[Any]:
    gone = sum(facts["dropped"].values())
    medians = (side.median if side else None for side in (about.chosen, about.rejected))
    return [name, about.pairs + gone, gone, about.pairs, about.multi_turn, *medians]


def _with_sums(rows: list[list[Any]], counted: int) -> list[list[Any]]:
    """Return rows with a last one of sums of the columns up to `counted`, if there are several."""
    if len(rows) < 2:
        return rows
    sums = [sum(row[i] for row in rows) for i in range(1, counted)]
    return [*rows, ["all", *sums, *[None] * (len(rows[0]) - counted)]]


def _full_pairs(sources: Sequence[SourceRows]) -> Listing:
    """Return one row for each source, with a column for each cause of a dropped row."""
    # Each source drops rows for reasons of its own; a table needs the same columns for all.
    causes = sorted({cause for _, facts, _ in sources for cause in facts["dropped"]})
    columns = ["source", "rows", *(f"dropped: {cause}" for cause in causes), "pairs", "multi_turn"]
    columns += ["copies_kept", "repaired"]
    columns += [
        f"{side}_{what}"
        for side in ("chosen", "rejected")
        for what in ("mean", "median", "longest")
    ]
    rows = []
    for name, facts, about in sources:
        dropped = facts["dropped"]
        lengths: list[Any] = []
        for side in (about.chosen, about.rejected):
            lengths += [side.mean, side.median, side.longest] if side else [None] * 3
        total = about.pairs + sum(dropped.values())
        counts = [dropped.get(cause, 0) for cause in causes]
        changes = [facts["copies"], sum(facts["repaired"].values())]
        rows.append([name, total, *counts, about.pairs, about.multi_turn, *changes, *lengths])
    notes = ("Lengths are in characters.", *_changes(sources))
    return Listing("Preference pairs", tuple(columns), rows, notes=notes)


def values(options: DataOptions, top: int, figure: Path | None) -> int:
    """Print the values that the responses of each source express (Figure 9)."""
    data_run = make(options, "values")
    expressed = data_run.expressed()
    rows: list[tuple[Any, ...]] = []
    sheets: list[Listing] = []
    drawn: dict[str, list[tuple[str, int, int]]] = {}
    by = judged_by(data_run)
    for name, source in expressed.items():
        distribution = source.distribution()
        scored = 2 * source.pairs - source.unscored.total()  # A pair has two responses.
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
                (_scored(scored, source.unscored),),
                without_rows=_no_value(name, source, scored),
            )
        )
    columns = ("source", "value", "chosen", "rejected", "total", "share")
    notes = tuple(f"{name}: {_scored_of(source)}" for name, source in expressed.items())
    print_listing(
        Listing(f"Values by {by}", columns, rows, notes=notes), options.form, console(), sheets
    )
    # After the table: without matplotlib that is printed all the same.
    if figure is not None and drawn:
        from vibench.exhibits.value_figure import draw

        draw(drawn, figure, top, f"Values in preference data, by {by}")
        console(to_stderr=True).print(f"Figure 9 is in {figure}.", markup=False)
    return data_run.code()


def _no_value(name: str, source: PairValues, scored: int) -> str:
    """Return a sentence for a source in whose responses no value was found."""
    if not source.pairs:
        return f"{name} has no pairs."
    if scored:
        return f"None of the {scored:,} scored responses of {name} expresses a value."
    return (
        f"No response of {name} was scored, so nothing is known of its values:"
        f" {_scored(scored, source.unscored)} Choose another judge with --extractor, or rerun the"
        " command to ask again what failed."
    )


def _scored_of(source: PairValues) -> str:
    return _scored(2 * source.pairs - source.unscored.total(), source.unscored)


def _scored(scored: int, unscored: Mapping[str, int]) -> str:
    causes = ", ".join(f"{n:,} {cause}" for cause, n in sorted(unscored.items()))
    return f"{scored:,} responses scored, {sum(unscored.values()):,} unscored" + (
        f" ({causes})." if causes else "."
    )


def judged_by(data_run: DataRun) -> str:
    """Return the name of the extractor, with the model that it asks."""
    return judge_words(data_run, next(iter(data_run.planned.values.values())))


def judge_words(data_run: DataRun, key: str) -> str:
    """Return a stage's judge as text: `mistral (org/name)`, or `rules (a baseline)`."""
    spec = data_run.planned.plan.stages[key].spec
    assert isinstance(spec, JudgedSpec)
    name = spec.judge.name
    if spec.model is not None:
        return f"{name} ({spec.model.name})"
    return f"{name} (a baseline)" if data_run.plugins.get("judge", name).baseline else name


def candidates(
    options: DataOptions, minimum: int, category: Sequence[str], everything: bool
) -> int:
    """Print the values that meet the paper's criteria (section 4)."""
    from vibench.preferences.candidates import CATEGORIES
    from vibench.preferences.candidates import candidates as qualify
    from vibench.preferences.subsets import SubsetCounts
    from vibench.preferences.taxonomy import Taxonomy

    taxonomy = Taxonomy.of(data_of(options))
    data_run = make(options, "values")
    none = SubsetCounts(0, 0, 0, 0, 0)
    expressed = data_run.expressed().values()
    totals: dict[str, SubsetCounts] = {}
    for name in sorted({name for source in expressed for name in source.names}):
        # Every value needs an entry before sources add to it, also if a source never has it.
        totals[name] = none
    for source in expressed:
        counts = source.all_counts()
        for name in totals:
            # A value that a source never expresses still has its unscored pairs there.
            totals[name] += counts.get(name) or SubsetCounts(
                0, 0, 0, source.pairs - (u := source.counts(name).unscored), u
            )
    categories = split_names(category) or CATEGORIES
    listed = qualify(totals, taxonomy, minimum, categories)
    visible = listed if everything else [c for c in listed if c.qualifies]
    columns = ("value", "category", "chosen", "rejected", "total", "both", "why_not")
    rows = [
        [c.value, c.category, c.chosen, c.rejected, c.total, c.both, "; ".join(c.unmet) or None]
        for c in visible
    ]
    drawn = [[*row[:2], row[4], row[6]] if everything else row[:6] for row in rows]
    heads = ("value", "category", "pairs", "why not") if everything else columns[:6]
    number = Counter(c.qualifies for c in listed)
    note = (
        f"{number[True]:,} of {len(listed):,} values qualify: at least {minimum:,} pairs with the "
        f"value on exactly one side, category {' or '.join(categories)}."
    )
    title = f"Values that qualify for a subset, by {judged_by(data_run)}"
    full = Listing(title, columns, rows, notes=(note,))
    short = Listing(title, heads, drawn, notes=(note,), without_rows=note)
    print_listing(full, options.form, console(), (short,))
    return data_run.code()
