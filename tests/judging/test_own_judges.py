"""Judges that decide by themselves: one by one or in batches, each question once, built once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from vibench import Judge, Message, Rubric, Verdict
from vibench.contracts import breach
from vibench.judging.rubrics import values_rubric
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.sessions.answers import answers_of_rules
from vibench.sessions.configs import JudgeConfig
from vibench.sessions.tally import Tally
from vibench.sessions.work import Work
from vibench.stages.specification import NOTHING
from vibench.stages.values import ValuesSpec
from vibench.store.artefacts import Store


class Classifier(Judge):
    """Decides in batches of four; raises on a batch with the word bad in it."""

    batch = 4
    built: ClassVar[list[Classifier]] = []
    calls: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.built.append(self)

    def accepts(self, rubric_name: str) -> bool:
        return True

    def decide_all(self, rubrics: Sequence[Rubric]) -> Sequence[Verdict]:
        self.calls.append(len(rubrics))
        texts = [rubric.messages[-1].content for rubric in rubrics]
        if "bad" in texts:
            raise ValueError("bad")
        return [Verdict(r.name, r.turn, (t,)) for r, t in zip(rubrics, texts, strict=True)]


class Short(Classifier):
    """Leaves a verdict out."""

    def decide_all(self, rubrics: Sequence[Rubric]) -> Sequence[Verdict]:
        return super().decide_all(rubrics)[1:]


class Single(Classifier):
    """The same by `decide` alone."""

    decide_all = Judge.decide_all

    def decide(self, rubric: Rubric) -> Verdict:
        return Verdict(rubric.name, rubric.turn, (rubric.messages[-1].content,))


SPECS = {
    name: ValuesSpec(judge=JudgeConfig(name, {}, {})) for name in ("classifier", "short", "single")
}


@pytest.fixture
def plugins() -> Plugins:
    plugins = Plugins()
    for name, judge in {"classifier": Classifier, "short": Short, "single": Single}.items():
        plugins.register("judge", name, judge, "the tests")
    Classifier.built.clear()
    Classifier.calls.clear()
    return plugins


@pytest.fixture
def work(store: Store, plugins: Plugins, tmp_path: Path) -> Work:
    stage = Stage("0" * 32, "values", (), SPECS["classifier"])
    return Work(stage, store, plugins, tmp_path, lambda done, total, note: None)


def questions(texts: Sequence[str]) -> list[tuple[str, Rubric]]:
    return [
        (str(n), values_rubric((Message("user", "Hi."), Message("assistant", text))))
        for n, text in enumerate(texts)
    ]


def labels(work: Work, judge: str, texts: Sequence[str]) -> list[tuple[str, ...]]:
    answers = answers_of_rules(SPECS[judge])
    return [verdict.labels for _, verdict in answers(work, questions(texts), len(texts), Tally())]


def test_a_judge_gets_batches_and_each_question_once(work: Work) -> None:
    texts = ["a", "b", "a", "c", "d", "a", "e"]
    assert labels(work, "classifier", texts) == [(text,) for text in texts]
    assert Classifier.calls == [3, 2]


def test_answers_on_record_are_not_asked_again(work: Work) -> None:
    labels(work, "classifier", ["a", "b"])
    assert labels(work, "classifier", ["b", "a", "c"]) == [("b",), ("a",), ("c",)]
    assert Classifier.calls == [2, 1]
    labels(work, "classifier", ["a", "b", "c"])
    assert Classifier.calls == [2, 1]


def test_batches_give_what_single_questions_give(work: Work, store: Store) -> None:
    texts = [str(n % 7) for n in range(30)]
    other = replace(work, stage=replace(work.stage, key="1" * 32))
    assert labels(work, "classifier", texts) == labels(other, "single", texts)


def test_a_question_that_raises_does_not_spoil_its_batch(work: Work) -> None:
    assert labels(work, "classifier", ["a", "bad", "b"]) == [("a",), (), ("b",)]
    assert Classifier.calls == [3, 1, 1, 1]


def test_verdicts_of_another_number_are_unscored(work: Work) -> None:
    answers = answers_of_rules(SPECS["short"])(work, questions(["a", "b"]), 2, Tally())
    cause = "broken: Breach: decide_all gave 1 verdicts on 2 rubrics"
    assert [verdict.unscored for _, verdict in answers] == [cause, cause]


def test_a_judge_is_built_once_for_all_its_stages(work: Work) -> None:
    labels(work, "classifier", ["a"])
    labels(replace(work, stage=replace(work.stage, key="1" * 32)), "classifier", ["a"])
    assert len(Classifier.built) == 1
    work.process.close()
    labels(work, "classifier", ["b"])
    assert len(Classifier.built) == 2


def test_decide_all_alone_is_a_judge(plugins: Plugins) -> None:
    assert breach("judge", Classifier) is None
    rubric = questions(["a"])[0][1]
    assert plugins.build("judge", "classifier", {}).decide(rubric).labels == ("a",)

    class Nothing(Classifier):
        decide_all = Judge.decide_all

    assert "neither decide" in str(breach("judge", Nothing))


def test_heuristics_and_judges_of_this_process_need_no_worker(plugins: Plugins) -> None:
    assert SPECS["classifier"].holding(plugins) == NOTHING
    rules = ValuesSpec(judge=JudgeConfig("rules", {}, {}))
    assert rules.holding(Plugins.discover()) == NOTHING
