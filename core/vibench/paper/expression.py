"""How often the induced value is expressed, and how many values are: Tables 5 and 6, Figure 7."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import Cells
from vibench.paper.lookup import Looking
from vibench.paper.pooling import Number, mean, standard_error
from vibench.paper.published import BETAS, FIGURES, published
from vibench.results.outcomes import EXPRESSION

__all__ = ["SETTINGS", "figure_7", "table_5", "table_6"]

SETTINGS = ("None", "Prompt", "Train", "Both")

BOUNDS = (
    "The intervals are of these very cells, 95 %: the mean of the cells' own bounds, which holds"
    " however their errors go together (they are over the same prompts)."
)


def table_5(cells: Cells) -> Exhibit:
    """Mean induced-value expression by model and setting (section 5.1)."""
    looking = Looking(cells)
    evaluation = cells.expressing

    def entry(model: str, setting: str) -> Entry:
        found = [
            looking.rate(looking.at(model, setting, value, evaluation), EXPRESSION + value)
            for value in cells.values
        ]
        paper, paper_error = published().expression(model, setting)
        return replace(averaged(found, len(cells.values)), paper=paper, paper_error=paper_error)

    looking.lacking.needs(evaluation=evaluation, inducers=map(looking.choice.inducer, SETTINGS))
    panel = Panel(
        "", cells.models, SETTINGS,
        tuple(tuple(entry(model, setting) for setting in SETTINGS) for model in cells.models),
    )  # fmt: skip
    return looking.exhibit(
        "table-5",
        "Mean expression of the induced value by model and setting",
        "table",
        "%",
        [panel],
        rows="model",
        columns="setting",
        error="standard error over the values, as if each were drawn by itself",
        notes=(
            "None is the untouched model's expression of the same values.",
            BOUNDS,
            "The paper prints its standard errors as shares with two decimals (.06); they are"
            " given in points here (6), so rounded to whole points.",
        ),
    )


def averaged(found: list[Number | None], wanted: int) -> Entry:
    """The mean of those that are there, with the standard error over them."""
    numbers = [n for n in found if n is not None]
    together = mean(numbers)
    if together is None:
        return Entry(wanted=wanted)
    return together.entry(len(numbers), wanted, standard_error([n.value for n in numbers]))


def table_6(cells: Cells) -> Exhibit:
    """Expression of the induced value by value and beta, setting Both (section 5.1)."""
    looking = Looking(cells)
    evaluation = cells.expressing
    parameter = f"{looking.choice.trainer}.beta"
    betas = cells.all_options(evaluation, parameter)
    looking.lacking.needs(evaluation=evaluation, inducers=[looking.choice.inducer("Both")])
    if len(betas) < 2:
        there = f"only beta {betas[0]:g}" if betas else f"no cell of {looking.choice.trainer}"
        looking.lacking.sweep(f"{there}; the paper has 0.01, 0.1, 0.3 and 0.9", parameter, BETAS)

    def entry(value: str, beta: float) -> Entry:
        places = (looking.at(m, "Both", value, evaluation, beta=beta) for m in cells.models)
        found = [looking.rate(at, EXPRESSION + value) for at in places if betas]
        return replace(averaged(found, len(cells.models)), paper=published().by_beta(value, beta))

    columns = betas or list(BETAS)
    panel = Panel(
        "", cells.values, tuple(f"beta {beta:g}" for beta in columns),
        tuple(tuple(entry(value, beta) for beta in columns) for value in cells.values),
    )  # fmt: skip
    return looking.exhibit(
        "table-6",
        "Expression of the induced value by value and beta, setting Both, mean over models",
        "table",
        "%",
        [panel],
        rows="induced value",
        columns="beta of DPO" if looking.choice.trainer == "dpo" else "beta",
        error="standard error over the models, as if each were drawn by itself",
        digits=2,
        notes=(BOUNDS, "The paper's means are over its eight models."),
    )


def figure_7(cells: Cells) -> Exhibit:
    """How many different values the answers express, by model and setting (Appendix D)."""
    looking = Looking(cells)
    evaluation = cells.expressing
    looking.lacking.needs(evaluation=evaluation, inducers=map(looking.choice.inducer, SETTINGS))
    sizes: set[int] = set()

    def unique(model: str, setting: str, value: str) -> float | None:
        found = [
            one
            for one in looking.expressed(looking.at(model, setting, value, evaluation))
            if one.of
        ]
        sizes.update(one.of for one in found)
        return fmean(len(one.counts) for one in found) if found else None

    def entry(model: str, setting: str) -> Entry:
        values = ("",) if setting == "None" else cells.values
        counts = [n for v in values if (n := unique(model, setting, v)) is not None]
        if not counts:
            return Entry(wanted=len(values))
        return Entry(fmean(counts), standard_error(counts), of=len(counts), wanted=len(values))

    panel = Panel(
        "", cells.models, SETTINGS,
        tuple(tuple(entry(model, setting) for setting in SETTINGS) for model in cells.models),
    )  # fmt: skip
    among = " to ".join(f"{n:,}" for n in sorted({min(sizes), max(sizes)})) if sizes else ""
    return looking.exhibit(
        "figure-7",
        "Number of different values expressed by model and setting, mean over induced values",
        "columns",
        "count",
        [panel],
        rows="model",
        columns="setting",
        error="standard error over the induced values, as if each were drawn by itself",
        notes=(
            f"A count of the different values found in any of {among} scored answers of a"
            " subject; it grows with their number, so compare like with like."
            if sizes
            else "A count of the different values found in any scored answer of a subject.",
            FIGURES,
        ),
    )
