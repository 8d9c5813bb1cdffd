"""Riddles with answers to choose from: by likelihood, and by what the model writes itself."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from vibench import (
    Data,
    Eval,
    Loglikelihood,
    Measuring,
    Outcome,
    Sample,
    Sampling,
    Tokens,
    Transcript,
    Verdict,
)

STOPS = ("\n", "Riddle:")


class Riddles(Eval):
    """Which answer is the likeliest, and does the model write it?"""

    measures = True
    metrics = ("acc", "written")
    parameters: ClassVar = {
        "type": "object",
        "properties": {
            "max_tokens": {"type": "integer", "minimum": 1, "default": 8},
            "explode": {"type": "boolean", "default": False},
        },
        "additionalProperties": False,
    }

    def __init__(self, max_tokens: int, explode: bool) -> None:
        self.sampling = Sampling(0.0, 1.0, max_tokens)
        self.explode = explode

    def rows(self, data: Data, limit: int | None) -> list[dict[str, Any]]:
        text = data.file("riddles", "riddles.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()][:limit]

    def asks(self, data: Data, limit: int | None) -> Mapping[str, Any]:
        rows = self.rows(data, limit)
        return {"rows": rows, "requests": sum(len(row["choices"]) + 1 for row in rows)}

    def measure(self, measuring: Measuring, data: Data, limit: int | None) -> Iterable[Transcript]:
        rows = self.rows(data, limit)
        tokenizer = measuring.tokenizer
        prompts = [Tokens(tuple(tokenizer(f"Riddle: {r['riddle']} It is")["input_ids"]))
                   for r in rows]  # fmt: skip
        pairs = [
            (prompt, Tokens(tuple(tokenizer(f" {choice}", add_special_tokens=False)["input_ids"])))
            for prompt, row in zip(prompts, rows, strict=True)
            for choice in row["choices"]
        ]
        found = iter(measuring.loglikelihoods(pairs))
        if self.explode:
            raise ValueError("no riddles today")
        written = measuring.generate([(prompt, STOPS, self.sampling) for prompt in prompts])
        for n, (row, said) in enumerate(zip(rows, written, strict=True)):
            totals = [next(found) for _ in row["choices"]]
            yield self.transcript(n, row, totals, said.text)

    @staticmethod
    def transcript(
        n: int, row: Mapping[str, Any], found: Sequence[Loglikelihood], text: str
    ) -> Transcript:
        data = {"answer": row["answer"], "text": text}
        data |= {f"choice/{c}": repr(f.total) for c, f in zip(row["choices"], found, strict=True)}
        sample = Sample(f"riddle-{n}", (), row.get("kind", "plain"), data)
        error = next((f.error for f in found if f.error), None)
        return Transcript(sample, (), "error" if error else "stop", error)

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        sample, data = transcript.sample, transcript.sample.data
        totals = {c.removeprefix("choice/"): float(t)
                  for c, t in data.items() if c.startswith("choice/")}  # fmt: skip
        right = max(totals, key=lambda choice: totals[choice]) == data["answer"]
        yield Outcome(sample.id, sample.cluster, "acc", float(right))
        written = float(data["answer"] in data["text"])
        yield Outcome(sample.id, sample.cluster, "written", written)
