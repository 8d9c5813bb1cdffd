"""The values expressed most when one is induced: Table 7 and Figures 2, 10 and 11."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import Cells
from vibench.paper.lookup import Lookup
from vibench.paper.paper_numbers import FIGURES, published
from vibench.paper.pooled_numbers import Number, marked, mean, of_change, of_rate
from vibench.text import clean

__all__ = ["figure_2", "figure_10", "figure_11", "main_instruct", "table_7"]

TOP = 5
SHOWN = 30
NAME = 40
"""Characters of a value's name that are shown: judges write the names."""

GROUPS = {"Base": ("base",), "SFT, Instruct": ("sft", "instruct")}
EXAMPLE = "Mistral-Instruct"
"""The model of Figures 2 and 3 and of Appendix C."""


def table_7(cells: Cells) -> Exhibit:
    """Return the five values expressed most per induced value, by mean frequency over the models
    of a stage, setting Both (section 5.2)."""
    lookup = Lookup(cells)
    evaluation = cells.expressing
    lookup.missing.needs(evaluation=evaluation, inducers=[lookup.choice.inducer("Both")])
    for words, stages in GROUPS.items():
        if not cells.stages(*stages):
            lookup.missing.stages(words, stages)

    def entry(value: str, words: str) -> Entry:
        models = cells.stages(*GROUPS[words])
        keys = (lookup.setting_key(model, "Both", value, evaluation) for model in models)
        frequencies = [f for key in keys if (f := lookup.frequencies(key)) is not None]
        paper = ", ".join(published().frequent(value, words))
        return Entry(
            text=", ".join(_shown(name) for name in ranked(frequencies)[:TOP]),
            of=len(frequencies),
            wanted=len(models),
            paper_text=paper,
        )

    panel = Panel(
        "",
        cells.values,
        tuple(GROUPS),
        tuple(tuple(entry(value, words) for words in GROUPS) for value in cells.values),
    )
    return lookup.exhibit(
        "table-7",
        "The five values expressed most frequently when a value is induced, setting Both",
        "table",
        "",
        [panel],
        rows="induced value",
        columns="stage of the models",
        notes=(
            "By mean frequency over the models of a stage; a value that a model never expresses"
            " counts 0 for it. Ties are in alphabetical order. The ranks have no error here: the"
            " intervals of Figures 2, 10 and 11 show how far apart frequencies are.",
        ),
    )


def ranked(frequencies: Sequence[Mapping[str, float]]) -> list[str]:
    """Return names by their mean frequency, the highest first, ties in alphabetical order."""
    sums: defaultdict[str, float] = defaultdict(float)
    for shares in frequencies:
        for name, frequency in shares.items():
            sums[name] += frequency
    # Rounded, or sums in another order of models would break ties by their last bit.
    return sorted(sums, key=lambda name: (-round(sums[name], 9), name))


def _shown(name: str) -> str:
    return clean(name, NAME)


def main_instruct(cells: Cells) -> tuple[str, ...]:
    """Return the model that the paper shows by itself, or the store's first instruct model."""
    return (EXAMPLE,) if EXAMPLE in cells.models else cells.stages("instruct")[:1]


def figure_2(cells: Cells) -> Exhibit:
    """Return the 30 values expressed most, by induced value: one instruct model (section 5.1)."""
    return _heatmaps(cells, "figure-2", main_instruct(cells), "Instruct", ("instruct",))


def figure_10(cells: Cells) -> Exhibit:
    """Return Figure 2 for the base and SFT models (Appendix F)."""
    models = cells.stages("base", "sft")
    return _heatmaps(cells, "figure-10", models, "Base or SFT", ("base", "sft"))


def figure_11(cells: Cells) -> Exhibit:
    """Return Figure 2 for the other instruct models (Appendix F); of a store with one instruct
    model that is not the paper's, that one again."""
    instruct = cells.stages("instruct")
    further = [m for m in instruct if m not in main_instruct(cells)]
    if not further and EXAMPLE not in instruct:
        further = list(instruct)
    return _heatmaps(cells, "figure-11", further, "further Instruct", ("instruct",))


def _heatmaps(
    cells: Cells, name: str, models: Sequence[str], words: str, stages: Sequence[str]
) -> Exhibit:
    lookup = Lookup(cells)
    lookup.missing.needs(evaluation=cells.expressing, inducers=[lookup.choice.inducer("Both")])
    if not models:
        lookup.missing.stages(words, stages)
    which = clean(models[0]) if len(models) == 1 else f"{words} models"
    return lookup.exhibit(
        name,
        f"Values expressed by induced value, setting Both: {which}",
        "heatmap",
        "%",
        [_heatmap(lookup, model) for model in models],
        rows="induced value",
        columns="expressed value",
        notes=(
            f"The {SHOWN} values with the highest mean frequency over the induced values, by"
            " model; induced values are highlighted.",
            "* expressed more or less often than by the untouched model (the first row): the 95 %"
            " interval of the paired difference excludes 0; † also after Benjamini-Hochberg over"
            " the model's heatmap.",
            FIGURES,
        ),
    )


def _heatmap(lookup: Lookup, model: str) -> Panel:
    evaluation = lookup.cells.expressing
    induced = {v: lookup.setting_key(model, "Both", v, evaluation) for v in lookup.cells.values}
    keys = {"none (vanilla)": lookup.setting_key(model, "None", "", evaluation), **induced}
    frequencies = {row: lookup.frequencies(key) for row, key in keys.items()}
    # Vanilla does not choose the columns: they are the values that induction brings out.
    there = [shares for value in induced if (shares := frequencies[value]) is not None]
    columns = ranked(there)[:SHOWN]
    rows = lookup.expressions(list(keys.values()), columns)

    def entry(row: str, name: str) -> tuple[Entry, Number | None]:
        shares, value_rows = frequencies[row], rows[keys[row], name]
        seed_count = len(lookup.cells.seeds)
        if shares is None:
            return Entry(wanted=seed_count), None
        seeds = len(lookup.cells.expressed(keys[row]))
        # An interval over fewer seeds than the mean would be that of another number.
        rates = [n for row_of_seed in value_rows if (n := of_rate(row_of_seed))]
        rated = mean(rates) if len(value_rows) == seeds else None
        # A value that is never expressed has the frequency 0; it is not missing.
        value = Number(shares.get(name, 0.0), *((rated.low, rated.high) if rated else ()))
        changes = [n for row_of_seed in value_rows if (n := of_change(row_of_seed))]
        return value.entry(seeds, seed_count), mean(changes)

    grid = [[entry(row, name) for name in columns] for row in keys]
    names = tuple(map(_shown, columns))
    return Panel(
        clean(model),
        tuple(keys),
        names,
        marked([[e for e, _ in row] for row in grid], [[n for _, n in row] for row in grid]),
        highlighted=frozenset(names) & frozenset(lookup.cells.values),
    )
