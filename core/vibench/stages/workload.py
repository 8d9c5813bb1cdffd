"""The GPU time of a unit of a stage's work: the assumptions behind expected hours.

They were not checked against a GPU; for one of the H100's class, in proportion to a model's size:

- training as the paper reports it (Appendix A): 15 adapters in three days on eight H100, so 576
  hours for the 212,084 pairs of Table 1, 5 epochs, models of 10.9 billion parameters on
  average (it does not say which model that was). References take a forward pass, a third of
  an epoch.
- writing 40,000 tokens a second for each billion parameters' share (5,000 for an 8B model)
  under vLLM with adapters, reading ten times as many; a fifth of that for padded batches.
- replies of 400 tokens to prompts of 300, judges' answers of 150 to prompts of 1,100, and
  600 tokens read for a request of an eval that measures by itself (what GSM8K and MMLU-Pro
  write is not counted).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "ANSWER",
    "FORWARD",
    "PADDED",
    "PAIR",
    "PAIRS",
    "PROMPT",
    "QUESTION",
    "READING",
    "REPLY",
    "REQUEST",
    "TOKENS",
    "NeedFacts",
    "Workload",
]

PAIR = 576 * 3600 / (212_084 * 5 * 10.9)
"""Seconds of training for a pair, an epoch and a billion parameters."""
PAIRS = 212_084 / 15
"""Pairs of a subset that is not made yet: the mean of Table 1."""
FORWARD = 1 / 3
TOKENS = 40_000
"""Tokens a second written by a model of one billion parameters."""
READING = 10
PADDED = 5
REPLY, PROMPT, ANSWER, QUESTION, REQUEST = 400, 300, 150, 1_100, 600

NeedFacts = Callable[[str], Mapping[str, Any] | None]
"""The facts of what a stage needs under a name; None while that is not in the store."""


@dataclass(frozen=True, slots=True)
class Workload:
    """The GPU work of one unit of a stage.

    `label` says what it is to people. `fact` is the manifest's count of units done, each of them
    `rounds` times (epochs). `passes` are those of training over a pair; `written` and `read` are
    tokens.
    """

    label: str
    fact: str
    former_fact: str = ""
    """The count to use in manifests that do not have `fact` yet."""
    rounds: float = 1.0
    passes: float = 0.0
    written: float = 0.0
    read: float = 0.0

    def seconds(self, billions: float, padded: bool) -> float:
        """Return how long a unit takes a model of so many billions of parameters."""
        speed = TOKENS / billions / (PADDED if padded else 1)
        return PAIR * billions * self.passes + self.written / speed + self.read / (READING * speed)

    def done(self, facts: Mapping[str, Any]) -> float:
        """Return the units that a finished stage did, by its facts."""
        return float(facts.get(self.fact, facts.get(self.former_fact, 0))) * self.rounds
