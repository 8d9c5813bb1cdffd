"""Facts about a model's chat template that a reader of results has to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from vibench.engines.chat_template import Renderer, RenderingError
from vibench.engines.thought_switch import HELLO, thought_switch
from vibench.records import Model
from vibench.thoughts import opening

if TYPE_CHECKING:
    from vibench.interfaces import Session

__all__ = ["TEMPLATE", "TemplateFacts", "template_facts"]

TEMPLATE = "template"
"""The name of these facts in manifests of transcripts."""


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """Facts about a model's chat template.

    `default_system` is the system prompt that it puts where a conversation has none,
    `takes_thinking` is true if it can be told to ask for thoughts or not to, and `opens_thought`
    is the mark with which prompts end, as it is set, if that opens a thought.
    """

    default_system: str = ""
    takes_thinking: bool = False
    opens_thought: str = ""

    @classmethod
    def of(cls, renderer: Renderer, model: Model) -> TemplateFacts:
        """Return the facts of a template whose thinking is pinned to `model.thinking`."""
        if not renderer.tokenizer.chat_template:
            return cls()
        try:
            mark = opening(renderer.chat_text(None, HELLO)).strip()
        except RenderingError:
            mark = ""
        takes = model.thinking != "template" or bool(thought_switch(renderer))
        return cls(renderer.default_system, takes, mark)

    def record(self) -> dict[str, Any]:
        """Return it as JSON, without what the template does not have."""
        facts = {attribute.name: getattr(self, attribute.name) for attribute in fields(self)}
        return {name: fact for name, fact in facts.items() if fact}

    @classmethod
    def read(cls, manifest: Mapping[str, Any]) -> TemplateFacts:
        """Return the facts in a manifest of transcripts."""
        facts = manifest.get("facts", {}).get(TEMPLATE, {})
        return cls(**{f.name: facts[f.name] for f in fields(cls) if f.name in facts})


def template_facts(session: Session) -> Mapping[str, Any]:
    """Return the facts of a session's template for a manifest; none if there are none."""
    facts = session.template_facts()
    return {TEMPLATE: dict(facts)} if facts else {}
