"""Expression of the induced value, and the number of values: Tables 5 and 6, Figure 7."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import Cells
from vibench.paper.lookup import Lookup
from vibench.paper.paper_numbers import BETAS, FIGURES, published
from vibench.paper.pooled_numbers import Number, mean, standard_error
from vibench.results.outcomes import EXPRESSION

__all__ = ["SETTINGS", "figure_7", "table_5", "table_6"]

SETTINGS = ("None", "Prompt", "Train", "Both")

BOUNDS = (
    "The 95 % intervals are about these particular cells: the mean of the cells' own bounds, which"
    " is valid however their errors are correlated (they share the same prompts)."
)


def table_5(cells: Cells) -> Exhibit:
    """Return mean induced-value expression by model and setting (section 5.1)."""
    lookup = Lookup(cells)
    evaluation = cells.expressing

    def entry(model: str, setting: str) -> Entry:
        rates = [
            lookup.rate(lookup.setting_key(model, setting, value, evaluation), EXPRESSION + value)
            for value in cells.values
        ]
        paper, paper_error = published().expression(model, setting)
        return replace(averaged(rates, len(cells.values)), paper=paper, paper_error=paper_error)

    lookup.missing.needs(evaluation=evaluation, inducers=map(lookup.choice.inducer, SETTINGS))
    panel = Panel(
        "",
        cells.models,
        SETTINGS,
        tuple(tuple(entry(model, setting) for setting in SETTINGS) for model in cells.models),
    )
    return lookup.exhibit(
        "table-5",
        "Mean expression of the induced value by model and setting",
        "table",
        "%",
        [panel],
        rows="model",
        columns="setting",
        error="standard error over the values, as if each were drawn independently",
        notes=(
            "None is the untouched model's expression of the same values.",
            BOUNDS,
            "The paper prints its standard errors as shares with two decimals (.06); here they are"
            " in points (6), and so rounded to whole points.",
        ),
    )


def averaged(rates: list[Number | None], expected: int) -> Entry:
    """Return the mean of the rates that the store has, with the standard error over them."""
    numbers = [n for n in rates if n is not None]
    together = mean(numbers)
    if together is None:
        return Entry(wanted=expected)
    return together.entry(len(numbers), expected, standard_error([n.value for n in numbers]))


def table_6(cells: Cells) -> Exhibit:
    """Return expression of the induced value by value and beta, setting Both (section 5.1)."""
    lookup = Lookup(cells)
    evaluation = cells.expressing
    parameter = f"{lookup.choice.trainer}.beta"
    betas = cells.all_options(evaluation, parameter)
    lookup.missing.needs(evaluation=evaluation, inducers=[lookup.choice.inducer("Both")])
    # One beta is no sweep.
    if len(betas) < 2:
        there = f"only beta {betas[0]:g}" if betas else f"no cell of {lookup.choice.trainer}"
        lookup.missing.sweep(f"{there}; the paper has 0.01, 0.1, 0.3 and 0.9", parameter, BETAS)

    def entry(value: str, beta: float) -> Entry:
        keys = (lookup.setting_key(m, "Both", value, evaluation, beta=beta) for m in cells.models)
        # Without a beta in the store every look-up would add a missing cell; the sweep above says
        # it once.
        rates = [lookup.rate(key, EXPRESSION + value) for key in keys if betas]
        return replace(averaged(rates, len(cells.models)), paper=published().by_beta(value, beta))

    columns = betas or list(BETAS)
    panel = Panel(
        "",
        cells.values,
        tuple(f"beta {beta:g}" for beta in columns),
        tuple(tuple(entry(value, beta) for beta in columns) for value in cells.values),
    )
    return lookup.exhibit(
        "table-6",
        "Expression of the induced value by value and beta, setting Both, mean over models",
        "table",
        "%",
        [panel],
        rows="induced value",
        columns="beta of DPO" if lookup.choice.trainer == "dpo" else "beta",
        error="standard error over the models, as if each were drawn independently",
        digits=2,
        notes=(BOUNDS, "The paper's means are over its eight models."),
    )


def figure_7(cells: Cells) -> Exhibit:
    """Return the number of values that the answers express, by model and setting (Appendix D)."""
    lookup = Lookup(cells)
    evaluation = cells.expressing
    lookup.missing.needs(evaluation=evaluation, inducers=map(lookup.choice.inducer, SETTINGS))
    sizes: set[int] = set()

    def unique(model: str, setting: str, value: str) -> float | None:
        expressions = [
            expression
            for expression in lookup.expressed(
                lookup.setting_key(model, setting, value, evaluation)
            )
            if expression.scored
        ]
        sizes.update(expression.scored for expression in expressions)
        return fmean(len(expression.counts) for expression in expressions) if expressions else None

    def entry(model: str, setting: str) -> Entry:
        # The untouched model has one set of answers for all values.
        values = ("",) if setting == "None" else cells.values
        counts = [n for v in values if (n := unique(model, setting, v)) is not None]
        if not counts:
            return Entry(wanted=len(values))
        return Entry(fmean(counts), standard_error(counts), of=len(counts), wanted=len(values))

    panel = Panel(
        "",
        cells.models,
        SETTINGS,
        tuple(tuple(entry(model, setting) for setting in SETTINGS) for model in cells.models),
    )
    among = " to ".join(f"{n:,}" for n in sorted({min(sizes), max(sizes)})) if sizes else ""
    return lookup.exhibit(
        "figure-7",
        "Number of different values expressed by model and setting, mean over induced values",
        "columns",
        "count",
        [panel],
        rows="model",
        columns="setting",
        error="standard error over the induced values, as if each were drawn independently",
        notes=(
            f"The number of different values in {among} scored answers of a subject; it grows with"
            " the number of answers, so compare only equal numbers."
            if sizes
            else "The number of different values in the scored answers of a subject.",
            FIGURES,
        ),
    )
