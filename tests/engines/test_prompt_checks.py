"""A model whose prompts would not reach it as they are meant is refused before it is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vibench.embedded import FOLDER
from vibench.engines.chat_template import Renderer
from vibench.engines.model_files import load_tokenizer, load_weights
from vibench.engines.prompt_checks import check_prompts, padding_token, without_embedding
from vibench.engines.transformers.engine import TransformersEngine
from vibench.errors import UsageError
from vibench.records import (
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Message,
    Model,
    Sampling,
    Subject,
    Tokens,
)

TURN = "{{ '<|' + m.role + '|>' + CONTENT + eos_token }}"
ASKS = "{% if add_generation_prompt %}<|assistant|>{% endif %}"


def loop(content: str) -> str:
    return "{% for m in messages %}" + TURN.replace("CONTENT", content) + "{% endfor %}" + ASKS


IN_TEXT = loop("m.content")
IN_PARTS = loop("(m.content | map(attribute='text') | join)")
NO_WORDS = loop("(m.content | length | string)")
LAST_ONLY = "{% set m = messages[-1] %}" + TURN.replace("CONTENT", "m.content") + ASKS
DROPS_ANSWERS = IN_TEXT.replace("in messages", "in messages if m.role != 'assistant'")

Make = Callable[..., Any]


@pytest.fixture
def renderer_of(instruct: Model) -> Callable[[str], Renderer]:
    def build(template: str) -> Renderer:
        tokenizer = load_tokenizer(instruct)
        tokenizer.chat_template = template
        return Renderer(tokenizer)

    return build


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the embedded instruct model that a test may change."""
    place = tmp_path / "model"
    shutil.copytree(FOLDER / "models" / "tiny-instruct", place)
    return place


def local(place: Path) -> Model:
    return Model("local", str(place), f"folder:{place.name}")


