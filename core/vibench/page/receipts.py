"""The receipts of a report's subjects: proofs that their adapters were in effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.page.sets import TranscriptSet
from vibench.results.manifests import read_manifest
from vibench.stages.receipt import ReceiptSpec
from vibench.store.json_files import read_object
from vibench.text import clean

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["ReceiptRow", "receipts"]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """The check that an engine applied an adapter: `difference` is the largest, in nats, between
    its log-probabilities and PEFT's own; `effect` is the largest change that the adapter makes."""

    subject: str
    model: str
    engine: str
    adapter: str
    in_effect: bool
    difference: float | None
    effect: float | None
    pairs: int
    reason: str


def receipts(store: Store, sets: Sequence[TranscriptSet]) -> list[ReceiptRow]:
    """Return a receipt for each adapter and engine that made the sets; a missing one says so."""
    # A receipt is for an adapter in an engine; any set made with both names its subject.
    users: dict[tuple[str, str], TranscriptSet] = {}
    for transcripts in sets:
        spec = read_manifest(transcripts.path.parent).get("spec", {})
        adapter = (spec.get("subject") or {}).get("adapter")
        if adapter:
            users.setdefault((adapter, spec.get("engine", {}).get("name", "")), transcripts)
    by_adapter = {}
    for key in store.keys(ReceiptSpec.kind):
        folder = store.folder(ReceiptSpec.kind, key)
        spec = read_manifest(folder).get("spec", {})
        adapter = (spec.get("subject") or {}).get("adapter")
        engine = spec.get("engine", {}).get("name", "")
        if (adapter, engine) in users:
            by_adapter[adapter, engine] = _json(folder / "receipt.json")
    return [
        _receipt(transcripts, adapter, engine, by_adapter.get((adapter, engine)))
        for (adapter, engine), transcripts in users.items()
    ]


def _receipt(transcripts: TranscriptSet, adapter: str, engine: str, receipt: Any) -> ReceiptRow:
    value = f" on {transcripts.value}" if transcripts.value else ""
    settings = "".join(f" ({setting})" for setting in transcripts.settings)
    # A row all the same: no row would read as if nothing had to be proven.
    receipt = receipt or {"reason": "there is no receipt in the store"}
    return ReceiptRow(
        clean(f"{transcripts.inducer}{value}{settings}"),
        clean(transcripts.model),
        clean(engine),
        adapter[:12],
        bool(receipt.get("in_effect")),
        receipt.get("max_difference"),
        receipt.get("effect"),
        len(receipt.get("rows", ())),
        clean(str(receipt.get("reason", "")), 400),
    )


def _json(path: Any) -> dict[str, Any]:
    """Return the content of a file of the store, {} if it is missing or damaged. Raise StoreError
    if it cannot be read now."""
    try:
        return read_object(path, path.parent)
    except (FileNotFoundError, ValueError):
        return {}
