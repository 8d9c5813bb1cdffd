"""Question answering after a value is induced: Table 8 and Figure 6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import Cells
from vibench.paper.lookup import Lookup
from vibench.paper.paper_numbers import FIGURES, published
from vibench.paper.pooled_numbers import Number, deviation, marked, mean

__all__ = ["KEYS", "figure_6", "induced_setting", "table_8"]

KEYS: Mapping[str, Sequence[str]] = {
    "gsm8k": ("exact_match,strict-match", "exact_match,flexible-extract"),
    "mmlu": ("acc",),
    "truthfulqa": ("mc2", "mc1"),
    "mmlu-pro": ("exact_match,custom-extract",),
}
"""The metric shown for each benchmark, the first that a store has: the one lm-eval lists first,
and for TruthfulQA the share of probability on true answers (MC2)."""

SHOWN = {"gsm8k": "GSM-8k", "mmlu": "MMLU", "truthfulqa": "TruthfulQA"}

UNSTATED = (
    "The paper does not state the setting of its question answering, nor the metrics of lm-eval."
)


def key_of(cells: Cells, evaluation: str) -> str:
    """Return the metric to show; the first of `KEYS` if the store has none of the eval."""
    there = cells.metrics(evaluation)
    keys = KEYS[evaluation]
    return next((m for m in keys if m in there), there[0] if there else keys[0])


def induced_setting(cells: Cells, evals: Sequence[str]) -> str:
    """Return Both, or Train or Prompt where these evals have no cell of it."""
    there = {row.inducer for row in cells.report.rows if row.eval in evals}
    settings = ("Both", "Train", "Prompt")
    # Both if there is none: the exhibit then names the run that the paper made.
    return next((s for s in settings if cells.choice.inducer(s) in there), "Both")


def table_8(cells: Cells) -> Exhibit:
    """Benchmark scores relative to the vanilla model, mean over the values (section 5.3)."""
    lookup = Lookup(cells)
    setting = induced_setting(cells, tuple(SHOWN))
    keys = {evaluation: key_of(cells, evaluation) for evaluation in SHOWN}

    def entry(model: str, evaluation: str) -> Entry:
        cell_keys = (
            lookup.setting_key(model, setting, value, evaluation) for value in cells.values
        )
        changes = [lookup.change(cell_key, keys[evaluation]) for cell_key in cell_keys]
        numbers = [n for n in changes if n is not None]
        paper, paper_error = published().benchmark(model, evaluation)
        # The paper prints the standard deviation over values, which is no standard error.
        together = mean(numbers) or Number(0.0)
        spread = deviation([n.value for n in numbers])
        entry_of_mean = together.entry(len(numbers), len(changes), spread) if numbers else Entry()
        return replace(entry_of_mean, wanted=len(changes), paper=paper, paper_error=paper_error)

    panel = Panel(
        "",
        cells.models,
        tuple(SHOWN.values()),
        tuple(tuple(entry(model, name) for name in SHOWN) for model in cells.models),
    )
    return lookup.exhibit(
        "table-8",
        "Question answering relative to the vanilla model, mean over the induced values",
        "table",
        "points",
        [panel],
        rows="model",
        columns="benchmark",
        error="standard deviation over the values",
        digits=2,
        settings={"setting": setting, **_key_settings(keys)},
        notes=(
            "Paired differences. The 95 % intervals are about these particular values: the mean of"
            " their own intervals, which is valid however their errors are correlated (all values"
            " are asked the same questions).",
            "The paper does not state the unit of its numbers, which is unlikely to be the same for"
            " all three benchmarks; they are shown as printed.",
            UNSTATED,
        ),
    )


def _key_settings(keys: Mapping[str, str]) -> dict[str, str]:
    return {f"{evaluation} by": key for evaluation, key in keys.items()}


def figure_6(cells: Cells) -> Exhibit:
    """MMLU-Pro by induced value and model (Appendix B)."""
    lookup = Lookup(cells)
    evaluation = "mmlu-pro"
    setting = induced_setting(cells, (evaluation,))
    key = key_of(cells, evaluation)

    def entry(value: str, model: str) -> tuple[Entry, Number | None]:
        cell_key = lookup.setting_key(model, setting if value else "None", value, evaluation)
        rate = lookup.rate(cell_key, key)
        seeds = len(cells.seeds)
        if not rate:
            return Entry(wanted=seeds), None
        change = lookup.change(cell_key, key) if value else None
        return rate.entry(len(cells.rows(cell_key, key)), seeds), change

    # The untouched model comes first: the other rows are read against it.
    rows = ("", *cells.values)
    grid = [[entry(value, model) for model in cells.models] for value in rows]
    panel = Panel(
        "",
        tuple(value or "none (vanilla)" for value in rows),
        cells.models,
        marked([[e for e, _ in row] for row in grid], [[n for _, n in row] for row in grid]),
    )
    return lookup.exhibit(
        "figure-6",
        "MMLU-Pro by induced value and model",
        "columns",
        "%",
        [panel],
        rows="induced value",
        columns="model",
        settings={"setting": setting, **_key_settings({evaluation: key})},
        notes=(
            "95 % intervals of the score. * differs from the untouched model: the interval of the"
            " paired difference, over the same questions, excludes 0; † also after"
            " Benjamini-Hochberg over this figure.",
            UNSTATED,
            FIGURES,
        ),
    )
