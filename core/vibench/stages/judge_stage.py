"""The base of the kinds whose stages ask a judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from vibench.errors import EndpointError, StoreError, UsageError
from vibench.records import Model, digest
from vibench.sessions.answers import answers_of
from vibench.sessions.bills import at_endpoint
from vibench.sessions.configs import EngineConfig, JudgeConfig, SubjectRecord
from vibench.sessions.judge_questions import Questions, write_verdicts
from vibench.sessions.tally import Tally
from vibench.spec import MAX_ERRORS
from vibench.stages.specification import ABSENT, NOTHING, Holding, StageSpec
from vibench.store.leases import LeaseLost

if TYPE_CHECKING:
    from vibench.plugins import Plugins
    from vibench.sessions.bills import AskedModels
    from vibench.sessions.work import Work

__all__ = ["JudgedSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSpec(StageSpec):
    """Questions to a judge: it decides by itself, or asks `judge_model` on `engine`.

    `scope` names the ledger of its verdicts. `repeats` is how often each question is asked,
    `repeat` which of several times it is where each has a stage of its own.
    """

    bounded = True

    judge: JudgeConfig
    judge_model: SubjectRecord | None = field(default=None, metadata=ABSENT)
    engine: EngineConfig | None = field(default=None, metadata=ABSENT)
    scope: str = field(default="", metadata=ABSENT)
    repeats: int = field(default=1, metadata=ABSENT)
    repeat: int = field(default=0, metadata=ABSENT)
    max_errors: float = MAX_ERRORS

    def questions(self, work: Work) -> Questions:
        """Return the questions of a stage."""
        raise NotImplementedError

    def run(self, work: Work) -> Mapping[str, Any]:
        """Write `verdicts.parquet`."""
        try:
            return write_verdicts(work, self, self.questions(work), answers_of(work, self))
        except (UsageError, EndpointError):
            work.process.sessions.close()  # The endpoint's session has ended with it.
            raise

    def together(self, works: Sequence[Work]) -> Iterator[Work]:
        """Put the questions of several stages to their judge's model as one stream, so that each
        finds its answers in the ledger they share.

        What ends the asking for all of them is raised; what is wrong with one stage shows when
        it is run.
        """
        try:
            self._ask_ahead(works)
        except (UsageError, EndpointError) as error:
            if not isinstance(error, StoreError) or isinstance(error, LeaseLost):
                works[0].process.sessions.close()
            raise
        except Exception:
            # One stage's own fault (its eval raised): the others must not fail for it. It comes
            # again, and is reported, when that stage is run.
            pass
        yield from works

    def _ask_ahead(self, works: Sequence[Work]) -> None:
        questions = [_spec_of(work).questions(work) for work in works]
        rubrics = chain.from_iterable(each.rubrics for each in questions)
        total = sum(each.total for each in questions)
        for _ in answers_of(works[0], self)(works[0], rubrics, total, Tally()):
            pass

    def holding(self, plugins: Plugins) -> Holding:
        """Return the judge's model where it runs on this machine, else the judge's endpoint."""
        if self.judge_model is None:
            return self._holding_of_own(plugins)
        # The scope, not the model: stages of one scope share a ledger, so their questions can be
        # asked as one stream.
        if at_endpoint(self.engine, plugins):
            return Holding("judge", self.scope)
        return Holding("model", self.judge_model.model.identity)

    def _holding_of_own(self, plugins: Plugins) -> Holding:
        """Return what a judge holds that decides by itself."""
        # It may load a classifier: in the worker, alone there, and once for all its stages.
        # Heuristics need no process of their own, and what a program registered is only there.
        entry = plugins.entry("judge", self.judge.name)
        registered = not entry.version and not entry.path
        if registered or plugins.get("judge", self.judge.name).baseline:
            return NOTHING
        identity = digest([self.judge.name, self.judge.asked, self.judge.plugin])
        return Holding("model", f"judge:{identity}")

    def shared_ledgers(self) -> Sequence[str]:
        """Return the ledgers of the model's verdicts and of its replies."""
        if self.judge_model is None:
            return ()
        return f"judged-{self.scope}", f"replied-{self.scope}"

    def models(self) -> AskedModels:
        """Return the judge's model, if it asks one."""
        if self.judge_model is None or self.engine is None:
            return {}
        return {"judge": (self.judge_model.model, self.engine)}

    @property
    def model(self) -> Model | None:
        """The judge's, if it asks one."""
        return None if self.judge_model is None else self.judge_model.model


def _spec_of(work: Work) -> JudgedSpec:
    spec = work.stage.spec
    assert isinstance(spec, JudgedSpec)
    return spec
