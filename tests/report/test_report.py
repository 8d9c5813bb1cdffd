"""The plain report: what is compared, what is shown, and that it looks as it should.

The golden files hold the whole output for one small made-up run. After a wanted change:
`UPDATE_GOLDEN=1 python -m pytest tests/report`, then read the difference.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from vibench.errors import DataError
from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.report_document import report_document
from vibench.exhibits.report_records import report_csv, report_json
from vibench.exhibits.terminal import show
from vibench.records import Outcome
from vibench.report import Report, build, headlines
from vibench.report.phrases import heading
from vibench.results.cells import CellResult, FailedCell
from vibench.results.cut_offs import CutOffs
from vibench.results.outcomes import load_outcomes, outcomes_of
from vibench.results.turns import Turns

GOLDEN = Path(__file__).parent / "golden"

Score = Callable[[int], float | None]


def cell(
    scores: Mapping[str, Score],
    inducer: str = "none",
    value: str = "",
    *,
    samples: int = 40,
    cause: str = "no answer block",
    model: str = "tiny-base",
    evaluation: str = "advbench",
    judge: str = "rules",
    **more: object,
) -> CellResult:
    """A cell whose sample number i scores `scores[metric](i)`; 4 samples to a cluster."""
    outcomes = [
        Outcome(f"s{i:02}", f"c{i // 4}", metric, score(i), cause if score(i) is None else None)
        for i in range(samples)
        for metric, score in scores.items()
    ]
    return CellResult(
        model=model,
        inducer=inducer,
        value=value,
        eval=evaluation,
        judge=judge,
        outcomes=outcomes_of(outcomes),
        judge_baseline=judge == "rules",
        transcripts=f"store/{evaluation}/{inducer}-{value}",
        **more,  # type: ignore[arg-type]
    )


def every(n: int, offset: int = 0) -> Score:
    """1 for every n-th sample."""
    return lambda i: float((i + offset) % n == 0)


def scattered(percent: int, salt: int = 0) -> Score:
    """1 for about that share of samples, the same ones always."""
    return lambda i: float((i * 7919 + salt * 104729) % 101 < percent)


def but(score: Score, *missing: int) -> Score:
    """The same score, unscored for some samples."""
    return lambda i: None if i in missing else score(i)


def cut_offs(evaluation: str, inducer: str) -> CutOffs:
    """Nothing is cut off in most evals, hardly anything in one, most of one subject in another."""
    cut = {
        "advbench": {"prompt": 1},
        "anthrobench": {"prompt": 1},
        "issuebench": {"dpo": 37, "dpo+prompt": 2},
    }
    return CutOffs(40, cut.get(evaluation, {}).get(inducer, 0))


def example() -> Report:
    """Two models, three evals, a failed cell; one judge a baseline, one eval without any."""
    behaviours = ("behaviour/claims-a-body", "behaviour/empathy", "behaviour/first-person")
    cells: list[CellResult] = []
    for model, salt in (("tiny-base", 1), ("[bold]odd[/bold] name", 2)):
        for evaluation in ("issuebench", "anthrobench", "advbench", "arithmetic"):
            for inducer, value, lift in (
                ("none", "", 0),
                ("prompt", "empathy", 15),
                ("dpo", "empathy", 40),
                ("dpo+prompt", "empathy", 60),
            ):
                scores: dict[str, Score] = {
                    "issuebench": {
                        "expression/empathy": scattered(10 + lift, salt),
                        "expression/humor": scattered(10, salt + 3),
                        "unique_values": lambda i: float(i % 5),
                    },
                    "anthrobench": {
                        m: scattered(20 + lift * (m == behaviours[1]), salt + k)
                        for k, m in enumerate(behaviours)
                    },
                    "advbench": {"refusal": scattered(70 - lift // 3, salt)},
                    "arithmetic": {
                        "exact": scattered(50, salt),
                        "seconds": lambda i, lift=lift: 2 + lift / 10 + i % 3,  # type: ignore[misc]
                    },
                }[evaluation]
                if inducer == "dpo" and evaluation != "arithmetic":
                    scores = {m: but(s, 3, 17) for m, s in scores.items()}
                judge = "" if evaluation == "arithmetic" else "rules"
                sweep = {"dpo.beta": 0.1 if inducer == "dpo" else 0.3} if "dpo" in inducer else {}
                cells.append(
                    cell(scores, inducer, value, model=model, evaluation=evaluation, judge=judge,
                         parameters={**sweep, "sampling.max_tokens": 96},
                         metrics=("expression/*", "unique_values"),
                         cut_offs=cut_offs(evaluation, inducer))
                )  # fmt: skip
    cause = "adapter: [red]the worker ran\nout of memory\x1b[0m"
    failed = [FailedCell("tiny-base", "orpo", "empathy", "advbench", "rules", cause)]
    return build(cells, failed)


def printed(report: Report, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    show(report_document(report, console.width), console)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


def check(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


# -- how it looks


@pytest.mark.parametrize("width", [100, 80, 60])
def test_on_a_terminal(width: int) -> None:
    text = printed(example(), width)
    # A path is printed on one line, however long, so that it can be copied.
    lines = [line for line in text.splitlines() if not line.startswith("transcripts: ")]
    assert max(len(line) for line in lines) <= width
    check(f"terminal_{width}.txt", text)


def test_as_markdown() -> None:
    check("report.md", as_markdown(report_document(example())))


def test_as_csv() -> None:
    # The last digits of a quantile are the library's own affair.
    rounded = re.sub(r"\d+\.\d{7,}", lambda m: f"{float(m[0]):.6f}", report_csv(example()))
    check("report.csv", rounded)


def test_no_name_passes_for_a_formula_of_a_spreadsheet() -> None:
    odd = build([cell({"refusal": every(2)}, model="=1+1")])
    assert [row["model"] for row in csv.DictReader(io.StringIO(report_csv(odd)))] == ["'=1+1"]


def test_markup_and_control_characters_of_others_do_nothing() -> None:
    text = printed(example(), 100)
    assert "[bold]odd[/bold] name" in text
    assert "[red]the worker ran out of memory\n" in text
    assert "\x1b" not in text + as_markdown(report_document(example()))
    assert r"\[bold\]odd\[/bold\] name" in as_markdown(report_document(example()))


def test_json_holds_every_row_with_its_numbers() -> None:
    whole = json.loads(report_json(example()))
    assert len(whole["rows"]) == 2 * 4 * (3 + 3 + 1 + 2)
    rows = list(csv.DictReader(io.StringIO(report_csv(example()))))
    assert [float(r["rate"]) for r in rows] == [r["rate"] for r in whole["rows"]]
    assert whole["failed"][0]["inducer"] == "orpo"


def test_yes_no_rows_have_mcnemars_test_and_every_corrected_one_its_family() -> None:
    rows = json.loads(report_json(example()))["rows"]
    compared = [row for row in rows if row["difference"] is not None]
    for row in compared:
        counted = row["gained"] is not None
        assert counted == (row["metric"] not in ("unique_values", "seconds"))
        assert counted == (row["mcnemar_p_unclustered"] is not None)
        if counted:
            change = (row["gained"] - row["lost"]) / row["n"]
            assert change == pytest.approx(row["difference"])
    families = {(row["eval"], row["metric"]): row["family"] for row in compared}
    assert families["issuebench", "expression/empathy"] == (
        "issuebench judged by rules: expression of the induced value"
    )
    assert families["issuebench", "expression/humor"] == (
        "issuebench judged by rules: all but the expression of the induced value"
    )
    assert families["advbench", "refusal"] == "advbench judged by rules"
    assert families["arithmetic", "exact"] == "arithmetic"
    assert all(not row["family"] for row in rows if row["q"] is None)


def test_a_table_names_its_judge_and_says_when_it_is_a_baseline() -> None:
    refusal = {"refusal": every(2)}
    text = printed(build([cell(refusal), cell(refusal, judge="o4-mini")]), 100)
    assert "judge: rules, a baseline of word lists, no substitute for a model judge" in text
    assert "judge: o4-mini\n" in text


# -- what is compared


def test_a_cell_is_compared_with_the_vanilla_cell_of_its_own_settings() -> None:
    cells = [
        cell({"refusal": every(2)}, parameters={"sampling.temperature": 0.2}),
        cell({"refusal": every(4)}, parameters={"sampling.temperature": 1.0}),
        cell({"refusal": every(1)}, seed=1, parameters={"sampling.temperature": 1.0}),
        cell({"refusal": every(4)}, "dpo", "humor",
             parameters={"sampling.temperature": 1.0, "dpo.beta": 0.1}),
    ]  # fmt: skip
    rows = {r.inducer: r for r in build(cells).rows if r.contrast}
    assert list(rows) == ["dpo"]
    assert rows["dpo"].contrast is not None
    assert rows["dpo"].contrast.vanilla_mean == 0.25
    assert rows["dpo"].contrast.difference == 0.0


def test_without_its_vanilla_cell_a_subject_keeps_its_rate() -> None:
    report = build([cell({"refusal": every(4)}, "dpo", "humor")])
    (row,) = report.rows
    assert (row.rate.mean, row.contrast, row.q) == (0.25, None, None)
    text = printed(report, 100)
    assert "not compared, as no vanilla sample is scored: dpo on humor (tiny-base)" in text
    assert headlines(report) == []


def test_a_run_of_vanilla_models_alone_shows_rates_with_intervals() -> None:
    text = printed(build([cell({"refusal": every(2), "length": lambda i: 3.0 + i})]), 100)
    assert "rate in [" in text
    assert "22.5" in text
    assert "vanilla" in text


def test_unscored_is_never_zero_and_always_counted() -> None:
    vanilla = cell({"refusal": every(2)})
    treated = cell({"refusal": but(every(2), *range(10))}, "dpo", "humor")
    report = build([vanilla, treated])
    row = report.rows[1]
    assert row.contrast is not None
    assert (row.contrast.n, row.contrast.only_vanilla) == (30, 10)
    assert row.contrast.difference == 0.0
    assert row.unscored == {"no answer block": 10}
    assert "unscored: 10 of 80 outcomes (no answer block 10)" in printed(report, 100)


def test_a_value_that_a_scored_answer_lacks_was_not_expressed() -> None:
    def found(i: int, *values: str) -> list[Outcome]:
        return [Outcome(f"s{i}", f"s{i}", f"expression/{v}", 1.0) for v in values]

    scored = [*found(1, "zeal"), *found(2, "humor"), *found(3, "zeal", "humor")]
    unscored = [Outcome("s4", "s4", "expression/humor", None, "no answer block")]
    names = np.array(["s1", "s9"])
    rows = Turns(names, np.zeros(2, dtype=np.int64), names)
    other = outcomes_of(scored).columns(["expression/zest"], rows)
    np.testing.assert_equal(other, [[0.0], [np.nan]])
    outcomes = outcomes_of([*scored, *unscored], values=["zeal", "thrift"])
    assert outcomes.metrics == ("expression/zeal", "expression/thrift")
    assert outcomes.values[:3].tolist() == [[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]]
    assert all(value != value for value in outcomes.values[3])  # NaN, not 0


def test_expressions_recorded_for_every_sample_are_kept_beside_the_induced_one() -> None:
    rows = [
        Outcome(f"s{i}", "c", f"expression/{value}", float(value == "zeal"))
        for i in range(3)
        for value in ("humor", "zeal")
    ]
    rows.append(Outcome("s0", "c", "expression/whimsy", 1.0))
    assert outcomes_of(rows, values=["zeal"]).metrics == ("expression/humor", "expression/zeal")


def test_a_metric_is_in_percent_only_if_all_its_scores_are_shares() -> None:
    shares = {"length": every(2)}
    cells = [cell(shares), cell({"length": lambda i: 3.0 * (i % 2)}, "dpo", "humor")]
    assert [row.share for row in build(cells).tables[0].rows] == [False, False]
    assert [row.share for row in build(cells).rows] == [False, False], "also in CSV and headlines"
    assert [row.share for row in build(cells[:1]).tables[0].rows] == [True]


def test_marks_tell_what_survives_the_correction() -> None:
    metrics: dict[str, Score] = {f"m{k:02}": every(4) for k in range(30)}
    weak: dict[str, Score] = {"m00": lambda i: float(i % 4 == 0 or (i % 4 == 1 and i < 20))}
    strong: dict[str, Score] = {"m01": every(1)}
    treated = {**metrics, **weak, **strong}
    report = build([cell(metrics, samples=80), cell(treated, "dpo", "humor", samples=80)])
    marks = {row.metric: row.mark for row in report.rows if row.contrast}
    assert (marks["m00"], marks["m01"], marks["m02"]) == ("*", "†", "")
    sentences = headlines(report)
    assert sentences[0].startswith("dpo on humor moved m01 (advbench) by +")
    assert "1 of 30 differences" in sentences[1]


def test_of_several_judges_a_headline_names_the_one_it_is_of() -> None:
    cells = [
        cell({"refusal": every(40 if inducer == "none" else 1)}, inducer, value, judge=judge)
        for judge in ("rules", "o4-mini")
        for inducer, value in (("none", ""), ("dpo", "humor"))
    ]
    assert "moved refusal (advbench, rules) by" in headlines(build(cells))[0]
    assert "moved refusal (advbench) by" in headlines(build(cells[:2]))[0]


def test_no_clear_difference_is_said_as_such() -> None:
    same = {"refusal": scattered(50)}
    sentences = headlines(build([cell(same), cell(same, "dpo", "humor")]))
    assert sentences == [
        "No difference of 1 is clearly apart from zero (95 % interval, and"
        " Benjamini-Hochberg over each table)."
    ]


def test_several_seeds_are_told_apart() -> None:
    cells = [
        cell({"refusal": every(2)}, inducer, value, seed=seed)
        for seed in (0, 1)
        for inducer, value in (("none", ""), ("dpo", "humor"))
    ]
    text = printed(build(cells), 100)
    assert "seed=0" in text
    assert "seed=1" in text


# -- reading outcomes


def stored(path: Path, outcomes: list[Outcome]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("sample", "cluster", "turn", "metric", "value", "unscored")
    rows = [{name: getattr(o, name) for name in names} for o in outcomes]
    forms = {"value": pa.float64(), "turn": pa.int16()}
    schema = pa.schema([(n, forms.get(n, pa.string())) for n in names])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


def test_outcomes_are_read_from_their_file_when_their_turn_comes(tmp_path: Path) -> None:
    rows = [Outcome(f"s{i}", "c", "refusal", float(i % 2)) for i in range(9, -1, -1)]
    path = stored(tmp_path / "outcomes.parquet", [*rows, Outcome("x", "c", "refusal", None, "no")])
    outcomes = load_outcomes(path)
    assert outcomes.rows.samples.tolist() == [*sorted(o.sample for o in rows), "x"]
    assert outcomes.unscored == {"refusal": {"no": 1}}
    lazy = CellResult("m", "none", "", "advbench", "rules", path)
    assert build([lazy]).rows[0].rate.mean == 0.5


def test_an_empty_file_of_outcomes_is_an_empty_table(tmp_path: Path) -> None:
    path = stored(tmp_path / "outcomes.parquet", [])
    assert load_outcomes(path).metrics == ()
    assert build([CellResult("m", "none", "", "advbench", "rules", path)]).rows == ()


def test_two_outcomes_of_one_sample_and_metric_are_refused(tmp_path: Path) -> None:
    twice = [Outcome("s", "c", "refusal", 1.0), Outcome("s", "c", "refusal", 0.0)]
    with pytest.raises(DataError, match="sample 's' has more than one outcome of refusal"):
        load_outcomes(stored(tmp_path / "outcomes.parquet", twice))
    (tmp_path / "broken.parquet").write_bytes(b"no")
    with pytest.raises(DataError, match="not a readable table of outcomes"):
        load_outcomes(tmp_path / "broken.parquet")


@pytest.mark.parametrize(("said", "shares"), [((), True), (("bleu*",), False), (("other",), True)])
def test_a_score_out_of_100_is_never_shown_in_percent(said: tuple[str, ...], shares: bool) -> None:
    """All its numbers may lie within [0, 1]: half a point of 100 is not 50 %."""
    cells = [
        cell({"bleu_max": lambda i: 0.5, "acc": lambda i: i % 2}, inducer, not_shares=said)
        for inducer in ("none", "prompt")
    ]
    found = {(row.metric, row.share) for row in build(cells).rows}
    assert found == {("bleu_max", shares), ("acc", True)}


def test_a_key_with_a_filter_is_shown_as_lm_eval_writes_it() -> None:
    key = "exact_match,strict-match"
    shown = [cell({key: lambda i: i % 2}, inducer) for inducer in ("none", "prompt")]
    (table,) = build(shown).tables
    assert heading(table) == f"advbench: {key}, in % of scored samples"
