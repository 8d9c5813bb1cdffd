"""Judges that hold no model of this machine: they decide by rules, or ask an endpoint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from vibench.errors import EndpointError, StoreError, UsageError, VibenchError
from vibench.sessions.answers import Answers, Tally, answering
from vibench.sessions.budget import Purse
from vibench.sessions.judge_questions import JUDGED, judge
from vibench.sessions.open_sessions import Sessions
from vibench.sessions.unanswered import Failed
from vibench.sessions.work import Work
from vibench.store.leases import LeaseLost

if TYPE_CHECKING:
    from vibench.plan import Plan
    from vibench.store.artefacts import Store

__all__ = ["Judging"]


class Judging:
    """The stages of such judges in one run, with the sessions and the purse they share."""

    def __init__(self, plan: Plan, store: Store) -> None:
        self.plan, self.store = plan, store
        self.sessions = Sessions()
        self._purse: Purse | None = None
        self.failed: defaultdict[str, Failed] = defaultdict(Failed)
        """Questions that a judge's model did not answer in this life, by what asks it."""

    @property
    def purse(self) -> Purse:
        if self._purse is None:
            self._purse = Purse.of(self.store, self.plan)
        return self._purse

    def __call__(self, work: Work) -> Mapping[str, Any]:
        """Do one stage."""
        try:
            return judge(work, self.answering(work))
        except (UsageError, EndpointError):
            self.sessions.close()  # the endpoint's session has ended with it
            raise

    def answering(self, work: Work) -> Answers:
        failed = self.failed[work.stage.spec.get("scope", "")]
        return answering(work, self.sessions, self.purse, failed)

    def ahead(self, works: Sequence[Work]) -> VibenchError | None:
        """Put the questions of several stages to their judge's model as one stream, so that
        each stage finds its answers in the ledger they share.

        What ends the asking for all of them is returned; what is wrong with one stage shows
        when it is done.
        """
        try:
            asked = [JUDGED[work.stage.kind](work) for work in works]
            questions = chain.from_iterable(one.asked for one in asked)
            total = sum(one.total for one in asked)
            answers = self.answering(works[0])
            for _ in answers(works[0], questions, total, Tally()):
                pass
        except (UsageError, EndpointError) as error:
            if isinstance(error, StoreError) and not isinstance(error, LeaseLost):
                raise
            self.sessions.close()
            return error
        except Exception:
            return None
        return None

    def close(self) -> None:
        """End the sessions."""
        self.sessions.close()
