"""The proofs that adapters were in effect, for the subjects of a report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.page.sets import TranscriptSet
from vibench.results.manifests import read_manifest
from vibench.store.files import read_whole
from vibench.text import clean

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["Receipt", "receipts"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Whether an engine applied an adapter: `difference` is the greatest one, in nats, between
    its log-probabilities and PEFT's own; `effect` the greatest that the adapter makes."""

    subject: str
    model: str
    engine: str
    adapter: str
    in_effect: bool
    difference: float | None
    effect: float | None
    pairs: int
    reason: str


def receipts(store: Store, sets: Sequence[TranscriptSet]) -> list[Receipt]:
    """One for each adapter and engine that the sets were made with; a damaged one says so."""
    users: dict[tuple[str, str], TranscriptSet] = {}
    for one in sets:
        spec = read_manifest(one.path.parent).get("spec", {})
        adapter = (spec.get("subject") or {}).get("adapter")
        if adapter:
            users.setdefault((adapter, spec.get("engine", {}).get("name", "")), one)
    found = {}
    for key in store.keys("receipt"):
        folder = store.folder("receipt", key)
        spec = read_manifest(folder).get("spec", {})
        at = ((spec.get("subject") or {}).get("adapter"), spec.get("engine", {}).get("name", ""))
        if at in users:
            found[at] = _json(folder / "receipt.json")
    return [
        _receipt(one, adapter, engine, found.get((adapter, engine)))
        for (adapter, engine), one in users.items()
    ]


def _receipt(one: TranscriptSet, adapter: str, engine: str, told: Any) -> Receipt:
    words = f"{one.inducer} on {one.value}" if one.value else one.inducer
    subject = clean(" ".join([words, *(f"({s})" for s in one.settings)]))
    told = told or {"reason": "there is no receipt in the store"}
    return Receipt(
        subject,
        clean(one.model),
        clean(engine),
        adapter[:12],
        bool(told.get("in_effect")),
        told.get("max_difference"),
        told.get("effect"),
        len(told.get("rows", ())),
        clean(str(told.get("reason", "")), 400),
    )


def _json(path: Any) -> dict[str, Any]:
    """A file of the store; one that is missing or damaged says nothing. Raises StoreError for
    one that cannot be read now."""
    try:
        found = json.loads(read_whole(path, path.parent))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
