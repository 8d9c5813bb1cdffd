"""What judging at endpoints is going to cost: questions times estimated tokens.

A prompt's tokens are its characters divided by four. Where a transcript is not there yet each
of its replies, and always the judge's answer, is taken to be between an eighth of what it may
be at most and all of it: hence a range.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING

from vibench.execute import tables
from vibench.execute.repeats import keys_asked
from vibench.plan.asking import take
from vibench.plan.paying import Bill, bill_of
from vibench.prices import dollars, how_to_price
from vibench.records import Message, Reply, Rubric, Sample, Transcript, canonical_json

if TYPE_CHECKING:
    from vibench.interfaces import Eval, Judge
    from vibench.plan import Plan, Stage
    from vibench.plugins import Plugins
    from vibench.store import Store

__all__ = ["Estimate", "estimates", "told_before"]

CHARACTERS = 4
"""Of a text to a token, about; in languages with other alphabets fewer."""
SHORT = 8
"""The shortest answers are taken to be one of so many parts of their limit."""
LOOKED_AT = 24
"""Samples, transcripts or pairs that are looked at for a stage."""
MEASURED = 32
"""Stages of a kind whose transcripts are read; the others are taken to be like them."""

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is going to be asked of a model, and between what and what that costs.

    `usd` is None without a price. `not_known` says which stages are not in it, and why.
    """

    model: str
    batched: bool
    questions: int
    prompt_tokens: tuple[int, int]
    completion_tokens: tuple[int, int]
    usd: Range | None
    not_known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Size:
    """One thing to judge, on average: its questions, the characters of their prompts together,
    at least and at most, and the share of the questions that was answered before."""

    questions: float
    low: float
    high: float
    answered: float = 0.0


def estimates(plan: Plan, todo: Iterable[Stage], store: Store, plugins: Plugins) -> list[Estimate]:
    """For each model at an endpoint that the stages to do ask, in their order."""
    reader = _Reader(plan, store, plugins)
    asked: defaultdict[Bill, list[tuple[Stage, Judge]]] = defaultdict(list)
    for stage in todo:
        bill = bill_of(stage.spec, plugins, plan.spending)
        if bill is not None:
            spec = stage.spec["judge"]
            asked[bill].append((stage, plugins.build("judge", spec["name"], spec["asked"])))
    return [_estimate(bill, stages, reader) for bill, stages in asked.items()]


def _estimate(bill: Bill, stages: Sequence[tuple[Stage, Judge]], reader: _Reader) -> Estimate:
    questions = 0
    prompts, answers = [0.0, 0.0], [0.0, 0.0]
    not_known = []
    for stage, judge in stages:
        found = reader.size(stage, judge)
        if isinstance(found, str):
            not_known.append(found)
            continue
        items, size = found
        assert judge.model is not None
        asked = items * stage.spec.get("repeats", 1) * (1 - size.answered)
        left = round(asked * size.questions)
        questions += left
        most = left * judge.model.sampling.max_tokens
        for n, (characters, said) in enumerate(((size.low, most / SHORT), (size.high, most))):
            prompts[n] += asked * characters / CHARACTERS
            answers[n] += said
    tokens = [(round(p), round(a)) for p, a in zip(prompts, answers, strict=True)]
    low, high = (bill.usd(*pair) for pair in tokens)
    usd = None if low is None or high is None else (low, high)
    (p_low, a_low), (p_high, a_high) = tokens
    return Estimate(
        bill.model, bill.batched, questions, (p_low, p_high), (a_low, a_high), usd,
        tuple(dict.fromkeys(not_known)),
    )  # fmt: skip


