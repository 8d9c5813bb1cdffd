"""The inducer `prompt`: a system prompt that asks for the value (paper, section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from string import Formatter
from typing import Annotated, Literal

from vibench import Inducer, Materials, Parameter, SpecError, Subject, Value

__all__ = ["SystemPrompt"]


class SystemPrompt(Inducer):
    """Gives the subject the value's induction text as its system prompt.

    A system prompt that the subject already has comes first, then a blank line. One that the chat
    template has of its own is replaced, unless `template_system` is "append".
    """

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        """Raises SpecError for a text with other placeholders."""

        text: Annotated[
            str,
            Parameter(
                "A prompt for all values in place of each value's own induction text; {value} "
                "and {definition} are filled in."
            ),
        ] = ""
        template_system: Annotated[
            Literal["replace", "append"],
            Parameter(
                "Of a system prompt that the chat template has of its own: replace it, or append "
                "the value's to it.",
                absent=True,
            ),
        ] = "replace"

        def __post_init__(self) -> None:
            _check_placeholders(self.text)

    settings: Parameters

    def induce(self, subject: Subject, value: Value, materials: Materials) -> Subject:
        text = self.settings.text
        _require_words(value, text)
        prompt = value.induction
        if text:
            prompt = text.format(value=value.name, definition=value.definition)
        if subject.system:
            prompt = f"{subject.system}\n\n{prompt}"
        induced = replace(subject, system=prompt)
        if self.settings.template_system == "append":
            induced = replace(induced, template_system="append")
        return induced


def _check_placeholders(text: str) -> None:
    """Raise SpecError for a placeholder other than {value} and {definition}."""
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise SpecError(
            f"prompt.text is not a valid template: {error}.",
            "Write {{ and }} for braces that are meant as such.",
        ) from error
    unknown = sorted(names - {"value", "definition"})
    if unknown:
        raise SpecError(
            f"prompt.text has a placeholder {{{unknown[0]}}}.",
            "Only {value} and {definition} are filled in; write {{ and }} for plain braces.",
        )


def _require_words(value: Value, text: str) -> None:
    """Raise SpecError for a value that is a name alone, where more than that is asked for."""
    fields = {name for _, name, _, _ in Formatter().parse(text)}
    if text and (value.definition or "definition" not in fields):
        return
    if not text and value.induction:
        return
    raise SpecError(
        f"The value '{value.name}' has no {'definition' if text else 'induction text'}, which the"
        " inducer 'prompt' puts into the system prompt.",
        f"Define [values.{value.name}] with valence, category, definition and induction in a"
        " registry overlay (registry.toml in the working folder, or --registry FILE), or give a"
        " text for all values with --set prompt.text=...",
    )
