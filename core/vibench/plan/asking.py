"""What an eval asks, and how much of the engine and the judge that takes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.errors import PluginError
from vibench.interfaces import Eval
from vibench.plan.parts import Part, part
from vibench.records import Message, Reply, Rubric, Sample, Transcript, Verdict, digest

if TYPE_CHECKING:
    from vibench.data import Data

__all__ = ["Asking", "MeasuringEval", "measuring", "rehearse", "take"]


@dataclass(frozen=True, slots=True)
class Asking:
    """An eval with one setting of its parameters, and its samples."""

    eval: Eval
    part: Part
    samples: str
    swept: Mapping[str, Any]
    completions: int
    verdicts: int


@dataclass(frozen=True, slots=True)
class MeasuringEval:
    """An eval that measures by itself, with one setting of its parameters.

    `asks` is known by what determines the answers, `requests` is about how many there are.
    """

    eval: Eval
    part: Part
    asks: Part
    swept: Mapping[str, Any]
    requests: int


def measuring(
    evaluation: Eval, setting: Part, swept: Mapping[str, Any], data: Data, limit: int | None
) -> MeasuringEval:
    """Ask the eval what it asks. Raises what `Eval.asks` does, PluginError for no JSON."""
    said = evaluation.asks(data, limit)
    try:
        told = dict(said)
        requests = int(told.pop("requests", 0))
        asks = part(digest(told))
    except (TypeError, ValueError) as error:
        name = type(evaluation).__name__
        raise PluginError(
            f"What {name}.asks() gives is no JSON object ({error}).",
            "Tell its author, or leave the eval out.",
        ) from error
    return MeasuringEval(evaluation, setting, asks, swept, requests)


def take(samples: Sequence[Sample], limit: int | None) -> Sequence[Sample]:
    """At most `limit` samples, spread evenly by the hash of their ids, in their own order.

    The choice depends on nothing but the ids, and a larger limit includes a smaller one's.
    """
    if limit is None or limit >= len(samples):
        return list(samples)
    ranked = sorted(samples, key=lambda s: hashlib.sha256(s.id.encode()).digest())
    chosen = {s.id for s in ranked[:limit]}
    return [s for s in samples if s.id in chosen]


def rehearse(evaluation: Eval, sample: Sample) -> tuple[int, int, int]:
    """Return how many completions and verdicts one sample takes, and how many of its turns are
    scored, by playing it with dummy replies."""
    dialogue = evaluation.dialogue(sample)
    asks = 0
    messages: tuple[Message, ...]
    try:
        next(dialogue)
        while True:
            asks += 1
            dialogue.send(Reply("I see."))
    except StopIteration as stop:
        messages = stop.value
    transcript = Transcript(sample, messages)
    rubrics = list(evaluation.rubrics(transcript))
    return asks, len(rubrics), _turns_scored(evaluation, transcript, rubrics)


def _turns_scored(evaluation: Eval, transcript: Transcript, rubrics: Sequence[Rubric]) -> int:
    silent = [Verdict(rubric.name, rubric.turn, (), "not asked") for rubric in rubrics]
    # That an eval breaks here says nothing of a run, where it gets real verdicts.
    with suppress(Exception):
        return len({outcome.turn for outcome in evaluation.outcomes(transcript, silent)}) or 1
    return 1
