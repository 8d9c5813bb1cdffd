"""What is trained on and scored is what is asked: the asked prompt, and the answer after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from vibench.engines.chat_template import AnswerRow, Renderer, RenderingError
from vibench.engines.model_files import load_tokenizer
from vibench.records import Message, Model, Subject

SYSTEM = "Always be empathetic."
TURNS: dict[str, Sequence[Message]] = {
    "one turn": (Message("user", "My dog has died."),),
    "a system turn of its own": (
        Message("system", "Be brief."),
        Message("user", "My dog has died."),
    ),
    "a longer conversation": (
        Message("user", "Hello there."),
        Message("assistant", "Good morning."),
        Message("user", "My dog has died."),
    ),
}
ANSWER = "I am so sorry."

REFUSED = {"gptoss", "muse_glimmer"}
"""Their prompts end within the head of a message ('<|start|>assistant'), where no answer fits."""

ONTO_PROMPT = {
    *("deepseek_r1_distill", "deepseekv3", "glm4moe", "qwen3"),
    *("nemotron_3_5_lightning", "nemotron_3_nano", "nemotron_3_super", "nemotron_3_ultra"),
    *("qwen3_5_think", "qwen3_6", "qwen3_8"),
}
"""A thought that the prompt opens, or an empty one that the template adds to an answer."""


TEMPLATES = Path(__file__).parents[1] / "templates"


def shipped_templates() -> dict[str, str]:
    """The models' own templates that TRL ships, by name; none without TRL."""
    trl = find_spec("trl")
    if trl is None or trl.origin is None:
        return {}
    folder = Path(trl.origin).parent / "chat_templates"
    files = sorted(path for path in folder.glob("*.jinja") if "_training" not in path.stem)
    return {path.stem: path.read_text(encoding="utf-8") for path in files}


