"""Stages that write down the samples of an eval, as planning read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.sessions.configs import EvalConfig
from vibench.stages.specification import StageSpec
from vibench.store import record_tables as tables

if TYPE_CHECKING:
    from vibench.sessions.work import Work

__all__ = ["SamplesSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesSpec(StageSpec):
    """The samples of an eval; `content` is their hash."""

    kind = "samples"
    brief = True

    eval: EvalConfig
    content: str

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `samples.parquet`."""
        samples = work.process.samples[work.stage.key]
        return {"samples": tables.write_samples(work.folder / "samples.parquet", samples)}
