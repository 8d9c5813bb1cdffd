"""A preview as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from vibench.preview.records import (
    AskedPrompt,
    Continuation,
    JudgedExample,
    PairPreview,
    Preview,
    Question,
    SamplePreview,
    TrainingPreview,
)

__all__ = ["preview_record"]


def preview_record(preview: Preview, tokens: bool = False) -> Mapping[str, Any]:
    """Return a preview as JSON holds it; with `tokens`, the ids of every prompt too."""
    record = _Record(tokens)
    return {
        "trainings": [record.training(training) for training in preview.trainings],
        "samples": [record.sample(sample) for sample in preview.samples],
        "measurements": [
            {
                "eval": measurement.eval,
                "subjects": measurement.subjects,
                "requests": [record.continuation(c) for c in measurement.requests],
                "total": measurement.total,
            }
            for measurement in preview.measurements
        ],
        "problems": [{"what": what, "remedy": remedy} for what, remedy in preview.problems],
    }


class _Record:
    def __init__(self, tokens: bool) -> None:
        self.tokens = tokens

    def prompt(self, prompt: AskedPrompt) -> dict[str, Any]:
        record: dict[str, Any] = {}
        if prompt.body is not None:
            record["body"] = prompt.body
        else:
            record["text"] = "".join(piece.text for piece in prompt.text)
            record["special"] = [piece.text for piece in prompt.text if piece.special]
            record["tokens"] = len(prompt.ids)
        if self.tokens and prompt.ids:
            record["ids"] = prompt.ids
        if prompt.problem:
            record["problem"] = prompt.problem
        return record

    def training(self, training: TrainingPreview) -> dict[str, Any]:
        extraction = training.extraction
        return {
            "trainings": training.trainings,
            "value": training.value,
            "origin": training.origin,
            "candidates": training.candidates,
            "pairs": [self.pair(pair) for pair in training.pairs],
            "extraction": None if extraction is None else self.question(extraction),
        }

    def pair(self, pair: PairPreview) -> dict[str, Any]:
        record: dict[str, Any] = {"id": pair.pair.id, "source": pair.pair.source}
        if pair.refusal:
            return {**record, "refusal": pair.refusal}
        return {
            **record,
            "context": self.prompt(pair.context),
            "chosen": self.prompt(pair.chosen),
            "rejected": self.prompt(pair.rejected),
            "notes": pair.notes,
            "difference": pair.difference or None,
        }

    def sample(self, sample: SamplePreview) -> dict[str, Any]:
        return {
            "eval": sample.eval,
            "sample": sample.sample,
            "sampling": asdict(sample.sampling),
            "conversations": [
                {
                    "subjects": subjects,
                    "turns": [
                        {"role": turn.role, **self.prompt(turn.prompt), "reply": turn.reply}
                        for turn in turns
                    ],
                }
                for subjects, turns in sample.turns
            ],
            "judged": [self.judged(judged) for judged in sample.judged],
        }

    def judged(self, judged: JudgedExample) -> dict[str, Any]:
        return {
            "judge": judged.judge,
            "questions": [self.question(question) for question in judged.questions],
            "total": judged.total,
            "reply": judged.reply,
            "verdicts": [asdict(verdict) for verdict in judged.verdicts],
            "outcomes": [asdict(outcome) for outcome in judged.outcomes],
        }

    def question(self, question: Question) -> dict[str, Any]:
        prompt = None if question.prompt is None else self.prompt(question.prompt)
        return {"rubric": question.rubric, "turn": question.turn, "prompt": prompt}

    def continuation(self, request: Continuation) -> dict[str, Any]:
        return {
            "prompt": self.prompt(request.prompt),
            "answers": [self.prompt(answer) for answer in request.answers],
            "stops": request.stops,
            "sampling": None if request.sampling is None else asdict(request.sampling),
        }
