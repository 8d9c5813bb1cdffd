"""What a model thought before its answer: folded on the page, there to be read, and only text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Builder = Callable[..., Any]
Written = Callable[..., Path]
Opened = Callable[..., Any]

MARKUP = "<img src=x onerror='window.ran = 1'><b>bold</b></details></script>{{ 7 * 7 }}"


def thought(subject: str, i: int) -> str:
    return f"I will weigh sample {i} as {subject or 'none'}. {MARKUP}"


@pytest.fixture
def page(builder: Builder, written: Written, opened: Opened) -> Any:
    made = builder(evals=("issuebench",), samples=4, thought=thought)
    page = opened(written(made.build()))
    page.choose("inducer", "prompt")
    page.page.locator("#list").focus()
    page.press("ArrowDown")
    return page


def test_a_thought_is_folded_and_opens_to_its_text(page: Any) -> None:
    folded = page.page.locator("#detail details.thought").filter(has_text="prompt empathy")
    assert folded.count() == 1
    words = "I will weigh sample 0 as prompt empathy."
    assert folded.locator("summary").inner_text() == "Thought (not judged)"
    assert not folded.get_by_text(words).is_visible()
    assert words not in page.detail
    assert "Answer 0 of prompt empathy." in page.detail, "the answer is not folded"
    folded.locator("summary").click()
    assert folded.get_by_text(words).is_visible()
    folded.locator("summary").press("Enter")
    assert not folded.get_by_text(words).is_visible()


def test_markup_in_a_thought_is_text(page: Any) -> None:
    folded = page.page.locator("#detail details.thought").filter(has_text="prompt empathy")
    folded.locator("summary").click()
    assert folded.locator(".text").all_inner_texts() == [thought("prompt empathy", 0)]
    assert page.page.locator("#detail img, #detail script, #detail b").count() == 0
    assert page.page.evaluate("window.ran") is None


def test_thoughts_are_searched_too(page: Any) -> None:
    page.search("weigh sample 3 as prompt")
    assert page.count.startswith("1 transcript ")
