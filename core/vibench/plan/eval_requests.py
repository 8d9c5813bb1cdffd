"""The requests of an eval, and how much of the engine and the judge they take."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vibench.boundary import (
    Breach,
    checked_ask,
    checked_conversation,
    checked_outcomes,
    checked_rubrics,
    planning,
)
from vibench.errors import PluginError
from vibench.interfaces import Eval
from vibench.plan.parts import Part, part
from vibench.records import Message, Reply, Rubric, Sample, Transcript, Verdict, digest

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.entry_points import PluginEntry

MAX_ASKS = 1000
"""Where the rehearsal of a dialogue ends: one may go on until a model says something."""

__all__ = ["MAX_ASKS", "Asking", "MeasuringEval", "measuring", "rehearse", "take"]


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
    evaluation: Eval,
    setting: Part,
    swept: Mapping[str, Any],
    data: DataFiles,
    limit: int | None,
    entry: PluginEntry,
) -> MeasuringEval:
    """Ask the eval what it asks. Raises UsageError as `Eval.asks` does, and PluginError for
    whatever else it raises and for no JSON."""
    with planning(entry, "asks(data, limit)"):
        table = evaluation.asks(data, limit)
    try:
        facts = dict(table)
        requests = int(facts.pop("requests", 0))
        asks = part(digest(facts))
    except (TypeError, ValueError) as error:
        name = type(evaluation).__name__
        raise PluginError(
            f"{name}.asks() does not return a JSON object ({error}).",
            "Report it to its author, or leave the eval out.",
        ) from error
    return MeasuringEval(evaluation, setting, asks, swept, requests)


def take(samples: Sequence[Sample], limit: int | None) -> Sequence[Sample]:
    """At most `limit` samples, spread evenly by the hash of their ids, in their own order.

    The choice depends on nothing but the ids, and a larger limit includes a smaller one's.
    """
    if limit is None or limit >= len(samples):
        return list(samples)
    # A hash, not a random draw: no seed to keep, and adding samples to the data leaves most of the
    # choice as it was.
    ranked = sorted(samples, key=lambda s: hashlib.sha256(s.id.encode()).digest())
    chosen = {s.id for s in ranked[:limit]}
    return [s for s in samples if s.id in chosen]


def rehearse(
    evaluation: Eval, samples: Sequence[Sample], entry: PluginEntry
) -> tuple[int, int, int]:
    """Return how many completions and verdicts one sample takes, and how many of its turns are
    scored, by playing it with dummy replies.

    Raises PluginError where the eval breaks its contract, or raises on each of three samples:
    on one of them alone it may in a run, where that is counted.
    """
    broken: PluginError | None = None
    # Three places, for samples are often sorted by kind; more would make planning slow where a
    # dialogue takes long.
    for sample in dict.fromkeys((0, len(samples) // 2, len(samples) - 1)):
        try:
            return _rehearse(evaluation, samples[sample], entry)
        except PluginError as error:
            if isinstance(error.__cause__, Breach):
                raise
            broken = broken or error
    assert broken is not None
    raise broken


def _rehearse(evaluation: Eval, sample: Sample, entry: PluginEntry) -> tuple[int, int, int]:
    with planning(entry, f"dialogue(sample), rehearsed with the sample '{sample.id}'"):
        asks, messages = _play(evaluation, sample)
    transcript = Transcript(sample, messages)
    with planning(entry, f"rubrics(transcript), rehearsed with the sample '{sample.id}'"):
        rubrics = checked_rubrics(evaluation.rubrics(transcript), evaluation)
    return asks, len(rubrics), _turns_scored(evaluation, transcript, rubrics, entry)


def _play(evaluation: Eval, sample: Sample) -> tuple[int, tuple[Message, ...]]:
    """Return how many asks a dialogue makes, and the conversation that comes of it."""
    dialogue = evaluation.dialogue(sample)
    asks = 0
    try:
        ask = next(dialogue)
        while asks < MAX_ASKS:
            checked_ask(ask, evaluation.roles)
            asks += 1
            # Any words will do: the number of asks may depend on them, and then the count is an
            # estimate.
            ask = dialogue.send(Reply("I see."))
    except StopIteration as stop:
        return asks, checked_conversation(stop.value, "the messages that dialogue returned")
    dialogue.close()
    return asks, sample.messages


def _turns_scored(
    evaluation: Eval, transcript: Transcript, rubrics: Sequence[Rubric], entry: PluginEntry
) -> int:
    silent = [Verdict(rubric.name, rubric.turn, (), "not asked") for rubric in rubrics]
    try:
        outcomes = list(evaluation.outcomes(transcript, silent))
    except Exception:
        # That an eval breaks here says nothing of a run, where it gets real verdicts.
        return 1
    with planning(entry, "outcomes(transcript, verdicts)"):
        checked = checked_outcomes(outcomes, evaluation, transcript.sample)
    return len({outcome.turn for outcome in checked}) or 1
