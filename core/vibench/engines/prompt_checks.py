"""Checks of a tokenizer, its chat template and a model, made once before the model is asked.

A template that leaves words out, a second beginning-of-text token, tokens that the model has no
embeddings for: each would give answers to another prompt than the intended one, or end in an
IndexError far from its cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vibench.engines.chat_template import Renderer, RenderingError
from vibench.errors import UsageError
from vibench.records import Message, Model

__all__ = ["check_prompts", "embedding_count", "padding_token", "without_embedding"]

SYSTEM, FIRST, ANSWER, LAST = (f"vibench {word}" for word in ("alpha", "beta", "gamma", "delta"))
HINT = (
    "Give the model another chat template: --set transformers.chat_template=... or "
    "vllm.chat_template=... (a .jinja file or a model), and the same for an inducer that trains."
)


def embedding_count(weights: Any) -> int:
    """Return the number of tokens that a loaded model has embeddings for."""
    # Not the tokenizer's size: models are padded to a multiple, and some tokenizers have grown.
    return int(weights.get_input_embeddings().weight.shape[0])


def check_prompts(renderer: Renderer, model: Model, embeddings: int) -> None:
    """Raise UsageError if prompts would not reach the model as intended.

    Models without a chat template are asked in plain text, of which only the tokens are
    checked.
    """
    _check_vocabulary(renderer.tokenizer, model, embeddings)
    ids = renderer.plain_ids(FIRST)
    if renderer.tokenizer.chat_template:
        ids = [*ids, *_check_template(renderer, model)]
    _check_ids(renderer, model, ids, embeddings)


def without_embedding(ids: Sequence[int], embeddings: int | None) -> str | None:
    """Return the reason why a model cannot read token ids, or None."""
    if embeddings is None or not ids or max(ids) < embeddings:
        return None
    return f"the model has no embedding for the token {max(ids)} (it has {embeddings})"


def padding_token(tokenizer: Any, embeddings: int) -> int:
    """Return a token to pad with that the model knows."""
    # The mask hides it, so any will do; a padding token that was added to the tokenizer alone has
    # no embedding.
    candidates = (tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.bos_token_id, 0)
    return next(int(i) for i in candidates if i is not None and i < embeddings)


def _check_vocabulary(tokenizer: Any, model: Model, embeddings: int) -> None:
    """Raise UsageError for a tokenizer whose ordinary tokens go beyond the model's embeddings."""
    if tokenizer.vocab_size <= embeddings:
        return
    # Tokens that were added to a tokenizer (a padding token, an image's) often have no embedding
    # and are never in a prompt; a prompt that does have one is refused by itself.
    added = set(tokenizer.added_tokens_decoder)
    tokens = 1 + max((i for i in tokenizer.get_vocab().values() if i not in added), default=0)
    if tokens > embeddings:
        raise UsageError(
            f"The tokenizer of '{model.name}' has {tokens:,} tokens, but the model has embeddings "
            f"for {embeddings:,} only.",
            "Use the tokenizer that belongs to the model.",
        )


def _check_template(renderer: Renderer, model: Model) -> list[int]:
    """Return the tokens of a short conversation with a system message, once its words are there.

    Raises UsageError if the template leaves out a message or puts BOS twice.
    """
    first = Message("user", FIRST)
    try:
        text = renderer.chat_text(SYSTEM, [first])
    except RenderingError as error:
        raise _template_error(model, error) from error
    _check_words(model, text, {"user's": FIRST, "system's": SYSTEM})
    try:
        dialogue = [first, Message("assistant", ANSWER), Message("user", LAST)]
        longer = renderer.chat_text(SYSTEM, dialogue)
    except RenderingError:
        pass  # A template for one turn; a request with more turns is an error of its own.
    else:
        words = {"user's": FIRST, "system's": SYSTEM, "assistant's": ANSWER, "last user's": LAST}
        _check_words(model, longer, words)
    ids, bos = renderer.chat_ids(text), renderer.tokenizer.bos_token_id
    if bos is not None and ids[:2] == [bos, bos]:
        raise UsageError(
            f"Prompts of '{model.name}' begin with two beginning-of-text tokens: its chat template "
            "and its tokenizer add one each.",
            HINT,
        )
    return ids


def _template_error(model: Model, error: RenderingError) -> UsageError:
    from jinja2 import TemplateSyntaxError

    cause = error.__cause__
    problem = f"fails on a single user message: {cause or error}"
    if isinstance(cause, TemplateSyntaxError):
        problem = f"is not valid Jinja (line {cause.lineno}: {cause.message})"
    return UsageError(f"The chat template of '{model.name}' {problem.rstrip('.')}.", HINT)


def _check_words(model: Model, text: str, words: dict[str, str]) -> None:
    for owner, probe in words.items():
        if probe not in text:
            raise UsageError(
                f"The chat template of '{model.name}' leaves the {owner} words out of the prompt.",
                HINT,
            )


def _check_ids(renderer: Renderer, model: Model, ids: Sequence[int], embeddings: int) -> None:
    if without_embedding(ids, embeddings):
        token = max(ids)
        spelled = renderer.tokenizer.convert_ids_to_tokens(token)
        raise UsageError(
            f"Prompts of '{model.name}' hold the token '{spelled}' ({token}), but the model has "
            f"embeddings for {embeddings:,} tokens only.",
            "Use the tokenizer that belongs to the model, resize the model's embeddings and save "
            "it, or give it a chat template without that token.",
        )
