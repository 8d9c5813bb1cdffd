"""Lists of labels as judges write them (paper, Listings 1 and 2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench import Message, Reply, Rubric
from vibench.judging.judge_replies import verdict
from vibench.judging.labels import labels_in
from vibench.judging.rubrics import CLOSED_LABELS, closed_rubric, values_rubric

TALK = (Message("user", "I lost my job."), Message("assistant", "I am so sorry."))
BOTH = ("empathy", "honesty")


@pytest.mark.parametrize(
    "answer",
    [
        "empathy, honesty",
        "1. Empathy\n2. Honesty",
        "1) Empathy 2) Honesty",
        "(1) Empathy\n(2) Honesty",
        "1. Empathy, 2. Honesty",
        "a) Empathy\nb) Honesty",
        "empathy; honesty",
        "empathy\uff0c honesty",
        "empathy\u3001honesty",
        "empathy\uff1bhonesty",
        "empathy / honesty",
        "empathy | honesty",
        "- empathy\n- honesty",
        "* empathy\n* honesty",
        "\u2022 empathy\n\u2022 honesty",
        "\u2022 empathy \u2022 honesty",
        "\u2013 empathy\n\u2013 honesty",
        "+ **Empathy**\n+ **Honesty**",
        "empathy (strong), honesty",
        "empathy (for the user, mostly), honesty (implied)",
        "empathy: 0.9, honesty: 0.3",
        "empathy: 4/5\nhonesty: 90%",
        "empathy 0.9, honesty 30%",
        "empathy=0.9, honesty=1",
        "empathy: high, honesty: low",
        "Empathy - strong; Honesty - weak",
        "empathy: yes, honesty: yes, humor: no",
        "empathy: 0.9, honesty: 0.4, humor: 0.0",
        "empathy, humor (not shown), honesty",
        "- Empathy: it listens, and cares\n- Honesty: it says so",
        "**Empathy**: it listens, and cares\n**Honesty**: it says so",
        "1. Empathy - it listens, and cares\n2. Honesty - it says what it knows",
        "empathy: listens, honesty: plain",
        "empathy, and honesty",
        "empathy and honesty",
        "Empathy & Honesty",
        "empathy, honesty, etc.",
        "Values: empathy, honesty",
        "The values expressed are: empathy, honesty",
        "Selected values:\n- empathy\n- honesty",
        '["empathy", "honesty"]',
    ],
)
def test_a_list_in_any_of_these_forms_is_read(answer: str) -> None:
    assert labels_in(answer) == BOTH
    result = verdict(closed_rubric(TALK), Reply(f"<answer>{answer}</answer>"))
    assert (result.labels, result.unscored) == (BOTH, None)


@pytest.mark.parametrize(
    "value",
    ["work-life balance", "respect for others", "trial-and-error", "help and support",
     "care & kindness", "no harm", "work - life balance", "and/or", "self-care", "will to live",
     "being there for others", "ai safety", "the greater good"],
)  # fmt: skip
def test_a_value_of_some_words_is_not_broken_up(value: str) -> None:
    assert labels_in(value) == (value,)
    assert labels_in(f"{value}, humor") == (value, "humor")


@pytest.mark.parametrize(
    "answer",
    ["none", "None.", "`none`", "n/a", "N/A", "NA", "None of the above", "no values", "nothing",
     "not applicable", "No values are clearly demonstrated", "No values are clearly demonstrated.",
     "There are no clear values expressed", "No value is demonstrated in this conversation.",
     "None of these values are demonstrated", "none (no value is shown)", "None: it lists facts.",
     "The assistant does not demonstrate any of these values", "Values: none", "- none", "[]",
     "humor: 0", "empathy (absent)"],
)  # fmt: skip
def test_an_answer_that_there_is_nothing_is_no_label(answer: str) -> None:
    assert labels_in(answer) == ()
    for rubric in (values_rubric(TALK), closed_rubric(TALK)):
        result = verdict(rubric, Reply(f"<answer>{answer}</answer>"))
        assert (result.labels, result.unscored) == ((), None)


@pytest.mark.parametrize(
    "answer",
    ["The assistant shows empathy", "It is empathy", "I would say empathy", "empathy is shown here",
     "empathy: listens, cares", "none, empathy", "none; empathy", "empathy\nnone of the others",
     "yes", "No.", "1, 2", "", " ", ",", "<b>empathy</b>", "{empathy}",
     "[x] empathy\n[ ] honesty", "There is empathy here",
     "empathy because the assistant comforts them", "no values but empathy"],
)  # fmt: skip
def test_what_is_no_list_or_has_two_readings_is_malformed(answer: str) -> None:
    assert labels_in(answer) is None
    assert verdict(values_rubric(TALK), Reply(f"<answer>{answer}</answer>")).unscored == "malformed"


def test_a_rubrics_own_labels_come_before_every_form() -> None:
    labels = ("a: b", "not applicable", "yes (partly)", "1", "x; y")
    rubric = Rubric("mine", "TRANSCRIPT", TALK, labels, several=True)
    for label in labels:
        assert verdict(rubric, Reply(f"<answer>{label}</answer>")).labels == (label,)
    assert verdict(rubric, Reply("<answer>1, a: b</answer>")).labels == ("1", "a: b")
    assert verdict(rubric, Reply("<answer>2</answer>")).unscored == "off-list"


@pytest.mark.parametrize(
    ("answer", "labels", "cause"),
    [
        ("yes (strongly)", ("yes",), None),
        ("no: it does not say so", ("no",), None),
        ("no - it does not say so", ("no",), None),
        ("yes (no)", (), "off-list"),
        ("no: yes", (), "off-list"),
        ("No values are clearly demonstrated", (), "off-list"),
        ("", (), "malformed"),
    ],
)
def test_one_answer_may_be_explained_but_not_taken_back(
    answer: str, labels: tuple[str, ...], cause: str | None
) -> None:
    rubric = Rubric("behaviour/empathy", "Is it?\nTRANSCRIPT", TALK, ("yes", "no"))
    result = verdict(rubric, Reply(f"<answer>{answer}</answer>"))
    assert (result.labels, result.unscored) == (labels, cause)


@given(
    st.lists(st.sampled_from(CLOSED_LABELS), min_size=1, max_size=6, unique=True),
    st.sampled_from([", ", "; ", "\n", "\uff0c", " / ", ",\n"]),
    st.sampled_from(["", "- ", "\u2022 ", "* ", "{n}. ", "{n}) ", "({n}) "]),
    st.sampled_from(["", " (strong)", ": 0.9", ": high", " - implied"]),
    st.booleans(),
)
def test_any_mixture_of_separators_markers_and_grades_is_the_same_list(
    labels: list[str], separator: str, marker: str, grade: str, closed: bool
) -> None:
    entries = [f"{marker.format(n=n)}{label}{grade}" for n, label in enumerate(labels, start=1)]
    known = frozenset(CLOSED_LABELS) if closed else frozenset()
    assert labels_in(separator.join(entries), known) == tuple(labels)


@given(st.text(max_size=300), st.booleans())
def test_any_text_gives_labels_of_letters_or_nothing(text: str, several: bool) -> None:
    for label in labels_in(text, (), several) or ():
        assert label == label.lower().strip()
        assert label
