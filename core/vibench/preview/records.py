"""The frozen records of a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibench.engines.token_text import TokenText
from vibench.records import Outcome, PreferencePair, Sampling, Verdict

__all__ = [
    "AskedPrompt",
    "Continuation",
    "JudgedExample",
    "MeasurementPreview",
    "PairPreview",
    "Preview",
    "Question",
    "SamplePreview",
    "TrainingPreview",
    "Turn",
]


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """A prompt in the form in which a model gets it.

    `text` and `ids` are its tokens where an engine takes tokens. Otherwise `body` is the request
    as JSON, or the messages if the engine does not tell more. `problem` is the reason why the
    model could not answer, "" if it can.
    """

    text: tuple[TokenText, ...] = ()
    ids: tuple[int, ...] = ()
    body: Mapping[str, Any] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PairPreview:
    """A preference pair as a training reads it: each side follows the same context.

    `notes` are sentences on answers that are not trained on as the template renders them, and
    `refusal` is the reason why the pair is not trained on at all. `difference` tells where the
    context is not the prompt that the trained model is asked.
    """

    pair: PreferencePair
    context: AskedPrompt = AskedPrompt()
    chosen: AskedPrompt = AskedPrompt()
    rejected: AskedPrompt = AskedPrompt()
    notes: tuple[str, ...] = ()
    refusal: str = ""
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question for a judge: its rubric, and what the judge's model is asked (None for a judge
    that decides by itself)."""

    rubric: str
    turn: int
    prompt: AskedPrompt | None


@dataclass(frozen=True, slots=True)
class TrainingPreview:
    """The first pairs of a training. `trainings` name the trainings that render them alike;
    `origin` says where the pairs come from; `extraction` is what the judge that labels values is
    asked about the first of them, while they are only candidates."""

    trainings: tuple[str, ...]
    value: str
    origin: str
    candidates: bool
    pairs: tuple[PairPreview, ...]
    extraction: Question | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One request of a conversation, and the example reply to it."""

    role: str
    prompt: AskedPrompt
    reply: str


@dataclass(frozen=True, slots=True)
class JudgedExample:
    """A conversation with example replies in front of a judge: its first questions and the number
    of all, the example reply of the judge's model ("" for a judge that decides by itself), and
    the verdicts and outcomes that come of it."""

    judge: str
    questions: tuple[Question, ...]
    total: int
    reply: str
    verdicts: tuple[Verdict, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class SamplePreview:
    """A sample of an eval: the conversation with each group of subjects that are asked alike."""

    eval: str
    sample: str
    sampling: Sampling
    turns: tuple[tuple[tuple[str, ...], tuple[Turn, ...]], ...]
    judged: tuple[JudgedExample, ...] = ()


@dataclass(frozen=True, slots=True)
class Continuation:
    """A prompt in tokens that an eval itself makes, and what it asks there: the likelihood of each
    of `answers`, or a text that ends at one of `stops` (then `sampling` is set)."""

    prompt: AskedPrompt
    answers: tuple[AskedPrompt, ...] = ()
    stops: tuple[str, ...] = ()
    sampling: Sampling | None = None


@dataclass(frozen=True, slots=True)
class MeasurementPreview:
    """The first requests of an eval that measures by itself, and the number of all of them for
    its first samples."""

    eval: str
    subjects: tuple[str, ...]
    requests: tuple[Continuation, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The first samples of a run, and what would happen to them.

    `problems` are pairs of sentences: what is wrong, and what to do.
    """

    trainings: tuple[TrainingPreview, ...] = ()
    samples: tuple[SamplePreview, ...] = ()
    measurements: tuple[MeasurementPreview, ...] = ()
    problems: Sequence[tuple[str, str]] = ()
