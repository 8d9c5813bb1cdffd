"""Thoughts are recognised by ids where their marks are special tokens, which texts leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from vibench import ChatRequest, Completion, Message, Model, Sampling, Subject, Tokens
from vibench.engines.chat_template import Renderer
from vibench.engines.reply_decoder import ReplyDecoder

pytest.importorskip("transformers")

HARMONY = ("<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>")
WORDS = ("Hello", "analysis", "final", "assistant", "so", "I", "wonder", "plans", "differ",
         "thought", "\n", "user")  # fmt: skip
SUBJECT = Subject(Model("m", "m", "m"))
SAID = (Message("user", "Hello"),)
TURNS = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


def decoder(template: str, special: Sequence[str] = (), plain: Sequence[str] = ()) -> ReplyDecoder:
    from tokenizers import AddedToken, Tokenizer
    from tokenizers.decoders import Fuse
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    model = Tokenizer(WordLevel({word: n for n, word in enumerate(("?", *WORDS))}, unk_token="?"))
    model.decoder = Fuse()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=model, chat_template=TURNS + template)
    tokenizer.add_tokens([AddedToken(mark, special=True) for mark in special], special_tokens=True)
    tokenizer.add_tokens([AddedToken(mark, special=False) for mark in plain])
    return ReplyDecoder(Renderer(tokenizer))


def ids(made: ReplyDecoder, words: str) -> list[int]:
    found: list[int] = made.tokenizer.convert_tokens_to_ids(words.split())
    assert 0 not in found
    return found


def reply(made: ReplyDecoder, words: str, prompt: str, messages: Any = SAID) -> Completion:
    request = ChatRequest("r", SUBJECT, messages, Sampling(), 1)
    new = ids(made, words)
    return made.completion(request, ids(made, prompt), new, True, len(new))


def test_channels_are_told_apart_by_their_special_tokens() -> None:
    made = decoder("<|start|>assistant<|channel|>", HARMONY)
    words = (
        "<|channel|> analysis <|message|> I wonder <|end|> <|start|> assistant <|channel|> final "
        "<|message|> plans differ"
    )
    found = reply(made, words, "Hello <|start|> assistant")
    assert (found.text, found.thought, found.finish) == ("plansdiffer", "Iwonder", "stop")
    cut = reply(made, "<|channel|> analysis <|message|> I wonder", "Hello <|start|> assistant")
    assert (cut.text, cut.thought, cut.finish) == ("", "Iwonder", "length")
    assert cut.completion_tokens == 5


def test_marks_that_are_special_tokens_are_seen() -> None:
    made = decoder("[/THINK]", ("[THINK]", "[/THINK]", "</s>"))
    found = reply(made, "[THINK] I wonder [/THINK] plans differ </s>", "Hello")
    assert (found.text, found.thought) == ("plansdiffer", "Iwonder")
    gemma = decoder("<channel|>", ("<|channel>", "<channel|>"))
    found = reply(gemma, "<|channel> thought I wonder <channel|> plans", "Hello")
    assert (found.text, found.thought) == ("plans", "Iwonder")


def test_a_thought_that_the_prompt_opened_ends_at_a_lone_mark() -> None:
    made = decoder("<think></think>", plain=("<think>", "</think>"))
    found = reply(made, "I wonder </think> plans differ", "Hello <think>")
    assert (found.text, found.thought) == ("plansdiffer", "Iwonder")
    found = reply(made, "I wonder", "Hello <think>")
    assert (found.text, found.thought, found.finish) == ("", "Iwonder", "length")


def test_a_template_without_thoughts_leaves_a_lone_mark_to_the_answer() -> None:
    made = decoder("", plain=("<think>", "</think>"))
    assert reply(made, "so </think> plans", "Hello").text == "so</think>plans"
    assert reply(made, "<think> so </think> plans", "Hello").text == "plans"


def test_what_was_asked_in_tokens_is_answered_as_it_is() -> None:
    made = decoder("<think></think>", plain=("<think>", "</think>"))
    found = reply(made, "<think> so </think> plans", "Hello", Tokens((1,)))
    assert (found.text, found.thought) == ("<think>so</think>plans", "")
