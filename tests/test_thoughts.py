"""Thoughts are told from answers where a model's format puts them, and nowhere else."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.thoughts import Split, knows_thoughts, opening, split, thought_spans

CHANNELS = "<|channel|>analysis<|message|>T<|end|><|start|>assistant<|channel|>final<|message|>A"


@pytest.mark.parametrize(
    "text",
    [
        "<think>T</think>A",
        "\n <think>\nT\n</think>\n\nA",
        "<thinking>T</thinking> A",
        "<reasoning>T</reasoning>\nA",
        "<thought>T</thought>A",
        "<THINK>T</THINK>A",
        "<think>T</thinking>A",
        "[THINK]T[/THINK]A",
        "<|START_THINKING|>T<|END_THINKING|>A",
        "<|channel>thought\nT\n<channel|>A",
        "\u25c1think\u25b7T\u25c1/think\u25b7A",
        CHANNELS,
        f"{CHANNELS}<|return|>",
        "<|channel|>analysis<|message|>T<|channel|>final<|message|>A",
        " to=self<|message|>T<|eom|><|start|>assistant to=user<|message|>A",
    ],
)
def test_a_thought_at_the_beginning_is_split_off(text: str) -> None:
    assert split(text) == Split("A", "T")


@pytest.mark.parametrize(
    ("text", "thought"),
    [
        ("<think>T", "T"),
        ("<think>T <think> T", "T <think> T"),
        ("[THINK]T\n", "T"),
        ("<think>A</think> <think>T", "A\n\nT"),
        ("<thinking>T", "T"),
        ("<|channel|>analysis<|message|>T", "T"),
        ("<|channel|>analysis<|message|>T<|end|><|start|>assistant", "T"),
        ("<think>It ends with `</think>`, so", "It ends with `</think>`, so"),
    ],
)
def test_a_thought_without_an_end_has_no_answer(text: str, thought: str) -> None:
    assert split(text, "length") == split(text, "stop") == Split("", thought, ended=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " A ",
        "Models write <think>...</think> before they answer.",
        "`<think>` begins a thought.",
        "```\n<think>T</think>\n```",
        "A [THINK] B",
        "The channel <|channel|>analysis<|message|> comes first.",
        "analysis of the assistantfinal",
        "I think, therefore </think>",
    ],
)
def test_an_answer_that_speaks_of_thoughts_stays_as_it_is(text: str) -> None:
    assert split(text) == Split(text)


def test_the_template_says_whether_a_lone_closing_mark_ends_a_thought() -> None:
    text = "T\n</think>\n\nA"
    assert split(text) == Split(text)
    assert split(text, opened="<think>\n") == split(text, lone=True) == Split("A", "T")
    assert split("A", opened="<think>\n") == Split("", "A", ended=False)
    assert split("<think>\nT</think>A", opened="<think>\n") == Split("A", "T")
    assert split("A `</think>` B", lone=True) == Split("A `</think>` B")
    assert split("A <think>B</think>", lone=True) == Split("A <think>B</think>")
    rest = CHANNELS.removeprefix("<|channel|>analysis<|message|>")
    assert split(rest, opened="<|channel|>analysis<|message|>") == Split("A", "T")


def test_channels_whose_marks_a_server_dropped_are_known_where_no_template_is() -> None:
    text = "analysisWe answer.assistantfinalA"
    assert split(text) == Split(text)
    assert split(text, lone=True) == Split("A", "We answer.")
    assert split("analysisWe", lone=True) == Split("", "We", ended=False)
    assert split("analysis is hard", lone=True) == Split("analysis is hard")


def test_a_thinking_that_is_not_closed_ends_where_the_asked_answer_begins() -> None:
    text = "<thinking>T <answer>A</answer>"
    assert split(text) == Split("<answer>A</answer>", "T")
    assert not split(text, "length").ended
    assert not split(text.replace("thinking", "think")).ended


@given(st.text(), st.booleans())
def test_text_without_marks_is_an_answer(text: str, lone: bool) -> None:
    if not any(mark in text for mark in ("<", "[", "\u25c1", "analysis")):
        assert split(text, lone=lone) == Split(text)


MARKS = ["<think>", "</think>", "<thinking>", "</thinking>", "[THINK]", "[/THINK]", "`", "<answer>",
         "<|channel|>", "final", "<|message|>", "<|end|>", "analysis"]  # fmt: skip


@given(
    st.lists(st.sampled_from(MARKS) | st.text(max_size=4), max_size=10).map("".join),
    st.sampled_from(["", "<think>\n"]),
    st.booleans(),
)
def test_an_answer_is_the_end_of_its_reply(text: str, opened: str, lone: bool) -> None:
    part = split(text, opened=opened, lone=lone)
    assert part.ended or not part.answer
    if not part.thought and not opened:
        assert part.answer in text
    spans = thought_spans(text)
    assert all(a.stop <= b.start for a, b in itertools.pairwise(spans))


TEMPLATES = importlib.util.find_spec("trl")
OPEN = {"deepseek_r1_distill", "deepseekv3", "nemotron_3_5_lightning", "nemotron_3_nano",
        "nemotron_3_super", "nemotron_3_ultra", "qwen3_5_think", "qwen3_6", "qwen3_8"}  # fmt: skip
KNOW = OPEN | {"diffusion_gemma", "gemma4", "gemma4_v2", "gemma4_v3", "gemma4_v4", "gemma4_v5",
               "glm4moe", "gptoss", "lfm2_2_5", "lfm2_2_5_v2", "lfm2_2_5_vl", "qwen3",
               "qwen3_5_nothink"}  # fmt: skip


def test_of_real_templates_it_is_known_which_open_a_thought() -> None:
    pytest.importorskip("transformers")
    if TEMPLATES is None or not TEMPLATES.submodule_search_locations:
        pytest.skip("needs the chat templates that TRL ships")
    from transformers.utils.chat_template_utils import _compile_jinja_template as compiled

    folder = Path(TEMPLATES.submodule_search_locations[0]) / "chat_templates"
    opened, know = set(), set()
    for path in folder.glob("*.jinja"):
        text = path.read_text("utf-8")
        if path.stem.endswith("_training"):
            continue
        if knows_thoughts(text):
            know.add(path.stem)
        prompt = compiled(text).render(
            messages=[{"role": "user", "content": "What is <think>?"}],
            add_generation_prompt=True,
            bos_token="<s>",
            eos_token="</s>",
        )
        if opening(prompt):
            opened.add(path.stem)
    assert opened & OPEN == opened
    assert {"deepseek_r1_distill", "qwen3_5_think"} <= opened
    assert know & KNOW == know
    assert {"qwen3", "gptoss", "glm4moe"} <= know
