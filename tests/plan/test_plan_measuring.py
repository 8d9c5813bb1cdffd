"""Planning evals that measure by themselves: no judge, no sampling, one stage a subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from vibench import Eval, Measuring, Outcome, Transcript, Verdict
from vibench.contracts import breach
from vibench.data import DataFiles
from vibench.errors import DataError, PluginError, SpecError, UnknownName
from vibench.plan import Plan, Stage, make_plan
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.spec_completion import from_flags
from vibench.stages.transcripts import MeasurementSpec


class Quiz(Eval):
    """Measures nothing in these tests; `ROWS` stands for its data."""

    measures = True
    metrics = ("acc",)
    parameters: ClassVar = {
        "type": "object",
        "properties": {
            "shots": {"type": "integer", "default": 0},
            "batch": {"type": "integer", "default": 8, "x-key": False},
        },
        "additionalProperties": False,
    }
    ROWS: ClassVar[dict[str, Any]] = {"data": "rows of today", "requests": 12}

    def __init__(self, shots: int, batch: int) -> None:
        self.shots = shots

    def asks(self, data: DataFiles, limit: int | None) -> Mapping[str, Any]:
        return self.ROWS

    def measure(
        self, measuring: Measuring, data: DataFiles, limit: int | None
    ) -> Iterable[Transcript]:
        return ()

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        return ()


@pytest.fixture
def planned(catalogue: Catalogue, plugins: Plugins) -> Any:
    plugins.register("eval", "quiz", Quiz, owner="a test")

    def plan(folder: Path | None = None, **said: Any) -> Plan:
        said = {"evals": ["quiz"], "values": ["empathy"], "inducers": ["prompt"], **said}
        spec = from_flags(catalogue, plugins, **said)
        return make_plan(spec, catalogue, plugins, DataFiles(folder, True, catalogue.datasets))

    return plan


def kinds(plan: Plan) -> Counter[str]:
    return Counter(stage.kind for stage in plan.stages.values())


def asking(plan: Plan) -> dict[str, Stage]:
    return {s.key: s for s in plan.stages.values() if s.kind == "transcripts"}


def test_a_subject_is_asked_and_scored_and_nothing_is_judged(planned: Any) -> None:
    plan = planned()
    assert kinds(plan) == {"transcripts": 2, "outcomes": 2}
    assert [(c.inducer, c.judge, c.verdicts) for c in plan.cells] == [
        ("none", "", ""),
        ("prompt", "", ""),
    ]
    vanilla, induced = plan.cells
    assert vanilla.vanilla is None
    assert induced.vanilla == vanilla.outcomes
    for stage in asking(plan).values():
        assert isinstance(stage.spec, MeasurementSpec)
        assert stage.group == plan.stages[vanilla.transcripts].group != ""
        assert stage.work == {"requests": 12}


def test_judges_sampling_and_seeds_do_not_multiply_it(planned: Any) -> None:
    once = planned(evals=["quiz", "advbench"])
    often = planned(
        evals=["quiz", "advbench"],
        judges=["rules", "mistral"],
        sets=["sampling.temperature=0.2,0.7"],
    )
    mine = [c for c in often.cells if c.eval == "quiz"]
    assert [(c.judge, c.settings) for c in mine] == [("", {}), ("", {})]
    assert {c.outcomes for c in mine} == {c.outcomes for c in once.cells if c.eval == "quiz"}
    assert sum(c.eval == "advbench" for c in often.cells) == 8
    seeded = planned(seeds=["0", "1"])
    assert kinds(seeded) == {"transcripts": 2, "outcomes": 2}
    assert Counter(c.seed for c in seeded.cells) == {0: 2, 1: 2}, "each seed has its vanilla cell"


def test_an_adapter_is_asked_once_it_is_there_and_in_effect(planned: Any) -> None:
    plan = planned(inducers=["dpo"])
    (stage,) = (s for s in asking(plan).values() if s.needs)
    assert [need.kind for need in stage.needs] == ["adapter", "receipt"]


def test_settings_of_the_eval_are_swept(planned: Any) -> None:
    plan = planned(sets=["quiz.shots=0,5"])
    assert [c.settings for c in plan.cells] == [{"quiz.shots": 0}] * 2 + [{"quiz.shots": 5}] * 2
    assert len(asking(plan)) == 4


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"sets": ["sampling.temperature=0.1"]}, True),
        ({"judges": ["rules"]}, True),
        ({"seeds": ["9"]}, True),
        ({"sets": ["quiz.batch=3"]}, True),
        ({"folder": Path("/elsewhere")}, True),
        ({"sets": ["quiz.shots=3"]}, False),
        ({"limit": 5}, False),
        ({"models": ["tiny-instruct"]}, False),
        ({"sets": ["transformers.dtype=bfloat16"]}, False),
    ],
)
def test_its_key_is_of_what_determines_it(planned: Any, change: dict[str, Any], same: bool) -> None:
    before, after = asking(planned()), asking(planned(**change))
    assert (before.keys() == after.keys()) == same
    assert same or not before.keys() & after.keys()


def test_what_it_asks_is_known_by_its_content_and_not_by_its_count(
    planned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asking(planned())
    monkeypatch.setattr(Quiz, "ROWS", {**Quiz.ROWS, "requests": 99})
    assert asking(planned()).keys() == before.keys()
    monkeypatch.setattr(Quiz, "ROWS", {**Quiz.ROWS, "data": "rows of tomorrow"})
    assert not asking(planned()).keys() & before.keys()
    monkeypatch.setattr(Quiz, "ROWS", {"data": {1, 2}})
    with pytest.raises(PluginError, match=r"Quiz.asks\(\) does not return a JSON"):
        planned()


def test_where_data_lies_is_told_to_the_worker(planned: Any, tmp_path: Path) -> None:
    stage = next(iter(asking(planned(folder=tmp_path, limit=3)).values()))
    place = stage.spec.data
    assert (place.folder, place.embedded, stage.spec.limit) == (str(tmp_path), True, 3)
    assert "advbench" in place.datasets


def test_missing_data_is_told_while_planning(planned: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def asks(self: Quiz, data: DataFiles, limit: int | None) -> Mapping[str, Any]:
        return {"file": str(data.file("quiz", "rows.jsonl"))}

    monkeypatch.setattr(Quiz, "asks", asks)
    with pytest.raises(DataError, match="no 'quiz' with"):
        planned()


def test_an_endpoint_is_refused(planned: Any) -> None:
    with pytest.raises(SpecError, match="'quiz' asks for log-likelihoods or in tokens, which the"):
        planned(engine="openai", models=["some-model"])


def test_a_run_without_a_judge_needs_none(planned: Any) -> None:
    for said in ({"profile": "paper", "models": ["tiny-base"]}, {"judge_repeats": 3}):
        assert kinds(planned(**said)) == {"transcripts": 2, "outcomes": 2}
    with pytest.raises(UnknownName, match="rules"):
        planned(judges=["rulez"])


class Silent(Quiz):
    """Says that it measures, and does not."""

    measure = Eval.measure


class Judged(Quiz):
    """Measures, and wants to be judged."""

    rubric_names = ("values",)


@pytest.mark.parametrize(
    ("thing", "why"),
    [
        (Quiz, None),
        (Silent, "Silent does not define measure"),
        (Judged, "Judged measures by itself: it has no rubrics"),
    ],
)
def test_the_contract_of_one_that_measures(thing: type, why: str | None) -> None:
    found = breach("eval", thing)
    assert found is None if why is None else why in str(found)