def test_a_template_that_takes_parts_is_given_parts(
    renderer_of: Callable[[str], Renderer], instruct: Model
) -> None:
    parts, text = renderer_of(IN_PARTS), renderer_of(IN_TEXT)
    check_prompts(parts, instruct, 2048)
    assert parts.takes_parts
    assert not text.takes_parts
    subject = Subject(instruct, system="Be kind.")
    messages = (Message("user", "Hello"), Message("assistant", "Hi."), Message("user", "Well?"))
    assert parts.text(subject, messages) == text.text(subject, messages)
    assert parts.continued(subject, messages, "Yes.") == text.continued(subject, messages, "Yes.")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (NO_WORDS, "leaves the user's words out"),
        (LAST_ONLY, "leaves the user's words out"),
        (DROPS_ANSWERS, "leaves the assistant's words out"),
        ("{{ raise_exception('never.') }}", r"fails on a single user message: never\. Give"),
        ("{% for m in messages %}{{ m.content }", r"not valid Jinja \(line 1: unexpected '}'\)"),
    ],
)
def test_a_template_that_loses_words_is_refused(
    renderer_of: Callable[[str], Renderer], instruct: Model, template: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        check_prompts(renderer_of(template), instruct, 2048)
    assert "chat_template" in caught.value.hint


def test_a_system_text_that_longer_conversations_lose_goes_to_the_first_user_message(
    renderer_of: Callable[[str], Renderer], instruct: Model
) -> None:
    loses = IN_TEXT.replace(
        "in messages", "in messages if m.role != 'system' or messages | length < 3"
    )
    renderer = renderer_of(loses)
    check_prompts(renderer, instruct, 2048)
    text = renderer.text(Subject(instruct, system="Be kind."), (Message("user", "Hello"),))
    assert "<|user|>Be kind.\n\nHello" in text


def test_a_second_bos_is_refused(renderer_of: Callable[[str], Renderer], instruct: Model) -> None:
    check_prompts(renderer_of("{{ bos_token }}" + IN_TEXT), instruct, 2048)
    with pytest.raises(UsageError, match="two beginning-of-text tokens"):
        check_prompts(renderer_of("{{ bos_token }}{{ bos_token }}" + IN_TEXT), instruct, 2048)


def test_a_token_of_the_template_beyond_the_embeddings_is_named(
    renderer_of: Callable[[str], Renderer], instruct: Model
) -> None:
    renderer = renderer_of("<|new|>" + IN_TEXT)
    renderer.tokenizer.add_tokens(["<|new|>"], special_tokens=True)
    with pytest.raises(UsageError, match=r"'<\|new\|>' \(2048\).*2,048 tokens"):
        check_prompts(renderer, instruct, 2048)
    check_prompts(renderer, instruct, 2049)


def test_a_tokenizer_of_another_model_is_refused(
    renderer_of: Callable[[str], Renderer], instruct: Model
) -> None:
    renderer = renderer_of(IN_TEXT)
    with pytest.raises(UsageError, match=r"has 2,048 tokens.* embeddings for 2,000 only"):
        check_prompts(renderer, instruct, 2000)
    # A token that was added and is in no prompt harms nothing.
    renderer.tokenizer.add_tokens(["<|image|>"], special_tokens=True)
    check_prompts(renderer, instruct, 2048)


def test_a_padding_token_beyond_the_embeddings_is_replaced(
    folder: Path, make_engine: Make, session: Any
) -> None:
    tokenizer = load_tokenizer(local(folder))
    tokenizer.add_special_tokens({"pad_token": "<|new pad|>"})
    tokenizer.save_pretrained(str(folder))
    again = load_tokenizer(local(folder))
    assert again.pad_token_id == 2048
    assert padding_token(again, 2048) == again.eos_token_id
    assert padding_token(again, 2049) == 2048
    opened = make_engine().open(local(folder))
    answers = {}
    for one, model in ((opened, local(folder)), (session, session.base)):
        subject = Subject(model)
        requests = [
            ChatRequest(str(n), subject, (Message("user", "So " * n),), Sampling(0.0, 1.0, 8), 1)
            for n in (1, 9)
        ]
        scored = [LoglikelihoodRequest(f"l{n}", subject, "So " * n, "and so") for n in (1, 9)]
        found = {a.id: a for a in one.run([*requests, *scored])}
        answers[model.name] = [
            found[k].text if isinstance(found[k], Completion) else found[k].total
            for k in ("1", "9", "l1", "l9")
        ]
    opened.close()
    first, second = answers.values()
    assert first == second


def test_a_request_with_a_token_beyond_the_embeddings_fails_alone(session: Any) -> None:
    assert without_embedding((1, 2047), 2048) is None
    subject = Subject(session.base)
    wrong = LoglikelihoodRequest("wrong", subject, Tokens((1, 2)), Tokens((5000,)))
    right = LoglikelihoodRequest("right", subject, Tokens((1, 2)), Tokens((50,)))
    found = {a.id: a for a in session.run([wrong, right])}
    assert found["wrong"].error == "the model has no embedding for the token 5000 (it has 2048)"
    assert isinstance(found["right"], Loglikelihood)
    assert found["right"].error is None


def test_a_session_is_not_opened_on_a_template_that_loses_words(
    folder: Path, make_engine: Callable[..., TransformersEngine]
) -> None:
    (folder / "chat_template.jinja").write_text(LAST_ONLY)
    with pytest.raises(UsageError, match="The chat template of 'local' leaves the user's words"):
        make_engine().open(local(folder))


def test_one_of_several_named_templates_is_chosen_by_its_name(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    config = folder / "tokenizer_config.json"
    known = json.loads(config.read_text())
    named = [{"name": "rag", "template": IN_TEXT}, {"name": "tool_use", "template": LAST_ONLY}]
    config.write_text(json.dumps({**known, "chat_template": named}))
    with pytest.raises(UsageError, match=r"several chat templates \('rag', 'tool_use'\)") as caught:
        load_tokenizer(local(folder))
    assert "chat_template=rag" in caught.value.hint
    assert load_tokenizer(local(folder), "rag").chat_template == IN_TEXT
    with pytest.raises(UsageError, match="several chat templates"):
        load_tokenizer(replace(local(folder)), str(folder))
    own = [*named, {"name": "default", "template": IN_PARTS}]
    config.write_text(json.dumps({**known, "chat_template": own}))
    assert load_tokenizer(local(folder)).chat_template == IN_PARTS


def test_a_tokenizer_in_mistrals_own_format_alone_is_refused(folder: Path) -> None:
    (folder / "tekken.json").write_text("{}")
    load_tokenizer(local(folder))
    (folder / "tokenizer.json").unlink()
    with pytest.raises(UsageError, match=r"own format only \(tekken.json\)") as caught:
        load_tokenizer(local(folder))
    assert "tokenizer.json" in caught.value.hint


def test_the_tokens_do_not_depend_on_mistral_common(folder: Path, instruct: Model) -> None:
    mistral_common = pytest.importorskip("mistral_common")
    tekken = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    (folder / "tekken.json").symlink_to(tekken)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "mistral"}))
    renderer, usual = (Renderer(load_tokenizer(model)) for model in (local(folder), instruct))
    check_prompts(renderer, local(folder), 2048)
    messages = (Message("user", "[INST] Hello <|user|>"),)
    assert renderer.prompt(Subject(local(folder)), messages) == usual.prompt(
        Subject(instruct), messages
    )


def test_weights_have_as_many_embeddings_as_the_engine_counts(session: Any) -> None:
    weights = load_weights(session.base, device="cpu")
    assert session.embeddings == weights.config.vocab_size == 2048