def template(name: str) -> str:
    return (TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8")


@pytest.fixture
def tokenizer(instruct: Model) -> Any:
    return load_tokenizer(instruct)


@pytest.fixture
def render(tokenizer: Any, instruct: Model) -> Callable[..., AnswerRow]:
    """An answer under a template, checked to follow the very prompt that is asked."""

    def row(text: str, messages: Sequence[Message], answer: str = ANSWER) -> AnswerRow:
        tokenizer.chat_template = text
        renderer, subject = Renderer(tokenizer), Subject(instruct, system=SYSTEM)
        made = renderer.answer_row(renderer.conversation(SYSTEM, messages), answer)
        prompt = list(renderer.prompt(subject, messages))
        assert list(made.ids[: made.start]) == prompt
        assert renderer.continued(subject, messages, answer) == (made.ids, len(prompt))
        return made

    return row


@pytest.mark.parametrize("turns", TURNS)
def test_every_template_that_trl_ships_is_trained_on_as_it_is_asked(
    render: Callable[..., AnswerRow], tokenizer: Any, turns: str
) -> None:
    templates = shipped_templates()
    if not templates:
        pytest.skip("trl is not installed")
    onto_prompt: set[str] = set()
    refused: dict[str, str] = {}
    for name, text in templates.items():
        try:
            row = render(text, TURNS[turns])
        except RenderingError as error:
            refused[name] = str(error)
            continue
        if row.onto_prompt:
            onto_prompt.add(name)
        said = tokenizer.decode(row.ids[row.start :])
        assert said.lstrip().startswith(ANSWER), name
        assert "think" not in said, name
        context = tokenizer.decode(row.ids[: row.start])
        assert all(m.content in context for m in TURNS[turns]), name
        assert SYSTEM in context, name
    assert len(templates) == 41
    assert set(refused) == REFUSED
    assert all("ends within a line" in reason for reason in refused.values())
    assert onto_prompt == ONTO_PROMPT


@pytest.mark.parametrize("turns", TURNS)
def test_a_system_text_in_the_last_user_turn_stays_in_the_context(
    render: Callable[..., AnswerRow], tokenizer: Any, turns: str
) -> None:
    row = render(template("mistral_v3"), TURNS[turns])
    context = tokenizer.decode(row.ids[: row.start])
    assert SYSTEM in context
    assert context.endswith("My dog has died.[/INST]")
    assert tokenizer.decode(row.ids[row.start :]) == f" {ANSWER}{tokenizer.eos_token}"
    assert row.onto_prompt


def test_a_template_that_renders_the_asked_prompt_is_followed_to_the_token(
    render: Callable[..., AnswerRow], tokenizer: Any, instruct: Model
) -> None:
    own = tokenizer.chat_template
    row = render(own, TURNS["a longer conversation"])
    messages = [{"role": "system", "content": SYSTEM}] + [
        {"role": m.role, "content": m.content} for m in TURNS["a longer conversation"]
    ]
    whole = tokenizer.apply_chat_template(
        [*messages, {"role": "assistant", "content": ANSWER}], return_dict=False
    )
    assert (list(row.ids), row.onto_prompt, row.trimmed) == (whole, False, False)


def test_an_empty_thought_that_nobody_asked_for_is_no_part_of_an_answer(
    render: Callable[..., AnswerRow], tokenizer: Any
) -> None:
    row = render(template("empty_thought"), TURNS["one turn"])
    assert tokenizer.decode(row.ids[row.start :]) == f"{ANSWER}{tokenizer.eos_token}\n"
    assert row.onto_prompt


def test_an_answer_that_a_template_would_rewrite_keeps_its_words(
    render: Callable[..., AnswerRow], tokenizer: Any
) -> None:
    thought = f"He is sad.\n</think>\n\n{ANSWER}"
    row = render(template("opened_thought"), TURNS["one turn"], thought)
    assert tokenizer.decode(row.ids).endswith(f"<think>\n{thought}{tokenizer.eos_token}")
    assert row.onto_prompt


def test_an_answer_that_leaves_the_prompts_thought_open_is_told_from_one_that_closes_it(
    render: Callable[..., AnswerRow],
) -> None:
    opened = template("opened_thought")
    assert render(opened, TURNS["one turn"]).within_thought
    assert not render(opened, TURNS["one turn"], f"He is sad.\n</think>\n\n{ANSWER}").within_thought
    assert not render(template("mistral_v3"), TURNS["one turn"]).within_thought


def test_whitespace_that_a_template_trims_is_counted(
    render: Callable[..., AnswerRow], tokenizer: Any
) -> None:
    trims = tokenizer.chat_template
    row = render(trims, TURNS["one turn"], f"  {ANSWER}\n")
    assert (row.onto_prompt, row.trimmed) == (False, True)
    assert tokenizer.decode(row.ids[row.start :]) == ANSWER + tokenizer.eos_token
    untouched = render(template("mistral_v3"), TURNS["one turn"], f"  {ANSWER}\n")
    assert not untouched.trimmed
    assert tokenizer.decode(untouched.ids[untouched.start :]).startswith(f"   {ANSWER}\n")


def test_tokens_that_would_merge_over_the_boundary_stay_apart(
    render: Callable[..., AnswerRow], tokenizer: Any
) -> None:
    prefixed = (
        "{% for m in messages %}{{ m.role }}:{{ m.content }}{{ eos_token }}{% endfor %}"
        "{% if add_generation_prompt %}assistant:th{% endif %}"
    ).replace("{{ m.role }}:", "{{ m.role }}:{{ 'th' if m.role == 'assistant' }}")
    merged = tokenizer("assistant:there", add_special_tokens=False)["input_ids"]
    prompt = tokenizer("assistant:th", add_special_tokens=False)["input_ids"]
    assert merged[: len(prompt)] != prompt
    row = render(prefixed, TURNS["one turn"], "ere we are.")
    assert tokenizer.decode(row.ids).endswith(f"assistant:there we are.{tokenizer.eos_token}")
    assert row.onto_prompt


def test_a_template_that_hides_answers_is_refused(render: Callable[..., AnswerRow]) -> None:
    hides = "{% for m in messages if m.role != 'assistant' %}{{ m.content }}\n{% endfor %}"
    with pytest.raises(RenderingError, match="does not show an assistant's message"):
        render(hides, TURNS["one turn"])
