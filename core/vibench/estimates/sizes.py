"""The questions of a stage, and the characters of their prompts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, replace
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING, Any

from vibench.estimates.answer_lengths import AnswerLengths, Length
from vibench.judging.repeats import repeat_keys
from vibench.plan.eval_requests import MAX_ASKS, take
from vibench.records import Ask, Message, Reply, Rubric, Sample, Transcript, canonical_json
from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.transcripts import ConversationsSpec
from vibench.stages.values import ValuesSpec
from vibench.stages.verdicts import VerdictsSpec
from vibench.store import record_tables as tables

if TYPE_CHECKING:
    from vibench.interfaces import Eval, Judge
    from vibench.plan import Plan, Stage
    from vibench.plugins import Plugins
    from vibench.sessions.bills import Role
    from vibench.sessions.configs import PluginConfig
    from vibench.store.artefacts import Store

__all__ = ["CHARACTERS", "Reader"]

CHARACTERS = 4
"""Of a text to a token, about; in languages with other alphabets fewer."""
LOOKED_AT = 24
"""Samples, transcripts or pairs that are looked at for a stage."""
MEASURED = 32
"""Stages of a kind whose transcripts are read; the others are taken to be like them."""


@dataclass(frozen=True, slots=True)
class Size:
    """One item to judge or to play, on average: its questions, the characters of their prompts
    together, at least and at most, and the share of the questions that was answered before."""

    questions: float
    low: float
    high: float
    answered: float = 0.0


class Reader:
    """Reads the questions of stages: as they are in the store, or as they may come to be."""

    def __init__(self, plan: Plan, store: Store, plugins: Plugins) -> None:
        self.plan, self.store, self.plugins = plan, store, plugins
        self.measured: defaultdict[str, list[Size]] = defaultdict(list)
        self.asked: dict[str, Size] = {}
        self.built: dict[str, Any] = {}
        self._stored: tuple[str, set[str]] = "", set()
        self.lengths = AnswerLengths(store)

    def size(self, stage: Stage, role: Role) -> tuple[int, Size, Length] | str:
        """Return how many items are judged or played, the size of one, and the length of an answer;
        or why that is not known yet."""
        spec = stage.spec
        if isinstance(spec, ConversationsSpec):
            length = self.lengths.length(spec, role, spec.sampling.max_tokens)
            return (*self.of_conversations(stage, spec, role), length)
        judge: Judge | None = self.build(spec.judge) if isinstance(spec, JudgedSpec) else None
        if judge is None or judge.model is None:
            return f"{stage.label} (how much it asks is not known)"
        answer = self.lengths.length(spec, role, judge.model.sampling.max_tokens)
        if isinstance(spec, VerdictsSpec):
            return (*self.of_verdicts(stage, spec, judge), answer)
        if isinstance(spec, ValuesSpec):
            size = self.of_values(stage, spec, judge)
            return size if isinstance(size, str) else (*size, answer)
        return f"{stage.label} (its subset is not made yet)"

    def build(self, config: PluginConfig) -> Any:
        """Return a plugin: one for the thousands of stages alike."""
        identity = canonical_json([config.kind, config.name, config.asked])
        if identity not in self.built:
            self.built[identity] = self.plugins.build(config.kind, config.name, config.asked)
        return self.built[identity]

    def of_conversations(
        self, stage: Stage, spec: ConversationsSpec, role: Role
    ) -> tuple[int, Size]:
        source = stage.needs[0].key
        samples = self.plan.samples[source]
        limit = spec.sampling.max_tokens
        asked = spec.subject.model.identity, asdict(spec.eval), source, limit, role
        identity = canonical_json(asked)
        if identity not in self.asked:
            evaluation: Eval = self.build(spec.eval)
            few = take(samples, LOOKED_AT)
            # Played twice: later prompts repeat earlier replies, so their size depends on how long
            # these are.
            least, largest = (
                [_prompts(evaluation, sample, tokens, role) for sample in few]
                for tokens in self._replies(spec)
            )
            self.asked[identity] = Size(
                fmean(map(len, largest)), fmean(map(sum, least)), fmean(map(sum, largest))
            )
        # Shared by every subject: what is asked of them differs in the system prompt alone.
        size = self.asked[identity]
        system = len(spec.subject.system or "") if role == "subject" else 0
        ledger = self.store.ledger(f"{stage.key}/replies")
        there = sum(_is(role, json.loads(row)["role"]) for row in ledger.texts().values())
        return len(samples), Size(
            size.questions,
            size.low + size.questions * system,
            size.high + size.questions * system,
            min(1.0, there / (size.questions * len(samples))) if size.questions else 0.0,
        )

    def stored(self, spec: JudgedSpec) -> set[str]:
        """Return the keys of the questions that its judge has answered before."""
        name = f"judged-{spec.scope}"
        if self._stored[0] != name:
            ledger = self.store.ledger(name)
            shards = ledger.new_shards(set(), ["key"])
            keys = {key for _, table in shards for key in table.column("key").to_pylist()}
            self._stored = name, keys
        return self._stored[1]

    def like(self, spec: JudgedSpec, judge: Judge, items: Sequence[Sequence[Rubric]]) -> Size:
        """Return the size of one item, out of the questions about each of some in the store."""
        stored = self.stored(spec)
        rubrics = [r for about in items for r in about] if stored else []
        keys = [k for r in rubrics for k in repeat_keys(r.key, spec.repeats, spec.repeat)]
        answered = sum(key in stored for key in keys) / len(keys) if keys else 0.0
        return replace(_size(judge, items), answered=answered)

    def of_verdicts(self, stage: Stage, spec: VerdictsSpec, judge: Judge) -> tuple[int, Size]:
        evaluation: Eval = self.build(spec.eval)
        (need,) = stage.needs
        answers = self.plan.stages[need.key]
        assert isinstance(answers.spec, ConversationsSpec)
        source, sampling = answers.needs[0].key, answers.spec.sampling
        samples = self.plan.samples[source]
        there = self.store.folder(need.kind, need.key) / "transcripts.parquet"
        # Whether it is measured is part of the key, or guesses would be averaged into
        # measurements.
        alike = there.is_file(), asdict(spec.eval), asdict(spec.judge), source, asdict(sampling)
        identity = canonical_json(alike)
        seen = self.measured[identity]
        # What is written is measured; of thousands of stages alike some stand for all.
        if there.is_file() and len(seen) < MEASURED:
            transcripts = tables.read_transcripts(there)[:: 1 + len(samples) // LOOKED_AT]
            rubrics = [_questions(evaluation, t) for t in transcripts if t.error is None]
            seen.append(measured := self.like(spec, judge, rubrics))
            return len(samples), measured
        if not seen:
            few = take(samples, LOOKED_AT)
            low, high = (
                _size(judge, [rehearsed(evaluation, s, tokens) for s in few])
                for tokens in self._replies(answers.spec)
            )
            seen.append(Size(high.questions, low.low, high.high))
        return len(samples), Size(*map(fmean, zip(*map(astuple, seen), strict=True)))

    def _replies(self, spec: ConversationsSpec) -> tuple[int, int]:
        """Return the tokens of the replies in a conversation that is not there yet, at least and
        at most."""
        length = self.lengths.length(spec, "subject", spec.sampling.max_tokens)
        return round(length.low), round(length.high)

    def of_values(self, stage: Stage, spec: ValuesSpec, judge: Judge) -> tuple[int, Size] | str:
        from vibench.judging.rubrics import values_rubric
        from vibench.preferences.tables import read_pairs
        from vibench.preferences.values import response_messages

        (need,) = stage.needs
        if not self.store.has(need.kind, need.key):
            return f"{stage.label} (they are not read yet: vibench data pairs reads them)"
        artefact = self.store.open(need.kind, need.key)
        count = artefact.manifest["facts"]["pairs"]
        # Questions are answered in their order, so that the first pairs say little of the rest.
        step = 1 + count // (8 * LOOKED_AT) if self.stored(spec) else 1
        pairs = read_pairs(artefact.file("pairs.parquet"))
        rubrics = [
            [values_rubric(response_messages(p, side)) for side in ("chosen", "rejected")]
            for p in islice(pairs, 0, 8 * LOOKED_AT * step, step)
        ]
        return count, self.like(spec, judge, rubrics)


def _size(judge: Judge, items: Sequence[Sequence[Rubric]]) -> Size:
    """Return the size of one item, out of the questions about each of some."""
    lengths = [[n for rubric in rubrics if (n := length(judge, rubric))] for rubrics in items]
    if not lengths:
        return Size(0, 0, 0)
    characters = fmean(map(sum, lengths))
    return Size(fmean(map(len, lengths)), characters, characters)


def length(judge: Judge, rubric: Rubric) -> int:
    """Return the characters of a question's prompt; 0 if the judge decides it by itself."""
    try:
        messages = judge.ask(rubric)
        schema = judge.schema(rubric) if messages else None
    except Exception:  # In the run such a question is put to no model, and unscored.
        return 0
    if not messages:
        return 0
    # The schema goes along with every question and is billed as part of the prompt.
    form = len(json.dumps(schema)) if schema is not None else 0
    return form + sum(len(m.content) for m in messages)


