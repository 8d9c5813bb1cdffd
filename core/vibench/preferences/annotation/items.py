"""The items of an annotation: pairs sampled from value subsets, each with its labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vibench.errors import SpecError
from vibench.preferences.values import response_messages
from vibench.records import Message, PreferencePair, digest

__all__ = ["NONE", "Item", "item_from", "item_row", "sample_items"]

NONE = "none"
"""How files write the answer that none of an item's labels apply; no value has this name."""


@dataclass(frozen=True, slots=True)
class Item:
    """One conversation to annotate.

    `messages` end with the response that expresses `value` by the extractor's account.
    `labels` are the target `value` and its distractors, shuffled. Annotators see `id` (an
    opaque hash), `messages` and `labels`, and never `value` or `pair` (a pair's id).
    """

    id: str
    value: str
    pair: str
    messages: tuple[Message, ...]
    labels: tuple[str, ...]


def sample_items(
    subsets: Mapping[str, Iterable[PreferencePair]],
    names: Sequence[str],
    per_value: int = 100,
    distractors: int = 3,
    seed: int = 0,
) -> list[Item]:
    """At most `per_value` pairs of each value's subset, shuffled across values.

    Distractors are drawn from the other `names`. A value's items have different responses.
    A subset with fewer pairs gives all it has. The draw depends on `seed` and the pairs, not
    on the order they are read in; subsets are streamed. Raises SpecError for too few `names`
    or a count below 1 (paper, section 4: 100 pairs, 3 distractors).
    """
    if per_value < 1 or distractors < 1:
        raise SpecError(
            f"{per_value} items per value with {distractors} distractors cannot be annotated.",
            "Give both as 1 or more.",
        )
    items = [
        _item(value, pair, _others(value, names, distractors), distractors, seed)
        for value, pairs in subsets.items()
        for pair in _sampled(value, pairs, per_value, seed)
    ]
    # Ids are hashes, so their order is a shuffle.
    return sorted(items, key=lambda item: item.id)


def item_row(item: Item) -> dict[str, Any]:
    """An item as JSON, target included: for the store, not for annotators."""
    return asdict(item)


def item_from(row: Mapping[str, Any]) -> Item:
    """The item that `item_row` wrote."""
    messages = tuple(Message(m["role"], m["content"]) for m in row["messages"])
    return Item(row["id"], row["value"], row["pair"], messages, tuple(row["labels"]))


def _others(value: str, names: Sequence[str], distractors: int) -> list[str]:
    if NONE in (value, *names):
        raise SpecError(
            f"'{NONE}' is among the values for annotators.",
            "It stands for no value at all: leave it out.",
        )
    candidates = [name for name in dict.fromkeys(names) if name != value]
    if len(candidates) < distractors:
        raise SpecError(
            f"{value} needs {distractors} distractors, and there are {len(candidates)} other "
            "values.",
            "Name more values, or ask for fewer distractors.",
        )
    return candidates


def _sampled(
    value: str, pairs: Iterable[PreferencePair], size: int, seed: int
) -> list[PreferencePair]:
    """The pairs with the lowest hashes, one per response, with no more than `size` in memory."""
    lowest: dict[bytes, tuple[str, PreferencePair]] = {}
    worst = ""
    for pair in pairs:
        # The lowest hashes are a random sample that depends on neither order nor number of pairs.
        rank = digest([seed, value, pair.id])
        if len(lowest) >= size and rank >= worst:
            continue
        response = hashlib.sha256(pair.chosen.strip().encode()).digest()
        if response not in lowest or rank < lowest[response][0]:
            lowest[response] = (rank, pair)
        if len(lowest) > size:
            del lowest[max(lowest, key=lambda response: lowest[response][0])]
        # From here on only a lower rank can enter, so most pairs are skipped by one comparison.
        worst = max(rank for rank, _ in lowest.values())
    return [pair for _, pair in lowest.values()]


def _item(
    value: str, pair: PreferencePair, candidates: Sequence[str], distractors: int, seed: int
) -> Item:
    name = digest(["annotation item", seed, value, pair.id])[:16]
    drawn = sorted(candidates, key=lambda candidate: digest([name, "drawn", candidate]))[
        :distractors
    ]
    # Sorted by hash: where the target stands tells annotators nothing.
    labels = sorted([value, *drawn], key=lambda label: digest([name, "shown", label]))
    return Item(name, value, pair.id, response_messages(pair, "chosen"), tuple(labels))
