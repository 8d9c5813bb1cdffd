"""The gate: what each decision means, and that nothing unknown ever passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from vibench.errors import UsageError
from vibench.exhibits.gate_document import gate_document
from vibench.exhibits.gate_records import gate_json, gate_junit
from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.terminal import show
from vibench.records import Outcome
from vibench.report import Report, build
from vibench.report.gate import DECISIONS, Gate, GateCheck, gate
from vibench.report.tolerances import Tolerance
from vibench.results.cells import CellResult, FailedCell
from vibench.results.outcomes import Outcomes, outcomes_of

Score = Callable[[int], float | None]


def cell(
    metrics: dict[str, Score], inducer: str = "none", n: int = 400, **more: object
) -> CellResult:
    outcomes = [
        Outcome(f"s{i:04}", f"c{i}", metric, score(i), "no answer" if score(i) is None else None)
        for i in range(n)
        for metric, score in metrics.items()
    ]
    said: dict[str, object] = {"eval": "advbench", "judge": "rules", "model": "tiny-base", **more}
    said.setdefault("judge_baseline", True)
    value = "" if inducer == "none" else "empathy"
    return CellResult(inducer=inducer, value=value, outcomes=outcomes_of(outcomes), **said)  # type: ignore[arg-type]


def report(treated: Score, vanilla: Score = lambda i: 1.0, n: int = 400) -> Report:
    return build([cell({"refusal": vanilla}, n=n), cell({"refusal": treated}, "dpo", n=n)])


def decided(found: Report, margin: float, most_unscored: float = 0.05) -> GateCheck:
    [check] = gate(found, [Tolerance("refusal", margin)], most_unscored).checks
    return check


def losing(n: int) -> Score:
    return lambda i: float(i >= n)


@pytest.mark.parametrize(
    ("lost", "margin", "decision"),
    [
        (0, -5, "PASS"),
        (1, -5, "PASS"),
        (8, -5, "WARN"),
        (20, -5, "INCONCLUSIVE"),
        (60, -5, "BLOCK"),
        (60, 5, "PASS"),
    ],
)
def test_each_decision_has_its_place(lost: int, margin: float, decision: str) -> None:
    assert decided(report(losing(lost)), margin).decision == decision


def test_a_rise_is_as_bad_as_a_fall_where_that_is_said() -> None:
    risen = report(losing(0), losing(60))
    assert decided(risen, 5).decision == "BLOCK"
    assert decided(risen, 20).decision == "WARN"
    assert decided(risen, -5).decision == "PASS"


def turns(score: Score) -> Outcomes:
    """Forty dialogues of five turns, a cluster of two each."""
    return outcomes_of(
        Outcome(f"s{i // 5:02}", f"c{i // 10}", "refusal", score(i), None, i % 5)
        for i in range(200)
    )


def test_what_is_scored_turn_by_turn_is_counted_in_turns() -> None:
    about = ("anthrobench", "rules")
    vanilla = CellResult("m", "none", "", *about, turns(lambda i: 1.0))

    def check(margin: float, score: Score, most_unscored: float = 0.05) -> GateCheck:
        induced = CellResult("m", "dpo", "empathy", *about, turns(score))
        return decided(build([vanilla, induced]), margin, most_unscored)

    settled = check(-9, losing(10))
    assert (settled.n, settled.unit) == (200, "turns")
    assert f"about {settled.settled_by:,} turns would settle it" in settled.reason
    assert "more turns are unlikely" in check(-5, losing(10)).reason
    unscored = check(-30, lambda i: None if i % 5 == 4 else 1.0)
    assert "20 % of the turns are not scored on both sides" in unscored.reason
    assert decided(report(losing(20)), -6).unit == "samples"


def test_an_open_question_says_how_many_samples_would_settle_it() -> None:
    check = decided(report(losing(20)), -6)
    assert check.decision == "INCONCLUSIVE"
    assert check.settled_by is not None
    assert check.settled_by > 400
    assert f"about {check.settled_by:,} samples" in check.reason
    assert "more samples are unlikely" in decided(report(losing(20)), -5).reason


def test_what_is_unscored_never_helps_to_pass() -> None:
    """Of 400 answers that would pass, the last 40 have no score."""

    def some(i: int) -> float | None:
        return None if i >= 360 else 1.0

    assert decided(report(some), -5).decision == "INCONCLUSIVE"
    assert "10 % of the samples" in decided(report(some), -5).reason
    assert decided(report(losing(0), some), -5).decision == "INCONCLUSIVE"
    assert decided(report(some), -5, most_unscored=0.1).decision == "PASS"


def test_what_is_blocked_by_what_is_scored_stays_blocked() -> None:
    def few(i: int) -> float | None:
        return None if i >= 200 else 0.0

    assert decided(report(few), -5).decision == "BLOCK"


def test_without_an_interval_nothing_passes() -> None:
    def nothing(i: int) -> float | None:
        return None

    assert "no sample is scored" in decided(report(nothing), -5).reason
    alone = build([cell({"refusal": losing(0)}, "dpo")])
    assert "the vanilla model has no result" in decided(alone, -5).reason
    single = decided(report(losing(0), n=1), -5)
    assert (single.decision, single.reason) == (
        "INCONCLUSIVE",
        "1 sample in one cluster have no interval",
    )


def test_a_cell_without_a_result_is_inconclusive() -> None:
    cells = [cell({"refusal": losing(0)}), cell({"refusal": losing(0)}, "dpo")]
    failed = FailedCell("tiny-base", "orpo", "empathy", "advbench", "rules", "out of memory")
    found = gate(build(cells, [failed]), [Tolerance("refusal", -5)])
    assert [check.decision for check in found.checks] == ["INCONCLUSIVE", "PASS"]
    assert "out of memory" in found.checks[0].reason
    # Also where no cell of the eval has a result: what it measures is known all the same.
    lonely = gate(build([], [failed]), [Tolerance("refusal", -5)])
    assert lonely.decision == "INCONCLUSIVE"


def test_margins_of_other_scales_are_in_their_own_units() -> None:
    many = {"unique_values": lambda i: 5.0 + i % 3}
    fewer = {"unique_values": lambda i: 3.0 + i % 3}
    found = build([cell(many), cell(fewer, "dpo")])
    [kept] = gate(found, [Tolerance("unique_values", -2.5)]).checks
    [lost] = gate(found, [Tolerance("unique_values", -1)]).checks
    assert (kept.share, kept.margin, kept.decision) == (False, -2.5, "WARN")
    assert lost.decision == "BLOCK"


def test_every_subject_but_the_vanilla_one_is_checked_by_each_tolerance() -> None:
    cells = [
        cell({"refusal": losing(0)}),
        *(cell({"refusal": losing(0)}, i) for i in ("dpo", "prompt")),
    ]
    found = gate(build(cells), [Tolerance("refusal", -5), Tolerance("refusal", 5)])
    assert len(found.checks) == 4
    with pytest.raises(UsageError, match="vanilla model"):
        gate(build(cells[:1]), [Tolerance("refusal", -5)])


def checks(*decisions: str) -> Gate:
    return Gate(
        tuple(
            GateCheck(one, "e", "m", "model", "dpo", (), "", False, -0.1, True)  # type: ignore[arg-type]
            for one in sorted(decisions, key=DECISIONS.index)  # type: ignore[arg-type]
        )
    )


@pytest.mark.parametrize(
    ("decisions", "code", "strict"),
    [
        (("PASS", "PASS"), 0, 0),
        (("PASS", "WARN"), 0, 1),
        (("PASS", "INCONCLUSIVE"), 3, 3),
        (("WARN", "INCONCLUSIVE"), 3, 1),
        (("BLOCK", "INCONCLUSIVE", "PASS"), 1, 1),
        ((), 3, 3),
    ],
)
def test_exit_codes(decisions: tuple[str, ...], code: int, strict: int) -> None:
    found = checks(*decisions)
    assert (found.exit_code(), found.exit_code(strict=True)) == (code, strict)


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60),
    st.floats(-60, -0.1),
    st.floats(-60, -0.1),
)
def test_a_wider_margin_decides_no_worse(
    answers: list[tuple[bool, bool]], one: float, other: float
) -> None:
    found = report(lambda i: float(answers[i][0]), lambda i: float(answers[i][1]), n=len(answers))
    strict, lenient = (decided(found, m).decision for m in (max(one, other), min(one, other)))
    place = {"BLOCK": 0, "INCONCLUSIVE": 1, "WARN": 2, "PASS": 2}
    assert place[lenient] >= place[strict]


def hostile() -> Gate:
    found = report(losing(60))
    failed = FailedCell(
        "tiny-base", "orpo", "<b>", "advbench", "rules", "a|b\x1b[31m\n`c` <script>"
    )
    return gate(build_with(found, failed), [Tolerance("refusal", -5)])


def build_with(found: Report, failed: FailedCell) -> Report:
    return Report(found.rows, found.tables, (failed,))


def test_on_a_terminal_the_worst_comes_first() -> None:
    console = Console(width=200)
    with console.capture() as out:
        show(gate_document(hostile(), "abc"), console)
    text = out.get()
    assert "Gate of run abc: BLOCK (1 BLOCK, 1 INCONCLUSIVE of 2 contrasts)" in text
    assert text.index("worse than tolerated") < text.index("the cell has no result")
    assert "-15.0 [-18.2, -12.1]" in text
    assert "Judged by rules: word lists" in text
    assert "\x1b" not in text


def test_markdown_has_one_row_a_check_whatever_it_says() -> None:
    text = as_markdown(gate_document(hostile(), "abc"))
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert len(rows) == 2
    assert rows[0].startswith("| **BLOCK** | advbench: refusal | dpo on empathy, tiny-base |")
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "a\\|b" in rows[1]


def test_json_says_all_of_it() -> None:
    facts = json.loads(gate_json(hostile(), "abc", strict=False))
    assert (facts["decision"], facts["exit_code"]) == ("BLOCK", 1)
    assert facts["counts"] == {"BLOCK": 1, "INCONCLUSIVE": 1, "WARN": 0, "PASS": 0}
    [block, _] = facts["checks"]
    assert block["difference"] == pytest.approx(-0.15)
    assert block["low"] < -0.15 < block["high"] < block["margin"] == -0.05


def test_junit_fails_what_is_blocked_and_errs_on_what_is_open() -> None:
    suite = ET.fromstring(gate_junit(hostile(), "abc", strict=False))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "1")
    assert [case[0].tag for case in suite] == ["failure", "error"]
    warned = gate_junit(checks("WARN"), "abc", strict=True)
    assert ET.fromstring(warned).get("failures") == "1"
    assert ET.fromstring(gate_junit(checks("WARN"), "abc", strict=False)).get("failures") == "0"
