"""Side effects of inducing a value: Figures 3, 4, 12, 13 (AnthroBench) and 5 (AdvBench)."""

from __future__ import annotations

from collections.abc import Sequence

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import Cells
from vibench.paper.frequent_values import main_instruct
from vibench.paper.lookup import Lookup
from vibench.paper.paper_numbers import FIGURES
from vibench.paper.pooled_numbers import Number, marked, mean, standard_error, total
from vibench.report.phrases import metric_words
from vibench.text import clean

__all__ = ["MARKS", "figure_3", "figure_4", "figure_5", "figure_12", "figure_13"]

BEHAVIOUR = "behaviour/"
REFUSAL = "refusal"

MARKS = (
    "Paired differences, induced minus vanilla, with 95 % intervals clustered by the eval's"
    " clusters. * the interval excludes 0; † also after Benjamini-Hochberg over"
)
TOGETHER = "which is valid however the models' errors are correlated (all get the same questions)."


def figure_3(cells: Cells) -> Exhibit:
    """Return human-like behaviours relative to vanilla: one instruct model (section 6.1)."""
    return _by_model(cells, "figure-3", main_instruct(cells), "Instruct", ("instruct",))


def figure_12(cells: Cells) -> Exhibit:
    """Return Figure 3 for the base models (Appendix G)."""
    return _by_model(cells, "figure-12", cells.stages("base"), "Base", ("base",))


def figure_13(cells: Cells) -> Exhibit:
    """Return Figure 3 for the SFT and the other instruct models (Appendix G)."""
    main = main_instruct(cells)
    # Figure 3 has one of the instruct models already.
    models = [m for m in cells.stages("sft", "instruct") if m not in main]
    return _by_model(cells, "figure-13", models, "SFT or further Instruct", ("sft", "instruct"))


def _by_model(
    cells: Cells, name: str, models: Sequence[str], words: str, stages: Sequence[str]
) -> Exhibit:
    lookup = Lookup(cells)
    evaluation = cells.eval_of(BEHAVIOUR, "anthrobench")
    lookup.missing.needs(evaluation=evaluation, inducers=[lookup.choice.inducer("Both")])
    if not models:
        lookup.missing.stages(words, stages)
    panels = [_behaviours(lookup, clean(model), [model], evaluation) for model in models]
    which = clean(models[0]) if len(models) == 1 else f"{words} models"
    return lookup.exhibit(
        name,
        f"Human-like behaviours relative to vanilla, setting Both: {which}",
        "heatmap",
        "points",
        panels,
        rows="behaviour",
        columns="induced value",
        notes=(f"{MARKS} the behaviours and values of a model.", FIGURES),
    )


def figure_4(cells: Cells) -> Exhibit:
    """Return human-like behaviours relative to vanilla, summed over all models (section 6.1)."""
    lookup = Lookup(cells)
    evaluation = cells.eval_of(BEHAVIOUR, "anthrobench")
    lookup.missing.needs(evaluation=evaluation, inducers=[lookup.choice.inducer("Both")])
    panel = _behaviours(lookup, "", cells.models, evaluation)
    return lookup.exhibit(
        "figure-4",
        "Human-like behaviours relative to vanilla, setting Both, summed over all models",
        "heatmap",
        "points",
        [panel],
        rows="behaviour",
        columns="induced value",
        error="standard error of the sum, from the spread over the models",
        notes=(
            f"{MARKS} this figure.",
            f"The interval of a sum is the sum of the models' own bounds, {TOGETHER}",
            "A sum over fewer models is not comparable with the others.",
            FIGURES,
        ),
    )


def _behaviours(lookup: Lookup, title: str, models: Sequence[str], evaluation: str) -> Panel:
    cells = lookup.cells
    metrics = cells.metrics(evaluation, BEHAVIOUR)
    # An eval without cells has no metrics; looking up one name records its cells as missing.
    named_metrics = metrics or (BEHAVIOUR,)
    entries, numbers = [], []
    for metric in named_metrics:
        sums = [_summed(lookup, models, value, evaluation, metric) for value in cells.values]
        entries.append([entry for entry, _ in sums])
        numbers.append([number for _, number in sums])
    if not metrics:
        return Panel(title, (), cells.values, ())
    words = tuple(metric_words(metric) for metric in metrics)
    return Panel(title, words, cells.values, marked(entries, numbers))


def _summed(
    lookup: Lookup, models: Sequence[str], value: str, evaluation: str, metric: str
) -> tuple[Entry, Number | None]:
    keys = (lookup.setting_key(model, "Both", value, evaluation) for model in models)
    changes = [n for key in keys if (n := lookup.change(key, metric)) is not None]
    number = total(changes)
    if number is None:
        return Entry(wanted=len(models)), None
    error = standard_error([n.value for n in changes])
    # The error of a sum of n numbers is n times that of their mean.
    return number.entry(len(changes), len(models), error and error * len(changes)), number


def figure_5(cells: Cells) -> Exhibit:
    """Return refusal relative to vanilla per value, mean over all models (section 6.2)."""
    lookup = Lookup(cells)
    evaluation = cells.eval_of(REFUSAL, "advbench")
    lookup.missing.needs(evaluation=evaluation, inducers=[lookup.choice.inducer("Both")])
    entries, numbers = [], []
    for value in cells.values:
        keys = (lookup.setting_key(model, "Both", value, evaluation) for model in cells.models)
        changes = [n for key in keys if (n := lookup.change(key, REFUSAL)) is not None]
        number = mean(changes)
        numbers.append([number])
        entries.append(
            [
                number.entry(
                    len(changes), len(cells.models), standard_error([n.value for n in changes])
                )
                if number
                else Entry(wanted=len(cells.models))
            ]
        )
    return lookup.exhibit(
        "figure-5",
        "Refusal relative to vanilla by induced value, setting Both, mean over all models",
        "bars",
        "points",
        [Panel("", cells.values, ("refusal",), marked(entries, numbers))],
        rows="induced value",
        error="standard error over the models, as if each were drawn independently",
        notes=(
            f"{MARKS} this figure.",
            f"The interval of a mean is the mean of the models' own bounds, {TOGETHER}",
            FIGURES,
        ),
    )
