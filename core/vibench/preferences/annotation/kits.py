"""Annotation kits in the store: the items with their targets, and the answers so far.

artefacts/annotation/KEY/items.jsonl    what was drawn; KEY's first 12 digits name the kit
ledgers/answers-KEY/                    every answer that was imported, in order
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.preferences.annotation import AnnotatorAnswer, Item, item_from

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["Kit", "find_kit", "kits", "remember", "remembered"]

SHORT = 12


@dataclass(frozen=True, slots=True)
class Kit:
    """The items of an annotation round, and its annotators."""

    key: str
    items: Sequence[Item]
    annotators: tuple[str, ...]

    @property
    def id(self) -> str:
        """Its name in files."""
        return self.key[:SHORT]


def kits(store: Store) -> list[str]:
    """The keys of the kits in a store, the oldest first."""
    return store.keys("annotation")


def find_kit(store: Store, key: str) -> Kit:
    """A kit by its key. Raises CorruptArtefact."""
    artefact = store.open("annotation", key)
    with artefact.file("items.jsonl").open(encoding="utf-8") as file:
        items = [item_from(json.loads(line)) for line in file]
    return Kit(key, items, tuple(artefact.manifest["spec"]["annotators"]))


def remembered(store: Store, kit: Kit) -> list[AnnotatorAnswer]:
    """Every annotator's last answer to each item, in the order of import."""
    return list(_answers(store, kit).values())


def remember(store: Store, kit: Kit, answers: Sequence[AnnotatorAnswer]) -> tuple[int, int]:
    """Keep answers; how many of them are new, and how many replace another one."""
    before = _answers(store, kit)
    # Importing the same file again adds nothing.
    fresh = [a for a in answers if before.get((a.annotator, a.item)) != a]
    changed = sum((a.annotator, a.item) in before for a in fresh)
    ledger = store.ledger(f"answers-{kit.key}")
    position = len(ledger.rows())
    ledger.append(
        [
            (
                f"{position + n:09d}",
                [a.annotator, a.item, sorted(a.labels), a.justification],
            )
            for n, a in enumerate(fresh)
        ]
    )
    return len(fresh) - changed, changed


def _answers(store: Store, kit: Kit) -> dict[tuple[str, str], AnnotatorAnswer]:
    rows = store.ledger(f"answers-{kit.key}").rows()
    by_key = {}
    for _, (annotator, item, labels, justification) in sorted(rows.items()):
        by_key[annotator, item] = AnnotatorAnswer(item, annotator, frozenset(labels), justification)
    return by_key
