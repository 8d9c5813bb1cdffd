"""Stages that ask a subject everything an eval asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from vibench.records import Sampling
from vibench.sessions.bills import Role
from vibench.sessions.configs import DataPlace, EngineConfig, EvalConfig, SubjectRecord
from vibench.spec import MAX_ERRORS
from vibench.stages.specification import ABSENT, StageSpec, SubjectSpec
from vibench.stages.workload import PROMPT, REPLY, REQUEST, Workload

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.sessions.bills import AskedModels
    from vibench.sessions.work import Work

__all__ = ["ConversationsSpec", "MeasurementSpec", "TranscriptsSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptsSpec(SubjectSpec):
    """The transcripts of an eval with a subject, in one of the two forms below."""

    kind = "transcripts"
    needed: ClassVar = {"samples": "samples", "adapter": "adapter", "receipt": "receipt"}
    until = True
    bounded = True

    engine: EngineConfig
    eval: EvalConfig
    max_errors: float = MAX_ERRORS

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> StageSpec:
        """Return the specification, in the form that the table has."""
        return MeasurementSpec.read(table) if "asks" in table else ConversationsSpec.read(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationsSpec(TranscriptsSpec):
    """Conversations of an eval's dialogues. Roles other than the subject are played by
    `simulator`, on an engine of its own if it has one. `pools` names ledgers of replies that were
    taken over from other stores, by who gave them."""

    sampling: Sampling
    seed: int
    simulator: SubjectRecord | None = field(default=None, metadata=ABSENT)
    simulator_engine: EngineConfig | None = field(default=None, metadata=ABSENT)
    pools: Mapping[Role, str] | None = field(default=None, metadata=ABSENT)

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `transcripts.parquet`."""
        from vibench.stages.conversations import Conversations

        return Conversations(work.process).run(work)

    def together(self, works: Sequence[Work]) -> Iterator[Work]:
        """Play the conversations of several stages as one stream into their ledgers."""
        from vibench.stages.conversations import Conversations

        return Conversations(works[0].process).together(works)

    def streams(self, plugins: Plugins) -> bool:
        """Tell whether the engine takes requests as they come, whatever subject they are for."""
        return bool(plugins.get("engine", self.engine.name).continuous)

    def models(self) -> AskedModels:
        """Return the subject's model, and the one that plays the other roles."""
        models: dict[Role, Any] = {"subject": (self.subject.model, self.engine)}
        if self.simulator is not None:
            engine = self.simulator_engine or self.engine
            models["simulator"] = self.simulator.model, engine
        return models

    def workload(self) -> Workload:
        """Return what a reply takes."""
        written = min(REPLY, self.sampling.max_tokens)
        return Workload("answers", "transcripts", written=written, read=PROMPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementSpec(TranscriptsSpec):
    """The transcripts of an eval that measures by itself. `asks` is the hash of what determines
    the answers, `limit` how many samples it takes."""

    asks: str
    limit: int | None
    data: DataPlace

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `transcripts.parquet`."""
        from vibench.sessions.measurement import measure

        return measure(work, self)

    def workload(self) -> Workload:
        """Return what a request takes."""
        return Workload("answers", "transcripts", read=REQUEST)
