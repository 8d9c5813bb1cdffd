"""Every induced value by every expressed one, as differences (beyond the paper; its RQ2)."""

from __future__ import annotations

from collections.abc import Sequence

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.benchmarks import induced_setting
from vibench.paper.cell_selection import Cells
from vibench.paper.effects import MARKS
from vibench.paper.lookup import Looking
from vibench.paper.pooling import Number, marked, mean, standard_error
from vibench.paper.published import VALUES
from vibench.results.outcomes import EXPRESSION
from vibench.text import clean

__all__ = ["matrix"]


def matrix(cells: Cells) -> Exhibit:
    """The change of each value's expression per induced value, over models and by model."""
    looking = Looking(cells)
    evaluation = cells.expressing
    setting = induced_setting(cells, (evaluation,))
    there = set(cells.metrics(evaluation, EXPRESSION))
    further = [v for v in VALUES if v not in cells.values and EXPRESSION + v in there]
    columns = (*cells.values, *further)
    looking.lacking.needs(evaluation=evaluation, inducers=[looking.choice.inducer(setting)])
    panels = [_panel(looking, clean(model), [model], setting, columns) for model in cells.models]
    if len(cells.models) > 1:
        panels.insert(0, _panel(looking, "mean over models", cells.models, setting, columns))
    return looking.exhibit(
        "matrix",
        "Change of expression against vanilla, by induced and expressed value",
        "heatmap",
        "points",
        panels,
        rows="induced value",
        columns="expressed value",
        error="standard error over the models in the means, as if each were drawn by itself",
        settings={"setting": setting},
        notes=(
            f"{MARKS} the matrix it is in.",
            "The interval of a mean over models is the mean of their own bounds, which holds"
            " however their errors go together (they are asked the same).",
        ),
    )


def _panel(
    looking: Looking, title: str, models: Sequence[str], setting: str, columns: Sequence[str]
) -> Panel:
    cells = looking.cells
    entries: list[list[Entry]] = []
    numbers: list[list[Number | None]] = []
    for induced in cells.values:
        found = [_mean(looking, models, setting, induced, expressed) for expressed in columns]
        entries.append([entry for entry, _ in found])
        numbers.append([number for _, number in found])
    return Panel(
        title,
        cells.values,
        tuple(columns),
        marked(entries, numbers),
        highlighted=frozenset(cells.values),
    )


def _mean(
    looking: Looking, models: Sequence[str], setting: str, induced: str, expressed: str
) -> tuple[Entry, Number | None]:
    evaluation = looking.cells.expressing
    places = (looking.at(model, setting, induced, evaluation) for model in models)
    found = [n for at in places if (n := looking.change(at, EXPRESSION + expressed)) is not None]
    number = mean(found)
    if number is None:
        return Entry(wanted=len(models)), None
    return number.entry(len(found), len(models), standard_error([n.value for n in found])), number
