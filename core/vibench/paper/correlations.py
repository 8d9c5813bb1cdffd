"""Correlation of expression across temperatures and trainers: Tables 10 and 11 (Appendix C)."""

from __future__ import annotations

from dataclasses import replace

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import Cells
from vibench.paper.choice import TEMPERATURE, TEMPERATURES
from vibench.paper.frequent_values import main_instruct
from vibench.paper.lookup import Lookup
from vibench.paper.paper_numbers import TEMPERATURES as SWEPT
from vibench.paper.paper_numbers import published
from vibench.paper.pooled_numbers import Number, correlation, mean, standard_error

__all__ = ["table_10", "table_11"]

ZEROS = (
    "Frequencies of all values that either side expresses; a value that one side never expresses"
    " counts 0 there, and a value that neither expresses is left out. The paper does not say how"
    " it treats them."
)
FISHER = (
    "Fisher's 95 % intervals, over the values as if each were drawn independently; frequencies are"
    " skewed (few values are frequent), so the intervals are rough."
)


OF_ONE = "The paper's numbers are for Mistral-Instruct."


def _model(cells: Cells) -> tuple[str, ...]:
    return main_instruct(cells) or cells.models[:1]


def table_10(cells: Cells) -> Exhibit:
    """Return Pearson's r of expression frequencies at temperature 0.7 with those at each other
    temperature, mean over the induced values, setting Train."""
    lookup = Lookup(cells)
    evaluation = cells.expressing
    models = _model(cells)
    there = cells.all_options(evaluation, TEMPERATURES)
    chosen = cells.chosen(evaluation, models[0], TEMPERATURES) if models else None
    base = TEMPERATURE if chosen is None else chosen
    other_temperatures = [t for t in there if t != base]
    lookup.missing.needs(
        evaluation=evaluation, inducers=[lookup.choice.inducer("Train")], models=models
    )
    if not other_temperatures:
        only = f"only temperature {there[0]:g}" if there else "no temperature"
        what = f"{only}; the paper has 0.1, 0.4, 0.7 and 0.9"
        lookup.missing.sweep(what, TEMPERATURES, SWEPT)

    def single(model: str, value: str, temperature: float) -> Number | None:
        frequencies = [
            lookup.frequencies(lookup.setting_key(model, "Train", value, evaluation, temperature=t))
            for t in (base, temperature)
        ]
        at_base, at_other = frequencies
        if at_base is None or at_other is None:
            return None
        return correlation(at_base, at_other)

    def entry(temperature: float) -> Entry:
        paper = published().temperature(temperature) if base == TEMPERATURE else None
        value_count = len(cells.values)
        if not other_temperatures:
            return Entry(wanted=value_count, paper=paper)
        correlations = [single(m, value, temperature) for m in models for value in cells.values]
        # A value expressed at one temperature alone has no correlation, and is left out.
        numbers = [n for n in correlations if n is not None]
        together = mean(numbers)
        entry_of_mean = Entry()
        if together is not None:
            error = standard_error([n.value for n in numbers])
            entry_of_mean = together.entry(len(numbers), value_count, error)
        return replace(entry_of_mean, wanted=value_count, paper=paper)

    rows = other_temperatures or [t for t in SWEPT if t != base]
    return lookup.exhibit(
        "table-10",
        f"Pearson correlation of expression frequencies at temperature {base:g} with others",
        "table",
        "r",
        [Panel("", tuple(f"{t:g}" for t in rows), ("r",), tuple((entry(t),) for t in rows))],
        rows="temperature",
        error="standard error over the values, as if each were drawn independently",
        digits=3,
        settings=_of_model(cells),
        notes=(
            "The mean of the induced values' correlations; its interval is the mean of their"
            " bounds, which is valid however their errors are correlated.",
            FISHER,
            ZEROS,
            OF_ONE,
        ),
    )


def table_11(cells: Cells) -> Exhibit:
    """Return Pearson's r of expression frequencies under ORPO with those under DPO, per value."""
    lookup = Lookup(cells)
    evaluation = cells.expressing
    lookup.missing.needs(evaluation=evaluation, inducers=("dpo", "orpo"), models=_model(cells))

    def entry(value: str) -> Entry:
        number = None
        for model in _model(cells):
            orpo, dpo = (
                lookup.frequencies(lookup.inducer_key(model, inducer, value, evaluation))
                for inducer in ("orpo", "dpo")
            )
            number = correlation(orpo, dpo) if orpo is not None and dpo is not None else None
        entry_of_value = number.entry() if number else Entry(wanted=1)
        return replace(entry_of_value, paper=published().orpo(value))

    return lookup.exhibit(
        "table-11",
        "Pearson correlation of expression frequencies, ORPO with DPO",
        "table",
        "r",
        [Panel("", cells.values, ("r",), tuple((entry(value),) for value in cells.values))],
        rows="induced value",
        digits=3,
        settings=_of_model(cells),
        notes=(FISHER, ZEROS, OF_ONE),
    )


def _of_model(cells: Cells) -> dict[str, str]:
    return {"model": ", ".join(_model(cells))} if _model(cells) else {}
