"""The expected cost of a plan at endpoints: questions times estimated tokens.

A prompt's tokens are its characters divided by four. An answer that is not there yet is taken to
be as long as such answers were so far (`answer_lengths`), within a range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.estimates.sizes import CHARACTERS, Reader
from vibench.prices import dollars, how_to_price
from vibench.sessions.bills import Bill, Role, bills_of
from vibench.stages.judge_stage import JudgedSpec

if TYPE_CHECKING:
    from vibench.plan import Plan, Stage
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["Estimate", "estimates", "told_before"]

Range = tuple[float, float]
MAX_LENGTHS = 3
"""Lengths of answers that a line tells."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The questions that a model is going to be asked, and the range of their cost.

    `usd` is None without a price. `not_known` says which stages are not in it, and why;
    `lengths` say how long answers are taken to be.
    """

    model: str
    batched: bool
    questions: int
    prompt_tokens: tuple[int, int]
    completion_tokens: tuple[int, int]
    usd: Range | None
    not_known: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()


def estimates(plan: Plan, todo: Iterable[Stage], store: Store, plugins: Plugins) -> list[Estimate]:
    """Return one for each model at an endpoint that the stages to do ask, in their order."""
    reader = Reader(plan, store, plugins)
    stages_by_bill: defaultdict[Bill, list[tuple[Stage, Role]]] = defaultdict(list)
    for stage in todo:
        # One conversation may be billed to two models, the subject and the simulator.
        for role, bill in bills_of(stage.spec.models(), plugins, plan.spending).items():
            stages_by_bill[bill].append((stage, role))
    return [_estimate(bill, stages, reader) for bill, stages in stages_by_bill.items()]


def _estimate(bill: Bill, stages: Sequence[tuple[Stage, Role]], reader: Reader) -> Estimate:
    questions = 0
    prompts, answers = [0.0, 0.0], [0.0, 0.0]
    not_known = []
    lengths: dict[str, None] = {}
    for stage, role in stages:
        measured = reader.size(stage, role)
        if isinstance(measured, str):
            not_known.append(measured)
            continue
        items, size, length = measured
        lengths[length.words] = None
        repeats = stage.spec.repeats if isinstance(stage.spec, JudgedSpec) else 1
        # What the ledger holds already is not asked again; it is known as a share, from the
        # questions that were looked at.
        repeated = items * repeats * (1 - size.answered)
        unanswered = round(repeated * size.questions)
        questions += unanswered
        # n is 0 at the low end of the range and 1 at the high end.
        for n, (characters, written) in enumerate(
            ((size.low, length.low), (size.high, length.high))
        ):
            prompts[n] += repeated * characters / CHARACTERS
            answers[n] += unanswered * written
    tokens = [(round(p), round(a)) for p, a in zip(prompts, answers, strict=True)]
    low, high = (bill.usd(*pair) for pair in tokens)
    usd = None if low is None or high is None else (low, high)
    (p_low, a_low), (p_high, a_high) = tokens
    return Estimate(
        bill.model, bill.batched, questions, (p_low, p_high), (a_low, a_high), usd,
        tuple(dict.fromkeys(not_known)), tuple(lengths),
    )  # fmt: skip


def told_before(estimates: Sequence[Estimate], budget: float | None, spent: float) -> Iterator[str]:
    """Yield what to expect, in lines for people."""
    for estimate in estimates:
        how = ", by the Batch API" if estimate.batched else ""
        about = f"{estimate.questions:,} questions to {estimate.model} at its endpoint{how}"
        if estimate.usd is None:
            yield (
                f"Expected cost: unknown (no price of {estimate.model}) for {about}. "
                + how_to_price(estimate.model)
            )
        else:
            low, high = map(dollars, estimate.usd)
            yield (
                f"Expected cost: {low} to {high} for {about}. An estimate: prompts at "
                f"{CHARACTERS} characters a token; {_lengths(estimate.lengths)}."
            )
        for what in estimate.not_known:
            yield f"  Not included: {what}."
    if budget is not None and estimates:
        yield _of_budget(estimates, budget, spent)


def _lengths(words: Sequence[str]) -> str:
    """Return the lengths of answers; a few of them where evals differ."""
    rest = len(words) - MAX_LENGTHS
    return "; ".join(words[:MAX_LENGTHS]) + (f"; and {rest} more" if rest > 0 else "")


def _of_budget(estimates: Sequence[Estimate], budget: float, spent: float) -> str:
    low, high = (spent + sum(e.usd[n] for e in estimates if e.usd) for n in (0, 1))
    before = f", of which {dollars(spent)} is spent" if spent else ""
    if low > budget:
        how = "It is too small for all of them: answers made by then are kept."
    elif high > budget:
        how = "It may be too small for all of them: answers made by then are kept."
    else:
        how = "It should be enough."
    return f"The budget is {dollars(budget)}{before}. {how}"
