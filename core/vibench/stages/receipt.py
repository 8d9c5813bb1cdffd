"""Stages that prove an adapter to be in effect in the engine that will be asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from vibench.errors import StageError
from vibench.sessions.configs import EngineConfig
from vibench.stages.specification import SubjectSpec

if TYPE_CHECKING:
    from vibench.sessions.work import Work

__all__ = ["ReceiptSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSpec(SubjectSpec):
    """The proof for a subject with an adapter, on one engine."""

    kind = "receipt"
    needed: ClassVar = {"adapter": "adapter"}

    engine: EngineConfig

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `receipt.json`. Raises StageError if the adapter is not in effect."""
        from vibench.engines.receipt import prove

        subject = work.subject(self.subject)
        assert subject.adapter is not None
        folder = Path(subject.adapter.path)
        session = work.process.sessions.session(work, subject.model, self.engine)
        receipt = prove(session, subject, folder)
        (work.folder / "receipt.json").write_text(json.dumps(asdict(receipt), indent=1))
        if not receipt.in_effect:
            raise StageError(f"The adapter is not in effect in the engine: {receipt.reason}")
        return {"max_difference": receipt.max_difference, "effect": receipt.effect}
