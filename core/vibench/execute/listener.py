"""The interface of what is told how a run goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vibench.store.artefacts import CorruptArtefact

if TYPE_CHECKING:
    from vibench.plan import Stage

__all__ = ["Listener"]


class Listener(Protocol):
    """A terminal, a record or an observer that is told how a run goes."""

    def started(self, stage: Stage) -> None: ...
    def progress(self, stage: Stage, done: int, total: int, note: str) -> None: ...
    def finished(self, stage: Stage, status: str, seconds: float, error: str | None) -> None: ...
    def waiting(self, stages: int) -> None: ...
    def remade(self, error: CorruptArtefact) -> None: ...
