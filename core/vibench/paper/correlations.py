"""Whether expression depends on temperature or the trainer: Tables 10 and 11 (Appendix C)."""

from __future__ import annotations

from dataclasses import replace

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import TEMPERATURE, TEMPERATURES, Cells
from vibench.paper.frequent import main_instruct
from vibench.paper.lookup import Looking
from vibench.paper.pooling import Number, correlation, mean, standard_error
from vibench.paper.published import TEMPERATURES as SWEPT
from vibench.paper.published import published

__all__ = ["table_10", "table_11"]

ZEROS = (
    "Frequencies of every value that either side expresses at all; one that a side never"
    " expresses counts 0 there, and what neither expresses is not in it. The paper does not say"
    " how it treats them."
)
FISHER = (
    "Intervals are Fisher's, 95 %, over the values in it as if each were drawn by itself;"
    " frequencies are skewed (few values are frequent), so take them as rough."
)


OF_ONE = "The paper's numbers are of Mistral-Instruct."


def _model(cells: Cells) -> tuple[str, ...]:
    return main_instruct(cells) or cells.models[:1]


def table_10(cells: Cells) -> Exhibit:
    """Pearson's r of expression frequencies at temperature 0.7 with those at each other one,
    mean over the induced values, setting Train."""
    looking = Looking(cells)
    evaluation = cells.expressing
    models = _model(cells)
    there = cells.all_options(evaluation, TEMPERATURES)
    chosen = cells.chosen(evaluation, models[0], TEMPERATURES) if models else None
    base = TEMPERATURE if chosen is None else chosen
    others = [t for t in there if t != base]
    looking.lacking.needs(
        evaluation=evaluation, inducers=[looking.choice.inducer("Train")], models=models
    )
    if not others:
        only = f"only temperature {there[0]:g}" if there else "no temperature"
        what = f"{only}; the paper has 0.1, 0.4, 0.7 and 0.9"
        looking.lacking.sweep(what, TEMPERATURES, SWEPT)

    def single(model: str, value: str, other: float) -> Number | None:
        found = [
            looking.frequencies(looking.at(model, "Train", value, evaluation, temperature=t))
            for t in (base, other)
        ]
        one, two = found
        return correlation(one, two) if one is not None and two is not None else None

    def entry(other: float) -> Entry:
        paper = published().temperature(other) if base == TEMPERATURE else None
        wanted = len(cells.values)
        if not others:
            return Entry(wanted=wanted, paper=paper)
        found = [single(m, value, other) for m in models for value in cells.values]
        numbers = [n for n in found if n is not None]
        together = mean(numbers)
        shown = Entry()
        if together is not None:
            error = standard_error([n.value for n in numbers])
            shown = together.entry(len(numbers), wanted, error)
        return replace(shown, wanted=wanted, paper=paper)

    rows = others or [t for t in SWEPT if t != base]
    return looking.exhibit(
        "table-10",
        f"Pearson correlation of expression frequencies at temperature {base:g} with others",
        "table",
        "r",
        [Panel("", tuple(f"{t:g}" for t in rows), ("r",), tuple((entry(t),) for t in rows))],
        rows="temperature",
        error="standard error over the values, as if each were drawn by itself",
        digits=3,
        settings=_of_model(cells),
        notes=(
            "The mean over the induced values of their correlations; its interval is the mean of"
            " their bounds, which holds however their errors go together.",
            FISHER,
            ZEROS,
            OF_ONE,
        ),
    )


def table_11(cells: Cells) -> Exhibit:
    """Pearson's r of expression frequencies under ORPO with those under DPO, per value."""
    looking = Looking(cells)
    evaluation = cells.expressing
    looking.lacking.needs(evaluation=evaluation, inducers=("dpo", "orpo"), models=_model(cells))

    def entry(value: str) -> Entry:
        found = None
        for model in _model(cells):
            one, two = (
                looking.frequencies(looking.place(model, inducer, value, evaluation))
                for inducer in ("orpo", "dpo")
            )
            found = correlation(one, two) if one is not None and two is not None else None
        shown = found.entry() if found else Entry(wanted=1)
        return replace(shown, paper=published().orpo(value))

    return looking.exhibit(
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
