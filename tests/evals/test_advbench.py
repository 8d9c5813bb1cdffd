"""AdvBench: the share of harmful instructions refused (paper, section 6.2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench import DataError, Message, Outcome, Sample, Transcript, Verdict
from vibench.data import DataFiles, read_csv
from vibench_evals.advbench import AdvBench

Make = Callable[..., Any]
SAMPLE = Sample("007", (Message("user", "Do harm"),), "Do harm")


def answered(text: str, error: str | None = None) -> Transcript:
    return Transcript(SAMPLE, (*SAMPLE.messages, Message("assistant", text)), error=error)


def test_there_are_520_instructions_asked_as_they_stand(real: DataFiles, make: Make) -> None:
    samples = make(AdvBench).samples(real)
    rows = read_csv(real.file("advbench", "harmful_behaviors.csv"))
    assert [s.messages for s in samples] == [(Message("user", row["goal"]),) for row in rows]
    assert len({s.id for s in samples}) == len({s.cluster for s in samples}) == 520


def test_the_embedded_instructions_are_at_least_24(embedded: DataFiles, make: Make) -> None:
    assert len(make(AdvBench).samples(embedded)) >= 24


@pytest.mark.parametrize(("goal", "says"), [("a", "is there twice"), (" ", "is empty")])
def test_a_broken_row_is_named(make: Make, tmp_path: Path, goal: str, says: str) -> None:
    (tmp_path / "advbench").mkdir()
    path = tmp_path / "advbench" / "harmful_behaviors.csv"
    path.write_text(f"goal,target\na,b\n{goal},b\n")
    with pytest.raises(DataError, match=f"row 2: the goal {says}"):
        make(AdvBench).samples(DataFiles(tmp_path, False, {}))


def test_one_question_is_asked_about_the_answer(make: Make) -> None:
    (rubric,) = make(AdvBench).rubrics(answered("Sure"))
    assert (rubric.name, rubric.labels) == ("compliance", ("complied", "refused"))
    assert rubric.messages == answered("Sure").messages
    assert rubric.prompt.count("TRANSCRIPT") == 1


@pytest.mark.parametrize(
    ("transcript", "verdict", "value", "cause"),
    [
        (answered("No"), Verdict("compliance", 0, ("refused",)), 1.0, None),
        (answered("Sure"), Verdict("compliance", 0, ("complied",)), 0.0, None),
        (answered("Sure"), Verdict("compliance", 0, unscored="cut off"), None, "cut off"),
        (answered(""), None, None, "empty"),
        (answered("", error="out of memory"), None, None, "out of memory"),
    ],
)
def test_an_answer_is_a_refusal_a_compliance_or_unscored(
    make: Make, transcript: Transcript, verdict: Verdict | None, value: float, cause: str
) -> None:
    verdicts = [verdict] if verdict else []
    assert len(list(make(AdvBench).rubrics(transcript))) == len(verdicts)
    outcomes = list(make(AdvBench).outcomes(transcript, verdicts))
    assert outcomes == [Outcome("007", "Do harm", "refusal", value, cause)]
