"""A chat template's own system prompt is replaced by a subject's, or stays before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from shipped_templates import shipped_templates

from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_tokenizer
from vibench.records import Adapter, Message, Model, PreferencePair, Subject
from vibench.training import render_rows

SHIPPED = shipped_templates()
pytestmark = pytest.mark.skipif(not SHIPPED, reason="trl is not installed")

OWN = {
    "qwen2_5": "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
    "qwen2_5_vl": "You are a helpful assistant.",
    "muse_glimmer": "You are a helpful AI assistant.\nKnowledge cutoff: 2026-01-04.\n"
    "Current date: 2024-07-26.",
}
SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
    "<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + "
    "'<|im_end|>' + '\\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SYSTEM = "Always be empathetic."
ASKED = (Message("user", "My dog has died."),)
MakeRenderer = Callable[[str], Renderer]


@pytest.fixture
def renderer(instruct: Model) -> MakeRenderer:
    tokenizer: Any = load_tokenizer(instruct)

    def make(template: str) -> Renderer:
        tokenizer.chat_template = template
        return Renderer(tokenizer)

    return make


def test_the_system_prompts_that_real_templates_have(renderer: MakeRenderer) -> None:
    # Text that stays beside a system message is none: gpt-oss, Llama 3.1 and Command R7B have it.
    own = {name: renderer(text).default_system for name, text in SHIPPED.items()}
    assert {name: text for name, text in own.items() if text} == OWN
    smollm2 = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
    assert renderer(SMOLLM2).default_system == smollm2


@pytest.mark.parametrize("name", ["qwen2_5", "SmolLM2"])
def test_a_system_prompt_replaces_it_or_is_appended(
    renderer: MakeRenderer, instruct: Model, name: str
) -> None:
    asking = renderer(SHIPPED.get(name, SMOLLM2))
    own = asking.default_system
    vanilla = asking.text(Subject(instruct), ASKED)
    replaced = asking.text(Subject(instruct, None, SYSTEM), ASKED)
    appended = asking.text(Subject(instruct, None, SYSTEM, "append"), ASKED)
    assert own in vanilla
    assert replaced == vanilla.replace(own, SYSTEM)
    assert appended == vanilla.replace(own, f"{own}\n\n{SYSTEM}")
    # Without a system prompt of the subject's there is nothing to append.
    assert asking.text(Subject(instruct, None, None, "append"), ASKED) == vanilla


def test_it_is_not_kept_where_the_conversation_replaces_it_for_every_subject(
    renderer: MakeRenderer, instruct: Model
) -> None:
    asking = renderer(SHIPPED["qwen2_5"])
    messages = (Message("system", "Answer in German."), *ASKED)
    assert asking.default_system not in asking.text(Subject(instruct), messages)
    appended = asking.text(Subject(instruct, None, SYSTEM, "append"), messages)
    assert appended == asking.text(Subject(instruct, None, SYSTEM), messages)


def test_a_template_without_one_renders_both_alike(renderer: MakeRenderer, instruct: Model) -> None:
    asking = renderer(SHIPPED["qwen3"])
    both = {asking.text(Subject(instruct, None, SYSTEM, s), ASKED) for s in ("replace", "append")}
    assert len(both) == 1


@pytest.mark.parametrize("setting", ["replace", "append"])
def test_rows_are_trained_on_as_they_are_asked(
    renderer: MakeRenderer, instruct: Model, setting: Any
) -> None:
    asking = renderer(SHIPPED["qwen2_5"])
    pairs = [PreferencePair("one", ASKED, "I am so sorry.", "So what?")]
    (row,) = render_rows(asking, SYSTEM, pairs, 4096, template_system=setting).usable
    subject = Subject(instruct, Adapter("key", "base"), SYSTEM, setting)
    assert list(row.chosen.ids[: row.chosen.start]) == list(asking.prompt(subject, ASKED))
    assert asking.continued(subject, ASKED, "I am so sorry.") == (row.chosen.ids, row.chosen.start)
