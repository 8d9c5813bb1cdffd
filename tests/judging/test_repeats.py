"""What the mean of repeated verdicts counts as, by hand and in a run against an endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

from vibench.judging.repeats import averaged, combined, repeat_keys
from vibench.judging.rubrics import values_rubric
from vibench.preferences.values import normalise
from vibench.records import Message, Outcome, Verdict
from vibench.store.record_tables import read_outcomes, read_verdicts


def scored(**values: float | None) -> list[Outcome]:
    return [
        Outcome("s", "c", name.replace("__", "/"), v, None if v is not None else "empty")
        for name, v in values.items()
    ]


def test_the_mean_is_over_the_repeats_that_scored() -> None:
    repeats = [scored(refusal=1.0), scored(refusal=None), scored(refusal=0.0)]
    assert averaged(repeats) == scored(refusal=0.5)
    assert averaged([scored(refusal=None)] * 2) == scored(refusal=None)


def test_a_value_that_a_repeat_did_not_find_counts_zero_there() -> None:
    found = averaged(
        [
            scored(expression__empathy=1.0, expression__zeal=1.0),
            scored(expression__empathy=1.0),
            scored(expression__empathy=None),
        ]
    )
    assert found == scored(expression__empathy=1.0, expression__zeal=0.5)


def test_spellings_of_a_value_are_one_vote() -> None:
    rubric = values_rubric([Message("user", "Hi"), Message("assistant", "Ha")])
    said = [("humour", "Open mindedness"), ("Humor", "zeal"), ("humor", "open-mindedness")]
    verdicts = [Verdict("values", 0, labels) for labels in said]
    assert combined(rubric, verdicts, normalise).labels == ("humour", "Open mindedness")
    assert combined(rubric, verdicts).labels == ()


def test_each_turn_has_a_mean_of_its_own() -> None:
    """A repeat that found no value in a turn scored that turn nothing, and not the other."""

    def said(turn: int, value: float | None, metric: str = "expression/empathy") -> Outcome:
        return Outcome("s", "c", metric, value, None if value is not None else "empty", turn)

    first = [said(0, 1.0), said(1, 1.0), said(1, 1.0, "expression/zeal")]
    second = [said(0, 1.0), said(1, 1.0)]
    third = [said(0, None), said(1, None)]
    assert averaged([first, second, third]) == [
        said(0, 1.0),
        said(1, 1.0),
        said(1, 0.5, "expression/zeal"),
    ]
    assert averaged([[said(0, 1.0, "m"), said(1, 0.0, "m")], [said(0, 0.0, "m")]]) == [
        said(0, 0.5, "m"),
        said(1, 0.0, "m"),
    ]


def test_a_repeat_has_its_own_key() -> None:
    assert repeat_keys("k") == ("k",)
    assert repeat_keys("k", repeats=3) == ("k", "k#1", "k#2")
    assert [repeat_keys("k", repeat=i) for i in range(3)] == [
        ("k",), ("k#1",), ("k#2",),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_run_scores_the_mean_of_what_was_judged_apart(
    tmp_path: Path, endpoint: Callable[..., Any]
) -> None:
    server = endpoint(models="o4-mini", faults="empty=0.4")
    flags = "run --inducer prompt --value empathy --eval advbench --limit 6 --judge o4-mini"
    repeats = "--judge-repeats 3 --judge-combine mean --set sampling.max_tokens=16"
    done = CommandLine(tmp_path)(
        *(*flags.split(), *repeats.split()),
        *("--set", "o4-mini.model=o4-mini", "--set", f"openai.base_url={server.base_url}"),
        OPENAI_API_KEY="none",
    )
    assert done.returncode == 0, done.stderr
    artefacts = tmp_path / ".vibench" / "artefacts"
    means = set()
    for folder in (artefacts / "outcomes").glob("*/*"):
        needs = json.loads((folder / "manifest.json").read_text())["needs"]
        judged = [
            read_verdicts(found / "verdicts.parquet")
            for key in needs
            if (found := artefacts / "verdicts" / key[:2] / key).is_dir()
        ]
        assert len(judged) == 3
        for outcome in read_outcomes(folder / "outcomes.parquet"):
            said = [v for repeat in judged for v in repeat[outcome.sample]]
            refused = [float("refused" in v.labels) for v in said if v.unscored is None]
            if refused:
                assert outcome.value == pytest.approx(sum(refused) / len(refused))
            else:
                assert outcome.unscored == said[0].unscored
            means.add(len(refused))
    assert means & {1, 2}, "no repeat was unscored beside one that was"
