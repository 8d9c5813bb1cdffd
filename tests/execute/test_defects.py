"""A sample that a plugin's code breaks on is unscored, with its cause and traceback on record;
where too many are, the stage fails in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from vibench import (
    Ask,
    ChatRequest,
    Completion,
    Eval,
    Judge,
    Message,
    Model,
    Outcome,
    Rubric,
    Sample,
    Sampling,
    Session,
    Subject,
    Verdict,
)
from vibench.data import DataFiles
from vibench.errors import StageError
from vibench.estimates.sizes import length, rehearsed
from vibench.execute.stage_run import make
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.sessions.answers import answers_of_model
from vibench.sessions.configs import EngineConfig, EvalConfig, JudgeConfig, SubjectRecord
from vibench.sessions.process import Process
from vibench.sessions.stage_work import Need
from vibench.sessions.tally import Tally
from vibench.sessions.work import Work
from vibench.stages.conversations import Conversations
from vibench.stages.outcomes import OutcomesSpec
from vibench.stages.samples import SamplesSpec
from vibench.stages.transcripts import ConversationsSpec
from vibench.stages.verdicts import VerdictsSpec
from vibench.store import record_tables as tables
from vibench.store.artefacts import Store

MODEL = Model("m", "m", "endpoint:m")
SAMPLES = [Sample(f"s{n}", (Message("user", f"Question {n}"),), f"c{n}") for n in range(20)]


class Parrot(Session):
    """Says after the user, the last request first."""

    shard = 4

    def __init__(self) -> None:
        self.queue: list[ChatRequest] = []
        self.asked = 0

    def submit(self, request: Any) -> None:
        self.queue.append(request)
        self.asked += 1

    def poll(self) -> list[Completion]:
        if not self.queue:
            return []
        request = self.queue.pop()
        assert isinstance(request.messages, tuple)
        return [Completion(request.id, request.messages[-1].content, "stop", 3, 2)]

    def close(self) -> None: ...


class Fragile(Eval):
    """Breaks in `place` on the samples `on`."""

    rubric_names = ("mood",)
    metrics: Any = ("warm",)
    place: str = ""
    on: tuple[str, ...] = ()

    def touch(self, place: str, sample: Sample) -> None:
        if self.place == place and sample.id in self.on:
            raise ValueError(f"no {place}\nfor {sample.id}")

    def samples(self, data: DataFiles) -> Any:
        return SAMPLES

    def dialogue(self, sample: Sample) -> Any:
        self.touch("before", sample)
        reply = yield from super().dialogue(sample)
        self.touch("dialogue", sample)
        return reply

    def rubrics(self, transcript: Any) -> Any:
        self.touch("rubrics", transcript.sample)
        yield Rubric("mood", "TRANSCRIPT", tuple(transcript.messages), ("warm", "cold"))

    def outcomes(self, transcript: Any, verdicts: Any) -> Any:
        sample = transcript.sample
        self.touch("outcomes", sample)
        cause = transcript.error or verdicts[0].unscored
        value = None if cause else float(verdicts[0].labels == ("warm",))
        metric = self.metrics[0].replace("*", "warm")
        owner = "s0" if self.place == "another" and sample.id in self.on else sample.id
        yield Outcome(owner, sample.cluster, metric, value, cause)


class Critic(Judge):
    """Finds all warm, and breaks on the questions about `on`."""

    on: tuple[str, ...] = ()

    def accepts(self, rubric_name: str) -> bool:
        return True

    def decide(self, rubric: Rubric) -> Any:
        if rubric.messages[0].content in self.on:
            raise KeyError("mood")
        return Verdict(rubric.name, rubric.turn, ("warm",))


Chain = Callable[..., tuple[Mapping[str, Any], list[Outcome]]]


@pytest.fixture
def chain(store: Store, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """Does a cell's stages; the facts of each and the outcomes."""

    def run(
        max_errors: float = 0.05, judge_on: tuple[str, ...] = (), **changed: Any
    ) -> tuple[Mapping[str, Any], list[Outcome]]:
        plugins = Plugins()
        plugins.register("eval", "fragile", type("F", (Fragile,), changed), "the tests")
        plugins.register("judge", "critic", type("C", (Critic,), {"on": judge_on}), "the tests")
        monkeypatch.setattr(Conversations, "session", lambda *_: Parrot())
        fragile = EvalConfig("fragile", {}, {})
        specs = (
            SamplesSpec(eval=fragile, content=""),
            ConversationsSpec(
                subject=SubjectRecord(MODEL, None, None),
                engine=EngineConfig("transformers", {}, {}),
                eval=fragile,
                sampling=Sampling(),
                seed=0,
                max_errors=max_errors,
            ),
            VerdictsSpec(judge=JudgeConfig("critic", {}, {}), eval=fragile, max_errors=max_errors),
            OutcomesSpec(eval=fragile, max_errors=max_errors),
        )
        process = Process(samples={"samples-key": SAMPLES})
        facts: dict[str, Any] = {}
        for spec in specs:
            needs = tuple(
                Need(name, kind, f"{kind}-key")
                for name, kind in spec.needed.items()
                if kind in facts
            )
            key = f"{spec.kind}-key"
            stage = Stage(key, spec.kind, needs, spec, work={"verdicts": len(SAMPLES)})

            def work(folder: Path, stage: Stage = stage) -> Work:
                said = lambda done, total, note: None  # noqa: E731
                return Work(stage, store, plugins, folder, said, process)

            facts[spec.kind] = make(stage, store, work)
        file = store.open("outcomes", "outcomes-key").file("outcomes.parquet")
        return facts, tables.read_outcomes(file)

    return run


