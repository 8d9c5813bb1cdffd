"""Verdicts of a judge that asks a model: in order, each question once, nothing lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from vibench import (
    ChatRequest,
    Completion,
    LoglikelihoodRequest,
    Message,
    Model,
    Rubric,
    Session,
    Subject,
    Verdict,
)
from vibench.errors import StageError, UnansweredError
from vibench.judging.repeats import NO_MAJORITY, combined
from vibench.judging.rubrics import values_rubric
from vibench.plan import Stage
from vibench.plugins import Plugins
from vibench.sessions.answers import answers_of_model
from vibench.sessions.configs import EngineConfig, JudgeConfig, SubjectRecord
from vibench.sessions.process import Process
from vibench.sessions.request_failures import Failed
from vibench.sessions.tally import Tally
from vibench.sessions.work import Work
from vibench.stages.values import ValuesSpec
from vibench.store.artefacts import Store

SUBJECT = Subject(Model("m", "m", "endpoint:m"))
SPEC = ValuesSpec(
    judge=JudgeConfig("mistral", {"engine": "openai"}, {}),
    judge_model=SubjectRecord(SUBJECT.model, None, None),
    engine=EngineConfig("openai", {}, {}),
    scope="s",
)


class Faulty(Session):
    """Answers as `reply` says, out of order; raises after `breaks_after` answers."""

    shard = 4

    def __init__(self, reply: Callable[[str], Completion], breaks_after: int = 10**9) -> None:
        self.reply = reply
        self.left = breaks_after
        self.queue: list[ChatRequest] = []
        self.asked: list[str] = []
        self.most = 0

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        assert isinstance(request, ChatRequest)
        self.queue.append(request)
        self.asked.append(request.id)
        self.most = max(self.most, len(self.queue))

    def poll(self) -> list[Completion]:
        if self.left <= 0:
            raise KeyboardInterrupt
        self.left -= 1
        random.Random(len(self.asked)).shuffle(self.queue)
        return [self.reply(self.queue.pop().id)] if self.queue else []

    def close(self) -> None: ...


def good(request: str) -> Completion:
    return Completion(request, "<thinking>so</thinking><answer>empathy</answer>", "stop", 7, 3)


def failed(request: str) -> Completion:
    return Completion(request, "", "error", error="server error: 500", passing=True)


def refused(request: str) -> Completion:
    return Completion(request, "", "error", error="refused: 400 It was flagged.")


@pytest.fixture
def work(store: Store, plugins: Plugins, tmp_path: Path) -> Work:
    stage = Stage("0" * 32, "values", (), SPEC)
    return Work(stage, store, plugins, tmp_path, lambda done, total, note: None)


def questions(count: int, different: int | None = None) -> Iterator[tuple[str, Rubric]]:
    for n in range(count):
        said = f"answer {n % (different or count)}"
        yield f"q{n}", values_rubric([Message("user", "Hi"), Message("assistant", said)])


def drawn(work: Work, session: Session, count: int, different: int | None = None,
          tally: Tally | None = None) -> list[tuple[str, Verdict]]:  # fmt: skip
    assert isinstance(work.stage.spec, ValuesSpec)
    answers = answers_of_model(work.stage.spec, session, SUBJECT)
    work = replace(work, process=Process())
    return list(answers(work, questions(count, different), count, tally or Tally()))


def test_verdicts_come_in_the_order_of_the_questions(work: Work) -> None:
    session = Faulty(good)
    found = drawn(work, session, 50)
    assert [name for name, _ in found] == [f"q{n}" for n in range(50)]
    assert {v.labels for _, v in found} == {("empathy",)}
    assert 1 < session.most <= 4 * session.shard


def test_equal_questions_are_asked_once_and_answered_each_time(work: Work) -> None:
    session, tally = Faulty(good), Tally()
    assert len(drawn(work, session, 60, 5, tally)) == 60
    assert len(session.asked) == 5
    tokens = {"prompt_tokens": 35, "completion_tokens": 15}
    assert tally.facts() == {"unscored": {}, "asked": 5, "cut_off": 0, **tokens}
    assert tally.questions == 60


def test_replies_that_were_cut_off_are_counted_each_once(work: Work) -> None:
    def half(request: str) -> Completion:
        cut = int(request, 16) % 2
        return Completion(request, "<thinking>so", "length", 7, 3) if cut else good(request)

    session, tally = Faulty(half), Tally()
    found = drawn(work, session, 60, 20, tally)
    different = dict(enumerate(verdict.unscored for _, verdict in found[:20]))
    assert 0 < tally.cut_off == sum(cause == "cut off" for cause in different.values()) < 20
    assert tally.facts()["cut_off"] == tally.cut_off


def test_a_question_that_fails_leaves_the_stage_unfinished_and_alone_is_asked_again(
    work: Work,
) -> None:
    def some(request: str) -> Completion:
        return failed(request) if int(request, 16) % 4 == 0 else good(request)

    with pytest.raises(UnansweredError) as caught:
        drawn(work, Faulty(some), 40)
    broken = caught.value.causes["server error: 500"]
    assert 0 < broken < 20
    assert caught.value.message == (
        f"{broken} of 40 questions to the judge's model failed temporarily: server error: "
        f"500, {broken}x."
    )
    again = Faulty(good)
    assert not [v for _, v in drawn(work, again, 40) if v.unscored]
    assert len(again.asked) == broken


def test_what_failed_for_several_stages_together_is_not_asked_again_by_each(work: Work) -> None:
    def some(request: str) -> Completion:
        return failed(request) if int(request, 16) % 4 == 0 else good(request)

    shared, session = Failed(), Faulty(some)
    answers = answers_of_model(SPEC, session, SUBJECT, shared)
    with pytest.raises(UnansweredError) as all_of_them:
        list(answers(work, questions(40), 40, Tally()))
    assert len(session.asked) == 40
    with pytest.raises(UnansweredError) as first_half:
        list(answers(work, questions(20), 20, Tally()))
    assert len(session.asked) == 40
    assert 0 < sum(first_half.value.causes.values()) < sum(all_of_them.value.causes.values())
    assert first_half.value.total == 20


def test_a_refusal_that_lasts_is_unscored_with_its_cause_and_not_asked_again(work: Work) -> None:
    def some(request: str) -> Completion:
        return refused(request) if int(request, 16) % 4 == 0 else good(request)

    tally = Tally()
    found = drawn(work, Faulty(some), 40, tally=tally)
    causes = [v.unscored for _, v in found if v.unscored]
    assert 0 < len(causes) < 20
    assert set(causes) == {"error: refused: 400 It was flagged."}
    assert tally.unscored == {"error": len(causes)}
    again = Faulty(good)
    assert drawn(work, again, 40) == found
    assert not again.asked


def test_a_stage_of_which_most_is_refused_fails_and_keeps_its_answers_alone(work: Work) -> None:
    def most(request: str) -> Completion:
        return good(request) if int(request, 16) % 4 == 0 else refused(request)

    with pytest.raises(StageError, match=r"of 40 questions .* refused: 400 It was flagged"):
        drawn(work, Faulty(most), 40)
    again = Faulty(good)
    assert len(drawn(work, again, 40)) == 40
    assert 0 < len(again.asked) < 40


def test_what_was_answered_before_a_break_is_not_asked_again(work: Work) -> None:
    first = Faulty(good, breaks_after=23)
    with pytest.raises(KeyboardInterrupt):
        drawn(work, first, 50)
    second, tally = Faulty(good), Tally()
    assert len(drawn(work, second, 50, tally=tally)) == 50
    assert len(second.asked) == 50 - 23
    assert tally.asked == 50


@pytest.mark.parametrize(
    ("text", "finish", "cause"),
    [
        ("", "stop", "empty"),
        ("<thinking>hm", "length", "cut off"),
        ("I cannot do that.", "stop", "refused"),
        ("empathy", "stop", "malformed"),
    ],
)
def test_a_reply_that_says_nothing_is_unscored_and_paid_for_once(
    work: Work, text: str, finish: str, cause: str
) -> None:
    def poor(request: str) -> Completion:
        return Completion(request, text, finish)  # type: ignore[arg-type]

    assert {v.unscored for _, v in drawn(work, Faulty(poor), 9)} == {cause}
    again = Faulty(good)
    assert {v.unscored for _, v in drawn(work, again, 9)} == {cause}
    assert not again.asked


# --- repeats ---


def repeated(work: Work, times: int) -> Work:
    return replace(work, stage=replace(work.stage, spec=replace(SPEC, repeats=times)))


class Changing(Faulty):
    """Answers each repeat of a question as `says` has it, by the repeat's index."""

    def __init__(self, says: Sequence[str]) -> None:
        super().__init__(self.say)
        self.says = says
        self.seeds: dict[str, int] = {}

    def submit(self, request: ChatRequest | LoglikelihoodRequest) -> None:
        assert isinstance(request, ChatRequest)
        self.seeds[request.id] = request.seed
        super().submit(request)

    def say(self, request: str) -> Completion:
        said = self.says[int(request.partition("#")[2] or 0)]
        if said == "!":
            return refused(request)
        text = said if said == "hm" else f"<thinking>{said}</thinking><answer>{said}</answer>"
        return Completion(request, text, "stop", 7, 3)


