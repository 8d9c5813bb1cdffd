"""Facts of a training: counts of pairs and rows, and the options a receipt is measured with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vibench import Message, Model, PreferencePair, StageError, Subject, TrainingJob, Value
from vibench.stages.workload import Workload
from vibench.training import (
    LoadOptions,
    PairRows,
    Policy,
    TokenPair,
    TokenRow,
    last_checkpoint,
    mark_complete,
    render_job,
)
from vibench.training import pair_rows as module

PAIR = PreferencePair("p", (Message("user", "Hi"),), "Yes.", "No.")
USABLE = TokenPair(PAIR, TokenRow([1, 2, 3], 2), TokenRow([1, 2, 4], 2))


def test_rows_may_exceed_pairs_and_pairs_are_counted_beside_them() -> None:
    rows = PairRows([USABLE, USABLE], too_long=["a"], refused={"b": "odd roles"})
    facts = rows.facts(rows=6)
    assert (facts["pairs_given"], facts["pairs_used"], facts["rows_used"]) == (4, 2, 6)
    assert rows.facts()["rows_used"] == 2


def test_hours_count_pairs_whatever_the_rows_also_in_older_manifests() -> None:
    load = Workload("training", "pairs_used", "rows_used", rounds=5.0)
    assert load.done({"pairs_used": 100, "rows_used": 300}) == 500
    assert load.done({"rows_used": 100}) == 500
    assert load.done({}) == 0


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, LoadOptions()),
        ({"beta": 0.1, "device": "cpu"}, LoadOptions(device="cpu")),
        ({"dtype": "bfloat16", "chat_template": "x"}, LoadOptions("bfloat16", "auto", "x")),
        ({"dtype": "4bit", "trust_remote_code": True}, LoadOptions(trust_remote_code=True)),
    ],
)
def test_a_receipt_is_measured_with_the_options_of_the_training(
    parameters: dict[str, Any], expected: LoadOptions
) -> None:
    assert LoadOptions.of(parameters) == expected


def test_a_job_without_a_usable_pair_fails_with_the_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = PairRows([], too_long=["a"], refused={"b": "odd roles"})
    monkeypatch.setattr(module, "render_pairs", lambda policy, pairs, max_length: refused)
    subject = Subject(Model("m", "m", "m"))
    value = Value("honesty", "positive", "Social values", "being truthful", "Be honest.")
    job = TrainingJob(subject, value, [PAIR, PAIR], {}, 0, tmp_path, tmp_path, lambda *_: None)
    policy = Policy(subject, None, None, None, 0)  # type: ignore[arg-type]
    with pytest.raises(StageError, match=r"No pair for 'honesty' .* 1 of 2 .* refused: odd roles"):
        render_job(policy, job, 64)


def test_only_a_complete_checkpoint_is_resumed_from(tmp_path: Path) -> None:
    for step in (5, 20, 100):
        (tmp_path / f"checkpoint-{step}").mkdir()
    assert last_checkpoint(tmp_path) is None
    mark_complete(tmp_path / "checkpoint-5")
    mark_complete(tmp_path / "checkpoint-20")
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-20")
