"""Agreement, kappa and bridges: against worked and published numbers, and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest, norm
from scipy.stats import t as student

from vibench.agreement.counts import AnswerShape, JudgeAnswer, RubricTally, named
from vibench.stats.agreement import agreement
from vibench.stats.links import Link, link
from vibench.stats.paired_counts import Counts, PairedCounts
from vibench.stats.shares import cluster_share, mean_score, score_interval, share, wilson

Floats = NDArray[np.float64]


def alone(both: int, first: int, second: int, neither: int) -> PairedCounts:
    """A table of answers each of which is its own cluster."""
    cells = (Counts(1), Counts(0, 1), Counts(0, 0, 1), Counts(0, 0, 0, 1))
    numbers = (both, first, second, neither)
    return PairedCounts.of([cell for cell, n in zip(cells, numbers, strict=True) for _ in range(n)])


def kappa_of(first: list[int], second: list[int]) -> float:
    """Cohen's kappa by its definition, out of two columns of answers."""
    n = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    expected = sum((first.count(k) / n) * (second.count(k) / n) for k in (0, 1))
    return (observed - expected) / (1 - expected)


# --- shares ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_of_independent_answers_the_interval_is_wilsons_as_published(
    hits: int, of: int, low: float, high: float
) -> None:
    """Newcombe, 1998, Statistics in Medicine 17, Table I, method 3."""
    found = cluster_share(np.array([1.0] * hits + [0.0] * (of - hits)), np.ones(of))
    assert found.value == pytest.approx(hits / of)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert wilson(hits / of, of) == (pytest.approx(found.low), pytest.approx(found.high))
    assert share(hits, of).low == pytest.approx(found.low)


@settings(deadline=None)  # scipy is imported within the first case
@given(st.integers(0, 400), st.integers(1, 400))
def test_one_wilson_serves_shares_and_means_of_independent_answers(hits: int, of: int) -> None:
    hits = min(hits, of)
    published = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    found = share(hits, of)
    assert (found.low, found.high) == pytest.approx((published.low, published.high), abs=1e-12)
    p, critical = hits / of, float(norm.ppf(0.975))
    ends = score_interval(p, p * (1 - p) / of, 1 / of, critical)
    assert ends == pytest.approx((published.low, published.high), abs=1e-12)


def test_copies_within_a_cluster_add_no_certainty() -> None:
    hits = np.array([1.0, 0, 0, 1, 1, 0, 1, 0, 0, 0])
    once = cluster_share(hits, np.ones(10))
    copied = cluster_share(30 * hits, np.full(10, 30.0))
    independent = cluster_share(np.repeat(hits, 30), np.ones(300))
    assert copied.of == 300
    assert copied.low <= once.low
    assert copied.high >= once.high
    assert copied.high - copied.low > 3 * (independent.high - independent.low)


def test_answers_that_are_all_alike_count_as_their_clusters() -> None:
    found = cluster_share(np.zeros(5), np.full(5, 100.0))
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(wilson(0.0, 5)[1])
    assert cluster_share(np.full(1, 9.0), np.full(1, 9.0)).low < 0.25


def test_of_no_answers_nothing_is_said() -> None:
    found = cluster_share(np.zeros(0), np.zeros(0))
    assert (found.value, found.low, found.high) == (None, 0.0, 1.0)


def test_a_mean_of_scores_has_students_interval_over_clusters() -> None:
    scores = np.array([0.2, 0.5, 0.9, 0.4, 0.6])
    found = mean_score(scores, np.ones(5))
    half = student.ppf(0.975, 4) * scores.std(ddof=1) / math.sqrt(5)
    assert found.value == pytest.approx(0.52)
    assert (found.low, found.high) == (pytest.approx(0.52 - half), pytest.approx(0.52 + half))
    assert mean_score(np.full(4, 3.0), np.full(4, 3.0)).low == pytest.approx(wilson(1.0, 4)[0])
    assert mean_score(np.zeros(0), np.zeros(0)).value is None


# --- agreement -----------------------------------------------------------------------------------


def test_kappa_of_a_worked_table() -> None:
    """20 yes by both, 5 and 10 by one, 15 by neither: po = 0.7, pe = 0.5, kappa = 0.4."""
    found = agreement(alone(20, 5, 10, 15))
    assert found.agreement.value == pytest.approx(0.7)
    assert (found.first.value, found.second.value) == (pytest.approx(0.5), pytest.approx(0.6))
    assert found.kappa.value == pytest.approx(0.4)
    assert found.counts == Counts(20, 5, 10, 15)


