"""Table 7 and the heatmaps of Figures 2, 10 and 11, by hand."""

from __future__ import annotations

import pytest

from vibench.paper import exhibits
from vibench.records import Outcome
from vibench.report import build
from vibench.report.run_report import RunReport
from vibench.results.cells import CellResult
from vibench.results.outcomes import outcomes_of
from vibench.stats import rate


def both(made, model: str, value: str, counts: dict[str, int], rate: float = 0.5) -> None:
    scores = {f"expression/{value}": (rate, 0.2)}
    made.cell(model, "dpo+prompt", value, scores, counts=counts, dpo__beta=0.1)


def test_table_7_ranks_by_mean_frequency_over_the_models_of_a_stage(made) -> None:
    both(made, "Llama-3.1-Base", "empathy", {"care": 90, "law": 10, "wit": 30})
    both(made, "Mistral-Base", "empathy", {"law": 85, "art": 31, "zeal": 30})
    (table,) = exhibits(made.collected(), ["table-7"])
    base, tuned = table.panels[0].entries[0]
    assert base.text == "law, care, art, wit, zeal"  # 47.5, 45, 15.5, 15, 15
    assert (base.of, base.wanted, base.value) == (2, 2, None)
    assert base.paper_text == "empathy, understanding, support, respect, inclusivity"
    assert tuned.empty
    assert table.missing == ("no SFT, Instruct model",)
    assert "--model Llama-3.1-SFT,OLMo-2-SFT" in table.command


def test_a_heatmap_has_the_most_frequent_and_marks_the_induced(made) -> None:
    names = {f"label {n:02}": 60 - n for n in range(40)}
    both(made, "Mistral-Instruct", "empathy", {"empathy": 90, **names}, rate=0.9)
    both(made, "Mistral-Instruct", "honesty", {"honesty": 80, **names}, rate=0.8)
    (figure,) = exhibits(made.collected(), ["figure-2"])
    (panel,) = figure.panels
    assert panel.title == "Mistral-Instruct"
    assert len(panel.columns) == 30
    assert panel.columns[0] == "label 00"
    assert panel.highlighted == {"empathy", "honesty"}
    at = panel.columns.index("empathy")
    assert panel.rows == ("none (vanilla)", "empathy", "honesty")
    assert all(entry.empty for entry in panel.entries[0])
    assert any("none" in line for line in figure.missing)
    own, other = panel.entries[1][at], panel.entries[2][at]
    assert (own.value, own.low, own.high) == (90, 80, 100)
    assert (other.value, other.low) == (0, None)
    assert panel.entries[1][0].value == 60
    assert any("prints no numbers" in note for note in figure.notes)


def answered(inducer: str, value: str, labels: dict[str, set[int]], *unscored: int) -> CellResult:
    """60 answers, 3 to an issue, with the numbers of those that express each label; a row only
    where a label that is not induced was found."""
    outcomes = []
    for i in range(60):
        sample, cluster = f"s{i:02}", f"issue {i // 3}"
        if i in unscored:
            outcomes.append(Outcome(sample, cluster, "expression/empathy", None, "refused"))
            continue
        held = float(i in labels.get("empathy", ()))
        outcomes.append(Outcome(sample, cluster, "expression/empathy", held))
        outcomes += [
            Outcome(sample, cluster, f"expression/{label}", 1.0)
            for label, where in labels.items()
            if label != "empathy" and i in where
        ]
    return CellResult("tiny-instruct", inducer, value, "issuebench", "m", outcomes_of(outcomes))


def test_every_value_of_a_heatmap_is_compared_with_vanilla_clusters_and_unscored_respected() -> (
    None
):
    every, some, first = set(range(60)), set(range(0, 60, 4)), set(range(30))
    plain = answered("none", "", {"care": {1, 2}, "tact": some, "law": first}, 59)
    both = answered("dpo+prompt", "empathy", {"empathy": every, "care": every, "tact": some}, 0, 3)
    cells = (plain, both)
    (figure,) = exhibits(RunReport(build(cells), cells, ()), ["figure-2"])
    (panel,) = figure.panels
    assert panel.rows == ("none (vanilla)", "empathy")
    assert panel.columns == ("care", "empathy", "tact")  # by frequency, then name
    vanilla, induced = (dict(zip(panel.columns, row, strict=True)) for row in panel.entries)
    assert {name: entry.mark for name, entry in induced.items()} == {
        "care": "†",
        "empathy": "†",
        "tact": "",
    }
    assert not any(entry.mark for entry in vanilla.values())
    scored = [i for i in range(60) if i not in (0, 3)]
    by_hand = rate([float(i in some) for i in scored], [f"issue {i // 3}" for i in scored])
    tact = induced["tact"]
    assert by_hand.low is not None
    assert by_hand.high is not None
    assert (tact.value, tact.low, tact.high) == pytest.approx(
        (100 * 14 / 58, 100 * by_hand.low, 100 * by_hand.high)
    )
    assert vanilla["care"].value == pytest.approx(100 * 2 / 59)
    assert any("other side is unscored: 9" in note for note in figure.notes)  # 3 of 3 values


def test_stages_share_the_models_out(made) -> None:
    for model in ("tiny-base", "tiny-instruct", "Llama-3.1-SFT", "OLMo-2-Instruct"):
        both(made, model, "empathy", {"empathy": 9})
    made_of = {
        figure.name: [panel.title for panel in figure.panels]
        for figure in exhibits(made.collected(), ["figure-2", "figure-10", "figure-11"])
    }
    # Without the paper's example the first instruct model stands for it.
    assert made_of["figure-2"] == ["OLMo-2-Instruct"]
    assert made_of["figure-10"] == ["Llama-3.1-SFT", "tiny-base"]
    assert made_of["figure-11"] == ["tiny-instruct"]


def test_what_judges_wrote_is_cleaned(made) -> None:
    both(made, "Mistral-Instruct", "empathy", {"care\x1b[31m\nfor " + "x" * 90: 50})
    table, figure = exhibits(made.collected(), ["table-7", "figure-2"])
    text = table.panels[0].entries[0][1].text
    assert text.startswith("care for xxx")
    assert len(text) == 40
    assert figure.panels[0].columns == (text,)
