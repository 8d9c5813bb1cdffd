"""Tolerances: how they are said, what they name, and what is said of those that name nothing."""

from __future__ import annotations

import pytest

from vibench.errors import UsageError
from vibench.records import Outcome
from vibench.report import Report, build
from vibench.report.tolerances import Tolerance, covered, parse_tolerances
from vibench.results.cells import CellResult
from vibench.results.outcomes import outcomes_of

METRICS = {
    "advbench": ["refusal"],
    "gsm8k": ["exact_match,strict-match", "exact_match,flexible-extract"],
    "anthrobench": ["behaviour/agency", "behaviour/empathy"],
    "lm-eval:arc": ["acc", "refusal"],
}


@pytest.fixture(scope="module")
def report() -> Report:
    cells = []
    for name, metrics in METRICS.items():
        scores = [Outcome(f"s{i}", f"c{i}", m, float(i % 2)) for i in range(6) for m in metrics]
        for inducer in ("none", "dpo"):
            cells.append(
                CellResult(
                    "m", inducer, "" if inducer == "none" else "empathy", name, "",
                    outcomes_of(scores), metrics=tuple(metrics),
                )
            )  # fmt: skip
    return build(cells)


def test_names_may_have_commas_and_margins_signs() -> None:
    found = parse_tolerances(["refusal=-2, gsm8k:exact_match,strict-match=+1.5", "mmlu=-1"])
    assert found == [
        Tolerance("refusal", -2.0),
        Tolerance("gsm8k:exact_match,strict-match", 1.5),
        Tolerance("mmlu", -1.0),
    ]
    assert parse_tolerances([]) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("refusal", "'refusal' is not NAME=MARGIN"),
        ("=-2", "is not NAME=MARGIN"),
        ("refusal=two", "the margin of refusal, 'two', is not a number"),
        ("refusal=-2,mmlu=", "the margin of mmlu, '', is not a number"),
        ("refusal=nan", "is not a number"),
        ("refusal=inf", "is not a number"),
        ("refusal=0", "does not say which direction is bad"),
        ("a=1=2", "is not"),
    ],
)
def test_what_is_not_a_tolerance_is_told(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_tolerances([text])
    assert said in error.value.message
    assert error.value.hint


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("refusal", [("advbench", "refusal"), ("lm-eval:arc", "refusal")]),
        ("advbench:refusal", [("advbench", "refusal")]),
        ("advbench", [("advbench", "refusal")]),
        ("lm-eval:arc", [("lm-eval:arc", "acc")]),
        ("lm-eval:arc:refusal", [("lm-eval:arc", "refusal")]),
        ("gsm8k", [("gsm8k", "exact_match,strict-match")]),
        ("exact_match,flexible-extract", [("gsm8k", "exact_match,flexible-extract")]),
        ("behaviour/*", [("anthrobench", m) for m in METRICS["anthrobench"]]),
        ("anthrobench:behaviour/a*", [("anthrobench", "behaviour/agency")]),
    ],
)
def test_a_name_covers_what_goes_by_it(
    report: Report, name: str, pairs: list[tuple[str, str]]
) -> None:
    assert covered(Tolerance(name, -1), report)[0] == pairs


@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [
        ("advbench:acc", "The eval advbench has no metric 'acc' in this run.", "It has: refusal."),
        ("anthrobench", "has no single metric that represents it", "anthrobench:behaviour/*"),
        ("issuebench", "This run has no result of the eval issuebench.", "--eval issuebench"),
        ("issuebench:expression/empathy", "no result of the eval issuebench", "--eval issuebench"),
        ("unique_values", "Nothing in this run measures 'unique_values'.", "--eval issuebench"),
        ("refusel", "There is no metric or eval of this run called 'refusel'.", "refusal"),
    ],
)
def test_a_name_of_nothing_says_what_there_is(
    report: Report, name: str, said: str, hint: str
) -> None:
    with pytest.raises(UsageError) as error:
        covered(Tolerance(name, -1), report)
    assert said in error.value.message
    assert hint in error.value.hint
