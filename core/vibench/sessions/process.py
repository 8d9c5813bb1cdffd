"""The state that all stages share which one process does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vibench.sessions.open_sessions import Sessions
from vibench.sessions.request_failures import Failed

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.interfaces import Judge
    from vibench.records import Sample
    from vibench.sessions.budget import Purse
    from vibench.sessions.defects import Defects

__all__ = ["Process"]


class Process:
    """Open sessions, the purse that pays endpoints, and what earlier stages left to later ones.

    `data` and `samples` (by the key of their stage) are what the plan was made from; the worker
    has neither.
    """

    def __init__(
        self,
        purse: Purse | None = None,
        data: DataFiles | None = None,
        samples: Mapping[str, Sequence[Sample]] | None = None,
    ) -> None:
        self.purse = purse
        self.data = data
        self.samples: Mapping[str, Sequence[Sample]] = samples or {}
        self.sessions = Sessions()
        self.judges: dict[str, Judge] = {}
        """Judges that decide by themselves, by their name and settings."""
        self.played: Counter[str] = Counter()
        """How often the conversations of each stage were begun."""
        self.failed: dict[str, Failed] = {}
        """Conversations that ended in an error in this process, by stage."""
        self.defects: dict[str, Defects] = {}
        """The samples on which the evals of stages broke that are under way."""
        self.unanswered: defaultdict[str, Failed] = defaultdict(Failed)
        """Questions that a judge's endpoint did not answer in this process, by their scope."""
        self.read: dict[Any, Any] = {}
        """Results that many stages read, by the keys of what they were read from."""

    def close(self) -> None:
        """End the sessions, and drop judges with what they loaded."""
        self.sessions.close()
        self.judges.clear()
