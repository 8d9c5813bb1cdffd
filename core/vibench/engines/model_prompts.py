"""A model's prompts without its weights: from its tokenizer and its configuration."""

from __future__ import annotations

from dataclasses import dataclass

from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_config, load_tokenizer
from vibench.engines.prompt_checks import check_prompts
from vibench.records import Model

__all__ = ["ModelPrompts", "load_prompts"]


@dataclass(frozen=True, slots=True)
class ModelPrompts:
    """The renderer of a model's prompts, the number of tokens that the model has embeddings for,
    and the most tokens that it reads, where its configuration says so."""

    renderer: Renderer
    embeddings: int
    context: int | None


def load_prompts(
    model: Model, chat_template: str = "", trust_remote_code: bool = False
) -> ModelPrompts:
    """Load a model's tokenizer and configuration, and check prompts as an engine does.

    Raises UsageError as loading the model would.
    """
    renderer = Renderer(load_tokenizer(model, chat_template, trust_remote_code))
    config = load_config(model, trust_remote_code).get_text_config()
    check_prompts(renderer, model, config.vocab_size)
    context = getattr(config, "max_position_embeddings", None)
    return ModelPrompts(renderer, config.vocab_size, context)
