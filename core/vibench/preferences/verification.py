"""Verification: do other judges find a subset's value in its responses (paper, section 4)?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from vibench.errors import UsageError
from vibench.judging.rubrics import CLOSED_LABELS
from vibench.preferences.values import normalise, normalised
from vibench.records import UNKNOWN_VALUE, Verdict
from vibench.stats.shares import mean_share, share

__all__ = ["Averaged", "Baseline", "Precision", "averaged", "baseline", "precision"]

LEVEL: Final = 0.95
BLOCK: Final = 1 << 16
"""Pairs guessed at once: bounds the memory."""

ROUNDS: Final = 10
"""Guesses for each pair: one alone leaves an error of 0.1 % at the paper's sizes."""

NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Precision:
    """One judge's verdicts on one value's subset.

    Of `pairs` chosen responses, `scored` were; `unscored` counts the others by cause. In
    `hits` of the scored ones the judge names the value. `precision` is hits / scored, `low`
    and `high` its 95 % interval (Wilson), all shares from 0 to 1 and None if none is scored.
    `labels` counts every label named in the scored responses.
    """

    value: str
    judge: str
    pairs: int
    scored: int
    unscored: Mapping[str, int]
    hits: int
    labels: int
    precision: float | None
    low: float | None
    high: float | None

    @property
    def labels_per_response(self) -> float | None:
        """Mean number of labels given (the paper: 5.3 for Llama, 4.7 for Mistral)."""
        return self.labels / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class Averaged:
    """One judge over several values.

    `mean` weighs every value equally, as the paper's Tables 2 and 3 do; its interval
    combines those of the values. `pooled` weighs every response equally, with a Wilson
    interval. Values in which nothing was scored are in `unmeasured` and in no mean.
    """

    judge: str
    values: tuple[str, ...]
    unmeasured: tuple[str, ...]
    pairs: int
    scored: int
    unscored: Mapping[str, int]
    hits: int
    labels_per_response: float | None
    mean: float | None
    mean_low: float | None
    mean_high: float | None
    pooled: float | None
    pooled_low: float | None
    pooled_high: float | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """A guesser who names `k` of `labels` labels for every pair, whatever it says.

    `simulated` is the share of pairs whose value was among the guesses, the mean of `rounds`
    guesses for each of `pairs` (None without pairs). `expected` is k / labels, and 95 % of
    all single rounds fall from `low` to `high`.
    """

    k: int
    labels: int
    pairs: int
    rounds: int
    simulated: float | None
    expected: float
    low: float | None
    high: float | None


def precision(
    value: str,
    verdicts: Iterable[Verdict],
    judge: str = "",
    known_values: Collection[str] | None = None,
) -> Precision:
    """Return the share of the chosen responses of a subset in which a judge names its value.

    `verdicts` are of one judge, one for each pair of the subset (of a flipped pair, the side
    that was turned into the chosen one). Labels are compared as `normalise` writes them.
    `known_values` are the only values that the judge can find (any if None): it scores no other.
    """
    name = normalise(value)
    unknown = known_values is not None and name not in normalised(known_values)
    unscored: Counter[str] = Counter()
    pairs = hits = labels = 0
    for verdict in verdicts:
        pairs += 1
        cause = verdict.unscored or (UNKNOWN_VALUE if unknown else None)
        if cause is not None:
            unscored[cause] += 1
            continue
        # The label `none` is an answer without a value.
        named_values = {_spelt(label) for label in verdict.labels} - {NONE}
        labels += len(named_values)
        hits += name in named_values
    scored = pairs - unscored.total()
    causes = dict(sorted(unscored.items()))
    hit_share = share(hits, scored)
    return Precision(
        value, judge, pairs, scored, causes, hits, labels, hit_share.value, *hit_share.bounds
    )


def averaged(precisions: Sequence[Precision]) -> Averaged:
    """The mean over values, and over all their responses. They are one judge's: ValueError.

    The interval of the mean follows from those of the values, which are independent: the
    distances to their limits add as squares (Zou & Donner, 2008, "Construction of confidence
    limits about effect measures: a general approach").
    """
    judges = {p.judge for p in precisions}
    if len(judges) > 1:
        raise ValueError(f"precisions of several judges: {sorted(judges)}")
    scored = sum(p.scored for p in precisions)
    hits = sum(p.hits for p in precisions)
    causes = sum((Counter(p.unscored) for p in precisions), Counter[str]())
    # As in the paper, each value has the same weight; the pooled share below has each response.
    mean = mean_share([share(p.hits, p.scored) for p in precisions])
    pooled = share(hits, scored)
    return Averaged(
        "".join(judges),
        tuple(p.value for p in precisions if p.scored),
        tuple(p.value for p in precisions if not p.scored),
        sum(p.pairs for p in precisions),
        scored,
        dict(sorted(causes.items())),
        hits,
        sum(p.labels for p in precisions) / scored if scored else None,
        mean.mean,
        mean.low,
        mean.high,
        pooled.value,
        *pooled.bounds,
    )


def baseline(k: int, sizes: Mapping[str, int], seed: int = 0, rounds: int = ROUNDS) -> Baseline:
    """Guess `k` different labels for every pair of all subsets together (paper, Table 2).

    `sizes` gives the pairs of each value's subset. The labels are the 16 of Listing 1 and
    `none`, and any value of `sizes` that is not among them. Raises UsageError for a `k`
    that cannot be drawn.
    """
    labels = list(dict.fromkeys((*CLOSED_LABELS, *map(normalise, sizes), NONE)))
    if not 1 <= k <= len(labels):
        raise UsageError(
            f"A guesser cannot name {k} different ones of {len(labels)} labels.",
            f"Set k to a number from 1 to {len(labels)}.",
        )
    targets = Counter[int]()
    for value, size in sizes.items():
        targets[labels.index(normalise(value))] += size
    pairs, expected = targets.total(), k / len(labels)
    if not pairs:
        return Baseline(k, len(labels), 0, rounds, None, expected, None, None)
    simulated = _guessed(k, len(labels), targets, seed, rounds)
    low, high = _spread(pairs, expected)
    return Baseline(k, len(labels), pairs, rounds, simulated, expected, low, high)


def _guessed(k: int, labels: int, targets: Mapping[int, int], seed: int, rounds: int) -> float:
    import numpy as np

    random = np.random.default_rng(seed)
    target_labels: Any = np.tile(np.repeat(list(targets), list(targets.values())), rounds)
    hits = 0
    for start in range(0, len(target_labels), BLOCK):
        block = target_labels[start : start + BLOCK]
        # The k labels with the smallest of independent draws are k without replacement.
        draws = random.random((len(block), labels))
        smaller = (draws < draws[np.arange(len(block)), block][:, None]).sum(axis=1)
        hits += int((smaller < k).sum())
    return hits / len(target_labels)


def _spread(pairs: int, expected: float) -> tuple[float, float]:
    from scipy.stats import binom

    # The interval of one round, as the paper guesses once; the mean of several rounds varies less.
    low, high = binom.interval(LEVEL, pairs, expected)
    return float(low) / pairs, float(high) / pairs


@lru_cache(maxsize=4096)
def _spelt(label: str) -> str:
    return normalise(label)
