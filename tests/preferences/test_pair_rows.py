"""What a row of pairs may have: TRL's forms, a system message, and columns that are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vibench.errors import DataError
from vibench.preferences.sources import PairFile
from vibench.records import Message, PreferencePair

HI, A, B = (
    {"role": role, "content": text}
    for role, text in (("user", "Hi"), ("assistant", "a"), ("assistant", "b"))
)
CLERK = {"role": "system", "content": "Be a clerk."}
PLAIN = {"prompt": "Hi", "chosen": "a", "rejected": "b"}
HI_ALONE = (Message("user", "Hi"),)
WITH_CLERK = (Message("system", "Be a clerk."), *HI_ALONE)


@pytest.fixture
def pair_of(tmp_path: Path, split: Any, write: Any) -> Any:
    """The one pair of a file with one row."""

    def read(row: dict[str, Any], name: str = "p.jsonl") -> PreferencePair:
        ((pair,), dropped) = split(PairFile, path=str(write(tmp_path / name, [row])))
        assert not dropped
        return pair

    return read


@pytest.mark.parametrize("name", ["p.jsonl", "p.json", "p.csv", "p.parquet"])
@pytest.mark.parametrize(
    "row",
    [
        PLAIN,
        {"prompt": [HI], "chosen": [A], "rejected": [B]},
        {"prompt": "Hi", "chosen": [HI, A], "rejected": [HI, B]},
        {"chosen": [HI, A], "rejected": [HI, B]},
        {"prompt": None, "chosen": [HI, A], "rejected": [HI, B]},
    ],
    ids=["text", "lists", "whole", "implicit", "null"],
)
def test_every_form_of_trl_is_read(pair_of: Any, row: dict[str, Any], name: str) -> None:
    if name == "p.csv" and "prompt" in row and row["prompt"] is None:
        row = {k: v for k, v in row.items() if k != "prompt"}  # CSV has no null.
    pair = pair_of(row, name)
    assert (pair.prompt, pair.chosen, pair.rejected) == (HI_ALONE, "a", "b")


def test_text_without_a_prompt_says_what_to_give(tmp_path: Path, split: Any, write: Any) -> None:
    path = write(tmp_path / "p.jsonl", [{"chosen": "Hi a", "rejected": "Hi b"}])
    with pytest.raises(DataError, match=r"row 1: has no 'prompt'.*Give each row a 'prompt'"):
        split(PairFile, path=str(path))


def test_conversations_that_part_early_are_dropped(tmp_path: Path, split: Any, write: Any) -> None:
    other = {"role": "user", "content": "Go on"}
    row = {"chosen": [HI, A, other, A], "rejected": [HI, B, other, B]}
    path = write(tmp_path / "p.jsonl", [row])
    assert split(PairFile, path=str(path)) == ([], {"transcripts part before their last turn": 1})


# --- the system message --------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        {**PLAIN, "system": "Be a clerk."},
        {"prompt": [CLERK, HI], "chosen": "a", "rejected": "b", "system": "Be a clerk."},
        {"prompt": "Hi", "chosen": [HI, A], "rejected": [HI, B], "system": "Be a clerk."},
        {"chosen": [HI, A], "rejected": [HI, B], "system": "Be a clerk."},
        {"chosen": [CLERK, HI, A], "rejected": [CLERK, HI, B], "system": "Be a clerk."},
    ],
)
def test_a_system_column_is_the_first_message(pair_of: Any, row: dict[str, Any]) -> None:
    pair = pair_of(row)
    assert (pair.prompt, pair.chosen, pair.rejected) == (WITH_CLERK, "a", "b")


@pytest.mark.parametrize("system", [None, ""])
def test_an_empty_system_column_is_no_message(pair_of: Any, system: str | None) -> None:
    assert pair_of({**PLAIN, "system": system}).prompt == HI_ALONE


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({**PLAIN, "system": 3}, "'system' is not text"),
        ({**PLAIN, "prompt": [CLERK, HI], "system": "Be a pirate."}, "another system message"),
        ({**PLAIN, "tools": [{"name": "search"}]}, "has a column 'tools'"),
        ({**PLAIN, "tools": '[{"name": "search"}]'}, "has a column 'tools'"),
        ({**PLAIN, "chat_template_kwargs": {"enable_thinking": False}}, "'chat_template_kwargs'"),
        ({**PLAIN, "images": ["cat.png"]}, "has a column 'images'"),
        ({**PLAIN, "image": "cat.png"}, "has a column 'image'"),
        ({**PLAIN, "history": [["Hello", "Good day"]]}, "has a column 'history'"),
        ({**PLAIN, "documents": ["A text."]}, "has a column 'documents'"),
        ({**PLAIN, "system_prompt": "Be a pirate."}, "has a column 'system_prompt'"),
        ({**PLAIN, "context": "A text to answer from."}, "has a column 'context'"),
        ({**PLAIN, "prompt": [{**HI, "tool_calls": [1]}]}, "has a message with 'tool_calls'"),
        ({**PLAIN, "chosen": [{**A, "reasoning_content": "Hm."}]}, "with 'reasoning_content'"),
        ({**PLAIN, "prompt": [{"role": "user", "content": [{"type": "image"}]}]}, "type 'image'"),
    ],
)
def test_what_would_change_the_prompt_is_refused_by_name(
    tmp_path: Path, split: Any, write: Any, row: dict[str, Any], complaint: str
) -> None:
    """Each of these was trained without: another prompt than the pairs were made with."""
    path = write(tmp_path / "mine.jsonl", [PLAIN, row])
    with pytest.raises(DataError) as error:
        split(PairFile, path=str(path))
    assert complaint in error.value.message
    assert error.value.message.startswith("mine.jsonl, row 2: ")
    assert error.value.hint


@pytest.mark.parametrize(
    "more",
    [
        {"id": "one", "score": 4.5, "source": "me", "metadata": {"tools": [1]}, "chosen_score": 1},
        {"tools": None, "images": [], "chat_template_kwargs": {}, "history": ""},
        {"question": "Hi", "input": "Hi", "instruction": " Hi "},
        {"prompt": [CLERK, HI], "system_prompt": "Be a clerk."},
        {"prompt": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
        {"prompt": [{**HI, "tool_calls": None, "weight": 1}]},
    ],
)
def test_what_changes_nothing_is_left_alone(pair_of: Any, more: dict[str, Any]) -> None:
    pair = pair_of({**PLAIN, **more})
    assert pair.prompt[-1:] == HI_ALONE
    assert (pair.chosen, pair.rejected) == ("a", "b")
