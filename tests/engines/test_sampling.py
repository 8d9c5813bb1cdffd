"""Each row draws by its own temperature, nucleus and seed, whatever its neighbours do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.engines.transformers.token_draws import RowLimits, RowSampler, draws
from vibench.records import Sampling

torch = pytest.importorskip("torch")

SEEDS = st.integers(0, 2**64 - 1)


@given(seed=SEEDS, short=st.integers(0, 20), more=st.integers(0, 20))
def test_a_draw_depends_on_seed_and_step_alone(seed: int, short: int, more: int) -> None:
    assert list(draws(seed, short)) == list(draws(seed, short + more))[:short]


def picks(logits: Any, samplings: list[Sampling], seeds: list[int]) -> list[int]:
    sampler = RowSampler(samplings, seeds, (0, 1), "cpu")
    return list(sampler(None, logits).argmax(dim=-1).tolist())


def test_shares_follow_the_softmax_at_the_rows_temperature() -> None:
    from scipy.stats import chisquare

    logits, n = torch.tensor([1.0, 0.0, -1.0, 2.0]), 8000
    for temperature in (0.5, 1.0, 2.0):
        chosen = picks(logits.repeat(n, 1), [Sampling(temperature, 1.0)] * n, list(range(n)))
        expected = torch.softmax(logits.double() / temperature, 0).numpy() * n
        seen = np.bincount(chosen, minlength=4)
        assert chisquare(seen, expected).pvalue > 1e-3


def test_only_the_nucleus_is_drawn_from_in_its_own_proportions() -> None:
    from scipy.stats import chisquare

    probabilities, n = torch.tensor([0.05, 0.5, 0.15, 0.3]), 8000
    chosen = picks(probabilities.log().repeat(n, 1), [Sampling(1.0, 0.7)] * n, list(range(n)))
    seen = np.bincount(chosen, minlength=4)
    assert seen[[0, 2]].sum() == 0
    assert chisquare(seen[[1, 3]], np.array([5, 3]) / 8 * n).pvalue > 1e-3


def test_a_nucleus_of_nothing_is_the_most_likely_token() -> None:
    logits = torch.tensor([[0.0, 3.0, 1.0]])
    assert picks(logits, [Sampling(1.0, 1e-9)], [7]) == [1]


@given(seeds=st.lists(SEEDS, min_size=2, max_size=6), order=st.randoms())
def test_neighbours_change_nothing(seeds: list[int], order: Any) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(len(seeds), 11, generator=generator)
    samplings = [Sampling(0.5 + i / 4, 1 - i / 10) for i in range(len(seeds))]
    together = picks(logits, samplings, seeds)
    alone = [picks(logits[i : i + 1], [samplings[i]], [seeds[i]])[0] for i in range(len(seeds))]
    assert together == alone
    shuffled = list(range(len(seeds)))
    order.shuffle(shuffled)
    again = picks(logits[shuffled], [samplings[i] for i in shuffled], [seeds[i] for i in shuffled])
    assert again == [together[i] for i in shuffled]


@given(seed=SEEDS, done=st.integers(0, 9))
def test_a_row_that_goes_on_later_draws_as_if_it_had_not_stopped(seed: int, done: int) -> None:
    whole = RowSampler([Sampling()], [seed], (0, 10), "cpu").uniforms
    rest = RowSampler([Sampling()], [seed], (done, 10 - done), "cpu").uniforms
    assert torch.equal(whole[:, done:], rest)


def test_a_flat_distribution_has_a_wide_nucleus() -> None:
    # Wider than the tokens that are looked at first.
    logits, n = torch.zeros(1, 1000).repeat(4000, 1), 4000
    chosen = picks(logits, [Sampling(1.0, 0.9)] * n, list(range(n)))
    assert len(set(chosen)) > 900


def test_greedy_rows_pass_untouched_beside_rows_that_sample() -> None:
    logits = torch.randn(3, 7)
    rows = [Sampling(0.0), Sampling(0.7), Sampling(0.0)]
    after = RowSampler(rows, [1, 2, 3], (0, 1), "cpu")(None, logits)
    assert torch.equal(after[[0, 2]], logits[[0, 2]])
    assert int((after[1] > float("-inf")).sum()) == 1


def test_a_token_without_probability_is_never_drawn_even_at_the_edge() -> None:
    sampler = RowSampler([Sampling(1.0, 1.0)], [0], (0, 1), "cpu")
    sampler.uniforms[:] = 1 - 2**-53
    logits = torch.tensor([[0.0, 0.0, float("-inf")]])
    assert sampler(None, logits).argmax().item() == 1


def test_each_row_ends_at_its_own_limit() -> None:
    done = RowLimits([1, 3, 2], width=5, device="cpu")
    assert done(torch.zeros(3, 7), None).tolist() == [True, False, True]
