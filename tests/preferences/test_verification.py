"""How far judges find a subset's value in it, beside guessers (paper, section 4, Table 2)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.errors import UsageError
from vibench.paper import value_data
from vibench.preferences.verification import averaged, baseline, precision
from vibench.records import UNKNOWN_VALUE, Verdict


def said(*labels: str) -> Verdict:
    return Verdict("values-closed", 0, labels)


def failed(cause: str) -> Verdict:
    return Verdict("values-closed", 0, unscored=cause)


def test_an_unscored_answer_is_counted_and_is_no_miss() -> None:
    found = precision(
        "Open Mindedness",
        [
            said("open-mindedness", "humor"),
            said("open mindedness"),
            said("humor"),
            said(),
            failed("malformed"),
            failed("cut off"),
            failed("malformed"),
        ],
        judge="llama",
    )
    assert (found.value, found.judge) == ("Open Mindedness", "llama")
    assert (found.pairs, found.scored, found.hits) == (7, 4, 2)
    assert found.unscored == {"cut off": 1, "malformed": 2}
    assert found.precision == 0.5
    assert found.labels_per_response == 1.0


def test_no_label_and_the_label_none_are_the_same_answer() -> None:
    assert precision("humor", [said("none")]) == precision("humor", [said()])


def test_a_value_that_no_response_could_be_scored_for_has_no_precision() -> None:
    for verdicts in ([], [failed("empty")]):
        found = precision("humor", verdicts)
        assert found.pairs == len(verdicts)
        assert (found.precision, found.low, found.high) == (None, None, None)
        assert found.labels_per_response is None


def test_the_interval_is_wilsons() -> None:
    """8 of 10, by Wilson's formula with z = 1.959964."""
    found = precision("humor", [said("humor")] * 8 + [said()] * 2)
    z, n, p = 1.959964, 10, 0.8
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert found.low == pytest.approx(centre - reach, abs=1e-6)
    assert found.high == pytest.approx(centre + reach, abs=1e-6)


def test_the_mean_weighs_values_and_the_pool_weighs_responses() -> None:
    large = precision("empathy", [said("empathy", "humor")] * 90 + [said()] * 10, "llama")
    small = precision("humor", [said("humor")] * 2 + [said()] * 8 + [failed("empty")], "llama")
    lost = precision("honesty", [failed("empty")], "llama")
    found = averaged([large, small, lost])
    assert found.judge == "llama"
    assert (found.values, found.unmeasured) == (("empathy", "humor"), ("honesty",))
    assert (found.pairs, found.scored, found.unscored) == (112, 110, {"empty": 2})
    assert found.mean == pytest.approx((0.9 + 0.2) / 2)
    assert found.pooled == pytest.approx(92 / 110)
    assert found.labels_per_response == pytest.approx(182 / 110)


def test_the_mean_of_one_value_has_that_values_interval() -> None:
    one = precision("humor", [said("humor")] * 7 + [said()] * 3)
    found = averaged([one])
    assert (found.mean_low, found.mean_high) == pytest.approx((one.low, one.high))
    assert (found.pooled_low, found.pooled_high) == (one.low, one.high)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5))
def test_an_interval_lies_around_its_share_and_within_0_and_1(
    counts: list[tuple[int, int]],
) -> None:
    found = averaged(
        [precision("humor", [said("humor")] * hits + [said()] * misses) for hits, misses in counts]
    )
    for low, share, high in (
        (found.mean_low, found.mean, found.mean_high),
        (found.pooled_low, found.pooled, found.pooled_high),
    ):
        assert (low is None) == (share is None) == (high is None) == (found.scored == 0)
        if low is not None and share is not None and high is not None:
            assert -1e-9 <= low <= share + 1e-9 <= high + 2e-9 <= 1 + 3e-9


def test_nothing_to_average_has_no_mean() -> None:
    found = averaged([])
    assert (found.mean, found.pooled, found.pairs) == (None, None, 0)


def test_judges_are_not_averaged_together() -> None:
    with pytest.raises(ValueError, match=r"several judges: \['llama', 'mistral'\]"):
        averaged([precision("humor", [], "llama"), precision("humor", [], "mistral")])


def test_the_mean_of_table_3_is_the_papers() -> None:
    people = {value: round(row.precision) for value, row in value_data().humans.items()}
    found = averaged(
        [
            precision(value, [said(value)] * hits + [said()] * (100 - hits))
            for value, hits in people.items()
        ]
    )
    assert found.mean == pytest.approx(0.7667, abs=5e-5)


@pytest.mark.parametrize(("k", "percent", "within"), [(1, 5.89, 0.1), (5, 29.30, 0.3)])
def test_a_guesser_does_as_well_as_the_papers(k: int, percent: float, within: float) -> None:
    sizes = {value: size.total for value, size in value_data().subsets.items()}
    found = baseline(k, sizes)
    assert (found.labels, found.pairs) == (17, 212_084)
    assert found.simulated is not None
    assert 100 * found.simulated == pytest.approx(percent, abs=within)
    assert found.expected == pytest.approx(k / 17)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.expected < found.high
    assert found.low < found.simulated < found.high


def test_guesses_go_by_the_seed() -> None:
    sizes = {"empathy": 500, "humor": 300}
    assert baseline(5, sizes, seed=1) == baseline(5, sizes, seed=1)
    assert baseline(5, sizes, seed=1) != baseline(5, sizes, seed=2)


def test_a_guesser_who_names_every_label_is_always_right() -> None:
    """Guesses are without replacement: 17 of them are all there are."""
    assert baseline(17, {"empathy": 500}).simulated == 1


def test_a_users_value_is_one_more_label() -> None:
    assert baseline(1, {"kindness": 10, "Humour": 10, "humor": 10}).labels == 18


def test_without_pairs_there_is_nothing_to_simulate() -> None:
    found = baseline(1, {"empathy": 0})
    assert (found.pairs, found.simulated, found.low) == (0, None, None)


@pytest.mark.parametrize("k", [0, -1, 18])
def test_a_number_of_guesses_that_cannot_be_drawn_is_an_error(k: int) -> None:
    with pytest.raises(UsageError, match=f"cannot name {k} different ones of 17 labels"):
        baseline(k, {"empathy": 10})


def test_a_value_that_the_judge_does_not_know_is_unscored_by_it() -> None:
    """It never names it: that is no precision of 0."""
    verdicts = [said("humor"), said(), failed("empty")]
    found = precision("warmth", verdicts, known_values=("empathy", "Humour"))
    assert (found.precision, found.scored) == (None, 0)
    assert found.unscored == {UNKNOWN_VALUE: 2, "empty": 1}
    assert precision("humor", verdicts, known_values=("empathy", "Humour")).precision == 0.5
