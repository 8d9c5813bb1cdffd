"""Facts about chat templates, as the transcripts in a store have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vibench.engines.template_facts import TemplateFacts

if TYPE_CHECKING:
    from vibench.plan import Stage
    from vibench.store.artefacts import Store

__all__ = ["StoredFacts"]


class StoredFacts:
    """Facts out of the manifests of transcripts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listed = store.listing()

    def __call__(self, stage: Stage) -> TemplateFacts | None:
        """Return the facts of a stage; None if it is not stored."""
        if not self._listed(stage.kind, stage.key):
            return None
        return TemplateFacts.read(self._store.manifest(stage.kind, stage.key) or {})
