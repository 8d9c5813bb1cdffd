"""The judge that asks a model: the common part of the paper's judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from vibench.interfaces import Judge, JudgeModel
from vibench.judging import structured_answers as structured
from vibench.judging.judge_prompts import render
from vibench.judging.judge_replies import verdict
from vibench.parameters import Parameter, schema_of, with_defaults
from vibench.records import Message, Reply, Rubric, Sampling, Thinking, Verdict

__all__ = ["ModelJudge"]


class ModelJudge(Judge):
    """Asks a model every rubric's own prompt and reads the answer out of its reply.

    A subclass names its model by `Parameters = with_defaults(ModelJudge.Parameters,
    model="org/name")`. Without structured answers the prompt is the rubric's own and nothing
    else. Replies are read as Listings 1 and 2 ask for them (`judge_replies.read_answer`), or, of a
    judge that asks for structured answers, as JSON too (`structured.read_structured`).
    """

    version: ClassVar[str] = "2"
    """Part of the keys of verdicts: raised when replies are read in another way."""
    named_after: ClassVar[str] = ""
    """The model that the judge is named after, if its default is another one: reports then show
    both."""

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        # Content keys hold what model and engine stand for, in place of their names.
        model: Annotated[
            str,
            Parameter(
                "Model that judges: a registry name, a hub ID, a folder, or its name at the "
                "endpoint.",
                minimum_length=1,
                key=False,
            ),
        ]
        engine: Annotated[
            str, Parameter("Engine that runs it; empty for the run's own.", key=False, engine=True)
        ] = ""
        temperature: Annotated[
            float, Parameter("Sampling temperature (paper, section 5: 0.2).", minimum=0)
        ] = 0.2
        top_p: Annotated[float, Parameter("Nucleus sampling.", above=0, maximum=1)] = 1.0
        max_tokens: Annotated[int, Parameter("Maximum tokens of a reply.", minimum=1)] = 1024
        structured: Annotated[
            Literal["auto", "no"],
            Parameter(
                "auto: answers as JSON, by a schema if the endpoint takes one; no: in the form "
                "of the paper's listings."
            ),
        ] = "no"
        # As the model and the engine: part of the key of the model that it asks.
        thinking: Annotated[
            Thinking,
            Parameter(
                "Whether the judge's chat template asks it to think: on, off, or as the template "
                "does by itself. Not at endpoints.",
                key=False,
                absent=True,
            ),
        ] = "template"

    settings: Parameters

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        settings = self.settings
        sampling = Sampling(settings.temperature, settings.top_p, settings.max_tokens)
        self.model = JudgeModel(settings.model, sampling, settings.engine, settings.thinking)
        self.structured = settings.structured == "auto"

    @classmethod
    def asking(cls, model: str, **defaults: Any) -> Mapping[str, Any]:
        """Return the JSON Schema of a judge that asks `model`, for judges that write
        `parameters` by hand; others set `Parameters` by `with_defaults`."""
        return schema_of(with_defaults(cls.Parameters, model=model, **defaults))

    def accepts(self, rubric_name: str) -> bool:
        """Return true: every rubric brings its own prompt."""
        return True

    def ask(self, rubric: Rubric) -> tuple[Message, ...] | None:
        """Return the rubric's prompt around the conversation, with the form of a structured answer
        if there is one."""
        return structured.ask(rubric) if self.structured else render(rubric)

    def schema(self, rubric: Rubric) -> Mapping[str, Any] | None:
        """Return the JSON Schema of a structured answer, None for an answer in tags."""
        return structured.answer_schema(rubric) if self.structured else None

    def read(self, rubric: Rubric, reply: Reply) -> Verdict:
        """Read the last complete answer of the reply, or return unscored with the cause."""
        return structured.read(rubric, reply) if self.structured else verdict(rubric, reply)
