"""What was cut off at its limit of tokens is counted everywhere, and loud above 5 %."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from vibench.exhibits.gate_document import gate_document
from vibench.exhibits.gate_records import gate_json, gate_junit
from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.report_document import report_document
from vibench.exhibits.report_records import report_csv, report_json
from vibench.exhibits.terminal import show
from vibench.paper import exhibits
from vibench.records import Message, Outcome, Sample, Transcript
from vibench.report import build
from vibench.report.gate import gate
from vibench.report.run_report import RunReport
from vibench.report.tolerances import Tolerance
from vibench.results.cells import CellResult
from vibench.results.cut_off_warnings import cut_off_lines, cut_off_warnings
from vibench.results.cut_offs import CutOffs
from vibench.results.manifests import read_manifest
from vibench.results.outcomes import outcomes_of


def cell(inducer: str, cut: CutOffs, **more: Any) -> CellResult:
    """A cell of 96 samples."""
    rows = [Outcome(f"s{i}", f"s{i}", "refusal", float(i % 2)) for i in range(96)]
    about: dict[str, Any] = {
        "model": "tiny", "value": "" if inducer == "none" else "empathy", "eval": "advbench",
        "judge": "mistral", "transcripts": inducer,
        "parameters": {"sampling.max_tokens": 96, "mistral.max_tokens": 1024}, **more,
    }  # fmt: skip
    return CellResult(inducer=inducer, outcomes=outcomes_of(rows), cut_offs=cut, **about)


NONE, FEW, MOST = CutOffs(96), CutOffs(96, 4), CutOffs(96, 89)

LOUD = (
    "89 of 96 answers in advbench (92.7 %: dpo on empathy, tiny) were cut off at 96 tokens: scores "
    "are of unfinished answers. Allow longer ones: --set sampling.max_tokens=192"
)


def test_nothing_cut_off_is_said_and_no_warning() -> None:
    cells = [cell("none", NONE), cell("dpo", NONE)]
    assert cut_off_lines(cells) == ["cut off at max_tokens: none of 192 answers"]
    assert cut_off_warnings(cells) == []


def test_a_few_are_told_without_a_warning() -> None:
    cells = [cell("none", NONE), cell("dpo", FEW)]
    assert cut_off_lines(cells) == [
        "cut off at max_tokens: 4 of 192 answers (2.1 %), up to 4.2 % (dpo on empathy)"
    ]
    assert cut_off_warnings(cells) == []


def test_most_answers_of_one_subject_are_loud_with_the_setting() -> None:
    assert cut_off_warnings([cell("none", NONE), cell("dpo", MOST)]) == [LOUD]


def test_several_subjects_are_one_warning_and_two_judges_of_the_same_answers_too() -> None:
    cells = [
        cell(inducer, cut, judge=judge)
        for judge in ("mistral", "llama-70b")
        for inducer, cut in (("none", NONE), ("prompt", CutOffs(96, 48)), ("dpo", MOST))
    ]
    [warning] = cut_off_warnings(cells)
    assert warning.startswith(
        "137 of 288 answers in advbench (up to 92.7 %: dpo on empathy, tiny; above 5 % in 2 of 3 "
        "subjects) were cut off at 96 tokens:"
    )


def test_replies_of_a_judge_have_a_setting_of_their_own() -> None:
    cut = CutOffs(96, 0, 1248, 100)
    cells = [cell("none", CutOffs(96, 0, 1248, 0)), cell("dpo", cut, judge="mistral (x at openai)")]
    assert cut_off_lines(cells[1:]) == [
        "cut off at max_tokens: none of 96 answers",
        "judge's replies cut off: 100 of 1,248 (8.0 %)",
    ]
    assert cut_off_warnings(cells) == [
        "100 of 1,248 replies of the judge mistral (x at openai) in advbench (8.0 %: dpo on "
        "empathy, tiny) were cut off at 1,024 tokens and are unscored. Allow longer ones: --set "
        "mistral.max_tokens=2048"
    ]


def test_an_eval_that_measures_by_itself_has_its_own_limit() -> None:
    measured = {"judge": "", "eval": "gsm8k", "parameters": {"gsm8k.max_gen_toks": None}}
    [warning] = cut_off_warnings([cell("dpo", MOST, **measured)])
    assert warning.endswith(
        "were cut off at their limit of tokens: scores are of unfinished answers. Allow longer "
        "ones: --set gsm8k.max_gen_toks=..."
    )
    assert cut_off_lines([cell("dpo", CutOffs(), **measured)]) == []


def test_every_form_of_a_report_warns() -> None:
    report = build([cell("none", NONE), cell("dpo", MOST)])
    console = Console(file=io.StringIO(), width=400, color_system=None)
    show(report_document(report, console.width), console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert text.startswith(f"WARNING: {LOUD}\n")
    assert "0 → 92.7" in text
    assert f"**WARNING: {LOUD.replace('_', chr(92) + '_')}**" in as_markdown(
        report_document(report)
    )
    written = json.loads(report_json(report))
    assert written["warnings"] == [LOUD]
    assert [(row["answers"], row["cut_off"]) for row in written["rows"]] == [(96, 0), (96, 89)]
    assert ",answers,cut_off,judge_replies,judge_cut_off," in report_csv(report)


def test_the_gate_warns() -> None:
    report = build([cell("none", NONE), cell("dpo", MOST)])
    decided = gate(report, [Tolerance("refusal", -2)])
    assert json.loads(gate_json(decided, "r", strict=False))["warnings"] == [LOUD]
    assert "**WARNING: 89 of 96 answers" in as_markdown(gate_document(decided, "r"))
    assert b"<system-err>89 of 96 answers" in gate_junit(decided, "r", strict=False)


def test_the_papers_tables_warn_of_the_cells_that_went_in() -> None:
    """Cells of another eval are not theirs, and the untouched ones are."""
    other = {"eval": "issuebench", "transcripts": "other"}
    cells = [cell("none", FEW), cell("dpo+prompt", MOST), cell("none", MOST, **other)]
    [figure] = exhibits(RunReport(build(cells), tuple(cells), ()), ["figure-5"])
    told = [note for note in figure.notes if "ut off" in note]
    assert told == [
        "WARNING: " + LOUD.replace("dpo on", "dpo+prompt on"),
        "Cut off at max_tokens: 93 of 192 answers (48.4 %), up to 92.7 % (dpo+prompt on empathy).",
    ]


@pytest.mark.parametrize(
    ("transcript", "counts"),
    [
        ({"answers": 5, "cut_off": 3}, (5, 3)),
        ({"answers": 5, "cut_off": 3, "finish": "length"}, (5, 3)),
        ({"finish": "length"}, (1, 1)),
        ({"completion_tokens": 7}, (1, 0)),
        ({}, (0, 0)),  # A log-likelihood is no answer.
    ],
)
def test_what_an_eval_of_its_own_does_not_count_is_counted(
    transcript: dict[str, Any], counts: tuple[int, int]
) -> None:
    sample = Sample("s", (Message("user", "Hi"),), "s")
    assert Transcript(sample, (), **transcript).length_counts == counts


def test_a_manifest_without_counts_says_nothing(tmp_path: Path) -> None:
    def counts() -> CutOffs:
        return CutOffs.of(read_manifest(tmp_path).get("facts", {}))

    assert counts() == CutOffs()
    (tmp_path / "manifest.json").write_text('{"facts": {"outcomes": 3}}')
    assert counts() == CutOffs()
    facts = {"answers": 9, "cut_off": 1, "judge_replies": 8, "judge_cut_off": 2}
    (tmp_path / "manifest.json").write_text(json.dumps({"facts": facts}))
    assert counts() == CutOffs(9, 1, 8, 2)