def record(store: Store, kind: str) -> list[dict[str, str]]:
    """What lies beside a stage's result."""
    file = store.open(kind, f"{kind}-key").file("broken.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_nothing_is_put_on_record_where_nothing_breaks(chain: Chain, store: Store) -> None:
    facts, found = chain()
    assert {o.value for o in found} == {1.0}
    assert not any("broken" in one or "unasked" in one for one in facts.values())
    assert not list(store.root.rglob("broken.jsonl"))


@pytest.mark.parametrize(
    ("place", "kind"),
    [("before", "transcripts"), ("dialogue", "transcripts"), ("rubrics", "verdicts"),
     ("outcomes", "outcomes")],
)  # fmt: skip
def test_the_sample_that_an_eval_breaks_on_is_unscored_and_no_other(
    chain: Chain, store: Store, place: str, kind: str
) -> None:
    facts, found = chain(place=place, on=("s7",))
    assert [o.sample for o in found if o.value is None] == ["s7"]
    assert len(found) == len(SAMPLES)
    (broken,) = (o for o in found if o.value is None)
    assert broken.unscored == f"broken: ValueError: no {place} for s7"
    assert (broken.metric, broken.cluster) == ("warm", "c7")
    (line,) = record(store, kind)
    assert line["plugin"] == "The eval 'fragile' of the tests"
    assert line["sample"] == "s7"
    assert line["traceback"].startswith("Traceback (most recent call last)")
    assert "self.touch" in line["traceback"]
    assert any(facts[kind].get(name) for name in ("broken", "unasked"))


def test_a_sample_without_a_metric_known_by_name_does_not_vanish(chain: Chain) -> None:
    _, found = chain(place="outcomes", on=("s7",), metrics=("word/*",))
    broken = [o for o in found if o.value is None]
    assert [(o.sample, o.metric) for o in broken] == [("s7", "word/warm")]


def test_an_outcome_of_another_sample_is_a_breach_that_poisons_nothing(
    chain: Chain, store: Store
) -> None:
    _, found = chain(place="another", on=("s7",))
    assert [o.sample for o in found] == [s.id for s in SAMPLES]
    (broken,) = (o for o in found if o.value is None)
    assert "outcomes yielded an outcome of another sample, 's0'" in (broken.unscored or "")
    assert len(record(store, "outcomes")) == 1


def test_a_question_that_a_judges_code_breaks_on_is_unscored(chain: Chain, store: Store) -> None:
    facts, found = chain(judge_on=("Question 3",))
    assert [o.unscored for o in found if o.value is None] == ["broken: KeyError: 'mood'"]
    assert facts["verdicts"]["broken"] == 1
    assert facts["verdicts"]["unscored"] == {"broken": 1}
    (line,) = record(store, "verdicts")
    assert (line["sample"], line["place"]) == ("s3", "'mood' (turn 0)")
    assert line["plugin"] == "The judge 'critic' of the tests"


@pytest.mark.parametrize(
    ("changed", "kind", "who"),
    [
        ({"place": "dialogue", "on": ("s1", "s2")}, "transcripts", "eval 'fragile'"),
        ({"place": "rubrics", "on": ("s1", "s2")}, "verdicts", "eval 'fragile'"),
        ({"judge_on": ("Question 1", "Question 2")}, "verdicts", "judge 'critic'"),
        ({"place": "outcomes", "on": ("s1", "s2")}, "outcomes", "eval 'fragile'"),
    ],
)
def test_above_the_share_the_stage_fails_and_says_where_the_tracebacks_are(
    chain: Chain, store: Store, changed: dict[str, Any], kind: str, who: str
) -> None:
    with pytest.raises(StageError) as caught:
        chain(**changed)
    told = str(caught.value)
    assert told.startswith(f"The {who} of the tests broke on 2 of 20, which is more than")
    assert "--max-errors 0.05" in told
    file = Path(told.rpartition(" are in ")[2])
    assert file == store.root / "scratch" / f"{kind}-key" / "broken.jsonl"
    assert "Traceback" in file.read_text()
    assert not store.has(kind, f"{kind}-key"), "what failed the bound is not committed"


def test_the_share_is_what_the_run_says(chain: Chain) -> None:
    _, found = chain(max_errors=0.1, place="outcomes", on=("s1", "s2"))
    assert [o.sample for o in found if o.value is None] == ["s1", "s2"]


def test_a_share_of_0_forgives_nothing(chain: Chain) -> None:
    with pytest.raises(StageError, match="broke on 1 of 20"):
        chain(max_errors=0, place="outcomes", on=("s1",))


# --- a judge that asks a model -----------------------------------------------------------


class Reader(Critic):
    """Asks a model, and breaks where it reads a reply that says so."""

    def ask(self, rubric: Rubric) -> Any:
        return rubric.messages

    def read(self, rubric: Rubric, reply: Any) -> Any:
        if reply.text in self.on:
            raise KeyError("mood")
        return Verdict(rubric.name, rubric.turn, ("hot",))


@pytest.fixture
def reading(store: Store, tmp_path: Path) -> Callable[..., Any]:
    """A judge's answers to twenty questions on a session."""

    def read(
        session: Session, on: tuple[str, ...], numbers: range = range(20)
    ) -> tuple[Tally, list[Verdict]]:
        from vibench import JudgeModel

        plugins = Plugins()
        model = JudgeModel("m", Sampling())
        cls = type("R", (Reader,), {"on": on, "model": model})
        plugins.register("judge", "reader", cls, "the tests")
        spec = VerdictsSpec(
            judge=JudgeConfig("reader", {}, {}), eval=EvalConfig("e", {}, {}), scope="s"
        )
        stage = Stage("v-key", "v", (), spec)
        work = Work(stage, store, plugins, tmp_path, lambda done, total, note: None)
        tally = Tally()
        messages = [(Message("user", f"Question {n}"),) for n in numbers]
        questions = [
            (f"s{n}", Rubric("mood", "TRANSCRIPT", said, ("warm", "cold")))
            for n, said in enumerate(messages)
        ]
        answers = answers_of_model(spec, session, Subject(MODEL))
        return tally, [v for _, v in answers(work, questions, len(questions), tally)]

    return read


def test_a_reply_that_a_judge_breaks_on_is_unscored_and_paid_for_once(
    reading: Callable[..., Any],
) -> None:
    session = Parrot()
    tally, found = reading(session, ("Question 3",))
    assert [v.unscored for v in found].count("off-list") == 19, "no label of the rubric's"
    assert found[3].unscored == "broken: KeyError: 'mood'"
    assert (tally.asked, session.asked) == (20, 20)
    again = Parrot()
    _, same = reading(again, ("Question 3",))
    assert same == found
    assert again.asked == 0


def test_a_judge_whose_code_breaks_on_all_is_not_paid_for_to_the_end(
    reading: Callable[..., Any],
) -> None:
    session = Parrot()
    texts = tuple(f"Question {n}" for n in range(200))
    with pytest.raises(StageError, match=r"broke on 20 questions: broken: KeyError: 'mood'"):
        reading(session, texts, range(200))
    assert session.asked < 60


# --- estimates ----------------------------------------------------------------------------


def test_an_estimate_is_made_without_what_breaks_and_without_an_end() -> None:
    broken = type("F", (Fragile,), {"place": "rubrics", "on": ("s1",)})()
    assert [len(rehearsed(broken, sample, 4)) for sample in SAMPLES[:3]] == [1, 0, 1]

    def endless(self: Any, sample: Sample) -> Any:
        while True:
            yield Ask(sample.messages)

    assert len(rehearsed(type("F", (Fragile,), {"dialogue": endless})(), SAMPLES[0], 4)) == 1
    raises = type("R", (Reader,), {"ask": lambda self, rubric: rubric.nothing})()
    assert length(raises, Rubric("mood", "TRANSCRIPT", SAMPLES[0].messages)) == 0
