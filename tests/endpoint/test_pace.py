"""The window and the pause, on a clock of the test's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.engines.openai.pace import FIRST, LONGEST, Pace


def pace(most: int = 64) -> Pace:
    return Pace(most, draw=lambda: 1.0)


def test_the_window_begins_small_and_doubles_with_every_round_of_answers() -> None:
    one = pace()
    windows = [one.window]
    for _ in range(4):
        for _ in range(int(one.window)):
            one.answered(0.0)
        windows.append(one.window)
    assert windows == [8, 16, 32, 64, 64]
    assert pace(3).window == 3


def test_a_round_of_refusals_cuts_the_window_to_a_quarter() -> None:
    one = pace()
    one.window = 64.0
    for _ in range(64):
        one.limited(0.0, 1.0, None, 1)
    assert one.window == 16


def test_one_refusal_in_ten_does_not_keep_the_window_small() -> None:
    one = pace()
    for n in range(3000):
        if n % 10:
            one.answered(float(n))
        else:
            one.limited(float(n), float(n), None, 1)
    assert one.window > 55
    assert one.resume == 0.0


def test_after_refusals_the_window_grows_slowly() -> None:
    one = pace()
    one.window = 64.0
    for _ in range(32):
        one.limited(0.0, 1.0, None, 1)
    assert one.window == 40.0
    for _ in range(40):
        one.answered(100.0)
    assert one.window == pytest.approx(44.0)


def test_a_refused_request_waits_as_long_as_it_was_told_to_and_others_do_not() -> None:
    one = pace()
    assert 15.0 <= one.limited(5.0, 5.1, retry_after=10.0, times=1) <= 17.0
    assert one.resume == 0.0


def test_several_refusals_in_a_row_pause_everything_until_then() -> None:
    one = pace()
    for _ in range(4):
        one.limited(5.0, 5.5, retry_after=10.0, times=1)
    assert one.resume == 15.5


def test_pauses_grow_and_then_one_request_goes_ahead() -> None:
    one = pace()
    pauses = []
    now = 0.0
    for _ in range(6):
        resume = one.stalled(now, now, None)
        pauses.append(round(resume - now, 3))
        now = resume
    assert pauses == [0.1, 0.3, 0.9, 2.7, 8.1, 24.3]
    assert one.window == 1.0
    one.answered(now)
    assert (one.window, one.stalls) == (2.0, 0)


def test_what_was_under_way_when_the_endpoint_went_away_counts_as_one_failure() -> None:
    one = pace()
    for _ in range(30):
        one.stalled(1.0, 2.0, None)
    assert (one.stalls, one.resume, one.window) == (1, 2.1, FIRST)


def test_an_unavailable_endpoint_is_left_alone_as_long_as_it_asks() -> None:
    assert pace().stalled(1.0, 2.0, retry_after=20.0) == 22.0


events = st.lists(st.tuples(st.sampled_from("ALSO"), st.floats(0, 5), st.floats(0, 3)), max_size=60)


@given(events, st.integers(1, 300))
def test_the_window_stays_within_its_bounds_and_pauses_end(
    happened: list[tuple[str, float, float]], most: int
) -> None:
    one = Pace(most)
    now = 0.0
    for what, took, later in happened:
        begun, now = max(0.0, now - took), now + later
        match what:
            case "A":
                one.answered(begun)
            case "L":
                assert one.limited(begun, now, None, 1) >= now
            case "S":
                assert now <= one.stalled(begun, now, None) <= now + LONGEST
            case "O":
                one.overloaded()
        assert 1 <= one.window <= most
        assert one.resume <= now + LONGEST


@pytest.mark.parametrize("most", [1, 2])
def test_a_window_of_one_is_never_closed(most: int) -> None:
    one = pace(most)
    for _ in range(20):
        one.overloaded()
        one.stalled(one.resume, one.resume, None)
    assert one.window == 1.0
