"""The parameters of the QA evals, by the names that lm-eval has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal

from vibench import Parameter

__all__ = ["Examples", "Prompting", "TaskSettings", "Writing"]


@dataclass(frozen=True, kw_only=True)
class Prompting:
    """The parameters that every QA eval has; the defaults are lm-eval's own."""

    chat_template: Annotated[
        Literal["subject", "never"],
        Parameter("subject: as for every eval; never: plain text, the system prompt before it."),
    ] = "subject"
    max_length: Annotated[
        int | None,
        Parameter("Maximum tokens the model reads at once; null: as many as it can.", minimum=2),
    ] = None
    chat_template_args: Annotated[
        Mapping[str, Any], Parameter("Further values for the chat template, as enable_thinking.")
    ] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Examples:
    """The parameters of an eval that may put worked examples before a question."""

    num_fewshot: Annotated[
        int | None,
        Parameter("Worked examples before each question; null: the task's own number.", minimum=0),
    ] = None
    fewshot_as_multiturn: Annotated[
        bool, Parameter("With a chat template: each example is a turn of its own.")
    ] = True


@dataclass(frozen=True, kw_only=True)
class Writing:
    """The parameters of an eval whose answers the model writes."""

    max_gen_toks: Annotated[
        int | None,
        Parameter("Longest answer in tokens; null: the task's own, or 256.", minimum=1),
    ] = None
    gen_kwargs: Annotated[
        Mapping[str, Any],
        Parameter(
            "Replaces values of the task's own generation_kwargs.",
            schema={
                "properties": {
                    "until": {"type": "array", "items": {"type": "string"}},
                    "do_sample": {"type": "boolean"},
                    "temperature": {"type": "number", "minimum": 0},
                    "top_p": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                },
                "additionalProperties": False,
            },
        ),
    ] = field(default_factory=dict)
    think_end_token: Annotated[
        str | None,
        Parameter("Text that ends a model's reasoning: only what follows is the answer."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class TaskSettings(Writing, Examples, Prompting):
    """The settings of a task, with the defaults for those that an eval has no parameter for."""

    @classmethod
    def of(cls, settings: object) -> TaskSettings:
        """Return what an eval's settings say; the defaults for the rest."""
        names = (option.name for option in fields(cls))
        return cls(**{name: getattr(settings, name) for name in names if hasattr(settings, name)})

    @property
    def generation(self) -> dict[str, Any]:
        """The generation arguments that are set."""
        longest = {} if self.max_gen_toks is None else {"max_gen_toks": self.max_gen_toks}
        return {**self.gen_kwargs, **longest}
