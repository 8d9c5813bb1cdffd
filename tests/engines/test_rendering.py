"""Messages become the tokens that the model was, or will be, trained on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vibench.engines.chat_template import Renderer, RenderingError, common_prefix, render
from vibench.engines.model_files import load_tokenizer
from vibench.errors import UsageError
from vibench.records import Adapter, Message, Model, Subject

CHATML = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
REFUSES_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
) + CHATML
IGNORES_SYSTEM = CHATML.replace(
    "{% for m in messages %}", "{% for m in messages if m.role != 'system' %}"
)
DATED = "Today is {{ strftime_now('%d %b %Y') }} ({{ strftime_now('%Y-%m-%d') }}).\n" + CHATML

HELLO = (Message("user", "Hello"),)
DIALOGUE = (Message("user", "Hello"), Message("assistant", "Hi."), Message("user", "And now?"))


@pytest.fixture
def tokenizer(instruct: Model) -> Any:
    return load_tokenizer(instruct)


def with_template(tokenizer: Any, template: str) -> Renderer:
    tokenizer.chat_template = template
    return Renderer(tokenizer)


def test_a_system_prompt_comes_first(tokenizer: Any, instruct: Model) -> None:
    renderer = with_template(tokenizer, CHATML)
    text = renderer.text(Subject(instruct, system="Be kind."), HELLO)
    assert text == "<|system|>Be kind.\n<|user|>Hello\n<|assistant|>"


def test_a_conversations_own_system_message_follows_the_subjects(
    tokenizer: Any, instruct: Model
) -> None:
    renderer = with_template(tokenizer, CHATML)
    messages = (Message("system", "Be brief."), *HELLO)
    text = renderer.text(Subject(instruct, system="Be kind."), messages)
    assert text == "<|system|>Be kind.\n\nBe brief.\n<|user|>Hello\n<|assistant|>"


@pytest.mark.parametrize("template", [REFUSES_SYSTEM, IGNORES_SYSTEM])
def test_templates_without_a_system_role_get_it_in_the_first_user_message(
    tokenizer: Any, instruct: Model, template: str
) -> None:
    renderer = with_template(tokenizer, template)
    text = renderer.text(Subject(instruct, system="Be kind."), DIALOGUE)
    assert text == ("<|user|>Be kind.\n\nHello\n<|assistant|>Hi.\n<|user|>And now?\n<|assistant|>")


def test_a_base_model_under_prompt_alone_is_asked_in_plain_text(
    tokenizer: Any, base: Model
) -> None:
    text = render(tokenizer, Subject(base, system="Be kind."), DIALOGUE)
    assert text == "Be kind.\n\nHello\n\nHi.\n\nAnd now?\n\n"


def test_a_base_model_with_an_adapter_is_asked_by_the_template(tokenizer: Any, base: Model) -> None:
    both = Subject(base, Adapter("a", "b"), "Be kind.")
    trained = Subject(replace(base, stage="instruct"), Adapter("a", "b"), "Be kind.")
    assert render(tokenizer, both, DIALOGUE) == render(tokenizer, trained, DIALOGUE)


def test_there_is_one_bos_whoever_brings_it(tokenizer: Any, instruct: Model) -> None:
    bos = tokenizer.bos_token_id
    renderer = with_template(tokenizer, "{{ bos_token }}" + CHATML)
    chat = renderer.prompt(Subject(instruct), HELLO)
    assert (chat.count(bos), chat[0]) == (1, bos)
    assert renderer.plain_ids(tokenizer.bos_token + "Hello").count(bos) == 1


def test_a_template_that_prints_the_date_prints_the_same_on_any_day(
    tokenizer: Any, instruct: Model
) -> None:
    text = with_template(tokenizer, DATED).text(Subject(instruct), HELLO)
    assert text.startswith("Today is 26 Jul 2024 (2024-07-26).\n<|user|>")
    # A second renderer on the same tokenizer does not pin it twice.
    assert Renderer(tokenizer).text(Subject(instruct), HELLO) == text


def test_the_token_that_ends_a_turn_is_found_in_the_template(tokenizer: Any) -> None:
    end = Renderer(tokenizer).turn_end
    assert end is not None
    assert end in tokenizer.all_special_ids
    assert with_template(tokenizer, CHATML).turn_end is None


def test_a_conversation_the_template_refuses_is_no_crash(tokenizer: Any, instruct: Model) -> None:
    refuses = "{{ raise_exception('roles must alternate') }}"
    with pytest.raises(RenderingError, match="roles must alternate"):
        with_template(tokenizer, refuses).text(Subject(instruct), HELLO)


def test_no_template_at_all_is_the_users_to_mend(tokenizer: Any, instruct: Model) -> None:
    tokenizer.chat_template = None
    with pytest.raises(UsageError) as caught:
        Renderer(tokenizer).text(Subject(instruct), HELLO)
    assert "chat_template" in caught.value.hint


@settings(max_examples=60, deadline=None)
@given(said=st.text(max_size=60), answer=st.text(max_size=60))
def test_a_continuation_begins_where_the_prompt_ends(
    instruct: Model, said: str, answer: str
) -> None:
    renderer = _shared(instruct)
    messages = (Message("user", said),)
    prompt = renderer.prompt(Subject(instruct), messages)
    ids, start = renderer.continued(Subject(instruct), messages, answer)
    assert list(ids[:start]) == list(prompt)
    assert len(ids) > start


_renderers: dict[str, Renderer] = {}


def _shared(model: Model) -> Renderer:
    if model.name not in _renderers:
        _renderers[model.name] = Renderer(load_tokenizer(model))
    return _renderers[model.name]


@given(first=st.lists(st.integers(0, 3)), second=st.lists(st.integers(0, 3)))
def test_the_common_prefix_is_common_and_longest(first: list[int], second: list[int]) -> None:
    n = common_prefix(first, second)
    assert first[:n] == second[:n]
    assert n == min(len(first), len(second)) or first[n] != second[n]
