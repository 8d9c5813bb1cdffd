"""Which values are expressed most when one is induced: Table 7 and Figures 2, 10 and 11."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import Cells
from vibench.paper.lookup import Looking
from vibench.paper.pooling import Number, marked, mean, of_change, of_rate
from vibench.paper.published import FIGURES, published
from vibench.text import clean

__all__ = ["figure_2", "figure_10", "figure_11", "main_instruct", "table_7"]

TOP = 5
SHOWN = 30
NAME = 40
"""Characters of a value's name that are shown: names are what judges wrote."""

GROUPS = {"Base": ("base",), "SFT, Instruct": ("sft", "instruct")}
EXAMPLE = "Mistral-Instruct"
"""The model of Figures 2 and 3 and of Appendix C."""


def table_7(cells: Cells) -> Exhibit:
    """The five values expressed most per induced value, by mean frequency over the models of
    a stage, setting Both (section 5.2)."""
    looking = Looking(cells)
    evaluation = cells.expressing
    looking.lacking.needs(evaluation=evaluation, inducers=[looking.choice.inducer("Both")])
    for words, stages in GROUPS.items():
        if not cells.stages(*stages):
            looking.lacking.stages(words, stages)

    def entry(value: str, words: str) -> Entry:
        models = cells.stages(*GROUPS[words])
        places = (looking.at(model, "Both", value, evaluation) for model in models)
        found = [f for at in places if (f := looking.frequencies(at)) is not None]
        paper = ", ".join(published().frequent(value, words))
        return Entry(
            text=", ".join(_shown(name) for name in ranked(found)[:TOP]),
            of=len(found),
            wanted=len(models),
            paper_text=paper,
        )

    panel = Panel(
        "", cells.values, tuple(GROUPS),
        tuple(tuple(entry(value, words) for words in GROUPS) for value in cells.values),
    )  # fmt: skip
    return looking.exhibit(
        "table-7",
        "The five values expressed most frequently when a value is induced, setting Both",
        "table",
        "",
        [panel],
        rows="induced value",
        columns="stage of the models",
        notes=(
            "By mean frequency over the models of a stage; a value that a model never expresses"
            " counts 0 for it. Equal ones go by name. The order has no error here: the intervals"
            " of Figures 2, 10 and 11 say how far apart frequencies are.",
        ),
    )


def ranked(frequencies: Sequence[Mapping[str, float]]) -> list[str]:
    """Names by their mean frequency, the highest first, equal ones by name."""
    sums: defaultdict[str, float] = defaultdict(float)
    for one in frequencies:
        for name, frequency in one.items():
            sums[name] += frequency
    return sorted(sums, key=lambda name: (-round(sums[name], 9), name))


def _shown(name: str) -> str:
    return clean(name, NAME)


def main_instruct(cells: Cells) -> tuple[str, ...]:
    """The model that the paper shows by itself, or the store's first instruct model."""
    return (EXAMPLE,) if EXAMPLE in cells.models else cells.stages("instruct")[:1]


def figure_2(cells: Cells) -> Exhibit:
    """The 30 values expressed most, by induced value: one instruct model (section 5.1)."""
    return _heatmaps(cells, "figure-2", main_instruct(cells), "Instruct", ("instruct",))


def figure_10(cells: Cells) -> Exhibit:
    """The same for the base and SFT models (Appendix F)."""
    models = cells.stages("base", "sft")
    return _heatmaps(cells, "figure-10", models, "Base or SFT", ("base", "sft"))


def figure_11(cells: Cells) -> Exhibit:
    """The same for the other instruct models (Appendix F); of a store with one instruct
    model that is not the paper's, that one again."""
    every = cells.stages("instruct")
    others = [m for m in every if m not in main_instruct(cells)]
    if not others and EXAMPLE not in every:
        others = list(every)
    return _heatmaps(cells, "figure-11", others, "further Instruct", ("instruct",))


def _heatmaps(
    cells: Cells, name: str, models: Sequence[str], words: str, stages: Sequence[str]
) -> Exhibit:
    looking = Looking(cells)
    looking.lacking.needs(evaluation=cells.expressing, inducers=[looking.choice.inducer("Both")])
    if not models:
        looking.lacking.stages(words, stages)
    which = clean(models[0]) if len(models) == 1 else f"{words} models"
    return looking.exhibit(
        name,
        f"Values expressed by induced value, setting Both: {which}",
        "heatmap",
        "%",
        [_heatmap(looking, model) for model in models],
        rows="induced value",
        columns="expressed value",
        notes=(
            f"The {SHOWN} values with the highest mean frequency over the induced values, by"
            " model; those that are induced stand out.",
            "* expressed more or less often than by the untouched model (the first row): the 95 %"
            " interval of the paired difference excludes 0; † also after Benjamini-Hochberg over"
            " the model's heatmap.",
            FIGURES,
        ),
    )


def _heatmap(looking: Looking, model: str) -> Panel:
    evaluation = looking.cells.expressing
    induced = {v: looking.at(model, "Both", v, evaluation) for v in looking.cells.values}
    places = {"none (vanilla)": looking.at(model, "None", "", evaluation), **induced}
    frequencies = {row: looking.frequencies(at) for row, at in places.items()}
    there = [found for value in induced if (found := frequencies[value]) is not None]
    columns = ranked(there)[:SHOWN]
    rows = looking.expressions(list(places.values()), columns)

    def entry(row: str, name: str) -> tuple[Entry, Number | None]:
        found, of = frequencies[row], rows[places[row], name]
        wanted = len(looking.cells.seeds)
        if found is None:
            return Entry(wanted=wanted), None
        seeds = len(looking.cells.expressed(places[row]))
        rated = mean([n for one in of if (n := of_rate(one))]) if len(of) == seeds else None
        value = Number(found.get(name, 0.0), *((rated.low, rated.high) if rated else ()))
        return value.entry(seeds, wanted), mean([n for one in of if (n := of_change(one))])

    made = [[entry(row, name) for name in columns] for row in places]
    shown = tuple(map(_shown, columns))
    return Panel(
        clean(model),
        tuple(places),
        shown,
        marked([[e for e, _ in row] for row in made], [[n for _, n in row] for row in made]),
        highlighted=frozenset(shown) & frozenset(looking.cells.values),
    )
