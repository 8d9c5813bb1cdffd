"""A preview as a document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from vibench.engines.token_text import TokenText
from vibench.exhibits.document import Block, Document, Excerpt, Notes, Paragraph, Points, Section
from vibench.preview.records import (
    AskedPrompt,
    Continuation,
    JudgedExample,
    MeasurementPreview,
    PairPreview,
    Preview,
    Question,
    SamplePreview,
    TrainingPreview,
    Turn,
)
from vibench.records import Outcome, Sampling, Verdict
from vibench.text import clean

__all__ = ["preview_document"]

MAX_LINES = 12
"""Verdicts, outcomes and answers of one question that are listed."""


def preview_document(preview: Preview, tokens: bool = False) -> Document:
    """Return a preview as sections: trainings, samples, and evals that measure by themselves;
    with `tokens`, the ids of every prompt too."""
    draft = _Draft(tokens)
    return (
        *(section for training in preview.trainings for section in draft.training(training)),
        *(section for sample in preview.samples for section in draft.sample(sample)),
        *map(draft.measurement, preview.measurements),
    )


class _Draft:
    def __init__(self, tokens: bool) -> None:
        self.tokens = tokens

    def training(self, training: TrainingPreview) -> Iterator[Section]:
        title = f"Training pairs for {training.value}"
        blocks: list[Block] = [Paragraph(f"Trained on by: {_listed(training.trainings)}.")]
        if not training.pairs:
            blocks.append(Paragraph(f"No pair to show: {training.origin}.", "warning"))
        yield Section(title, tuple(blocks))
        for number, pair in enumerate(training.pairs, start=1):
            kind = "Candidate" if training.candidates else "Pair"
            heading = f"{kind} {number}: {clean(pair.pair.id)}"
            origin = Paragraph(f"{_sentence(training.origin)}.", "dim")
            yield Section(heading, (origin, *self.pair(pair)), level=3)
        if training.extraction is not None:
            heading = "The question about the first response, for the judge that labels values"
            yield Section(heading, tuple(self.question(training.extraction)), level=3)

    def pair(self, pair: PairPreview) -> Iterator[Block]:
        if pair.refusal:
            yield Paragraph(f"Not trained on: {pair.refusal}.", "warning")
            return
        heading = f"Context ({_count(pair.context)})"
        if pair.difference:
            different = f"DIFFERENT from the prompt that is asked: {pair.difference}"
            yield Paragraph(f"{heading}, {different}:", "alarm")
        else:
            yield Paragraph(
                f"{heading}, token for token the prompt that the trained model is asked:"
            )
        yield from self.prompt(pair.context)
        for name, side in (("Chosen", pair.chosen), ("Rejected", pair.rejected)):
            yield Paragraph(f"{name} ({_count(side)}):")
            yield from self.prompt(side)
        if pair.notes:
            yield Points(pair.notes)

    def sample(self, sample: SamplePreview) -> Iterator[Section]:
        for subjects, turns in sample.turns:
            title = f"{sample.eval}, sample {clean(sample.sample)}"
            blocks: list[Block] = [Paragraph(f"Asked of: {_listed(subjects)}.")]
            blocks.append(Paragraph(f"Sampling: {_sampling(sample.sampling)}.", "dim"))
            for turn in turns:
                blocks += self.turn(turn, replied=len(turns) > 1)
            yield Section(title, tuple(blocks))
        for judged in sample.judged:
            title = f"{sample.eval}, sample {clean(sample.sample)}, judged by {judged.judge}"
            yield Section(title, (*_example(sample), *self.judged(judged)))

    def turn(self, turn: Turn, replied: bool) -> Iterator[Block]:
        who = "" if turn.role == "subject" else f" for the {turn.role}"
        yield Paragraph(f"Prompt{who}{_size(turn.prompt)}:")
        yield from self.prompt(turn.prompt)
        if replied:
            yield Paragraph("Example reply:")
            yield Excerpt((TokenText(turn.reply),))

    def judged(self, judged: JudgedExample) -> Iterator[Block]:
        if not judged.total:
            yield Paragraph("No question about this conversation.")
        for question in judged.questions:
            yield from self.question(question)
        # AnthroBench asks 13 questions on each message, which differ in a few words.
        further = judged.total - len(judged.questions)
        if further:
            yield Paragraph(f"{further} further question{'s' * (further > 1)} of the same form.")
        if judged.reply:
            yield Paragraph("Example reply of the judge:")
            yield Excerpt((TokenText(judged.reply),))
        yield Paragraph("Verdicts on the example:")
        yield Points(_few([_verdict(verdict) for verdict in judged.verdicts]))
        yield Paragraph("Outcomes:")
        yield Points(_few([_outcome(outcome) for outcome in judged.outcomes]))

    def question(self, question: Question) -> Iterator[Block]:
        name = f"Question '{question.rubric}' about message {question.turn + 1} of the model"
        if question.prompt is None:
            yield Paragraph(f"{name}: the judge decides by itself, without a model.")
            return
        yield Paragraph(f"{name}{_size(question.prompt)}:")
        yield from self.prompt(question.prompt)

    def measurement(self, measurement: MeasurementPreview) -> Section:
        shown = sum(len(request.answers) or 1 for request in measurement.requests)
        blocks: list[Block] = [
            Paragraph(f"Asked of: {_listed(measurement.subjects)}."),
            Paragraph(
                f"The eval makes its own prompts, in tokens: {shown} of {measurement.total} "
                "requests about its first samples.",
                "dim",
            ),
        ]
        for request in measurement.requests:
            blocks += self.continuation(request)
        return Section(f"{measurement.eval}, measured", tuple(blocks))

    def continuation(self, request: Continuation) -> Iterator[Block]:
        yield Paragraph(f"Prompt{_size(request.prompt)}:")
        yield from self.prompt(request.prompt)
        if request.sampling is not None:
            stops = ", ".join(repr(stop) for stop in request.stops)
            yield Paragraph(f"Answered by a text that ends at {stops or 'its end token'}.")
            yield Paragraph(f"Sampling: {_sampling(request.sampling)}.", "dim")
            return
        yield Paragraph("The likelihood of each of these answers:")
        yield Points(_few([repr("".join(p.text for p in a.text)) for a in request.answers]))

    def prompt(self, prompt: AskedPrompt) -> Iterator[Block]:
        if prompt.body is not None:
            text = json.dumps(prompt.body, ensure_ascii=False, indent=1)
            # A message of many lines is unreadable with \n for their ends.
            yield Excerpt((TokenText(text.replace("\\n", "\n")),))
        elif prompt.text:
            yield Excerpt(prompt.text)
        if prompt.problem:
            yield Paragraph(f"It cannot be answered here: {prompt.problem}.", "warning")
        if self.tokens and prompt.ids:
            yield Notes((Paragraph(f"Ids: {' '.join(map(str, prompt.ids))}"),))


def _example(sample: SamplePreview) -> Iterator[Block]:
    replies = {t.reply for _, turns in sample.turns for t in turns if t.role == "subject"}
    for reply in sorted(replies):
        yield Paragraph("About this example reply of a subject (another one: --reply TEXT):")
        yield Excerpt((TokenText(reply),))


def _size(prompt: AskedPrompt) -> str:
    return f" ({_count(prompt)})" if prompt.ids else ", as it is sent" if prompt.body else ""


def _count(prompt: AskedPrompt) -> str:
    count = len(prompt.ids)
    return f"{count:,} token{'s' * (count != 1)}"


def _sampling(sampling: Sampling) -> str:
    return (
        f"temperature {sampling.temperature:g}, top_p {sampling.top_p:g}, at most "
        f"{sampling.max_tokens:,} tokens"
    )


def _verdict(verdict: Verdict) -> str:
    label = ", ".join(verdict.labels) or "none"
    answer = f"unscored ({verdict.unscored})" if verdict.unscored else label
    return f"{verdict.rubric}, message {verdict.turn + 1}: {clean(answer)}"


def _outcome(outcome: Outcome) -> str:
    value = f"unscored ({outcome.unscored})" if outcome.value is None else f"{outcome.value:g}"
    return f"{outcome.metric}: {clean(value)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(clean, _few(names)))


def _few(names: Sequence[str]) -> tuple[str, ...]:
    """Return the first of a list's items, and the number of the others."""
    if len(names) <= MAX_LINES:
        return tuple(names)
    return (*names[:MAX_LINES], f"and {len(names) - MAX_LINES} others")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
