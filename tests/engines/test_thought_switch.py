"""Models are asked to think, or not to, in the way that each real chat template has for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from shipped_templates import shipped_templates

from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_tokenizer
from vibench.engines.template_facts import TemplateFacts
from vibench.engines.thought_switch import pin_thinking
from vibench.errors import UsageError
from vibench.records import Message, Model, PreferencePair, Subject, Thinking
from vibench.training import render_rows

OLDER = {
    *("diffusion_gemma", "gemma4", "gemma4_v2", "gemma4_v3", "gemma4_v4", "lfm2", "lfm2_2_5"),
    *("lfm2_2_5_v2", "lfm2_v2", "llama3_1", "nemotron_3_nano", "nemotron_3_super", "qwen3_6"),
}
"""Close to another one that is here: each takes its time to compile."""
SHIPPED = {name: text for name, text in shipped_templates().items() if name not in OLDER}
pytestmark = pytest.mark.skipif(not SHIPPED, reason="trl is not installed")

HELLO = (Message("user", "Hello"),)
DIALOGUE = (*HELLO, Message("assistant", "Hi."), Message("user", "My dog has died."))

TAKE_IT = {
    *("gemma4_v5", "glm4moe", "nemotron_3_5_lightning", "nemotron_3_ultra"),
    *("qwen3", "qwen3_5_nothink", "qwen3_5_think", "qwen3_8"),
}
OPEN_A_THOUGHT = {
    *("deepseek_r1_distill", "deepseekv3", "nemotron_3_5_lightning", "nemotron_3_ultra"),
    *("qwen3_5_think", "qwen3_8"),
}
BY_THINKING = (
    "{% if not thinking is defined %}{% set thinking = false %}{% endif %}"
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{{ '<think>' if thinking else '</think>' }}"
    "{% endif %}"
)
"""The form of Granite 3.2's and DeepSeek V3.1's switch."""


@pytest.fixture(scope="module")
def tokenizer(instruct: Model) -> Any:
    return load_tokenizer(instruct)


@pytest.fixture
def pinned(tokenizer: Any, instruct: Model) -> Callable[[str, Thinking], Renderer]:
    """A renderer of a template, told whether to ask for thoughts."""

    def renderer(template: str, thinking: Thinking) -> Renderer:
        tokenizer.chat_template = template
        pin_thinking(tokenizer, replace(instruct, thinking=thinking))
        return Renderer(tokenizer)

    return renderer


def facts(pinned: Any, instruct: Model, template: str) -> TemplateFacts:
    return TemplateFacts.of(pinned(template, "template"), instruct)


def test_what_each_real_template_takes_and_does_by_itself(pinned: Any, instruct: Model) -> None:
    known = {name: facts(pinned, instruct, text) for name, text in SHIPPED.items()}
    assert {name for name, one in known.items() if one.takes_thinking} == TAKE_IT
    assert {name for name, one in known.items() if one.opens_thought} == OPEN_A_THOUGHT


@pytest.mark.parametrize("name", sorted(TAKE_IT))
def test_a_pinned_template_renders_as_with_the_variable_passed(
    pinned: Any, tokenizer: Any, name: str
) -> None:
    for setting, value in (("on", True), ("off", False)):
        renderer = pinned(SHIPPED[name], "template")
        conversation = renderer.shaped(renderer.conversation("Be kind.", DIALOGUE))
        passed = tokenizer.apply_chat_template(
            conversation, tokenize=False, add_generation_prompt=True, enable_thinking=value
        )
        assert pinned(SHIPPED[name], setting).chat_text("Be kind.", DIALOGUE) == passed
    as_it_is = pinned(SHIPPED[name], "template").chat_text(None, HELLO)
    both = {pinned(SHIPPED[name], s).chat_text(None, HELLO) for s in ("on", "off")}
    assert len(both) == 2
    assert as_it_is in both


@pytest.mark.parametrize("name", sorted(OPEN_A_THOUGHT & TAKE_IT))
def test_answers_are_trained_outside_the_thought_when_thoughts_are_off(
    pinned: Any, instruct: Model, name: str
) -> None:
    pairs = [PreferencePair("one", DIALOGUE, "I am so sorry.", "So what?")]
    assert render_rows(pinned(SHIPPED[name], "template"), None, pairs, 4096).within_thought == 1
    renderer = pinned(SHIPPED[name], "off")
    rows = render_rows(renderer, None, pairs, 4096)
    assert rows.facts()["rows_within_thought"] == 0
    assert not any("thought" in note for note in rows.notes())
    (row,) = rows.usable
    asked = renderer.prompt(Subject(instruct), DIALOGUE)
    assert list(row.chosen.ids[: row.chosen.start]) == list(asked)


def test_a_variable_of_another_name_is_set(pinned: Any) -> None:
    ends = [pinned(BY_THINKING, s).chat_text(None, HELLO)[-8:] for s in ("template", "on", "off")]
    assert ends == ["</think>", "><think>", "</think>"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("deepseekv3", "it has no variable for it"),
        ("gptoss", "it only takes how much to think (reasoning_effort)"),
        ("qwen2_5", "it has no variable for it"),
        ("qwen3_instruct_2507", "it has no variable for it"),
    ],
)
def test_a_template_without_a_switch_is_refused(pinned: Any, name: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        pinned(SHIPPED[name], "off")
    assert "'tiny-instruct' cannot be told whether to ask for thoughts" in caught.value.message
    assert caught.value.message.endswith(f"(thinking=off): {reason}.")


def test_a_tokenizer_is_loaded_with_it(instruct: Model, tmp_path: Any) -> None:
    path = tmp_path / "qwen3.jinja"
    path.write_text(SHIPPED["qwen3"])

    def end(thinking: Thinking) -> str:
        renderer = Renderer(load_tokenizer(replace(instruct, thinking=thinking), str(path)))
        return renderer.chat_text(None, HELLO).partition("assistant\n")[2]

    assert [end("template"), end("on"), end("off")] == ["", "", "<think>\n\n</think>\n\n"]
