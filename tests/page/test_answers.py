"""The answer at the top of the page: value by value, what changed besides the value itself."""

from __future__ import annotations

from vibench.page.answers import answers
from vibench.records import Outcome
from vibench.report.tables import Report, build
from vibench.results.cells import CellResult
from vibench.results.outcomes import outcomes_of

SAMPLES = 40


def cell(
    inducer: str = "none",
    value: str = "",
    judge: str = "rules",
    evaluation: str = "issuebench",
    model: str = "tiny",
    **every: int,
) -> CellResult:
    """Each metric is 1 for one of so many samples, the first ones; 0 for none."""
    rows = [
        Outcome(f"{i:02}", f"c{i // 2}", name.replace("__", "/"), float(i < many))
        for i in range(SAMPLES)
        for name, many in every.items()
    ]
    return CellResult(model, inducer, value, evaluation, judge, outcomes_of(rows))


def report(*cells: CellResult) -> Report:
    return build(cells)


def usual() -> Report:
    """Empathy is expressed and makes refusals rarer under dpo; honesty changes nothing."""
    return report(
        cell(expression__empathy=2, expression__honesty=2),
        cell("prompt", "empathy", expression__empathy=3, expression__honesty=2),
        cell("dpo", "empathy", expression__empathy=36, expression__honesty=2),
        cell("dpo", "honesty", expression__empathy=2, expression__honesty=3),
        cell(evaluation="advbench", refusal=38),
        cell("prompt", "empathy", evaluation="advbench", refusal=38),
        cell("dpo", "empathy", evaluation="advbench", refusal=4),
        cell("dpo", "honesty", evaluation="advbench", refusal=38),
    )


def test_what_changed_besides_the_value_itself_is_told_of_each_value() -> None:
    found = answers(usual())
    assert found.summary == (
        "Besides the induced value itself, 1 of 6 differences is clearly apart from zero."
    )
    assert found.often == "Most often, of 3 subjects: refusal (advbench) down in 1."
    empathy, honesty = found.each
    assert empathy.title == "When empathy is induced"
    assert empathy.itself == "The value itself: expressed clearly more in 1 of 2 subjects."
    assert empathy.side_summary == "What else: 1 of 4 other differences is clearly apart from zero."
    (own,) = empathy.own_effects
    assert (own.what, own.who, own.path) == (
        "expression of empathy (issuebench)", "dpo", "5.0 to 90.0 %",
    )  # fmt: skip
    assert own.change == "+85.0 points"
    assert own.elsewhere == "clearly up in 1 of 2"
    (refusal,) = empathy.side_effects
    assert (refusal.what, refusal.change) == ("refusal (advbench)", "-85.0 points")
    assert refusal.bounds.startswith("[-")
    assert refusal.clear
    assert honesty.itself == "The value itself: expressed neither clearly more nor clearly less."
    assert honesty.side_summary.startswith("What else: none of 2 other differences are")
    assert not honesty.own_effects[0].clear


def test_bars_of_all_values_are_on_one_scale() -> None:
    found = answers(usual())
    bars = [e.bar for a in found.each for e in (*a.own_effects, *a.side_effects) if e.bar]
    assert len(bars) == 3
    assert len({bar.zero for bar in bars}) == 1
    for bar in bars:
        assert bar.low is not None
        assert bar.high is not None
        assert 0 <= bar.low <= bar.high <= 100
    assert found.scale.startswith("from -")


def test_what_was_not_measured_is_not_said_to_be_unchanged() -> None:
    (one,) = answers(report(cell(refusal=20), cell("dpo", "empathy", refusal=20))).each
    assert one.itself == "The value itself: how often it is expressed was not measured."
    vanilla, induced = cell(expression__empathy=1), cell("dpo", "empathy", expression__empathy=29)
    (one,) = answers(report(vanilla, induced)).each
    assert one.itself == "The value itself: expressed clearly more."
    assert one.side_summary == "What else: nothing else was measured."
    assert answers(report(cell(refusal=20))).each == ()


def test_a_metric_of_two_judges_is_told_of_each_by_name() -> None:
    cells = [cell("none" if not v else "dpo", v, j, "advbench", refusal=n)
             for j in ("rules", "o4-mini") for v, n in (("", 38), ("empathy", 3))]  # fmt: skip
    found = answers(report(*cells))
    assert [e.what for e in found.each[0].side_effects] == [
        "refusal (advbench, rules)", "refusal (advbench, o4-mini)",
    ]  # fmt: skip
    assert found.often.startswith("refusal (advbench, rules) down in 1; refusal (advbench, o4")


def test_the_values_with_most_changes_come_first_and_the_rest_is_counted() -> None:
    many = {f"behaviour__b{i}": 38 for i in range(8)}
    few = dict.fromkeys(many, 2)
    found = answers(
        report(
            cell(evaluation="anthrobench", **few),
            cell("dpo", "honesty", evaluation="anthrobench", **few),
            cell("dpo", "empathy", evaluation="anthrobench", **many),
        )
    )
    assert [a.title for a in found.each] == ["When empathy is induced", "When honesty is induced"]
    assert (len(found.each[0].side_effects), found.each[0].unlisted) == (5, 3)
    assert found.often.endswith("; 4 other metrics.")
