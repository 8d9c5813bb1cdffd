"""Sentences on what chat templates do to prompts: system prompts of their own, and thoughts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from vibench.engines.template_facts import TemplateFacts
from vibench.engines.template_files import local_facts
from vibench.records import Model, Subject
from vibench.sessions.configs import EngineConfig
from vibench.stages.adapter import AdapterSpec
from vibench.stages.judge_stage import JudgedSpec
from vibench.stages.specification import engine_of
from vibench.stages.stage import Stage
from vibench.stages.transcripts import ConversationsSpec, TranscriptsSpec
from vibench.text import clean

__all__ = ["FileFacts", "template_notes"]

FactsOf = Callable[[Stage], TemplateFacts | None]
"""The facts of the template that a stage of transcripts asks with; None while they are unknown."""
FATES = {
    "replace": "replaces it, so contrasts with vanilla include its loss",
    "append": "follows it with prompt.template_system=append",
}
"""The fate of a template's own system prompt, by the setting."""
MAX_SYSTEM = 160
"""Characters of a template's system prompt in a sentence."""


@dataclass(slots=True)
class _Use:
    """The use that stages make of a model's template."""

    engine: str
    facts: TemplateFacts | None = None
    systems: set[str] = field(default_factory=set)
    """The values of `template_system` of its subjects with a system prompt."""


class FileFacts:
    """Facts out of models' files, where these are on this machine."""

    def __init__(self) -> None:
        self._facts: dict[Model, TemplateFacts | None] = {}

    def __call__(self, stage: Stage) -> TemplateFacts | None:
        model, engine = stage.spec.model, engine_of(stage.spec)
        # An endpoint's model may have the name of a folder, and yet another template.
        if model is None or engine is None or model.identity.startswith("endpoint:"):
            return None
        if model not in self._facts:
            self._facts[model] = local_facts(model, engine.parameters.get("chat_template", ""))
        return self._facts[model]


def template_notes(stages: Iterable[Stage], facts_of: FactsOf) -> list[str]:
    """Return the sentences that hold for these stages, each once."""
    uses: dict[Model, _Use] = {}
    trained: set[Model] = set()
    settings: dict[str, None] = {}
    for stage in stages:
        spec = stage.spec
        if isinstance(spec, AdapterSpec):
            trained.add(spec.model)
        elif isinstance(spec, JudgedSpec) and spec.judge_model is not None:
            settings |= dict.fromkeys(_thinking_line(spec.judge_model.model, spec.judge.name))
        elif isinstance(spec, TranscriptsSpec):
            settings |= dict.fromkeys(_settings(spec))
            use = uses.setdefault(spec.model, _Use(spec.engine.name))
            use.facts = use.facts or facts_of(stage)
            if _has_system(spec):
                use.systems.add(spec.subject.template_system)
    notes = [*settings]
    for model, use in uses.items():
        if use.facts is not None:
            notes += _system_notes(model, use, use.facts)
            notes += _thought_notes(model, use, use.facts, model in trained)
    return notes


def _settings(spec: TranscriptsSpec) -> Iterator[str]:
    yield from _thinking_line(spec.model, spec.engine.name)
    if isinstance(spec, ConversationsSpec) and spec.simulator is not None:
        engine: EngineConfig = spec.simulator_engine or spec.engine
        yield from _thinking_line(spec.simulator.model, engine.name)


def _thinking_line(model: Model, plugin: str) -> Iterator[str]:
    if model.thinking != "template":
        yield f"Thinking: {model.thinking} ({plugin}.thinking)."


def _has_system(spec: TranscriptsSpec) -> bool:
    """Return whether a subject's system prompt stands where its template's own would."""
    subject = spec.subject
    form = Subject(subject.model, None, subject.system).rendering
    return subject.system is not None and (form == "chat" or subject.adapter is not None)


def _system_notes(model: Model, use: _Use, facts: TemplateFacts) -> Iterator[str]:
    if not use.systems:
        return
    if not facts.default_system:
        if "append" in use.systems:
            yield (
                f"The chat template of '{model.name}' has no system prompt of its own, so "
                "prompt.template_system=append changes nothing for it."
            )
        return
    system = clean(facts.default_system, MAX_SYSTEM)
    fate = " and ".join(FATES[setting] for setting in sorted(use.systems, reverse=True))
    if use.systems == {"replace"}:
        fate += "; --set prompt.template_system=append keeps it"
    yield (
        f"The chat template of '{model.name}' has a system prompt of its own ('{system}'). "
        f"The induced system prompt {fate}."
    )


def _thought_notes(model: Model, use: _Use, facts: TemplateFacts, trained: bool) -> Iterator[str]:
    setting = f"{use.engine}.thinking"
    if facts.opens_thought:
        mark = clean(facts.opens_thought)
        note = f"Prompts of '{model.name}' end with {mark}, which opens a thought"
        if trained:
            note += "; answers are trained within it"
        possible = f"--set {setting}=off closes it" if facts.takes_thinking else ""
        yield f"{note}. {possible or 'Its chat template has no switch for it'}."
    elif facts.takes_thinking and model.thinking == "template":
        yield (
            f"Thinking: as the chat template of '{model.name}' has it by itself "
            f"({setting}=template); on and off can be set."
        )
