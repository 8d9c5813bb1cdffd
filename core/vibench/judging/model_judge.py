"""The judge that asks a model: what those of the paper have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from vibench.interfaces import Judge, JudgeModel
from vibench.judging import structured_answers as structured
from vibench.judging.rubrics import render, verdict
from vibench.records import Message, Reply, Rubric, Sampling, Verdict

__all__ = ["ModelJudge"]


class ModelJudge(Judge):
    """Asks a model every rubric's own prompt and reads the answer out of its reply.

    A subclass names its model by `parameters = ModelJudge.asking("org/name")`. Replies are
    read as Listings 1 and 2 ask for them (`judging.read_answer`), or, of a judge that asks for
    structured answers, as JSON too (`structured.read_structured`).
    """

    version: ClassVar[str] = "2"
    """Part of the keys of verdicts, and raised with how replies are read."""
    named_after: ClassVar[str] = ""
    """The model whose name the judge bears, where its default is another one: reports then name
    that one beside it."""

    def __init__(
        self,
        model: str,
        engine: str,
        temperature: float,
        top_p: float,
        max_tokens: int,
        structured: Literal["auto", "no"],
    ) -> None:
        self.model = JudgeModel(model, Sampling(temperature, top_p, max_tokens), engine)
        self.structured = structured == "auto"

    @staticmethod
    def asking(
        model: str,
        engine: str = "",
        temperature: float = 0.2,
        max_tokens: int = 1024,
        structured: Literal["auto", "no"] = "no",
    ) -> Mapping[str, Any]:
        """The parameters of a judge that asks `model` (paper, section 5: temperature 0.2).

        Without structured answers the prompt is the rubric's own and nothing else.
        """
        return {
            "type": "object",
            "properties": {
                # Model and engine are part of keys by what they stand for, not by name.
                "model": {
                    "x-key": False,
                    "type": "string",
                    "minLength": 1,
                    "default": model,
                    "description": "the model that judges: a registry name, a hub id, a folder,"
                    " or its name at the endpoint",
                },
                "engine": {
                    "x-key": False,
                    "x-engine": True,
                    "type": "string",
                    "default": engine,
                    "description": "the engine that runs it; the run's own unless given",
                },
                "temperature": {"type": "number", "minimum": 0, "default": temperature},
                "top_p": {
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "maximum": 1,
                    "default": 1.0,
                },
                "max_tokens": {"type": "integer", "minimum": 1, "default": max_tokens},
                "structured": {
                    "enum": ["auto", "no"],
                    "default": structured,
                    "description": "whether answers are asked for as JSON, by a schema where the"
                    " endpoint takes one; no: in the form of the paper's listings",
                },
            },
            "additionalProperties": False,
        }

    def accepts(self, rubric_name: str) -> bool:
        """Any rubric: each brings its own prompt."""
        return True

    def ask(self, rubric: Rubric) -> tuple[Message, ...] | None:
        """The rubric's prompt around the conversation, with the form of a structured answer."""
        return structured.ask(rubric) if self.structured else render(rubric)

    def schema(self, rubric: Rubric) -> Mapping[str, Any] | None:
        """The form of a structured answer."""
        return structured.answer_schema(rubric) if self.structured else None

    def read(self, rubric: Rubric, reply: Reply) -> Verdict:
        """The last complete answer of the reply, or unscored with the cause."""
        return structured.read(rubric, reply) if self.structured else verdict(rubric, reply)