@pytest.mark.parametrize(
    ("says", "labels", "cause"),
    [
        (["empathy", "empathy", "honesty"], ("empathy",), None),
        (["empathy, honesty", "honesty, humor", "honesty"], ("honesty",), None),
        (["empathy", "honesty", "humor"], (), None),
        (["empathy", "honesty"], (), None),
        (["none", "empathy", "none"], (), None),
        (["hm", "empathy", "empathy"], ("empathy",), None),
        (["!", "empathy", "hm"], ("empathy",), None),
        (["empathy", "honesty", "hm", "honesty"], ("honesty",), None),
        (["hm", "!", "hm"], (), "malformed"),
    ],
)
def test_what_more_than_half_of_the_scored_repeats_hold_counts(
    work: Work, says: list[str], labels: tuple[str, ...], cause: str | None
) -> None:
    session, tally = Changing(says), Tally()
    found = drawn(repeated(work, len(says)), session, 10, tally=tally)
    assert [name for name, _ in found] == [f"q{n}" for n in range(10)]
    assert {(v.labels, v.unscored) for _, v in found} == {(labels, cause)}
    first = next((said for said in says if said not in ("hm", "!")), "hm")
    assert {v.explanation for _, v in found} == {first}
    assert tally.questions == 10
    assert tally.asked == 10 * (len(says) - says.count("!"))
    assert len(set(session.asked)) == len(session.asked) == 10 * len(says)
    assert len(set(session.seeds.values())) == len(session.seeds), "each has a seed of its own"


