"""Several outcomes of one sample: pooled over turns, paired by sample and turn."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy import stats as scipy_stats

from vibench.errors import DataError
from vibench.interfaces import Eval
from vibench.records import Message, Outcome, Sample, Transcript, Verdict
from vibench.report import Row, build
from vibench.report.gate import gate
from vibench.report.tolerances import Tolerance
from vibench.results.cells import CellResult
from vibench.results.outcomes import load_outcomes, outcomes_of
from vibench.stages.transcript_outcomes import score
from vibench.store.record_tables import read_outcomes, write_outcomes

METRIC = "behaviour/empathy"
Scores = Mapping[tuple[int, int], float | None]


def outcomes(scores: Scores, metric: str = METRIC) -> list[Outcome]:
    """By sample and turn; 4 samples to a cluster."""
    return [
        Outcome(
            f"s{s:02}", f"c{s // 4}", metric, value, None if value is not None else "cut off", t
        )
        for (s, t), value in scores.items()
    ]


def compared(after: Scores, before: Scores, metric: str = METRIC) -> Row:
    """The row of an induced subject."""
    cells = [
        CellResult("m", inducer, value, "anthrobench", "j", outcomes_of(outcomes(scores, metric)))
        for inducer, value, scores in (("none", "", before), ("dpo", "empathy", after))
    ]
    return next(row for row in build(cells).rows if row.inducer == "dpo")


def uneven(salt: int, share: int) -> dict[tuple[int, int], float | None]:
    """40 dialogues of one to five turns; of some a turn is unscored."""
    rng = np.random.default_rng(salt)
    return {
        (s, t): None if rng.random() < 0.05 else float(rng.random() < share / 100)
        for s in range(40)
        for t in range(1 + (s * 7 + salt) % 5)
    }


def test_a_rate_is_yes_over_valid_turns_of_all_dialogues() -> None:
    after = uneven(1, 60)
    scored = [v for v in after.values() if v is not None]
    rate = compared(after, uneven(2, 30)).rate
    assert (rate.n, rate.clusters) == (len(scored), 10)
    assert rate.mean == pytest.approx(sum(scored) / len(scored))


def test_a_contrast_is_paired_by_sample_and_turn_and_clustered() -> None:
    """Against the textbook: CR2 of a mean is sum((sum of residuals) ** 2 / (1 - n_g / n)) / n ** 2
    over clusters, whose degrees of freedom are Satterthwaite's."""
    after, before = uneven(1, 60), uneven(2, 30)
    pairs = {
        at: a - b for at, a in after.items() if a is not None and (b := before.get(at)) is not None
    }
    n, mean = len(pairs), math.fsum(pairs.values()) / len(pairs)
    clusters: defaultdict[int, list[float]] = defaultdict(list)
    for (s, _), difference in pairs.items():
        clusters[s // 4].append(difference - mean)
    variance = sum(math.fsum(c) ** 2 / (1 - len(c) / n) for c in clusters.values()) / n**2
    # The variance is x'Ax of independent x, with A = sum(b b') of centred cluster sums.
    rows = []
    for cluster in clusters:
        own = np.array([float(s // 4 == cluster) for s, _ in pairs])
        rows.append((own - own.mean()) / math.sqrt(1 - own.mean()) / n)
    gram = np.array(rows) @ np.array(rows).T
    df = np.trace(gram) ** 2 / np.trace(gram @ gram)
    found = compared(after, before).contrast
    assert found is not None
    assert (found.n, found.clusters) == (n, len(clusters))
    assert found.difference == pytest.approx(mean)
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.df == pytest.approx(df)
    half = scipy_stats.t.ppf(0.975, df) * math.sqrt(variance)
    assert (found.low, found.high) == (pytest.approx(mean - half), pytest.approx(mean + half))


def test_a_turn_that_one_side_lacks_is_paired_with_nothing_and_counted() -> None:
    before = {(s, t): float(s % 2) for s in range(40) for t in range(5)}
    after = {(s, t): 1.0 for s in range(40) for t in range(5 if s < 30 else 2)}
    row = compared(after, before)
    assert row.contrast is not None
    assert (row.contrast.n, row.contrast.only_vanilla) == (170, 30)
    cells = [
        CellResult("m", inducer, "", "anthrobench", "j", outcomes_of(outcomes(scores)))
        for inducer, scores in (("none", before), ("prompt", after))
    ]
    [check] = gate(build(cells), [Tolerance(f"anthrobench:{METRIC}", 100.0)]).checks
    assert check.decision == "INCONCLUSIVE"
    assert check.reason == "15 % of the turns are not scored on both sides, at most 5 % may be"


def test_open_ended_expression_is_scored_turn_by_turn() -> None:
    """A turn with a scored outcome of any value counts 0 in the others, an unscored one not."""
    metrics = ("expression/empathy", "expression/zeal")
    found = outcomes_of(
        [
            Outcome("a", "c", metrics[0], 1.0, None, 0),
            Outcome("a", "c", metrics[1], 1.0, None, 1),
            Outcome("a", "c", metrics[0], None, "empty", 2),
            Outcome("b", "c", metrics[1], 0.0, None, 0),
            Outcome("b", "c", "words", 3.0, None, 1),
        ]
    )
    assert list(zip(found.rows.samples.tolist(), found.rows.turns.tolist(), strict=True)) == [
        ("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1),
    ]  # fmt: skip
    nan = math.nan
    columns = found.columns([*metrics, "expression/new"], found.rows)
    np.testing.assert_equal(
        columns, [[1, 0, 0], [0, 1, 0], [nan, nan, nan], [0, 0, 0], [nan, nan, nan]]
    )
    assert found.expressed is not None
    assert (found.expressed.scored, dict(found.expressed.counts)) == (3, {"empathy": 1, "zeal": 1})


def test_turns_are_kept_in_the_file_and_each_has_one_outcome(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.parquet"
    rows = [Outcome("s", "c", "refusal", 1.0, turn=turn) for turn in (0, 1, 300)]
    write_outcomes(path, rows)
    assert read_outcomes(path) == rows
    assert load_outcomes(path).rows.turns.tolist() == [0, 1, 300]
    write_outcomes(path, [*rows, rows[1]])
    with pytest.raises(DataError, match="sample 's', turn 1, has more than one outcome of ref"):
        load_outcomes(path)


class TwoTurns(Eval):
    """Scores each of two turns."""

    metrics = ("long",)

    def samples(self, data: object) -> list[Sample]:
        return []

    def rubrics(self, transcript: Transcript) -> tuple[()]:
        return ()

    def outcomes(self, transcript: Transcript, verdicts: object) -> list[Outcome]:
        sample = transcript.sample
        return [Outcome(sample.id, sample.cluster, "long", 1.0, turn=turn) for turn in (0, 1)]


def test_a_dialogue_that_broke_off_is_unscored_in_each_turn() -> None:
    sample = Sample("s", (Message("user", "Hi"),), "c")
    verdicts: list[Verdict] = []
    found = list(score(TwoTurns(), Transcript(sample, sample.messages, error="gone"), verdicts))
    assert found == [Outcome("s", "c", "long", None, "error: gone", turn) for turn in (0, 1)]
