"""Sentences that a training leaves among its facts, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vibench.plan import Stage
    from vibench.store.artefacts import Store

__all__ = ["notes_of"]


def notes_of(store: Store, stage: Stage) -> list[str]:
    """The `notes` of a training, none if it is not stored; an inducer need not leave any."""
    manifest = store.manifest(stage.kind, stage.key) or {}
    notes = manifest.get("facts", {}).get("notes")
    return [str(note) for note in notes] if isinstance(notes, list) else []
