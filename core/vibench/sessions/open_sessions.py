"""Open sessions of engines: each opened once and kept until memory is needed."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from vibench.records import Model, canonical_json
from vibench.store.ledger_index import LedgerIndex

if TYPE_CHECKING:
    from vibench.interfaces import Engine, Session
    from vibench.sessions.configs import EngineConfig
    from vibench.sessions.stage_work import StageWork

__all__ = ["LOADING", "Sessions"]

LOADING = "loading "
"""The beginning of the note that a model is being loaded, which may take minutes."""


class Sessions:
    """The sessions one process has open, by engine, settings and model."""

    def __init__(self) -> None:
        self.open: dict[str, Session] = {}
        self.shelf: dict[str, LedgerIndex] = {}

    def kept(self, work: StageWork, name: str) -> LedgerIndex:
        """A ledger's rows by key, its index read once and then kept up to date."""
        if name not in self.shelf:
            self.shelf[name] = LedgerIndex(work.store.ledger(name))
        return self.shelf[name]

    def session(self, work: StageWork, model: Model, config: EngineConfig) -> Session:
        """Return the session on this model with this engine, opening it if it is not open."""
        # Settings are part of it: the same engine with another address or batch size is another
        # session.
        identity = canonical_json([config.name, config.asked, asdict(model)])
        if identity not in self.open:
            engine: Engine = work.plugin(config)
            if not engine.remote:
                work.progress(0, 0, f"{LOADING}{model.name}")
            self.open[identity] = session = engine.open(model)
            if engine.remote:
                # Batches that were sent are remembered there, and fetched by a later life of the
                # run instead of paid for twice.
                session.scratch = work.store.scratch("endpoint")
        # A session outlives the stage that opened it: what it has to say is shown with the stage
        # that uses it now.
        self.open[identity].notice = partial(work.progress, 0, 0)
        return self.open[identity]

    def close(self) -> None:
        """Close all; their models' memory is free then."""
        for session in self.open.values():
            session.close()
        self.open.clear()