def test_a_question_with_one_answer_and_no_majority_is_unscored_and_no_refusal() -> None:
    rubric = Rubric("compliance", "TRANSCRIPT", (), ("complied", "refused"))
    complied, refused = (Verdict("compliance", 0, (label,)) for label in rubric.labels or ())
    assert combined(rubric, [complied, refused]).unscored == NO_MAJORITY
    assert combined(rubric, [complied, refused, refused]).labels == ("refused",)
    off = Verdict("compliance", 0, (), "off-list", "maybe")
    assert combined(rubric, [off, off]) == off


def test_the_first_of_three_is_the_one_that_was_asked_before(work: Work) -> None:
    drawn(work, Faulty(good), 20)
    more = Changing(["!", "empathy", "empathy"])
    tally = Tally()
    assert len(drawn(repeated(work, 3), more, 20, tally=tally)) == 20
    assert len(more.asked) == 40
    assert {name.partition("#")[2] for name in more.asked} == {"1", "2"}
    assert tally.asked == 60
    once = Faulty(good)
    drawn(work, once, 20)
    assert not once.asked


@pytest.mark.parametrize("times", [1, 3, 7])
def test_repeats_are_under_way_no_more_than_single_questions_are(work: Work, times: int) -> None:
    session = Changing(["empathy"] * times)
    assert len(drawn(repeated(work, times), session, 50)) == 50
    assert session.most <= 4 * session.shard + times
