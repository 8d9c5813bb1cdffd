"""Induced by expressed values, as differences (beyond the paper; its RQ2)."""

from __future__ import annotations

from collections.abc import Sequence

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.benchmarks import induced_setting
from vibench.paper.cell_selection import Cells
from vibench.paper.effects import MARKS
from vibench.paper.lookup import Lookup
from vibench.paper.paper_numbers import VALUES
from vibench.paper.pooled_numbers import Number, marked, mean, standard_error
from vibench.results.outcomes import EXPRESSION
from vibench.text import clean

__all__ = ["matrix"]


def matrix(cells: Cells) -> Exhibit:
    """Return the change of each value's expression per induced value, over models and by model."""
    lookup = Lookup(cells)
    evaluation = cells.expressing
    setting = induced_setting(cells, (evaluation,))
    there = set(cells.metrics(evaluation, EXPRESSION))
    # Values that nobody induced but every answer is checked for: side effects show there too.
    further = [v for v in VALUES if v not in cells.values and EXPRESSION + v in there]
    columns = (*cells.values, *further)
    lookup.missing.needs(evaluation=evaluation, inducers=[lookup.choice.inducer(setting)])
    panels = [_panel(lookup, clean(model), [model], setting, columns) for model in cells.models]
    # The mean over one model would repeat its panel.
    if len(cells.models) > 1:
        panels.insert(0, _panel(lookup, "mean over models", cells.models, setting, columns))
    return lookup.exhibit(
        "matrix",
        "Change of expression against vanilla, by induced and expressed value",
        "heatmap",
        "points",
        panels,
        rows="induced value",
        columns="expressed value",
        error="standard error over the models in the means, as if each were drawn independently",
        settings={"setting": setting},
        notes=(
            f"{MARKS} the matrix it is in.",
            "The interval of a mean over models is the mean of their own bounds, which is valid"
            " however their errors are correlated (all get the same questions).",
        ),
    )


def _panel(
    lookup: Lookup, title: str, models: Sequence[str], setting: str, columns: Sequence[str]
) -> Panel:
    cells = lookup.cells
    entries: list[list[Entry]] = []
    numbers: list[list[Number | None]] = []
    for induced in cells.values:
        means = [_mean(lookup, models, setting, induced, expressed) for expressed in columns]
        entries.append([entry for entry, _ in means])
        numbers.append([number for _, number in means])
    return Panel(
        title,
        cells.values,
        tuple(columns),
        marked(entries, numbers),
        highlighted=frozenset(cells.values),
    )


def _mean(
    lookup: Lookup, models: Sequence[str], setting: str, induced: str, expressed: str
) -> tuple[Entry, Number | None]:
    evaluation = lookup.cells.expressing
    keys = (lookup.setting_key(model, setting, induced, evaluation) for model in models)
    changes = [n for key in keys if (n := lookup.change(key, EXPRESSION + expressed)) is not None]
    number = mean(changes)
    if number is None:
        return Entry(wanted=len(models)), None
    return number.entry(
        len(changes), len(models), standard_error([n.value for n in changes])
    ), number
