"""Tables 5 and 6 and Figure 7, by hand."""

from __future__ import annotations

import pytest

from vibench.paper import Choice, exhibits
from vibench.results.cells import FailedCell

BETA = {"dpo__beta": 0.1, "sampling__temperature": 0.7}


def two_values(made) -> None:
    vanilla = {"expression/empathy": 0.1, "expression/honesty": 0.3}
    made.cell("Mistral-Base", "none", "", vanilla, counts={"care": 9, "law": 1})
    for value, rate in (("empathy", 0.6), ("honesty", 0.8)):
        scores = {f"expression/{value}": (rate, 0.5)}
        made.cell("Mistral-Base", "dpo+prompt", value, scores, counts={"care": 5}, **BETA)


def test_table_5_is_the_mean_over_values_with_the_error_over_them(made) -> None:
    two_values(made)
    (table,) = exhibits(made.collected(), ["table-5"])
    (panel,) = table.panels
    assert panel.rows == ("Mistral-Base",)
    assert panel.columns == ("None", "Prompt", "Train", "Both")
    none, prompt, train, both = panel.entries[0]
    assert (none.value, none.of, none.wanted) == (pytest.approx(20), 2, 2)
    assert none.error == pytest.approx(10)  # 10 and 30: sd 14.14, over root 2
    assert (both.value, both.error) == (pytest.approx(70), pytest.approx(10))
    assert (both.low, both.high) == (pytest.approx(60), pytest.approx(80))
    assert (both.paper, both.paper_error) == (26.2, pytest.approx(5))
    assert (prompt.value, prompt.of, prompt.wanted, prompt.paper) == (None, 0, 2, 1.9)
    assert train.empty
    assert table.partial
    assert table.missing == (
        "model Mistral-Base: prompt on all 2 values (issuebench)",
        "model Mistral-Base: dpo on all 2 values (issuebench)",
    )
    assert table.command == (
        "vibench run --model Mistral-Base --inducer prompt,dpo --value empathy,honesty "
        "--eval issuebench --judge mistral"
    )
    assert table.settings["judge"] == "mistral"
    assert table.settings["beta"] == "0.1"


def test_a_value_that_is_missing_is_in_no_mean(made) -> None:
    two_values(made)
    made.cell("Mistral-Base", "prompt", "honesty", {"expression/honesty": (0.4, 0.1)})
    cause = ("Mistral-Base", "prompt", "empathy", "issuebench", "mistral", "out of memory")
    made.failed.append(FailedCell(*cause))
    (table,) = exhibits(made.collected(), ["table-5"])
    prompt = table.panels[0].entries[0][1]
    assert (prompt.value, prompt.error, prompt.of, prompt.wanted) == (40, None, 1, 2)
    assert table.missing[0] == (
        "model Mistral-Base: prompt on 1 of 2 values (issuebench: 1 failed or have no result yet)"
    )


def test_unscored_answers_are_counted_and_are_no_zeros(made) -> None:
    scores = {"expression/empathy": (0.5, 0.2)}
    made.cell("M", "none", "", {"expression/empathy": 0.3})
    made.cell("M", "prompt", "empathy", scores, of=60, unscored=40)
    made.cell("M", "dpo", "empathy", {"expression/empathy": None}, unscored=100, **BETA)
    (table,) = exhibits(made.collected(), ["table-5"])
    _, prompt, train, _ = table.panels[0].entries[0]
    assert prompt.value == 50
    assert train.value is None
    notes = " ".join(table.notes)
    assert "140 of 300 (46.7 %)" in notes
    assert "because a cell has no scored answer: 1." in notes


def test_table_6_goes_by_value_and_beta_over_models(made) -> None:
    for model, shift in (("A", 0.0), ("B", 0.2)):
        made.cell(model, "none", "", {"expression/empathy": 0.1})
        for beta, rate in ((0.01, 0.7), (0.1, 0.3)):
            scores = {"expression/empathy": (rate + shift, 0.2)}
            made.cell(model, "dpo+prompt", "empathy", scores, dpo__beta=beta)
    (table,) = exhibits(made.collected(), ["table-6"])
    low, usual = table.panels[0].entries[0]
    assert table.panels[0].columns == ("beta 0.01", "beta 0.1")
    assert (low.value, low.error) == (pytest.approx(80), pytest.approx(10))
    assert (usual.value, usual.of, usual.wanted) == (pytest.approx(40), 2, 2)
    assert (low.paper, usual.paper) == (68.62, 70.64)
    assert not table.missing
    assert not table.command


def test_one_beta_is_a_part_of_table_6(made) -> None:
    two_values(made)
    (table,) = exhibits(made.collected(), ["table-6"])
    assert table.partial
    assert table.missing == ("only beta 0.1; the paper has 0.01, 0.1, 0.3 and 0.9",)
    assert "--set dpo.beta=0.01,0.1,0.3,0.9" in table.command


def test_figure_7_counts_values_not_answers(made) -> None:
    two_values(made)
    (figure,) = exhibits(made.collected(), ["figure-7"])
    none, _, _, both = figure.panels[0].entries[0]
    assert (none.value, none.of, none.wanted) == (2, 1, 1)
    assert (both.value, both.error, both.of) == (1, 0, 2)
    assert figure.unit == "count"
    assert "100 scored answers" in figure.notes[0]


def test_the_choice_says_which_cells(made) -> None:
    made.cell("M", "none", "", {"expression/empathy": 0.1})
    made.cell("M", "none", "", {"expression/empathy": 0.6}, judge="rules", baseline=True)
    for beta, rate in ((0.3, 0.4), (0.9, 0.2)):
        for seed in (0, 1):
            scores = {"expression/empathy": (rate + seed / 10, 0.1)}
            made.cell("M", "dpo", "empathy", scores, seed=seed, dpo__beta=beta)
    run = made.collected()

    def train(**choice) -> float | None:
        (table,) = exhibits(run, ["table-5"], Choice(**choice))
        return table.panels[0].entries[0][2].value

    assert train() == pytest.approx(45)  # 0.1 is not there, so the first; over both seeds
    assert train(beta=0.9) == pytest.approx(25)
    assert train(beta=0.9, seeds=(0,)) == pytest.approx(20)
    assert train(trainer="orpo") is None
    (table,) = exhibits(run, ["table-5"], Choice(judge="rules"))
    assert table.panels[0].entries[0][0].value == 60


def test_the_command_makes_the_settings_that_were_chosen(made) -> None:
    for seed in (0, 1):
        made.cell("M", "none", "", {"expression/empathy": 0.1}, seed=seed)
        made.cell("M", "dpo", "empathy", {"expression/empathy": (0.5, 0.1)}, seed=seed,
                  dpo__beta=0.1)  # fmt: skip
    run = made.collected()
    (table,) = exhibits(run, ["table-5"], Choice(beta=0.5, temperature=0.3))
    assert "--set dpo.beta=0.5 --set sampling.temperature=0.3" in table.command
    assert "model M: dpo on empathy, beta 0.5, temperature 0.3 (issuebench)" in table.missing
    assert "model M: prompt on empathy, temperature 0.3 (issuebench)" in table.missing
    (table,) = exhibits(run, ["table-5"], Choice(seeds=(4,)))
    assert "model M: dpo on empathy (issuebench)" in table.missing  # and no metric is
    assert not any("metric" in line for line in table.missing)
    assert "--seed 4" in table.command