def test_kappas_interval_has_the_published_standard_error_at_its_core() -> None:
    """Fleiss, Cohen & Everitt, 1969, Psychological Bulletin 72: the variance of kappa, here on
    the scale log(1 - kappa), with n - 1 for n and Student's t."""
    p = np.array([[20, 5], [10, 15]]) / 50
    rows, columns, k = p.sum(1), p.sum(0), 0.4
    pe = float(rows @ columns)
    on = sum(p[i, i] * (1 - (rows[i] + columns[i]) * (1 - k)) ** 2 for i in (0, 1))
    off = (1 - k) ** 2 * sum(p[i, j] * (columns[i] + rows[j]) ** 2 for i, j in ((0, 1), (1, 0)))
    variance = (on + off - (k - pe * (1 - k)) ** 2) / (50 * (1 - pe) ** 2)
    factor = math.exp(student.ppf(0.975, 49) * math.sqrt(variance * 50 / 49) / (1 - k))
    found = agreement(alone(20, 5, 10, 15)).kappa
    assert found.low == pytest.approx(1 - (1 - k) * factor)
    assert found.high == pytest.approx(1 - (1 - k) / factor)


def test_perfect_agreement_is_one_but_not_certain() -> None:
    found = agreement(alone(10, 0, 0, 30))
    assert (found.agreement.value, found.kappa.value, found.kappa.high) == (1.0, 1.0, 1.0)
    # What may have gone unseen is Wilson's bound of 0 of 40, over pe' = 2 * 0.25 * 0.75.
    assert found.kappa.low == pytest.approx(1 - wilson(0.0, 40)[1] / 0.375)


@pytest.mark.parametrize(("said", "word"), [((12, 0, 0, 0), "yes"), ((0, 0, 0, 12), "no")])
def test_kappa_is_not_defined_where_nothing_varies(
    said: tuple[int, int, int, int], word: str
) -> None:
    found = agreement(alone(*said)).kappa
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.reason == f"both say {word} throughout"


def test_a_judge_that_never_varies_is_named_and_kappa_has_no_interval() -> None:
    found = agreement(alone(0, 0, 4, 8), ("rules", "other")).kappa
    assert (found.value, found.low, found.high) == (0.0, None, None)
    assert found.reason == "rules never varies"


def test_opposite_constants_disagree_throughout() -> None:
    found = agreement(alone(0, 9, 0, 0))
    assert (found.agreement.value, found.kappa.value) == (0.0, 0.0)
    assert "never varies" in found.kappa.reason


def test_of_one_cluster_or_no_answer_no_interval_is_made_up() -> None:
    one = agreement(PairedCounts.of([Counts(4, 1, 1, 4)])).kappa
    assert one.value == pytest.approx(0.6)
    assert (one.low, one.reason) == (None, "all answers are of one cluster")
    assert agreement(PairedCounts.of([])).kappa.reason == "nothing was scored by both"


tables = st.lists(
    st.builds(Counts, *[st.integers(0, 6)] * 4), min_size=1, max_size=12
).map(PairedCounts.of)  # fmt: skip


@settings(deadline=None)  # scipy is imported within the first case
@given(tables)
def test_intervals_hold_their_numbers_and_stay_in_bounds(paired: PairedCounts) -> None:
    found, bridge = agreement(paired), link(paired)
    shares = (found.agreement, found.first, found.second, bridge.of_yes, bridge.of_no)
    for one in shares:
        assert 0 <= one.low <= one.high <= 1
        if one.value is not None:
            assert one.low <= one.value <= one.high
            assert one.high - one.low > 1e-6
    if found.kappa.value is not None and found.kappa.low is not None:
        assert found.kappa.high is not None
        assert -1 <= found.kappa.low <= found.kappa.value <= found.kappa.high <= 1
    assert -1 <= bridge.correlation <= 1


@settings(deadline=None)  # scipy is imported within the first case
@given(tables)
def test_kappa_is_cohens_whatever_the_clusters(paired: PairedCounts) -> None:
    c = paired.total
    first = [1] * (c.both + c.first) + [0] * (c.second + c.neither)
    second = [1] * c.both + [0] * c.first + [1] * c.second + [0] * c.neither
    found = agreement(paired).kappa.value
    if found is not None:
        assert found == pytest.approx(kappa_of(first, second))