class _Reader:
    """Looks at what is to be judged: as it is in the store, or as it may come to be."""

    def __init__(self, plan: Plan, store: Store, plugins: Plugins) -> None:
        self.plan, self.store, self.plugins = plan, store, plugins
        self.measured: defaultdict[str, list[_Size]] = defaultdict(list)
        self._stored: tuple[str, set[str]] = "", set()

    def size(self, stage: Stage, judge: Judge) -> tuple[int, _Size] | str:
        """How many things are judged and what one is like; or why that is not known yet."""
        if stage.kind == "verdicts":
            return self.of_verdicts(stage, judge)
        if stage.kind == "values":
            return self.of_values(stage, judge)
        return f"{stage.label} (its subset is not made yet)"

    def stored(self, stage: Stage) -> set[str]:
        """The questions that its judge has answered before, by their keys."""
        name = f"judged-{stage.spec['scope']}"
        if self._stored[0] != name:
            ledger = self.store.ledger(name)
            columns = (ledger.column(shard, "key") for shard in ledger.shards())
            found = {key for column in columns if column is not None for key in column.to_pylist()}
            self._stored = name, found
        return self._stored[1]

    def like(self, stage: Stage, judge: Judge, things: Sequence[Sequence[Rubric]]) -> _Size:
        """What one thing is like, out of the questions about each of some that are there."""
        stored = self.stored(stage)
        rubrics = [r for about in things for r in about] if stored else []
        keys = [k for r in rubrics for k in keys_asked(r.key, stage.spec)]
        answered = sum(key in stored for key in keys) / len(keys) if keys else 0.0
        return replace(_size(judge, things), answered=answered)

    def of_verdicts(self, stage: Stage, judge: Judge) -> tuple[int, _Size]:
        asked = stage.spec["eval"]
        evaluation: Eval = self.plugins.build("eval", asked["name"], asked["asked"])
        (key,) = stage.needs
        made = self.plan.stages[key]
        samples = self.plan.samples[made.needs[0]]
        there = self.store.folder("transcripts", key) / "transcripts.parquet"
        at = canonical_json([there.is_file(), asked, stage.spec["judge"], made.needs[0],
                             made.spec["sampling"]])  # fmt: skip
        seen = self.measured[at]
        if there.is_file() and len(seen) < MEASURED:
            transcripts = tables.read_transcripts(there)[:: 1 + len(samples) // LOOKED_AT]
            rubrics = [[*evaluation.rubrics(t)] for t in transcripts if t.error is None]
            seen.append(own := self.like(stage, judge, rubrics))
            return len(samples), own
        if not seen:
            most = made.spec["sampling"]["max_tokens"]
            few = take(samples, LOOKED_AT)
            low, high = (
                _size(judge, [rehearsed(evaluation, s, length) for s in few])
                for length in (most // SHORT, most)
            )
            seen.append(_Size(high.questions, low.low, high.high))
        return len(samples), _Size(*map(fmean, zip(*map(astuple, seen), strict=True)))

    def of_values(self, stage: Stage, judge: Judge) -> tuple[int, _Size] | str:
        from vibench.judging import values_rubric
        from vibench.preferences.tables import read_pairs
        from vibench.preferences.values import response_messages

        (key,) = stage.needs
        if not self.store.has("pairs", key):
            return f"{stage.label} (they are not read yet: vibench data pairs reads them)"
        artefact = self.store.open("pairs", key)
        count = artefact.manifest["facts"]["pairs"]
        # Questions are answered in their order, so that the first pairs say little of the rest.
        step = 1 + count // (8 * LOOKED_AT) if self.stored(stage) else 1
        pairs = read_pairs(artefact.file("pairs.parquet"))
        rubrics = [
            [values_rubric(response_messages(p, side)) for side in ("chosen", "rejected")]
            for p in islice(pairs, 0, 8 * LOOKED_AT * step, step)
        ]
        return count, self.like(stage, judge, rubrics)


def _size(judge: Judge, things: Sequence[Sequence[Rubric]]) -> _Size:
    """What one thing is like, out of the questions about each of some."""
    lengths = [[n for rubric in rubrics if (n := length(judge, rubric))] for rubrics in things]
    if not lengths:
        return _Size(0, 0, 0)
    characters = fmean(map(sum, lengths))
    return _Size(fmean(map(len, lengths)), characters, characters)


def length(judge: Judge, rubric: Rubric) -> int:
    """The characters of a question's prompt; 0 if the judge decides it by itself."""
    messages = judge.ask(rubric)
    if not messages:
        return 0
    schema = judge.schema(rubric)
    form = len(json.dumps(schema)) if schema is not None else 0
    return form + sum(len(m.content) for m in messages)


def rehearsed(evaluation: Eval, sample: Sample, tokens: int) -> list[Rubric]:
    """The questions about a sample whose every reply has so many tokens."""
    said = Reply("x" * tokens * CHARACTERS)
    dialogue = evaluation.dialogue(sample)
    messages: tuple[Message, ...]
    try:
        next(dialogue)
        while True:
            dialogue.send(said)
    except StopIteration as stop:
        messages = stop.value
    return list(evaluation.rubrics(Transcript(sample, messages)))


def told_before(found: Sequence[Estimate], budget: float | None, spent: float) -> Iterator[str]:
    """What to expect, in lines for people."""
    for one in found:
        how = ", by the Batch API" if one.batched else ""
        about = f"{one.questions:,} questions to {one.model} at its endpoint{how}"
        if one.usd is None:
            yield f"Expected cost: unknown (no price of {one.model}) for {about}. " + how_to_price(
                one.model
            )
        else:
            low, high = map(dollars, one.usd)
            yield (
                f"Expected cost: {low} to {high} for {about}. An estimate: prompts at "
                f"{CHARACTERS} characters a token; what is not written yet between an eighth of "
                "its limit and all of it."
            )
        for what in one.not_known:
            yield f"  Not in it: {what}."
    if budget is not None and found:
        yield _of_budget(found, budget, spent)


def _of_budget(found: Sequence[Estimate], budget: float, spent: float) -> str:
    low, high = (spent + sum(e.usd[n] for e in found if e.usd) for n in (0, 1))
    before = f", of which {dollars(spent)} is spent" if spent else ""
    if low > budget:
        how = "It will not suffice: what is answered by then is kept."
    elif high > budget:
        how = "It may not suffice: what is answered by then is kept."
    else:
        how = "It should suffice."
    return f"The budget is {dollars(budget)}{before}. {how}"
