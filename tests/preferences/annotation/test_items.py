"""Which pairs are annotated, and with which labels (paper, section 4)."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import pytest

from vibench.errors import SpecError
from vibench.judging.rubrics import VALUES
from vibench.preferences.annotation import Item, item_from, item_row, sample_items
from vibench.records import Message, PreferencePair


def pairs(count: int, start: int = 0) -> list[PreferencePair]:
    prompt = (Message("user", "Ask"),)
    return [
        PreferencePair(f"p{i}", prompt, f"chosen {i}", f"rejected {i}")
        for i in range(start, start + count)
    ]


def test_each_value_gives_its_share_with_the_target_among_four_labels() -> None:
    found = sample_items({v: pairs(150) for v in VALUES}, VALUES)
    assert Counter(item.value for item in found) == dict.fromkeys(VALUES, 100)
    assert len({item.id for item in found}) == 1500
    for item in found:
        assert item.value in item.labels
        assert len(set(item.labels)) == 4
        assert set(item.labels) <= set(VALUES)
        assert item.messages[-1] == Message("assistant", f"chosen {item.pair[1:]}")


def test_labels_and_distractors_give_no_hint_at_the_target() -> None:
    found = sample_items({v: pairs(150) for v in VALUES}, VALUES)
    places = Counter(item.labels.index(item.value) for item in found)
    assert min(places.values()) > 300  # of 1,500 over 4 places; 375 expected, sd 17
    for value in VALUES:
        drawn = Counter(x for i in found if i.value == value for x in i.labels if x != value)
        assert set(drawn) == set(VALUES) - {value}
    neighbours = sum(a.value == b.value for a, b in pairwise(found))
    assert neighbours < 160  # shuffled across values: 100 expected, sd 10


def test_the_draw_depends_on_the_seed_and_not_on_the_order() -> None:
    one = sample_items({"honesty": pairs(300), "humor": pairs(300)}, VALUES)
    other = sample_items({"humor": reversed(pairs(300)), "honesty": iter(pairs(300))}, VALUES)
    assert one == other
    assert one != sample_items({"honesty": pairs(300), "humor": pairs(300)}, VALUES, seed=1)
    # Pairs that come on top only take places, they do not redraw the rest.
    more = sample_items({"honesty": pairs(310)}, VALUES)
    before = {item.pair for item in one if item.value == "honesty"}
    assert len(before & {item.pair for item in more}) >= 90


def test_a_response_comes_once_for_a_value() -> None:
    prompt = (Message("user", "Another ask"),)
    again = [PreferencePair(f"q{i}", prompt, f" chosen {i}\n", "no") for i in range(20)]
    found = sample_items({"humor": [*pairs(20), *again], "honesty": pairs(20)}, VALUES)
    texts = [i.messages[-1].content.strip() for i in found if i.value == "humor"]
    assert sorted(texts) == sorted({f"chosen {i}" for i in range(20)})
    assert sum(i.value == "honesty" for i in found) == 20
    turned = sample_items({"honesty": pairs(20), "humor": [*again, *pairs(20)]}, VALUES)
    assert turned == found


def test_a_small_subset_gives_all_it_has() -> None:
    found = sample_items({"humor": pairs(7), "honesty": []}, VALUES)
    assert Counter(item.value for item in found) == {"humor": 7}


@pytest.mark.parametrize(
    ("names", "more", "complaint"),
    [
        (("humor", "honesty", "humor", "privacy"), {}, "there are 2 other values"),
        (("none", *VALUES), {}, "'none' is among the values for annotators"),
        (VALUES, {"per_value": 0}, "0 items per value"),
        (VALUES, {"distractors": 0}, "0 distractors"),
    ],
)
def test_what_cannot_be_sampled_is_refused(
    names: tuple[str, ...], more: dict[str, int], complaint: str
) -> None:
    with pytest.raises(SpecError, match=complaint):
        sample_items({"humor": pairs(5)}, names, **more)


def test_items_come_back_from_json(items: list[Item]) -> None:
    rows = json.loads(json.dumps([item_row(item) for item in items]))
    assert [item_from(row) for row in rows] == items
