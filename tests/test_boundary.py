"""What a plugin gives is checked where it enters: while planning, with the plugin named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from vibench import (
    Ask,
    Eval,
    Inducer,
    Judge,
    Message,
    Model,
    Outcome,
    PluginError,
    Rubric,
    Sample,
    Subject,
    Verdict,
)
from vibench.boundary import Breach, checked_outcomes, checked_verdict
from vibench.contracts import breach
from vibench.data import DataFiles
from vibench.plan import Plan, make_plan
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.spec_completion import from_flags

ASK = (Message("user", "Write about rain."),)
RUBRIC = Rubric("mood", "TRANSCRIPT", ASK, ("warm", "cold"))


class Verses(Eval):
    """An eval that keeps its contract."""

    rubric_names = ("mood",)
    metrics = ("warm", "word/*")

    def samples(self, data: Any) -> Any:
        return [Sample(name, ASK, name) for name in ("rain", "snow", "wind")]

    def rubrics(self, transcript: Any) -> Any:
        yield Rubric("mood", "TRANSCRIPT", tuple(transcript.messages), ("warm", "cold"))

    def outcomes(self, transcript: Any, verdicts: Any) -> Any:
        sample = transcript.sample
        yield Outcome(sample.id, sample.cluster, "warm", None, verdicts[0].unscored)


class Critic(Judge):
    """A judge that keeps its contract."""

    def accepts(self, rubric_name: str) -> bool:
        return True

    def decide(self, rubric: Rubric) -> Verdict:
        return Verdict(rubric.name, rubric.turn, ("warm",))


class Polite(Inducer):
    """An inducer that keeps its contract."""

    def induce(self, subject: Subject, value: Any, materials: Any) -> Subject:
        return replace(subject, system="Be polite.")


Planned = Callable[..., Plan]


@pytest.fixture
def planned(catalogue: Catalogue) -> Planned:
    """The plan of a run with these plugins, changed as a test says."""

    def plan(kind: str = "eval", **changed: Any) -> Plan:
        plugins = Plugins.discover()
        for of, name, cls in (
            ("eval", "verses", Verses), ("judge", "critic", Critic), ("inducer", "polite", Polite)
        ):  # fmt: skip
            made = type("Changed", (cls,), changed) if of == kind else cls
            plugins.register(of, name, made, "the tests")
        said = {"evals": ["verses"], "judges": ["critic"], "inducers": ["polite"]}
        spec = from_flags(catalogue, plugins, values=["empathy"], **said)
        return make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))

    return plan


def test_plugins_that_keep_their_contracts_are_planned(planned: Planned) -> None:
    assert len(planned().cells) == 2


def samples_of(*samples: Any) -> Callable[..., Any]:
    return lambda self, data: list(samples)


def fails(*_: Any) -> Any:
    raise ZeroDivisionError("by zero")


def dialogue_of(*asks: Any) -> Callable[..., Any]:
    def dialogue(self: Any, sample: Any) -> Any:
        yield from asks
        return (*sample.messages, Message("assistant", "So."))

    return dialogue


def outcome_of(**changed: Any) -> Callable[..., Any]:
    def outcomes(self: Any, transcript: Any, verdicts: Any) -> Iterable[Any]:
        sample = transcript.sample
        plain = {"sample": sample.id, "cluster": "c", "metric": "warm", "value": 1.0}
        yield Outcome(**{**plain, **changed})

    return outcomes


def silent(self: Any, sample: Any) -> Iterator[Any]:
    yield Ask(sample.messages)


TWICE = (Sample("a", ASK, "c"), Sample("b", ASK, "c"), Sample("a", ASK, "c"))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"samples": samples_of(*TWICE)}, "samples 1 and 3 of samples(data) have the same id 'a'"),
        ({"samples": samples_of(Sample("", ASK, "c"))}, "the id of sample 1 of samples(data) is"),
        ({"samples": samples_of(Sample("a", ASK, ""))}, "the cluster of sample 1"),
        ({"samples": samples_of(("a", ASK, "c"))}, "gave a tuple, not a vibench.Sample"),
        ({"samples": lambda self, data: None}, "samples(data) returned None, not a list"),
        ({"samples": samples_of(Sample("a", "Hi", "c"))}, "are a str, not a tuple of messages"),
        ({"samples": samples_of(Sample("a", (Message("bot", "Hi"),), "c"))}, "hold the role 'bot'"),
        ({"samples": samples_of(Sample("a", (Message("user", 7),), "c"))}, "is an int, not a"),
        ({"samples": samples_of(Sample("a", (Message("user", "\ud83d"),), "c"))}, "surrogate pair"),
        ({"samples": samples_of(Sample("a", ASK, "c", {"n": 1}))}, "holds 'n': 1; both texts"),
        ({"samples": fails}, "failed in samples(data): ZeroDivisionError: by zero"),
        ({"dialogue": fails}, "failed in dialogue(sample), rehearsed with the sample 'rain': Zero"),
        ({"dialogue": dialogue_of("Hi")}, "dialogue yielded a str, not a vibench.Ask"),
        ({"dialogue": dialogue_of(Ask(ASK, "user"))}, "asked the role 'user'; roles declares 'sub"),
        ({"dialogue": dialogue_of(Ask(()))}, "dialogue asked without a message"),
        ({"dialogue": silent}, "the messages that dialogue returned are None"),
        ({"rubrics": lambda self, t: [replace(RUBRIC, name="tone")]}, "the rubric 'tone'; rubric"),
        ({"rubrics": lambda self, t: [replace(RUBRIC, labels="ab")]}, "the labels of the rubric"),
        ({"rubrics": fails}, "failed in rubrics(transcript), rehearsed with the sample 'rain'"),
        ({"outcomes": outcome_of(metric="cold")}, "the metric 'cold'; metrics declares 'warm', 'w"),
        ({"outcomes": outcome_of(sample="snow")}, "an outcome of another sample, 'snow'"),
    ],
)  # fmt: skip
def test_an_eval_that_breaks_its_contract_is_named_while_planning(
    planned: Planned, changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(PluginError) as caught:
        planned(**changed)
    assert caught.value.message.startswith("The eval 'verses' of the tests ")
    assert why in caught.value.message
    assert "--debug" in caught.value.hint


def test_an_eval_that_breaks_on_one_sample_may_do_so_in_a_run(planned: Planned) -> None:
    def rubrics(self: Any, transcript: Any) -> Any:
        if transcript.sample.id == "rain":
            raise ValueError("no rain")
        return [RUBRIC]

    assert len(planned(rubrics=rubrics).cells) == 2


def test_a_dialogue_without_an_end_is_rehearsed_for_so_long_and_no_longer(
    planned: Planned,
) -> None:
    def dialogue(self: Any, sample: Any) -> Any:
        while True:
            yield Ask(sample.messages)

    assert len(planned(dialogue=dialogue).cells) == 2


OTHER = Model("other", "other", "other")


@pytest.mark.parametrize(
    ("induce", "why"),
    [
        (lambda self, s, v, m: replace(s, model=OTHER), "the model 'other' for 'tiny-base'"),
        (lambda self, s, v, m: s, "left the subject as it was for the value 'empathy'"),
        (lambda self, s, v, m: "Be polite.", "induce returned a str, not a vibench.Subject"),
        (lambda self, s, v, m: replace(s, system=3), "the system prompt of induce is an int"),
        (fails, "failed in induce(subject, value, materials): ZeroDivisionError: by zero"),
    ],
)
def test_an_inducer_that_breaks_its_contract_is_named_and_no_cell_is_dropped(
    planned: Planned, induce: Any, why: str
) -> None:
    with pytest.raises(PluginError) as caught:
        planned("inducer", induce=induce)
    assert caught.value.message.startswith("The inducer 'polite' of the tests ")
    assert why in caught.value.message


def test_an_inducer_that_trains_puts_its_adapter_on_the_subject(planned: Planned) -> None:
    with pytest.raises(PluginError, match=r"does not put materials\.adapter on the subject"):
        planned("inducer", trains=True, train=lambda self, job: {})


def test_a_judge_that_raises_while_planning_is_named(planned: Planned) -> None:
    with pytest.raises(
        PluginError, match=r"'critic' of the tests failed in accepts\(rubric_name\)"
    ):
        planned("judge", accepts=fails)


# --- signatures -------------------------------------------------------------------------


async def later(self: Any, data: Any) -> Any: ...


@pytest.mark.parametrize(
    ("kind", "cls", "changed", "why"),
    [
        ("eval", Verses, {"samples": lambda self: []}, "cannot be called as samples(data): too"),
        ("eval", Verses, {"samples": lambda self, *, data: []}, "called as samples(data)"),
        ("eval", Verses, {"samples": later}, "must be a plain method, not an async one"),
        ("eval", Verses, {"samples": ["rain"]}, "samples must be a method, samples(data)"),
        ("eval", Verses, {"dialogue": lambda self: None}, "called as dialogue(sample)"),
        ("eval", Verses, {"rubrics": lambda self: ()}, "called as rubrics(transcript)"),
        ("eval", Verses, {"outcomes": lambda self, t: ()}, "called as outcomes(transcript, verd"),
        ("inducer", Polite, {"induce": lambda self, s: s}, "induce(subject, value, materials)"),
        ("judge", Critic, {"decide": lambda self: None}, "called as decide(rubric)"),
        ("judge", Critic, {"accepts": lambda self, a, b: True}, "called as accepts(rubric_name)"),
        ("judge", Critic, {"decide": staticmethod(lambda: None)}, "called as decide(rubric)"),
    ],
)
def test_a_method_that_cannot_be_called_as_the_contracts_is_a_breach(
    kind: str, cls: type, changed: dict[str, Any], why: str
) -> None:
    assert why in (breach(kind, type("Changed", (cls,), changed)) or "")


@pytest.mark.parametrize(
    "samples",
    [
        lambda self, data, more=1: [],
        lambda *given: [],
        staticmethod(lambda data: []),
        classmethod(lambda cls, data: []),
    ],
)
def test_a_method_that_takes_more_than_it_is_given_is_none(samples: Any) -> None:
    assert breach("eval", type("Changed", (Verses,), {"samples": samples})) is None


def test_a_wrong_signature_is_listed(plugins: Plugins) -> None:
    wrong = type("Wrong", (Verses,), {"samples": lambda self: []})
    plugins.register("eval", "wrong", wrong, "the tests")
    (info,) = [i for i in plugins.listing(check=True) if i.name == "wrong"]
    assert info.status == "broken"
    assert "cannot be called as samples(data)" in (info.error or "")


# --- verdicts and outcomes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "unscored", "expected"),
    [
        (("warm",), None, (("warm",), None)),
        (("warm", "warm"), None, (("warm",), None)),
        (("Warm",), None, ((), "off-list")),
        (("warm", "hot"), None, ((), "off-list")),
        (("warm", "cold"), None, ((), "malformed")),
        ((), None, ((), "malformed")),
        (("warm",), "refused", ((), "refused")),
    ],
)
def test_a_verdict_off_the_rubrics_labels_is_unscored_and_never_0(
    labels: tuple[str, ...], unscored: str | None, expected: Any
) -> None:
    verdict = checked_verdict(Verdict("mood", 0, labels, unscored), RUBRIC, "decide")
    assert (verdict.labels, verdict.unscored) == expected
    assert bool(verdict.explanation) == (expected[1] in ("off-list", "malformed"))


def test_no_label_is_an_answer_where_several_may_be_given() -> None:
    rubric = replace(RUBRIC, several=True)
    assert checked_verdict(Verdict("mood", 0), rubric, "decide").unscored is None


@pytest.mark.parametrize(
    "verdict",
    [None, "warm", Verdict("mood", 0, "warm"), Verdict("mood", 0, unscored=""),
     Verdict("mood", 0, (1,)), Verdict("mood", 0, ("warm",), explanation=None)],  # type: ignore[arg-type]
)  # fmt: skip
def test_what_is_no_verdict_is_a_breach(verdict: Any) -> None:
    with pytest.raises(Breach):
        checked_verdict(verdict, RUBRIC, "decide")


def outcomes(*given: Outcome) -> list[Outcome]:
    return checked_outcomes(given, Verses(), Sample("rain", ASK, "c"))


def test_outcomes_of_declared_metrics_pass_with_their_turns() -> None:
    given = [Outcome("rain", "c", "warm", 1.0, turn=turn) for turn in (0, 1)]
    given += [Outcome("rain", "c", "word/moon", 2.0), Outcome("rain", "c", "word/sun", None, "no")]
    assert outcomes(*given) == given


def test_a_number_of_another_kind_is_a_number_and_one_without_bounds_is_unscored() -> None:
    import numpy as np

    (found,) = outcomes(Outcome("rain", "c", "warm", np.float32(0.5)))  # type: ignore[arg-type]
    assert (found.value, type(found.value)) == (0.5, float)
    (found,) = outcomes(Outcome("rain", "c", "warm", True))
    assert (found.value, type(found.value)) == (1.0, float)
    (found,) = outcomes(Outcome("rain", "c", "warm", float("nan")))
    assert (found.value, found.unscored) == (None, "not a finite number: nan")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([Outcome("rain", "c", "warm", 1.0)] * 2, "yielded 'warm' twice"),
        ([Outcome("rain", "c", "warm", 1.0, turn=1)] * 2, "yielded 'warm' twice in turn 1"),
        ([Outcome("rain", "c", "warm", None)], "neither a number nor unscored with a cause"),
        ([Outcome("rain", "c", "warm", 1.0, "why")], "neither a number nor unscored with a cause"),
        ([Outcome("rain", "c", "warm", "1")], "the value of 'warm' is '1', not a number"),
        ([Outcome("rain", "", "warm", 1.0)], "the cluster of an outcome of 'warm' is ''"),
        ([Outcome("rain", "c", "warm", 1.0, turn=-1)], "the turn of an outcome of 'warm' is -1"),
        ([Outcome("rain", "c", "word", 1.0)], "yielded the metric 'word'"),
    ],
)
def test_outcomes_that_would_spoil_a_report_are_a_breach(given: Any, why: str) -> None:
    with pytest.raises(Breach) as caught:
        outcomes(*given)
    assert why in str(caught.value)
