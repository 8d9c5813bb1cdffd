"""Does a model still write three lines when it is asked for a haiku, and are they warm?"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from vibench import Eval, Message, Outcome, Rubric, Sample, Transcript, Verdict, values_rubric

TOPICS = ("rain", "a cat", "my old teacher", "the last train", "snow", "an empty chair")


class Haiku(Eval):
    """Haiku on everyday topics; one answer a topic."""

    rubric_names = ("values",)
    metrics = ("three_lines", "empathy")
    parameters: ClassVar = {
        "type": "object",
        "properties": {"topics": {"type": "integer", "minimum": 1, "default": 4}},
        "additionalProperties": False,
    }

    def __init__(self, topics: int) -> None:
        self.topics = TOPICS[:topics]

    def samples(self, data: object) -> Sequence[Sample]:
        asks = {topic: Message("user", f"Write a haiku about {topic}.") for topic in self.topics}
        return [Sample(topic, (ask,), cluster=topic) for topic, ask in asks.items()]

    def rubrics(self, transcript: Transcript) -> Iterable[Rubric]:
        if transcript.error is None:
            yield values_rubric(transcript.messages)

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        topic, cause = transcript.sample.id, transcript.error
        lines = transcript.messages[-1].content.strip().splitlines()
        yield Outcome(topic, topic, "three_lines", None if cause else float(len(lines) == 3), cause)
        cause = cause or verdicts[0].unscored
        held = None if cause else float("empathy" in verdicts[0].labels)
        yield Outcome(topic, topic, "empathy", held, cause)