@settings(deadline=None)  # scipy is imported within the first case
@given(tables)
def test_swapping_the_judges_changes_nothing_but_their_names(paired: PairedCounts) -> None:
    swapped = agreement(PairedCounts(paired.both, paired.second, paired.first, paired.neither))
    found = agreement(paired)
    assert swapped.first == found.second
    assert swapped.kappa.value == found.kappa.value
    assert swapped.kappa.low == pytest.approx(found.kappa.low)


# --- bridges --------------------------------------------------------------------------------


def test_a_bridge_of_a_worked_table() -> None:
    """Where the first says yes the second does in 20 of 25, where no in 10 of 25. A rate of
    0.5 becomes 0.8 * 0.5 + 0.4 * 0.5; its interval, by MOVER from Wilson's (0.6087, 0.9114) and
    (0.2340, 0.5926), is 0.6 - sqrt(0.0957^2 + 0.0830^2) to 0.6 + sqrt(0.0557^2 + 0.0963^2)."""
    made = link(alone(20, 5, 10, 15))
    assert (made.of_yes.value, made.of_no.value) == (pytest.approx(0.8), pytest.approx(0.4))
    there = made.apply(0.5)
    assert there.value == pytest.approx(0.6)
    assert there.low == pytest.approx(0.4734, abs=1e-4)
    assert there.high == pytest.approx(0.7112, abs=1e-4)


@settings(deadline=None)  # scipy is imported within the first case
@given(tables)
def test_the_firsts_own_rate_becomes_the_seconds(paired: PairedCounts) -> None:
    found, made = agreement(paired), link(paired)
    if found.first.value is not None and found.second.value is not None:
        there = made.apply(found.first.value)
        assert there.value == pytest.approx(found.second.value)
        assert there.low <= found.second.value + 1e-9
        assert there.high >= found.second.value - 1e-9


def test_what_was_never_seen_gives_no_number_but_a_wide_interval() -> None:
    """The first judge never said yes: of what the second says then, nothing is known."""
    made = link(alone(0, 0, 5, 35))
    assert made.of_yes.value is None
    there = made.apply(0.3)
    assert there.value is None
    assert there.low == pytest.approx(0.7 * made.of_no.low)
    assert there.high == pytest.approx(0.3 + 0.7 * made.of_no.high)
    assert made.apply(0.0).value == pytest.approx(5 / 40)


def test_few_answers_of_one_kind_widen_the_interval_where_they_weigh() -> None:
    made = link(alone(2, 1, 20, 180))
    much, little = made.apply(0.9), made.apply(0.05)
    assert much.high - much.low > 0.5
    assert little.high - little.low < 0.15


@pytest.mark.parametrize("paired", [alone(30, 10, 5, 55), alone(5, 55, 30, 10)])
def test_a_published_rates_own_error_widens_the_interval(paired: PairedCounts) -> None:
    """Whether the second says yes more or less often where the first does."""
    made = link(paired)
    exact, of_many, of_few = made.apply(0.31), made.apply(0.31, 100_000), made.apply(0.31, 50)
    assert of_few.value == exact.value
    assert of_many.low == pytest.approx(exact.low, abs=1e-3)
    assert of_few.low < exact.low - 0.01
    assert of_few.high > exact.high + 0.01


# --- coverage -------------------------------------------------------------------------------


def drawn(
    rng: np.random.Generator, groups: int, size: int, rate: float, missed: float
) -> tuple[PairedCounts, float, float, float]:
    """Answers alike within clusters: (table, true kappa, true rate of the second, link to it).

    The second misses `missed` of the first's yes, and says yes where the first does not so
    often that about as many are added.
    """
    added = missed * rate / (1 - rate)
    chances = rng.beta(9 * rate, 9 * (1 - rate), groups)[:, None]
    first = rng.random((groups, size)) < chances
    luck = rng.random((groups, size))
    second = np.where(first, luck >= missed, luck < added)
    columns = (first & second, first & ~second, ~first & second, ~first & ~second)
    both = rate * (1 - missed)
    other = both + (1 - rate) * added
    expected = rate * (1 - other) + other * (1 - rate)
    true_kappa = 1 - (rate * missed + (1 - rate) * added) / expected
    table = PairedCounts(*(c.sum(axis=1).astype(float) for c in columns))
    return table, true_kappa, other, both


