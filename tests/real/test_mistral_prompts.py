"""Prompts of Mistral's models, beside those of mistral-common, Mistral's own code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from golden_prompts import FIRST, SYSTEM, TURNS
from model_families import FAMILIES
from zoo import build

from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_tokenizer
from vibench.records import Message, Subject

pytest.importorskip("torch")
pytest.importorskip("mistral_common")


def encode(family: str, folder: Path, messages: Sequence[Message]) -> list[int]:
    """Return the tokens that Mistral's own code gives for a conversation."""
    from mistral_common.protocol.instruct.messages import (
        AssistantMessage,
        SystemMessage,
        UserMessage,
    )
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    forms: dict[str, Any] = {
        "system": SystemMessage,
        "user": UserMessage,
        "assistant": AssistantMessage,
    }
    tokenizer = (
        MistralTokenizer.from_file(str(folder / "tekken.json"))
        if FAMILIES[family].tokenizer == "tekken"
        else MistralTokenizer.v3()
    )
    request: Any = ChatCompletionRequest(
        messages=[forms[message.role](content=message.content) for message in messages]
    )
    tokens: list[int] = tokenizer.encode_chat_completion(request).tokens
    return tokens


@pytest.mark.parametrize("family", ["mistral-0.3", "mistral-nemo"])
def test_prompts_have_the_tokens_that_mistrals_own_code_gives(family: str, tmp_path: Path) -> None:
    specimen = build(family, tmp_path / family)
    renderer = Renderer(load_tokenizer(specimen.model))
    for system in (None, SYSTEM):
        for messages in (FIRST, TURNS):
            asked = renderer.prompt(Subject(specimen.model, system=system), messages)
            first = [Message("system", system)] if system else []
            assert list(asked) == encode(family, tmp_path, [*first, *messages])
