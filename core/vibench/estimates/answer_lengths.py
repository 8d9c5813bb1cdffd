"""The expected length of answers: what such answers took so far in the store, else assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.estimates.gpu_hours import MEASURED, read_manifest
from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.kinds import KINDS
from vibench.stages.workload import ANSWER, REPLY

if TYPE_CHECKING:
    from vibench.sessions.bills import Role
    from vibench.stages.specification import StageSpec
    from vibench.store.artefacts import Store

__all__ = ["AnswerLengths", "Length"]

SHORT, LONG = 1 / 4, 2
"""The range of an assumed length, in parts of it."""
LOWER, UPPER = 0.8, 1.25
"""The range of a length that was measured on other answers of the kind."""
MIN_ANSWERS = 5
"""Fewer answers say little about the next."""


@dataclass(frozen=True, slots=True)
class Length:
    """The tokens of one answer: expected, and the range. `words` say where they are from."""

    low: float
    expected: float
    high: float
    words: str

    @classmethod
    def assumed(cls, tokens: int, limit: int, what: str) -> Length:
        """Return the range about an assumption, within the limit."""
        expected = min(tokens, limit)
        words = f"{expected:,} tokens for {what} (assumed; a quarter to twice that"
        words += f", at most {limit:,})" if limit < LONG * tokens else ")"
        return cls(SHORT * expected, expected, min(LONG * tokens, limit), words)

    @classmethod
    def measured(cls, tokens: float, limit: int, what: str) -> Length:
        """Return the range about what answers took so far."""
        words = f"{tokens:,.0f} tokens for {what} (as in this store, 20 % less to 25 % more)"
        return cls(LOWER * tokens, tokens, min(UPPER * tokens, max(limit, tokens)), words)


class AnswerLengths:
    """Looks up the lengths of answers, each kind once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._means: dict[tuple[str, str], dict[tuple[str, ...], tuple[int, int]]] = {}

    def length(self, spec: StageSpec, role: Role, limit: int) -> Length:
        """Return the length of an answer of the model that plays `role` in a stage."""
        verdict = isinstance(spec, JudgedSpec)
        what = "a verdict" if verdict else "an answer"
        tokens, answers = self._means_of(spec.kind, role).get(_like(spec, role), (0, 0))
        if answers >= MIN_ANSWERS and tokens:
            return Length.measured(tokens / answers, limit, what)
        return Length.assumed(ANSWER if verdict else REPLY, limit, what)

    def _means_of(self, kind: str, role: Role) -> Mapping[tuple[str, ...], tuple[int, int]]:
        """Return the tokens and the answers of stages in the store, by what makes them alike."""
        if (kind, role) not in self._means:
            sums: dict[tuple[str, ...], tuple[int, int]] = {}
            for spec, facts in self._finished(kind):
                like = _like(spec, role)
                tokens, answers = sums.get(like, (0, 0))
                counts = facts if isinstance(spec, JudgedSpec) else facts.get("endpoints") or {}
                # A conversation's counts are those of both roles together.
                if not isinstance(spec, JudgedSpec) and len(spec.models()) > 1:
                    continue
                tokens += int(counts.get("completion_tokens") or 0)
                answers += int(counts.get("asked") or 0)
                sums[like] = tokens, answers
            self._means[kind, role] = sums
        return self._means[kind, role]

    def _finished(self, kind: str) -> Iterator[tuple[StageSpec, Mapping[str, Any]]]:
        keys = self.store.keys(kind)
        for key in keys[:: 1 + len(keys) // MEASURED]:
            manifest = read_manifest(self.store.folder(kind, key))
            if manifest is None:
                continue
            try:
                yield KINDS[kind].of(manifest["spec"]), manifest["facts"]
            except (TypeError, KeyError):  # Of a version with other fields.
                continue


def _like(spec: StageSpec, role: Role) -> tuple[str, ...]:
    """Return the names that stages share whose answers are about as long."""
    model = spec.models().get(role)
    names = {config.kind: config.name for config in spec.plugins()}
    identity = model[0].identity if model else ""
    return (identity, names.get("eval", ""), names.get("judge", ""))
