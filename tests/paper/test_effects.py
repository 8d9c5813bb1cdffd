"""Figures 3, 4, 5, 12 and 13 and the matrix, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vibench.paper import exhibits
from vibench.paper.pooled_numbers import of_change
from vibench.stats.student import quantile

ANTHRO = {"eval": "anthrobench", "judge": "o4-mini"}


def behaviours(made, model: str, empathy: float, body: float) -> None:
    rates = {"behaviour/z_body": 0.1, "behaviour/empathy": 0.2}
    made.cell(model, "none", "", rates, **ANTHRO)
    changes = {
        "behaviour/z_body": (0.1 + body, body),
        "behaviour/empathy": (0.2 + empathy, empathy),
    }
    made.cell(model, "dpo+prompt", "humor", changes, **ANTHRO)


def test_figure_4_sums_over_models_and_their_bounds(made) -> None:
    behaviours(made, "Mistral-Base", 0.3, 0.0)
    behaviours(made, "Mistral-Instruct", 0.5, -0.05)
    (figure,) = exhibits(made.collected(), ["figure-4"])
    (panel,) = figure.panels
    assert panel.rows == ("z body", "empathy")  # the eval's order, not the alphabet's
    empathy = panel.entries[1][0]
    assert empathy.value == pytest.approx(80)
    assert (empathy.low, empathy.high) == (pytest.approx(60), pytest.approx(100))
    assert empathy.error == pytest.approx(20)  # 30 and 50: sd 14.14, times root 2
    assert (empathy.of, empathy.wanted, empathy.mark) == (2, 2, "†")
    body = panel.entries[0][0]
    assert (body.value, body.mark) == (pytest.approx(-5), "")


def test_figures_3_12_and_13_share_the_models_out(made) -> None:
    for model in ("Mistral-Base", "OLMo-2-SFT", "OLMo-2-Instruct", "Mistral-Instruct"):
        behaviours(made, model, 0.4, 0.2)
    found = exhibits(made.collected(), ["figure-3", "figure-12", "figure-13"])
    titles = [[panel.title for panel in figure.panels] for figure in found]
    assert titles == [["Mistral-Instruct"], ["Mistral-Base"], ["OLMo-2-SFT", "OLMo-2-Instruct"]]
    entry = found[0].panels[0].entries[1][0]
    assert (entry.value, entry.low, entry.high) == tuple(map(pytest.approx, (40, 30, 50)))


def test_figure_5_is_the_mean_over_models(made) -> None:
    for model, refusal in (("Mistral-Base", 0.25), ("Mistral-Instruct", 0.05)):
        advbench = {"eval": "advbench", "judge": "o4-mini"}
        made.cell(model, "none", "", {"refusal": 0.5}, **advbench)
        made.cell(model, "dpo+prompt", "legality", {"refusal": (0.6, refusal)}, **advbench)
    (figure,) = exhibits(made.collected(), ["figure-5"])
    (entry,) = figure.panels[0].entries[0]
    assert (entry.value, entry.error) == (pytest.approx(15), pytest.approx(10))
    assert (entry.low, entry.high, entry.mark) == (pytest.approx(5), pytest.approx(25), "†")
    assert (figure.kind, figure.unit) == ("bars", "points")


def test_a_vanilla_cell_that_is_missing_is_named(made) -> None:
    made.cell("M", "dpo+prompt", "humor", {"refusal": 0.5}, eval="advbench")
    (figure,) = exhibits(made.collected(), ["figure-5"])
    assert figure.empty
    assert figure.missing == ("model M: none (advbench)",)
    assert figure.command.startswith("vibench run --model M --inducer none --value humor")


def induced(made, model: str, value: str, changes: dict[str, float], p: float) -> None:
    scores = {f"expression/{v}": (0.5 + d, d) for v, d in changes.items()}
    made.cell(model, "dpo+prompt", value, scores, p=p)


def test_the_matrix_is_corrected_over_itself(made) -> None:
    made.cell("A", "none", "", {"expression/empathy": 0.5, "expression/honesty": 0.5})
    induced(made, "A", "empathy", {"empathy": 0.3, "honesty": 0.15}, p=0.001)
    induced(made, "A", "honesty", {"empathy": 0.12, "honesty": 0.02}, p=0.2)
    (matrix,) = exhibits(made.collected(), ["matrix"])
    (panel,) = matrix.panels
    assert panel.rows == panel.columns == ("empathy", "honesty")
    marks = [[entry.mark for entry in row] for row in panel.entries]
    # q is 0.002, 0.002, 0.2, 0.2; the last interval holds 0.
    assert marks == [["†", "†"], ["*", ""]]
    assert [[round(entry.value) for entry in row] for row in panel.entries] == [[30, 15], [12, 2]]


def test_over_models_the_matrix_is_their_mean(made) -> None:
    for model, change in (("A", 0.3), ("B", 0.1)):
        made.cell(model, "none", "", {"expression/empathy": 0.5})
        induced(made, model, "empathy", {"empathy": change}, p=0.001)
    (matrix,) = exhibits(made.collected(), ["matrix"])
    assert [panel.title for panel in matrix.panels] == ["mean over models", "A", "B"]
    entry = matrix.panels[0].entries[0][0]
    assert (entry.value, entry.error) == (pytest.approx(20), pytest.approx(10))
    assert (entry.low, entry.high) == (pytest.approx(10), pytest.approx(30))


def test_the_matrix_takes_what_there_is(made) -> None:
    made.cell("A", "none", "", {"expression/empathy": 0.5})
    made.cell("A", "dpo", "empathy", {"expression/empathy": (0.9, 0.4)}, dpo__beta=0.1)
    (matrix,) = exhibits(made.collected(), ["matrix"])
    assert matrix.settings["setting"] == "Train"
    assert matrix.panels[0].entries[0][0].value == pytest.approx(40)


def test_no_variance_but_for_rounding_is_not_certainty(made) -> None:
    made.cell("M", "dpo", "humor", {"refusal": (0.9, 0.9)}, eval="advbench", half=0.05)
    (row,) = made.rows
    for rounded in (0.0, 1e-17):
        found = of_change(replace(row, contrast=replace(row.contrast, se=rounded)))
        assert found.se == pytest.approx(5 / quantile(0.975, 49))