@pytest.mark.parametrize(
    ("groups", "size", "rate", "missed"),
    [(30, 8, 0.2, 0.3), (100, 1, 0.2, 0.05), (40, 6, 0.5, 0.05), (25, 10, 0.1, 0.5)],
)
def test_intervals_cover_the_truth_about_as_often_as_they_say(
    groups: int, size: int, rate: float, missed: float
) -> None:
    """600 simulated comparisons: agreement, prevalence, kappa, and a bridged rate."""
    rng = np.random.default_rng(20260101)
    runs = 600
    covered = np.zeros(4)
    for _ in range(runs):
        paired, true_kappa, other, both = drawn(rng, groups, size, rate, missed)
        found = agreement(paired, ("a", "b"))
        equal = both + (1 - rate) - (other - both)
        bridged = link(paired).apply(rate)
        k = found.kappa
        covered += (
            found.agreement.low <= equal <= found.agreement.high,
            found.second.low <= other <= found.second.high,
            k.low is not None and k.high is not None and k.low <= true_kappa <= k.high,
            bridged.low <= other <= bridged.high,
        )
    shares = covered / runs
    assert shares.min() >= 0.915, shares
    assert shares[1] <= 0.98, shares


def test_a_bridge_covers_with_the_published_rates_own_error_only_if_it_is_told() -> None:
    """A rate published from 60 answers, carried over a bridge of many."""
    rng = np.random.default_rng(7)
    told = silent = 0
    runs = 400
    for _ in range(runs):
        paired, _, other, _ = drawn(rng, 200, 4, 0.3, 0.1)
        made: Link = link(paired)
        published = rng.binomial(60, 0.3) / 60
        with_error, without = made.apply(published, 60), made.apply(published)
        told += with_error.low <= other <= with_error.high
        silent += without.low <= other <= without.high
    assert told / runs >= 0.93
    assert silent / runs < 0.75


# --- counting answers ---------------------------------------------------------------------------


def sets(*labels: str) -> JudgeAnswer:
    return JudgeAnswer(named(labels))


def test_label_sets_are_counted_by_label_and_by_their_overlap() -> None:
    tally = RubricTally()
    tally.add("a", sets("Empathy", "open mindedness"), sets("empathy"))
    tally.add("a", sets("none"), sets())
    tally.add("b", sets("honesty"), sets("humour", "humor"))
    tally.add("b", sets("honesty"), JudgeAnswer(frozenset(), "refused: by policy"))
    found = tally.compared("issuebench", "values", AnswerShape(None, several=True), minimum=1)
    assert (found.total, found.scored) == (4, 3)
    assert found.unscored[1].value == pytest.approx(1 / 4)
    assert found.causes == ({}, {"refused": 1})
    by = {q.label: q.paired.total for q in found.questions}
    assert by == {
        "empathy": Counts(1, 0, 0, 2),
        "open-mindedness": Counts(0, 1, 0, 2),
        "honesty": Counts(0, 1, 0, 2),
        "humor": Counts(0, 0, 1, 2),
    }
    # Overlaps 1/2, 1 (both name nothing) and 0.
    assert found.jaccard is not None
    assert found.jaccard.value == pytest.approx(0.5)
    rare = tally.compared("issuebench", "values", AnswerShape(None, several=True), minimum=2)
    assert (rare.questions, rare.seldom) == ((), 4)


@pytest.mark.parametrize(
    ("labels", "asked"),
    [
        (("yes", "no"), ["yes"]),
        (("complied", "refused"), ["refused"]),
        (("low", "middle", "high"), ["low", "middle", "high"]),
    ],
)
def test_one_of_two_labels_is_one_question_and_of_more_each_is_one(
    labels: tuple[str, ...], asked: list[str]
) -> None:
    tally = RubricTally()
    tally.add("a", sets(labels[0]), sets(labels[1]))
    found = tally.compared("e", "r", AnswerShape(labels, several=False), minimum=10)
    assert [q.label for q in found.questions] == asked
    assert found.jaccard is None


def test_where_an_eval_is_gone_the_answers_say_what_was_asked() -> None:
    tally = RubricTally()
    for first, second in (("yes", "no"), ("no", "no"), ("yes", "yes")):
        tally.add("a", sets(first), sets(second))
    found = tally.compared("gone", "behaviour/x", None, minimum=10)
    assert [(q.label, q.paired.total) for q in found.questions] == [("yes", Counts(1, 1, 0, 1))]
    tally.add("a", sets("yes", "no"), sets())
    assert tally.compared("gone", "behaviour/x", None, minimum=10).jaccard is not None
