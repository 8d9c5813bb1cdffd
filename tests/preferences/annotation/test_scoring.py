"""Precision and agreement of annotators (paper, section 4, Tables 2 and 3)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.errors import DataError
from vibench.preferences.annotation import AnnotatorAnswer, Item, score
from vibench.records import Message

LABELS = ("a", "b", "c", "d")
TABLE_3 = {
    "violence": 99,
    "deception": 97,
    "legality": 94,
    "honesty": 84,
    "engagement": 83,
    "personalization": 82,
    "humor": 80,
    "justice": 79,
    "open-mindedness": 78,
    "privacy": 77,
    "creativity": 73,
    "fairness": 69,
    "discretion": 63,
    "curiosity": 54,
    "empathy": 38,
}


def item(name: str, value: str = "a", labels: Sequence[str] = LABELS) -> Item:
    return Item(name, value, "p", (Message("assistant", "x"),), tuple(labels))


def answers(annotator: str, chosen: Mapping[str, str]) -> list[AnnotatorAnswer]:
    """`chosen` has labels as a word of letters: "ab" is {a, b}, "" is none."""
    return [
        AnnotatorAnswer(name, annotator, frozenset(labels), "") for name, labels in chosen.items()
    ]


FOUR = [item("1"), item("2"), item("3"), item("4")]
TWO = [
    *answers("x", {"1": "a", "2": "ab", "3": "", "4": ""}),
    *answers("y", {"1": "a", "2": "b", "3": "a", "4": ""}),
]


def test_two_annotators_worked_by_hand() -> None:
    found = score(FOUR, TWO, ("x", "y")).values["a"]
    assert (found.rows, found.incomplete) == (4, 0)
    # The target is in the union of rows 1, 2 and 3.
    assert (found.union.hits, found.union.of, found.union.value) == (3, 4, 0.75)
    # Rows 1 {a}, 2 {b} and 4 {none} agree; the target is in the first alone.
    assert (found.intersection.hits, found.intersection.of) == (1, 3)
    assert found.without_agreement.value == 0.25
    assert found.jaccard == pytest.approx((1 + 1 / 2 + 0 + 1) / 4)
    # 16 units, 32 says of which 6 are yes; two units differ: 1 - 31 * 2 / (6 * 26).
    assert found.alpha.value == pytest.approx(1 - 31 * 2 / (6 * 26))
    # Wilson's interval for 3 of 4, from its formula with z = 1.95996.
    assert found.union.low == pytest.approx(0.300642, abs=1e-6)
    assert found.union.high == pytest.approx(0.954413, abs=1e-6)


def test_three_annotators_worked_by_hand() -> None:
    said = [
        *answers("x", {"1": "ab", "2": "a"}),
        *answers("y", {"1": "a", "2": "b"}),
        *answers("z", {"1": "ac", "2": ""}),
    ]
    found = score([item("1"), item("2")], said, ("x", "y", "z")).values["a"]
    assert (found.union.value, found.intersection.value) == (1.0, 1.0)
    assert found.without_agreement.value == 0.5
    assert found.jaccard == pytest.approx(((1 / 2 + 1 / 3 + 1 / 2) / 3 + 0) / 2)
    # 8 units of 3: yes counts 3 1 1 0 and 1 1 0 0, so 7 of 24. A unit with one yes adds 2 to
    # the coincidences of unlike says, over m - 1 = 2, both ways: 1 each for 4 units.
    assert found.alpha.value == pytest.approx(1 - 23 * 4 / (7 * 17))


def test_the_mean_counts_values_alike_and_the_pool_counts_rows_alike() -> None:
    items = [*FOUR, item("5", "b"), item("6", "c")]
    said = [*TWO, *(a for n in "xy" for a in answers(n, {"5": "b", "6": "d"}))]
    found = score(items, said, ("x", "y"))
    assert list(found.values) == ["a", "b", "c"]
    assert found.mean_union.mean == pytest.approx((0.75 + 1 + 0) / 3)
    assert found.mean_intersection.mean == pytest.approx((1 / 3 + 1 + 0) / 3)
    assert found.mean_without_agreement.mean == pytest.approx(0.25 / 3)
    assert found.mean_jaccard == pytest.approx((0.625 + 1 + 1) / 3)
    assert found.pooled.rows == 6
    assert found.pooled.union.value == pytest.approx(4 / 6)
    assert found.pooled.intersection.value == pytest.approx(2 / 5)
    assert found.pooled.alpha.value is not None


def test_the_precisions_of_table_3_have_the_papers_mean() -> None:
    items, said = [], []
    for value, hits in TABLE_3.items():
        labels = (value, "q", "r", "s")
        for row in range(100):
            one = item(f"{value} {row}", value, labels)
            items.append(one)
            # One annotator alone finds the target: the union is what counts it.
            for number, name in enumerate("xyz"):
                found = row < hits and number == row % 3
                said.append(
                    AnnotatorAnswer(one.id, name, frozenset({value} if found else {"q"}), "")
                )
    found = score(items, said, "xyz")
    measured = {value: found.values[value].union.value for value in TABLE_3}
    assert measured == {value: hits / 100 for value, hits in TABLE_3.items()}
    mean = found.mean_union
    assert mean.shares == 15
    assert mean.mean is not None
    assert round(100 * mean.mean, 2) == 76.67
    # Near the interval of a mean over strata by the usual standard error.
    error = math.sqrt(sum(h / 100 * (1 - h / 100) / 100 for h in TABLE_3.values())) / 15
    assert mean.low == pytest.approx(mean.mean - 1.96 * error, abs=0.003)
    assert mean.high == pytest.approx(mean.mean + 1.96 * error, abs=0.003)


def test_undefined_numbers_are_none_with_the_reason() -> None:
    nothing = [a for name in "xy" for a in answers(name, {"1": "", "2": ""})]
    found = score(FOUR[:2], nothing, ("x", "y")).values["a"]
    assert found.alpha.value is None
    assert "no label was chosen" in found.alpha.reason
    assert found.without_agreement.value == 0  # all agree that there is none
    assert found.intersection.value == 0
    everything = [a for name in "xy" for a in answers(name, {"1": "abcd"})]
    assert "every label" in score(FOUR[:1], everything, ("x", "y")).pooled.alpha.reason
    alone = score(FOUR[:2], answers("x", {"1": "a", "2": "b"}), ("x",))
    assert alone.pooled.alpha.value is None
    assert alone.pooled.alpha.reason == "only one annotator"
    assert (alone.pooled.jaccard, alone.mean_jaccard) == (None, None)


def test_rows_without_any_agreement_give_no_intersection_precision() -> None:
    apart = [*answers("x", {"1": "a"}), *answers("y", {"1": "b"})]
    found = score(FOUR[:1], apart, ("x", "y"))
    assert found.values["a"].intersection.value is None
    assert found.mean_intersection.shares == 0
    assert found.mean_intersection.mean is None
    assert found.values["a"].without_agreement.value == 1


def test_missing_answers_are_told_and_not_scored() -> None:
    said = [a for a in TWO if (a.annotator, a.item) not in {("y", "2"), ("y", "4")}]
    with pytest.raises(DataError) as raised:
        score(FOUR, said, ("x", "y", "z"))
    assert "y lacks 2 of 4 items (2, 4)" in raised.value.message
    assert "z has answered none of 4 items" in raised.value.message


def test_a_partial_round_scores_the_rows_that_are_whole_and_counts_the_rest() -> None:
    said = [a for a in TWO if (a.annotator, a.item) != ("y", "2")]
    found = score(FOUR, said, ("x", "y", "z"), partial=True)
    assert (found.annotators, found.absent) == (("x", "y"), ("z",))
    assert (found.values["a"].rows, found.values["a"].incomplete) == (3, 1)
    assert found.values["a"].union.value == pytest.approx(2 / 3)
    assert found.pooled.incomplete == 1
    with pytest.raises(DataError, match="no answer to score"):
        score(FOUR, [], ("x", "y"), partial=True)


def test_a_value_without_a_whole_row_is_left_out_of_the_means() -> None:
    items = [*FOUR, item("5", "b")]
    found = score(items, [*TWO, *answers("x", {"5": "b"})], ("x", "y"), partial=True)
    assert (found.values["b"].rows, found.values["b"].incomplete) == (0, 1)
    assert found.values["b"].union.value is None
    assert "no item" in found.values["b"].alpha.reason
    assert (found.mean_union.shares, found.mean_union.mean) == (1, 0.75)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (answers("x", {"1": "b"}), "x answers item 1 twice, differently"),
        (answers("x", {"9": "b"}), "not both belong to this kit"),
        (answers("w", {"1": "b"}), "not both belong to this kit"),
    ],
)
def test_answers_over_several_files_must_fit_together(
    more: list[AnnotatorAnswer], complaint: str
) -> None:
    with pytest.raises(DataError, match=complaint):
        score(FOUR, [*TWO, *more], ("x", "y"), partial=True)
    assert score(FOUR, [*TWO, *TWO], ("x", "y")) == score(FOUR, TWO, ("x", "y"))


choice = st.frozensets(st.sampled_from(LABELS))


@given(st.lists(st.tuples(choice, choice, choice), min_size=1, max_size=8))
def test_scores_keep_their_bounds_and_no_annotator_is_special(
    rows: list[tuple[frozenset[str], ...]],
) -> None:
    items = [item(str(number)) for number in range(len(rows))]

    def said(order: Iterable[int]) -> list[AnnotatorAnswer]:
        return [
            AnnotatorAnswer(str(number), "xyz"[place], row[which], "")
            for number, row in enumerate(rows)
            for place, which in enumerate(order)
        ]

    one, other = score(items, said((0, 1, 2)), "xyz"), score(items, said((2, 0, 1)), "xyz")
    first, second = one.pooled, other.pooled
    assert (first.union, first.intersection) == (second.union, second.intersection)
    assert first.jaccard == pytest.approx(second.jaccard)
    assert first.alpha.value == pytest.approx(second.alpha.value, nan_ok=False)
    assert first.jaccard is not None
    assert 0 <= first.jaccard <= 1
    assert first.intersection.of == first.rows - first.without_agreement.hits
    assert first.intersection.hits <= first.union.hits
    assert first.alpha.value is None or -1 <= first.alpha.value <= 1
    identical = [
        AnnotatorAnswer(a.item, n, a.labels, "") for a in said((0, 1, 2))[::3] for n in "xyz"
    ]
    same = score(items, identical, "xyz").pooled
    assert same.jaccard == 1
    assert same.without_agreement.value == 0
    assert same.alpha.value in (None, 1.0)
