"""Collections while endpoints are asked or plans made: fewer, and then as before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from vibench.collector import THRESHOLD, collect_as_before, collect_seldom, fewer_collections


@pytest.fixture(autouse=True)
def before() -> Iterator[tuple[int, int, int]]:
    found = gc.get_threshold()
    gc.set_threshold(700, 9, 8)
    yield (700, 9, 8)
    gc.set_threshold(*found)


def test_collections_are_fewer_until_the_last_session_ends(before: tuple[int, int, int]) -> None:
    collect_seldom()
    collect_seldom()
    collect_as_before()
    assert gc.get_threshold() == (THRESHOLD, *before[1:])
    collect_as_before()
    assert gc.get_threshold() == before


@pytest.mark.parametrize("chosen", [0, 100_000])
def test_who_collects_less_or_not_at_all_is_left_alone(chosen: int) -> None:
    gc.set_threshold(chosen, 9, 8)
    collect_seldom()
    assert gc.get_threshold() == (chosen, 9, 8)
    collect_as_before()
    assert gc.get_threshold() == (chosen, 9, 8)


def test_collections_are_as_before_after_a_function_that_failed(
    before: tuple[int, int, int],
) -> None:
    @fewer_collections()
    def fail() -> None:
        raise ValueError(str(gc.get_threshold()))

    with pytest.raises(ValueError, match=str(THRESHOLD)):
        fail()
    assert gc.get_threshold() == before
