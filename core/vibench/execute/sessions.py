"""Open sessions of engines: each opened once and kept until memory is needed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from vibench.records import Model, canonical_json

if TYPE_CHECKING:
    from vibench.execute.work import Work
    from vibench.interfaces import Engine, Session

__all__ = ["Sessions"]


class Sessions:
    """The sessions one process has open, by engine, settings and model."""

    def __init__(self) -> None:
        self.open: dict[str, Session] = {}

    def session(self, work: Work, model: Model) -> Session:
        """The session on this model with the engine that the stage's spec names."""
        asked = work.stage.spec["engine"]
        at = canonical_json([asked["name"], asked["asked"], asdict(model)])
        if at not in self.open:
            engine: Engine = work.plugin("engine", "engine")
            work.progress(0, 0, f"loading {model.name}")
            self.open[at] = engine.open(model)
        return self.open[at]

    def close(self) -> None:
        """Close all; their models' memory is free then."""
        for session in self.open.values():
            session.close()
        self.open.clear()
