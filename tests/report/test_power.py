"""What a plan can see: from its samples, and from what the store knows already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from vibench.plan import Cell, Plan, Stage
from vibench.plan.cells import CELLS, write_cells
from vibench.records import Message, Outcome, Sample
from vibench.report.power import sensitivities
from vibench.report.power_lines import sensitivity_lines, sensitivity_records
from vibench.sessions.configs import EvalConfig
from vibench.sessions.stage_work import Need
from vibench.stages.outcomes import OutcomesSpec
from vibench.stats import ASSUMED, detectable
from vibench.store.artefacts import Store
from vibench.store.record_tables import write_outcomes


def plan(sizes: list[int], evaluation: str = "advbench", measures: bool = False) -> Plan:
    """One eval with clusters of these sizes, one induced subject and the vanilla one."""
    samples = [
        Sample(f"{c}/{i}", (Message("user", "Hi"),), f"c{c}")
        for c, n in enumerate(sizes)
        for i in range(n)
    ]
    needs = () if measures else (Need("samples", "samples", "s"),)
    spec = OutcomesSpec(eval=EvalConfig(evaluation, {}, {}))
    stages = {k: Stage(k, k, needs, spec) for k in ("t0", "t1")}
    cells = [
        Cell("m", "none", "", evaluation, "rules", 0, {}, "o0", "t0", "v0", None),
        Cell("m", "dpo", "empathy", evaluation, "rules", 0, {}, "o1", "t1", "v1", "o0"),
    ]
    return Plan(stages, cells, {} if measures else {"s": samples})


Scores = Callable[[int], float]


def finish(store: Store, made: Plan, sizes: list[int], limit: int | None = None) -> None:
    """Put a finished run of the plan's cells into the store: answers at random."""
    rng = np.random.default_rng(0)
    for key, share in (("o0", 0.9), ("o1", 0.8)):
        with store.making("outcomes", key, {}) as folder:
            write_outcomes(
                folder / "outcomes.parquet",
                (
                    Outcome(f"{c}/{i}", f"c{c}", "refusal", float(rng.random() < share))
                    for c, n in enumerate(sizes)
                    for i in range(n)
                ),
            )
    write_cells(store.run_folder("r") / CELLS, made.cells)
    store.write_run("r", {"id": "r", "status": "complete", "spec": {"limit": limit}})


def line(made: Plan, store: Store, limit: int | None = None) -> str:
    [found] = sensitivity_lines(sensitivities(made, store, ["empathy"], limit))
    return found


def test_with_nothing_known_it_says_what_it_assumes(store: Store) -> None:
    made = plan([30] * 212, "issuebench")
    [found] = sensitivities(made, store, ["empathy"], None)
    assert found.difference == detectable([30] * 212, ASSUMED)
    assert line(made, store) == (
        "issuebench: detects differences of 4.9 points or more in a share (80 % power, two-sided "
        "5 %; 6,360 samples in 212 clusters of 30; assumed: both subjects' answers at 50 %, "
        "drawn independently, with a correlation of 0.1 within clusters)."
    )


def test_each_turn_of_a_sample_is_an_outcome(store: Store) -> None:
    """Five turns are five outcomes, which go together as those of a cluster do."""
    made = replace(plan([8] * 120, "anthrobench"), turns={"s": 5})
    [found] = sensitivities(made, store, ["empathy"], None)
    assert found.difference == detectable([40] * 120, ASSUMED)
    assert "; 960 samples of 5 turns in 120 clusters of 8; assumed: " in line(made, store)
    assert [(row["samples"], row["turns"]) for row in sensitivity_records([found])] == [(960, 5)]


def test_what_was_seen_is_gone_by(store: Store) -> None:
    finish(store, plan([1] * 200), [1] * 200)
    made = plan([1] * 520)
    [found] = sensitivities(made, store, ["empathy"], None)
    assert found.metric == "refusal"
    assert found.spread.sd == pytest.approx(0.5, abs=0.06)  # sqrt(0.09 + 0.16)
    assert found.difference == pytest.approx(2.81 * found.spread.sd / np.sqrt(520), rel=0.01)
    assert "in refusal (80 % power, two-sided 5 %; 520 samples; spread as in 1 finished" in line(
        made, store
    )
    [told_as_json] = sensitivity_records([found])
    assert (told_as_json["assumed"], told_as_json["samples"]) == (False, 520)


def test_what_another_judge_saw_is_not_gone_by(store: Store) -> None:
    finish(store, plan([1] * 200), [1] * 200)
    made = plan([1] * 520)
    judged = [replace(cell, judge="o4-mini") for cell in made.cells]
    [found] = sensitivities(replace(made, cells=judged), store, ["empathy"], None)
    assert found.spread == ASSUMED


def test_what_another_model_saw_under_the_same_judge_s_name_is_not_gone_by(store: Store) -> None:
    """`--set mistral.model=... mistral.engine=...` judged before; now the judge's own does."""

    def judged(made: Plan) -> Plan:
        return replace(made, cells=[replace(cell, judge="mistral") for cell in made.cells])

    def record(model: str, engine: str) -> dict[str, Any]:
        setting = {"model": model, "engine": engine}
        return {"spec": {"engine": "vllm"}, "parameters": {"judge": {"mistral": setting}}}

    own = record("mistralai/Mistral-7B-Instruct-v0.3", "")
    other = record("gpt-4.1-mini", "openai")
    finish(store, judged(plan([1] * 200)), [1] * 200)
    store.write_run("r", {"id": "r", "status": "complete", **other})
    made = judged(plan([1] * 520))
    [found] = sensitivities(made, store, ["empathy"], None, own)
    assert found.spread == ASSUMED
    [found] = sensitivities(made, store, ["empathy"], None, other)
    assert found.spread.contrasts == 1


def test_an_eval_that_picks_its_samples_is_known_once_it_was_run(store: Store) -> None:
    made = plan([], measures=True)
    assert "not known before it has run once" in line(made, store)
    assert "A task of 40 samples detects differences of 32." in line(made, store, limit=40)
    finish(store, made, [10] * 20, limit=40)
    assert "200 samples in 20 clusters of 10; spread as in 1" in line(made, store, limit=40)
    assert "not known" in line(made, store, limit=80)


def test_too_few_samples_see_nothing(store: Store) -> None:
    assert "detects no difference of a share: too few samples" in line(plan([1, 1]), store)
    assert "detects no difference: its 9 samples are all one cluster" in line(plan([9]), store)


def test_a_damaged_run_tells_nothing(store: Store) -> None:
    finish(store, plan([1] * 200), [1] * 200)
    (store.root / "runs" / "r" / CELLS).write_bytes(b"nothing")
    assert "assumed" in line(plan([1] * 520), store)
