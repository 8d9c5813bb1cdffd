"""The stages that are ready to run, in the order in which they are run."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from vibench.stages.kinds import KINDS, order

if TYPE_CHECKING:
    from vibench.plan import Stage
    from vibench.plugins import Plugins

__all__ = ["MAX_TOGETHER", "StageQueues"]

MAX_TOGETHER = 16
"""How many stages are run in one stream: what an engine has adapters loaded for."""


class StageQueues:
    """Stages whose needs are all in the store.

    Three queues, since the three kinds of work wait for different things: `light` stages take
    moments and make others ready; `models` are grouped, so that each base model is loaded once
    for all its adapters and prompts; questions to `judges` at endpoints come last, because by
    then the questions of many stages can be sent as one stream.
    """

    def __init__(self, plugins: Plugins) -> None:
        self.plugins = plugins
        self.light: deque[Stage] = deque()
        self.judges: deque[Stage] = deque()
        self.models: dict[str, dict[str, deque[Stage]]] = {}
        """By the identity of the base model and by kind, kinds in the order of the table."""
        self.group = ""
        """The base model whose stages are being run."""

    def add(self, stage: Stage) -> None:
        """Take in a stage that is ready."""
        if stage.group:
            kinds = self.models.setdefault(stage.group, {kind: deque() for kind in KINDS})
            kinds[stage.kind].append(stage)
        elif _waits_for_a_judge(stage):
            self.judges.append(stage)
        else:
            self.light.append(stage)

    def take(self) -> Stage | None:
        """Return the next stage; None if none is ready."""
        if self.light:
            return self.light.popleft()
        queue = self._queue_of_group()
        if queue is not None:
            return queue.popleft()
        return self.judges.popleft() if self.judges else None

    def take_companions(self, stage: Stage) -> list[Stage]:
        """Return the stages that go through an engine in one stream with one that was taken:
        other subjects of the same base model, or other questions to the same judge."""
        if stage.group:
            if not stage.spec.streams(self.plugins):
                return []
            queue = self.models[stage.group][stage.kind]
            companions = (s for s in queue if s.spec.streams(self.plugins))
        elif _waits_for_a_judge(stage):
            queue = self.judges
            companions = (s for s in queue if s.holding == stage.holding)
        else:
            return []
        taken = list(islice(companions, MAX_TOGETHER - 1))
        for companion in taken:
            queue.remove(companion)
        return taken

    def _queue_of_group(self) -> deque[Stage] | None:
        """The queue to take from of the base model that is loaded, or of the next one.

        A model is kept until nothing that needs it is ready: loading one takes minutes. The next
        model is the one whose first stage is earliest in the table of kinds, so that training,
        for which other models' stages may wait, comes before asking, for which none does.
        """
        queues = {group: q for group in self.models if (q := self._first_queue(group))}
        if not queues:
            return None
        if self.group not in queues:
            self.group = min(queues, key=lambda group: order(queues[group][0].kind))
        return queues[self.group]

    def _first_queue(self, group: str) -> deque[Stage] | None:
        """A base model's stages of the first kind that has any."""
        return next((queue for queue in self.models[group].values() if queue), None)


def _waits_for_a_judge(stage: Stage) -> bool:
    return stage.holding.form == "judge" and stage.spec.deferred
