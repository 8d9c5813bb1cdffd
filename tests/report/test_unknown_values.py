"""Values that a judge of few values cannot find are unscored everywhere, and never 0."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from vibench.errors import RegistryError
from vibench.records import UNKNOWN_VALUE, Outcome
from vibench.registry import load_catalogue
from vibench.report import Report, build
from vibench.report.gate import gate
from vibench.report.tolerances import Tolerance
from vibench.results.cells import CellResult
from vibench.results.outcomes import load_outcomes, outcomes_of
from vibench.sessions.open_ended_metrics import in_one_spelling, without_unknown
from vibench.store.record_tables import write_outcomes

KNOWN = frozenset({"empathy", "honesty"})
METRIC = "expression/warmth"


def outcomes(scores: Mapping[str, Mapping[str, float | None]]) -> list[Outcome]:
    return [
        Outcome(sample, sample[0], f"expression/{value}", score, None if score is not None else "x")
        for sample, of_sample in scores.items()
        for value, score in of_sample.items()
    ]


SCORES = {
    "a1": {"empathy": 1.0, "honesty": 0.0},
    "a2": {"empathy": 0.0, "honesty": 1.0},
    "b1": {"empathy": 1.0, "honesty": 1.0},
    "b2": {"empathy": None, "honesty": None},
}


def cell(inducer: str = "none", value: str = "", **about: Any) -> CellResult:
    read = outcomes_of(outcomes(SCORES), {"warmth"}, KNOWN)
    return CellResult(
        "m", inducer, value, "issuebench", "rules", read, known_values=KNOWN, **about
    )  # fmt: skip


def report() -> Report:
    return build([cell(), cell("prompt", "warmth")])


def test_the_expression_of_a_value_that_the_judge_does_not_know_has_no_rate() -> None:
    rows = {(row.inducer, row.metric): row for row in report().rows}
    for inducer in ("none", "prompt"):
        row = rows[inducer, METRIC]
        assert row.rate.mean is None
        assert row.unscored == {UNKNOWN_VALUE: 3}, "the fourth has a cause of its own"
    contrast = rows["prompt", METRIC].contrast
    assert contrast is None or contrast.difference is None
    assert rows["prompt", "expression/empathy"].rate.mean == pytest.approx(2 / 3)


def test_a_judge_that_may_find_any_value_scores_it_as_before() -> None:
    read = outcomes_of(outcomes(SCORES), {"warmth"})
    assert read.columns([METRIC], read.rows)[:, 0].tolist()[:3] == [0.0, 0.0, 0.0]
    assert not read.unscored.get(METRIC)


def test_a_metric_that_was_not_read_is_filled_by_the_same_rule() -> None:
    read = outcomes_of(outcomes({"a": {"patience": 1.0}, "b": {"patience": 0.0}}), (), {"patience"})
    columns = read.columns([METRIC, "expression/patience"], read.rows)
    assert np.isnan(columns[:, 0]).all()
    assert columns[:, 1].tolist() == [1.0, 0.0]


def test_what_the_judge_knows_is_0_where_all_that_is_recorded_is_unknown(tmp_path: Path) -> None:
    """An eval records 0 for the values that it asks for; this judge knows another one alone,
    which it found in one of two answers: that is a half, and not all that were scored."""
    rows = list(without_unknown(outcomes({"a": {"humor": 0.0, "warmth": 1.0}, "b": {"humor": 0.0}}),
                                {"warmth"}))  # fmt: skip
    assert [row.unscored for row in rows] == [UNKNOWN_VALUE, None, UNKNOWN_VALUE]
    path = tmp_path / "outcomes.parquet"
    write_outcomes(path, rows)
    read = load_outcomes(path, {"warmth", "humor"}, {"warmth"})
    assert read.columns([METRIC], read.rows)[:, 0].tolist() == [1.0, 0.0]
    assert read.unscored == {"expression/humor": {UNKNOWN_VALUE: 2}}
    assert read.expressed is not None
    assert read.expressed.scored == 2


def test_a_gate_is_inconclusive_of_it() -> None:
    (check,) = gate(report(), [Tolerance(f"issuebench:{METRIC}", -5.0)]).checks
    assert check.decision == "INCONCLUSIVE"
    assert check.difference is None


def test_seeds_have_no_mean_of_it() -> None:
    cells = [cell(seed=s) for s in (0, 1)] + [cell("prompt", "warmth", seed=s) for s in (0, 1)]
    rows = {row.metric: row for row in build(cells).seeds}
    assert rows[METRIC].effects.mean is None
    assert rows["expression/empathy"].effects.mean is not None


def test_spellings_of_one_value_are_one_metric() -> None:
    said = outcomes({"a": {"open-mindedness": 0.0, "Open mindedness": 1.0, "humour": 1.0}})
    assert [(o.metric, o.value) for o in in_one_spelling(said)] == [
        ("expression/open-mindedness", 1.0),
        ("expression/humor", 1.0),
    ]
    plain = [Outcome("a", "a", "unique_values", 2.0, turn=turn) for turn in (0, 1)]
    assert in_one_spelling(plain) == plain


def overlay(folder: Path, name: str) -> Path:
    path = folder / "overlay.toml"
    path.write_text(
        f'[values.{name}]\nvalence = "positive"\ncategory = "social"\n'
        'definition = "Being kind."\ninduction = "Be warm."\n'
    )
    return path


@pytest.mark.parametrize(("name", "cure"), [("Warmth", "warmth"), ("open_mind", "open-mind")])
def test_an_overlay_s_value_is_spelt_as_answers_are_searched(
    tmp_path: Path, name: str, cure: str
) -> None:
    with pytest.raises(RegistryError, match=rf"values\.{name} is not the spelling") as error:
        load_catalogue([overlay(tmp_path, name)], tmp_path)
    assert error.value.hint == f"Call it {cure}."


@pytest.mark.slow
def test_every_form_of_a_run_says_that_it_was_not_measured(
    vibench: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    asked = ("--registry", str(overlay(tmp_path, "warmth")))
    run = vibench("run", *asked, "--value", "warmth", "--inducer", "prompt", "--eval", "issuebench",
                  "--limit", "6", "--store", "s")  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "the expression of warmth is not measured" in " ".join(run.stdout.split())
    told = json.loads(vibench("report", "--store", "s", "--format", "json").stdout)
    rows = [row for row in told["rows"] if row["metric"] == METRIC]
    assert len(rows) == 2
    for row in rows:
        assert row["rate"] is None
        assert row["unscored_causes"] == {UNKNOWN_VALUE: 6}
    for form in ("terminal", "markdown"):
        text = vibench("report", "--store", "s", "--format", form).stdout
        assert "warmth" in text
        assert UNKNOWN_VALUE in " ".join(text.split())
    done = vibench("results", "export", "-o", "all.parquet", "--store", "s")
    assert done.returncode == 0, done.stderr
    table = pq.read_table(tmp_path / "all.parquet").to_pylist()
    warmth = [(row["score"], row["unscored"]) for row in table if row["metric"] == METRIC]
    assert warmth == [(None, UNKNOWN_VALUE)] * 12
    assert all(row["score"] is not None for row in table if row["metric"] == "expression/empathy")
    page = vibench("report", "--store", "s", "--html", "page.html")
    assert page.returncode == 0, page.stderr
