"""Templates read from files render as the tokenizer does, and say nothing where they cannot."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shipped_templates import shipped_templates

from vibench.embedded import locate
from vibench.engines.chat_template import Renderer, RenderingError
from vibench.engines.model_files import load_tokenizer
from vibench.engines.template_files import local_facts, local_template
from vibench.errors import UsageError
from vibench.records import Message, Model

SHIPPED = shipped_templates()
DIALOGUE = (
    Message("user", "Hello"),
    Message("assistant", "Hi."),
    Message("user", "My dog has died."),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder without its weights."""
    copy = tmp_path / "model"
    copy.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(Path(locate("embedded:tiny-instruct")) / name, copy)
    return copy


def local(folder: Path) -> Model:
    return Model("mine", str(folder), "sha256:0")


def rendered(tokenizer: Any) -> str:
    try:
        return Renderer(tokenizer).chat_text("Be kind.", DIALOGUE)
    except RenderingError as error:
        return str(error)


@pytest.mark.skipif(not SHIPPED, reason="trl is not installed")
def test_every_real_template_renders_as_with_the_tokenizer(folder: Path) -> None:
    tokenizer = load_tokenizer(local(folder))
    for name, text in SHIPPED.items():
        (folder / "chat_template.jinja").write_text(text)
        tokenizer.chat_template = text
        assert rendered(local_template(local(folder))) == rendered(tokenizer), name


def test_the_template_is_chosen_as_for_the_tokenizer(folder: Path, tmp_path: Path) -> None:
    def chosen(model: Model, setting: str = "") -> str:
        template = local_template(model, setting)
        assert template is not None
        assert template.chat_template == load_tokenizer(model, setting).chat_template
        return template.chat_template

    mine = tmp_path / "mine.jinja"
    mine.write_text("{{ messages }}")
    model = local(folder)
    shipped = chosen(model)
    assert chosen(model, str(mine)) == "{{ messages }}"
    assert chosen(model, "embedded:tiny-instruct") == shipped
    (folder / "chat_template.jinja").unlink()
    config = folder / "tokenizer_config.json"
    table = json.loads(config.read_text())
    table["chat_template"] = [
        {"name": "default", "template": "{{ messages }}"},
        {"name": "tool_use", "template": "{{ tools }}"},
    ]
    config.write_text(json.dumps(table))
    assert chosen(model) == "{{ messages }}"
    assert chosen(model, "tool_use") == "{{ tools }}"
    del table["chat_template"]
    config.write_text(json.dumps(table))
    assert local_template(model) is None
    assert chosen(replace(model, chat_template="embedded:tiny-instruct")) == shipped


@pytest.mark.parametrize("text", ["{% if %}", "{% unknown_tag %}", "{{ messages[9].content }}"])
def test_a_broken_template_says_nothing_before_the_model_is_loaded(folder: Path, text: str) -> None:
    (folder / "chat_template.jinja").write_text(text)
    facts = local_facts(local(folder))
    assert facts is None or not facts.record()


def test_files_that_are_not_there_or_not_readable_say_nothing(folder: Path) -> None:
    assert local_facts(Model("gone", "/no/such/folder", "sha256:0")) is None
    assert local_facts(Model("hub", "nobody/has-this-cached", "hub:nobody@main")) is None
    (folder / "chat_template.jinja").unlink()
    (folder / "tokenizer_config.json").write_text("{")
    assert local_facts(local(folder)) is None


def test_a_switch_that_is_not_there_is_known_before_the_model_is_loaded(folder: Path) -> None:
    with pytest.raises(UsageError, match="'mine' cannot be told whether to ask for thoughts"):
        local_facts(replace(local(folder), thinking="off"))
