"""The numbers that the paper prints in its tables, by the names that the registry uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = [
    "BETAS",
    "FIGURES",
    "MEASURED",
    "MODELS",
    "TEMPERATURES",
    "VALUES",
    "Published",
    "published",
]

VALUES = (
    *("empathy", "creativity", "honesty", "curiosity", "fairness", "personalization", "legality"),
    *("engagement", "privacy", "open-mindedness", "humor", "justice", "discretion", "deception"),
    "violence",
)
"""In the order of Tables 1 and 6."""

MODELS = (
    *("Llama-3.1-Base", "OLMo-2-Base", "Mistral-Base", "Llama-3.1-SFT", "OLMo-2-SFT"),
    *("Llama-3.1-Instruct", "OLMo-2-Instruct", "Mistral-Instruct"),
)
"""In the order of Tables 5, 8 and 9."""

MEASURED = ("gsm8k", "mmlu", "truthfulqa", "mmlu-pro")
"""The benchmarks of Table 8 and Figure 6, which need no judge."""

JUDGES = {"issuebench": "mistral", "anthrobench": "o4-mini", "advbench": "o4-mini"}
"""The paper's judge of each eval (sections 5.1, 6.1 and 6.2)."""

BETAS = (0.01, 0.1, 0.3, 0.9)
TEMPERATURES = (0.1, 0.4, 0.7, 0.9)

FIGURES = "The paper prints no numbers for this figure, so there are none to compare with."


class Published:
    """Tables 5, 6, 7, 8, 10 and 11; None where the paper has no number.

    Percentages are in percent, as printed. The standard errors of Table 5 are printed as
    shares with two decimals (".06"): they are given in points here (6).
    """

    def __init__(self, tables: Mapping[str, Any]) -> None:
        # The paper has its own spellings; look-ups use the registry's names.
        spelling = tables["spelling"]
        self._models: Mapping[str, str] = spelling["models"]
        self._columns = {
            name: [spelling["evals"].get(c, c) for c in table.get("columns", ())]
            for name, table in tables.items()
        }
        self._rows = {
            name: {self._models.get(row, row): numbers for row, numbers in table["rows"].items()}
            for name, table in tables.items()
            if "rows" in table
        }

    def expression(self, model: str, setting: str) -> tuple[float | None, float | None]:
        """Return Table 5's (mean in percent, its standard error in points)."""
        numbers = self._at("table_5", model, setting)
        return (None, None) if numbers is None else (numbers[0], 100 * numbers[1])

    def by_beta(self, value: str, beta: float) -> float | None:
        """Return Table 6's percentage."""
        percent = self._at("table_6", value, beta)
        return None if percent is None else float(percent)

    def frequent(self, value: str, stages: str) -> tuple[str, ...]:
        """Return Table 7's five most frequent values, () if it has none."""
        return tuple(self._at("table_7", value, stages) or ())

    def benchmark(self, model: str, evaluation: str) -> tuple[float | None, float | None]:
        """Return Table 8's (mean, standard deviation); the paper does not state their unit."""
        numbers = self._at("table_8", model, evaluation)
        return (None, None) if numbers is None else (numbers[0], numbers[1])

    def temperature(self, temperature: float) -> float | None:
        """Return Table 10's correlation of frequencies with those at 0.7."""
        coefficient: float | None = self._rows["table_10"].get(f"{temperature:g}")
        return coefficient

    def orpo(self, value: str) -> float | None:
        """Return Table 11's correlation."""
        coefficient: float | None = self._rows["table_11"].get(value)
        return coefficient

    def _at(self, table: str, row: str, column: Any) -> Any:
        columns = self._columns[table]
        if column not in columns or row not in self._rows[table]:
            return None
        return self._rows[table][row][columns.index(column)]


@cache
def published() -> Published:
    """Return the paper's numbers, read from `paper_tables.json`."""
    file = files("vibench.paper").joinpath("paper_tables.json")
    return Published(json.loads(file.read_text("utf-8")))