def rehearsed(evaluation: Eval, sample: Sample, tokens: int) -> list[Rubric]:
    """Return the questions about a sample whose every reply has so many tokens."""
    _, messages = _played(evaluation, sample, tokens)
    return _questions(evaluation, Transcript(sample, messages))


def _questions(evaluation: Eval, transcript: Transcript) -> list[Rubric]:
    """The questions about a transcript; none if the eval's code raises on it, as in a run."""
    try:
        return list(evaluation.rubrics(transcript))
    except Exception:
        return []


def _prompts(evaluation: Eval, sample: Sample, tokens: int, role: Role) -> list[int]:
    """The characters of each prompt that somebody is asked in a conversation whose every reply
    has so many tokens."""
    asks, _ = _played(evaluation, sample, tokens)
    return [
        len(ask.system or "") + sum(len(m.content) for m in ask.messages)
        for ask in asks
        if _is(role, ask.role)
    ]


def _is(role: Role, speaker: str) -> bool:
    """Tell whether a dialogue's role is played by this model: all but the subject are one's."""
    return (role == "subject") == (speaker == "subject")


def _played(evaluation: Eval, sample: Sample, tokens: int) -> tuple[list[Ask], tuple[Message, ...]]:
    """Return the asks of a dialogue and its messages, as far as the eval's code does not raise."""
    reply = Reply("x" * tokens * CHARACTERS)
    asks: list[Ask] = []
    try:
        dialogue = evaluation.dialogue(sample)
        asks.append(next(dialogue))
        # A dialogue that never ends by itself must not hang an estimate.
        while len(asks) < MAX_ASKS:
            asks.append(dialogue.send(reply))
        dialogue.close()
    except StopIteration as stop:
        return asks, stop.value
    except Exception:
        pass
    return asks, sample.messages
