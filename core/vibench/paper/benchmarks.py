"""What inducing a value does to question answering: Table 8 and Figure 6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from vibench.exhibits.exhibit import Entry, Exhibit, Panel
from vibench.paper.cell_selection import Cells
from vibench.paper.lookup import Looking
from vibench.paper.pooling import Number, deviation, marked, mean
from vibench.paper.published import FIGURES, published

__all__ = ["KEYS", "figure_6", "induced_setting", "table_8"]

KEYS: Mapping[str, Sequence[str]] = {
    "gsm8k": ("exact_match,strict-match", "exact_match,flexible-extract"),
    "mmlu": ("acc",),
    "truthfulqa": ("mc2", "mc1"),
    "mmlu-pro": ("exact_match,custom-extract",),
}
"""The metric of each benchmark that is shown, the first that a store has: what lm-eval names
first, and for TruthfulQA the share of probability on true answers (MC2)."""

SHOWN = {"gsm8k": "GSM-8k", "mmlu": "MMLU", "truthfulqa": "TruthfulQA"}

UNSTATED = (
    "The paper does not say which setting its question answering is of, nor which keys of lm-eval."
)


def key_of(cells: Cells, evaluation: str) -> str:
    """The metric that is shown, the first of `KEYS` if the store has none of the eval."""
    there = cells.metrics(evaluation)
    wanted = KEYS[evaluation]
    return next((m for m in wanted if m in there), there[0] if there else wanted[0])


def induced_setting(cells: Cells, evals: Sequence[str]) -> str:
    """Both, or where no cell of these evals is of it Train, or Prompt."""
    there = {row.inducer for row in cells.report.rows if row.eval in evals}
    settings = ("Both", "Train", "Prompt")
    return next((s for s in settings if cells.choice.inducer(s) in there), "Both")


def table_8(cells: Cells) -> Exhibit:
    """Benchmark scores relative to the vanilla model, mean over the values (section 5.3)."""
    looking = Looking(cells)
    setting = induced_setting(cells, tuple(SHOWN))
    keys = {evaluation: key_of(cells, evaluation) for evaluation in SHOWN}

    def entry(model: str, evaluation: str) -> Entry:
        places = (looking.at(model, setting, value, evaluation) for value in cells.values)
        found = [looking.change(at, keys[evaluation]) for at in places]
        numbers = [n for n in found if n is not None]
        paper, paper_error = published().benchmark(model, evaluation)
        together = mean(numbers) or Number(0.0)
        spread = deviation([n.value for n in numbers])
        shown = together.entry(len(numbers), len(found), spread) if numbers else Entry()
        return replace(shown, wanted=len(found), paper=paper, paper_error=paper_error)

    panel = Panel(
        "", cells.models, tuple(SHOWN.values()),
        tuple(tuple(entry(model, name) for name in SHOWN) for model in cells.models),
    )  # fmt: skip
    return looking.exhibit(
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
            "Paired differences. The intervals are of these very values, 95 %: the mean of the"
            " single intervals, which holds however their errors go together (the values are"
            " asked the same questions).",
            "The paper does not state the unit of its numbers, which can hardly be the same for"
            " all three benchmarks; they are shown as printed.",
            UNSTATED,
        ),
    )


def _key_settings(keys: Mapping[str, str]) -> dict[str, str]:
    return {f"{evaluation} by": key for evaluation, key in keys.items()}


def figure_6(cells: Cells) -> Exhibit:
    """MMLU-Pro by induced value and model (Appendix B)."""
    looking = Looking(cells)
    evaluation = "mmlu-pro"
    setting = induced_setting(cells, (evaluation,))
    key = key_of(cells, evaluation)

    def entry(value: str, model: str) -> tuple[Entry, Number | None]:
        at = looking.at(model, setting if value else "None", value, evaluation)
        found = looking.rate(at, key)
        wanted = len(cells.seeds)
        if not found:
            return Entry(wanted=wanted), None
        change = looking.change(at, key) if value else None
        return found.entry(len(cells.rows(at, key)), wanted), change

    rows = ("", *cells.values)
    made = [[entry(value, model) for model in cells.models] for value in rows]
    panel = Panel(
        "", tuple(value or "none (vanilla)" for value in rows), cells.models,
        marked([[e for e, _ in row] for row in made], [[n for _, n in row] for row in made]),
    )  # fmt: skip
    return looking.exhibit(
        "figure-6",
        "MMLU-Pro by induced value and model",
        "columns",
        "%",
        [panel],
        rows="induced value",
        columns="model",
        settings={"setting": setting, **_key_settings({evaluation: key})},
        notes=(
            "Intervals are of the score, 95 %. * differs from the untouched model: the interval of"
            " the paired difference, over the same questions, excludes 0; † also after"
            " Benjamini-Hochberg over this figure.",
            UNSTATED,
            FIGURES,
        ),
    )
