"""Pairs as a training reads them, each beside the prompt that the trained model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vibench.engines.chat_template import RenderingError, common_prefix
from vibench.engines.model_prompts import ModelPrompts, load_prompts
from vibench.engines.token_text import spell
from vibench.preview.conversations import subject_of
from vibench.preview.records import AskedPrompt, PairPreview
from vibench.records import Adapter, PreferencePair, canonical_json
from vibench.sessions.prompt_files import pair_rows
from vibench.training import LoadOptions

if TYPE_CHECKING:
    from vibench.stages.adapter import AdapterSpec

__all__ = ["PairRendering"]

SHOWN_TOKENS = 8
"""Tokens on each side of a difference."""


class PairRendering:
    """The rendering of pairs for trainings; each tokenizer is loaded once."""

    def __init__(self) -> None:
        self._prompts: dict[str, ModelPrompts] = {}

    def identity(self, spec: AdapterSpec) -> str:
        """Return a key that trainings share which render pairs alike."""
        # All that changes tokens and nothing else: neither beta nor the learning rate does.
        options, subject = LoadOptions.of(spec.inducer.parameters), spec.subject
        length = spec.inducer.parameters.get("max_length")
        rendering = [options.chat_template, options.trust_remote_code, length]
        system = subject.system, subject.template_system
        return canonical_json([subject.model.identity, subject.model.thinking, *system, *rendering])

    def prompts(self, spec: AdapterSpec) -> ModelPrompts:
        """Return the training's own rendering of prompts. Raises UsageError as training does."""
        model, options = spec.subject.model, LoadOptions.of(spec.inducer.parameters)
        identity = self.identity(spec)
        if identity not in self._prompts:
            self._prompts[identity] = load_prompts(
                model, options.chat_template, options.trust_remote_code
            )
        return self._prompts[identity]

    def pair(
        self, spec: AdapterSpec, pair: PreferencePair, engine: ModelPrompts | None
    ) -> PairPreview:
        """Return a pair as the training reads it, compared with the prompt of the same
        conversation that `engine` gives the trained model."""
        prompts, start = self.prompts(spec), spec.subject
        parameters = spec.inducer.parameters
        rows = pair_rows(prompts, subject_of(start), parameters, pair)
        # A pair that training would leave out is shown with the reason.
        if not rows.usable:
            length = parameters.get("max_length")
            reason = rows.refused.get(pair.id) or f"its prompt fills max_length ({length} tokens)"
            return PairPreview(pair, refusal=reason)
        (row,) = rows.usable
        tokenizer, context = prompts.renderer.tokenizer, row.chosen.ids[: row.chosen.start]

        def shown(ids: Sequence[int]) -> AskedPrompt:
            return AskedPrompt(spell(tokenizer, ids), tuple(ids))

        preview = PairPreview(
            pair,
            shown(context),
            shown(row.chosen.ids[row.chosen.start :]),
            shown(row.rejected.ids[row.rejected.start :]),
            tuple(rows.notes()),
        )
        if engine is None:
            return preview
        # The adapter does not exist yet: prompts depend on whether there is one, not on its
        # weights.
        trained = replace(subject_of(start), adapter=Adapter("trained", start.model.identity))
        try:
            prompt = engine.renderer.prompt(trained, pair.prompt)
        except RenderingError as error:
            return replace(preview, difference=f"the model cannot be asked: {error}")
        # Both sides: a tokenizer may merge the end of the context with the start of one answer
        # alone.
        contexts = (side.ids[: side.start] for side in (row.chosen, row.rejected))
        differences = (difference(tokenizer, context, prompt) for context in contexts)
        return replace(preview, difference=next(filter(None, differences), ""))


def difference(tokenizer: Any, context: Sequence[int], prompt: Sequence[int]) -> str:
    """Return in words where two token sequences differ, "" if they are the same."""
    if tuple(context) == tuple(prompt):
        return ""
    start = common_prefix(context, prompt)

    def words(ids: Sequence[int]) -> str:
        text = "".join(p.text for p in spell(tokenizer, ids[start : start + SHOWN_TOKENS]))
        return repr(text) if text else "its end"

    return f"from token {start + 1} on the context has {words(context)}, the prompt {words(prompt)}"
