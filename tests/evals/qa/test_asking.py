"""How a subject is asked, and ways of asking that are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vibench import (
    Model,
    Subject,
    UsageError,
)
from vibench.interfaces import Data
from vibench_evals.qa.gsm8k import GSM8K
from vibench_evals.qa.mmlu import MMLU, MMLUPro
from vibench_evals.qa.plugin import QA

Build = Callable[..., QA]


REFUSES = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}"
    "{% endif %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""A chat template as Gemma's, which takes no system message."""
OWN = (
    "{% if messages[0]['role'] != 'system' %}<|system|>I am Tiny.{% endif %}"
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""A chat template as Qwen 2.5's, with a system prompt of its own."""


# --- how a subject is asked ----------------------------------------------------------------


def prompt_of(build: Build, measuring: Any, data: Data, **said: Any) -> str:
    (transcript,) = build(MMLU, subjects=["anatomy"], **said).measure(measuring, data, 1)
    return str(transcript.messages[0].content)


def test_the_subject_decides_on_template_and_system_prompt(
    measure_alone: Callable[[Subject], Any], instruct: Model, base: Model, data: Data, build: Build
) -> None:
    kind = "You are kind."
    described = "The following are multiple choice questions (with answers) about anatomy."
    chat = prompt_of(build, measure_alone(Subject(instruct, system=kind)), data)
    assert chat.startswith(f"<|bos|><|system|>{kind}\n\n{described}<|end|><|user|>")
    plain = prompt_of(build, measure_alone(Subject(base, system=kind)), data)
    assert plain.startswith(f"{kind}\n\n{described}")
    assert plain.endswith("Answer:")
    assert "<|" in prompt_of(build, measure_alone(Subject(base)), data)
    assert "<|" not in prompt_of(build, measure_alone(Subject(base)), data, chat_template="never")


def test_a_system_prompt_is_never_lost_to_a_template_without_system_messages(
    measure_alone: Callable[[Subject], Any], instruct: Model, data: Data, build: Build
) -> None:
    vanilla, prompted = (
        measure_alone(Subject(instruct)),
        measure_alone(Subject(instruct, system="You are kind.")),
    )
    for measuring in (vanilla, prompted):
        measuring.tokenizer.chat_template = REFUSES
    without, given = prompt_of(build, vanilla, data), prompt_of(build, prompted, data)
    assert without.startswith("<|user|>A lesion causing")
    assert given == without.replace("<|user|>", "<|user|>You are kind.\n\n")


def test_a_system_prompt_is_appended_to_the_templates_own_where_a_task_describes_nothing(
    measure_alone: Callable[[Subject], Any], instruct: Model, data: Data, build: Build
) -> None:
    def prompt(kind: type[QA], setting: Any, **settings: Any) -> str:
        measuring = measure_alone(Subject(instruct, None, "You are kind.", setting))
        measuring.tokenizer.chat_template = OWN
        (transcript,) = build(kind, **settings).measure(measuring, data, 1)
        return str(transcript.messages[0].content)

    kept = prompt(GSM8K, "append", num_fewshot=0)
    assert kept.startswith("<|system|>I am Tiny.\n\nYou are kind.<|user|>")
    assert prompt(GSM8K, "replace", num_fewshot=0) == kept.replace("I am Tiny.\n\n", "")
    # A description replaces the template's own for every subject.
    described = [prompt(MMLU, s, subjects=["anatomy"]) for s in ("append", "replace")]
    assert described[0] == described[1]
    assert "Tiny" not in described[0]


def test_worked_examples_are_turns_unless_they_are_not_to_be(
    alone: Any, data: Data, build: Build
) -> None:
    turns = prompt_of(build, alone, data, num_fewshot=2)
    assert turns.count("<|user|>") == 3
    together = prompt_of(build, alone, data, num_fewshot=2, fewshot_as_multiturn=False)
    assert together.count("<|user|>") == 1
    assert together.count("Answer: ") == 2


def test_a_model_without_a_chat_template_is_told_the_way_out(
    alone: Any, data: Data, build: Build
) -> None:
    alone.tokenizer.chat_template = None
    with pytest.raises(UsageError, match="'tiny-instruct' has no chat template") as caught:
        prompt_of(build, alone, data)
    assert "--set mmlu.chat_template=never" in caught.value.hint


# --- what is refused -------------------------------------------------------------------


def test_answers_that_leave_no_room_for_the_question_are_refused(
    alone: Any, data: Data, build: Build
) -> None:
    pro = build(MMLUPro, subjects=["math"], num_fewshot=0)
    with pytest.raises(UsageError, match="may write 2048 tokens, which leaves no room") as caught:
        list(pro.measure(alone, data, 1))
    assert "--set mmlu-pro.max_gen_toks=512" in caught.value.hint
    assert alone.asked == []


def test_more_worked_examples_than_there_are_is_refused(
    alone: Any, data: Data, build: Build
) -> None:
    with pytest.raises(UsageError, match="'mmlu_anatomy' has 5 worked examples, fewer"):
        prompt_of(build, alone, data, num_fewshot=6)


def test_an_endpoint_is_refused(alone: Any, data: Data, build: Build) -> None:
    alone.tokenizer = None
    with pytest.raises(UsageError, match="sends tokens, which endpoints do not accept"):
        prompt_of(build, alone, data)


def test_rolling_log_likelihoods_are_those_of_the_whole_text(alone: Any) -> None:
    """A text longer than the context is read in windows, each token once."""
    from lm_eval.api.instance import Instance

    from vibench_evals.qa.model import SubjectLM
    from vibench_evals.qa.settings import TaskSettings

    lm = SubjectLM(alone, TaskSettings(max_length=32), "lm-eval:wikitext")
    text = "Rain falls on the roof and the cat sleeps. " * 8
    request = Instance("loglikelihood_rolling", {}, (text,), 0, ("wikitext", 0, 1))
    (total,) = lm.loglikelihood_rolling([request])
    ids = alone.tokenizer.encode(text)
    assert [t for _, continuation in alone.asked for t in continuation.ids] == ids
    assert all(len(p.ids) + len(c.ids) <= 33 for p, c in alone.asked)
    assert total == pytest.approx(sum(alone.loglikelihood(*pair).total for pair in alone.asked))


@pytest.mark.parametrize(
    ("kwargs", "repeats", "what"),
    [
        ({"num_beams": 10}, 1, "generates with num_beams=10"),
        ({"do_sample": True, "temperature": 0.5, "top_k": 5}, 1, "generates with top_k=5"),
        ({"do_sample": True, "temperature": 0.2}, 64, "draws 64 answers to each question"),
    ],
)
def test_ways_to_generate_that_engines_do_not_have_are_refused(
    alone: Any, kwargs: dict[str, Any], repeats: int, what: str
) -> None:
    from lm_eval.api.instance import Instance

    from vibench_evals.qa.model import SubjectLM
    from vibench_evals.qa.settings import TaskSettings

    lm = SubjectLM(alone, TaskSettings(), "lm-eval:some")
    request = Instance("generate_until", {}, ("Hello", kwargs), 0, ("some", 0, repeats))
    with pytest.raises(UsageError, match=what):
        lm.generate_until([request])
