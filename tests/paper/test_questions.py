"""Tables 8, 10 and 11 and Figure 6, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vibench.paper import exhibits
from vibench.paper.pooled_numbers import correlation


def test_table_8_is_the_mean_difference_with_the_deviation_over_values(made) -> None:
    for value, change in (("empathy", -0.02), ("honesty", 0.04)):
        scores = {"acc": (0.6 + change, change)}
        made.cell("OLMo-2-Base", "dpo+prompt", value, scores, eval="mmlu", judge="")
    made.cell("OLMo-2-Base", "none", "", {"acc": 0.6}, eval="mmlu", judge="")
    (table,) = exhibits(made.collected(), ["table-8"])
    gsm8k, mmlu, truthfulqa = table.panels[0].entries[0]
    assert table.panels[0].columns == ("GSM-8k", "MMLU", "TruthfulQA")
    assert (mmlu.value, mmlu.error) == (pytest.approx(1), pytest.approx(3 * 2**0.5))
    assert (mmlu.low, mmlu.high, mmlu.of) == (pytest.approx(-9), pytest.approx(11), 2)
    assert (mmlu.paper, mmlu.paper_error) == (0, 0)
    assert gsm8k.empty
    assert truthfulqa.paper == -0.62
    assert table.settings["mmlu by"] == "acc"
    assert table.settings["judge"] == "none: measured directly"
    assert any("does not state the unit" in note for note in table.notes)
    assert table.missing == ("model OLMo-2-Base: dpo+prompt on all 2 values (gsm8k, truthfulqa)",)


def test_the_key_is_the_first_that_a_store_has(made) -> None:
    metrics = {"exact_match,flexible-extract": 0.5, "exact_match,strict-match": 0.4}
    made.cell("M", "none", "", metrics, eval="gsm8k", judge="")
    changes = {metric: (rate + 0.1, 0.1) for metric, rate in metrics.items()}
    made.cell("M", "prompt", "humor", changes, eval="gsm8k", judge="")
    (table,) = exhibits(made.collected(), ["table-8"])
    assert table.settings["gsm8k by"] == "exact_match,strict-match"
    assert table.settings["setting"] == "Prompt"


def test_figure_6_has_vanilla_first(made) -> None:
    key = "exact_match,custom-extract"
    made.cell("M", "none", "", {key: 0.3}, eval="mmlu-pro", judge="")
    for value, change in (("humor", -0.05), ("honesty", -0.2)):
        scores = {key: (0.3 + change, change)}
        made.cell("M", "dpo+prompt", value, scores, eval="mmlu-pro", judge="")
    (figure,) = exhibits(made.collected(), ["figure-6"])
    (panel,) = figure.panels
    assert panel.rows == ("none (vanilla)", "honesty", "humor")
    assert [row[0].value for row in panel.entries] == [*map(pytest.approx, (30, 10, 25))]
    # Within 10 points of no change; the intervals shown are of the scores themselves.
    assert [row[0].mark for row in panel.entries] == ["", "†", ""]
    assert (figure.kind, figure.missing) == ("columns", ())


ONE = {"care": 80, "law": 40, "wit": 10, "art": 5}
OTHER = {"care": 70, "law": 50, "wit": 5, "zeal": 5}


def trained(made, inducer: str, value: str, counts: dict[str, int], **parameters) -> None:
    scores = {f"expression/{value}": (0.5, 0.2)}
    made.cell("Mistral-Instruct", inducer, value, scores, counts=counts, **parameters)


def test_table_11_is_over_all_that_either_expresses(made) -> None:
    trained(made, "dpo", "empathy", ONE, dpo__beta=0.1)
    trained(made, "orpo", "empathy", OTHER, orpo__beta=0.1)
    (table,) = exhibits(made.collected(), ["table-11"])
    (entry,) = table.panels[0].entries[0]
    r = np.corrcoef([80, 40, 10, 5, 0], [70, 50, 5, 0, 5])[0, 1]
    assert entry.value == pytest.approx(r)
    half = 1.959964 / 2**0.5  # Fisher: 1 over the root of n - 3
    assert entry.low == pytest.approx(np.tanh(np.arctanh(r) - half), abs=1e-6)
    assert entry.paper == 0.949943


def test_table_10_is_the_mean_of_the_values_correlations(made) -> None:
    for value, counts in (("empathy", OTHER), ("honesty", ONE)):
        trained(made, "dpo", value, ONE, dpo__beta=0.1, sampling__temperature=0.7)
        trained(made, "dpo", value, counts, dpo__beta=0.1, sampling__temperature=0.4)
    (table,) = exhibits(made.collected(), ["table-10"])
    assert table.panels[0].rows == ("0.4",)
    (entry,) = table.panels[0].entries[0]
    r = np.corrcoef([80, 40, 10, 5, 0], [70, 50, 5, 0, 5])[0, 1]
    assert entry.value == pytest.approx((1 + r) / 2)
    assert entry.error == pytest.approx((1 - r) / 2)
    assert (entry.of, entry.wanted, entry.paper) == (2, 2, 0.998163)


def test_without_a_sweep_table_10_says_how_to_make_one(made) -> None:
    trained(made, "dpo", "empathy", ONE, dpo__beta=0.1, sampling__temperature=0.7)
    (table,) = exhibits(made.collected(), ["table-10"])
    assert table.empty
    assert table.missing == ("only temperature 0.7; the paper has 0.1, 0.4, 0.7 and 0.9",)
    assert "--set sampling.temperature=0.1,0.4,0.7,0.9" in table.command
    assert [row[0].paper for row in table.panels[0].entries] == [0.997765, 0.998163, 0.998018]


def test_no_correlation_where_nothing_varies() -> None:
    assert correlation({"a": 1.0}, {"a": 2.0}) is None
    assert correlation({"a": 1.0, "b": 1.0}, {"a": 2.0, "b": 1.0}) is None
