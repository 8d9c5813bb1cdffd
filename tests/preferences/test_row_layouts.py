"""Preference data as people have it: the layout of a row, and what it becomes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import DataError
from vibench.preferences.pair_rows import columns_pair
from vibench.preferences.rows import FileRow
from vibench.preferences.sources import PairFile
from vibench.records import Dropped, Message, PreferencePair


def message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def sharegpt(role: str, value: str) -> dict[str, str]:
    return {"from": role, "value": value}


def struct_of_lists(*messages: dict[str, str]) -> dict[str, list[str]]:
    return {key: [m[key] for m in messages] for key in messages[0]}


SYSTEM, HI = message("system", "Be brief."), message("user", "Hi")
YES, NO = message("assistant", "yes"), message("assistant", "no")
EARLIER = [message("user", "Hello"), message("assistant", "Hello."), HI]

ONE = (Message("user", "Hi"),)
WITH_SYSTEM = (Message("system", "Be brief."), *ONE)
SEVERAL = (Message("user", "Hello"), Message("assistant", "Hello."), *ONE)

# Each layout: a row of it, and the prompt of its pair; the answers are "yes" and "no".
LAYOUTS: dict[str, tuple[dict[str, Any], tuple[Message, ...]]] = {
    "TRL, standard": ({"prompt": "Hi", "chosen": "yes", "rejected": "no"}, ONE),
    "TRL, conversational": ({"prompt": [HI], "chosen": [YES], "rejected": [NO]}, ONE),
    "TRL, several turns": ({"prompt": EARLIER, "chosen": [YES], "rejected": [NO]}, SEVERAL),
    "TRL, implicit prompt": ({"chosen": [HI, YES], "rejected": [HI, NO]}, ONE),
    "TRL, implicit, several turns": (
        {"chosen": [*EARLIER, YES], "rejected": [*EARLIER, NO]},
        SEVERAL,
    ),
    "UltraFeedback": (
        {
            "prompt": "Hi",
            "prompt_id": "x",
            "messages": [HI, YES],
            "chosen": [HI, YES],
            "rejected": [HI, NO],
            "score_chosen": 8.0,
            "score_rejected": 3.0,
        },
        ONE,
    ),
    "Argilla's binarized sets": (
        {
            "dataset": "capybara",
            "chosen": [*EARLIER, YES],
            "rejected": [*EARLIER, NO],
            "chosen_rating": 5.0,
            "rejected_rating": 4.0,
        },
        SEVERAL,
    ),
    "Orca pairs": (
        {"system": "Be brief.", "question": "Hi", "chosen": "yes", "rejected": "no"},
        WITH_SYSTEM,
    ),
    "Orca pairs, empty system": (
        {"system": "", "question": "Hi", "chosen": "yes", "rejected": "no"},
        ONE,
    ),
    "Distilabel's Orca pairs": (
        {"system": "Be brief.", "input": "Hi", "chosen": "yes", "rejected": "no"},
        WITH_SYSTEM,
    ),
    "HH-RLHF": (
        {
            "chosen": "\n\nHuman: Hello\n\nAssistant: Hello.\n\nHuman: Hi\n\nAssistant: yes",
            "rejected": "\n\nHuman: Hello\n\nAssistant: Hello.\n\nHuman: Hi\n\nAssistant: no",
        },
        SEVERAL,
    ),
    "HH-RLHF with a prompt": (
        {
            "prompt": "\n\nHuman: Hello\n\nAssistant: Hello.\n\nHuman: Hi\n\nAssistant:",
            "chosen": " yes".strip(),
            "rejected": "no",
        },
        SEVERAL,
    ),
    "OpenAI": (
        {
            "input": {"messages": [SYSTEM, HI], "tools": [], "parallel_tool_calls": True},
            "preferred_output": [YES],
            "non_preferred_output": [NO],
        },
        WITH_SYSTEM,
    ),
    "objects with messages": (
        {"chosen": {"messages": [HI, YES]}, "rejected": {"messages": [HI, NO]}},
        ONE,
    ),
    "a prompt object with messages": (
        {"prompt": {"messages": [SYSTEM, HI]}, "chosen": "yes", "rejected": "no"},
        WITH_SYSTEM,
    ),
    "ms-swift, messages": ({"messages": [HI, YES], "rejected_messages": [HI, NO]}, ONE),
    "ms-swift, last message": ({"messages": [SYSTEM, HI, YES], "rejected_messages": [NO]},
                               WITH_SYSTEM),
    "ms-swift, response": ({"messages": [*EARLIER, YES], "rejected_response": "no"}, SEVERAL),
    "ms-swift, query": (
        {"system": "Be brief.", "query": "Hi", "response": "yes", "rejected_response": "no"},
        WITH_SYSTEM,
    ),
    "LLaMA-Factory, ShareGPT": (
        {
            "conversations": [
                sharegpt("human", "Hello"),
                sharegpt("gpt", "Hello."),
                sharegpt("human", "Hi"),
            ],
            "chosen": sharegpt("gpt", "yes"),
            "rejected": sharegpt("gpt", "no"),
        },
        SEVERAL,
    ),
    "LLaMA-Factory, system": (
        {
            "conversations": [sharegpt("human", "Hi")],
            "system": "Be brief.",
            "chosen": sharegpt("gpt", "yes"),
            "rejected": sharegpt("gpt", "no"),
        },
        WITH_SYSTEM,
    ),
    "LLaMA-Factory, OpenAI messages": ({"messages": [HI], "chosen": YES, "rejected": NO}, ONE),
    "the whole conversation beside its answer": (
        {"messages": [HI, YES], "chosen": "yes", "rejected": "no"},
        ONE,
    ),
    "Alpaca": (
        {"instruction": "Hi", "input": "", "chosen": "yes", "rejected": "no"},
        ONE,
    ),
    "Alpaca with an input": (
        {"instruction": "Say this:", "input": "Hi", "chosen": "yes", "rejected": "no"},
        (Message("user", "Say this:\nHi"),),
    ),
    "a sequence of structs": (
        {
            "prompt": struct_of_lists(SYSTEM, HI),
            "chosen": struct_of_lists(YES),
            "rejected": struct_of_lists(NO),
        },
        WITH_SYSTEM,
    ),
    "a sequence of structs, ShareGPT": (
        {
            "conversations": struct_of_lists(sharegpt("system", "Be brief."),
                                             sharegpt("human", "Hi")),
            "chosen": sharegpt("gpt", "yes"),
            "rejected": sharegpt("gpt", "no"),
        },
        WITH_SYSTEM,
    ),
    "lists as JSON text": (
        {"chosen": json.dumps([HI, YES]), "rejected": json.dumps([HI, NO])},
        ONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_becomes_this_pair(layout: str) -> None:
    row, prompt = LAYOUTS[layout]
    pair = columns_pair(FileRow("mine.jsonl", 3, row), "file")
    assert pair == PreferencePair("file/mine.jsonl:3", prompt, "yes", "no", "file")


@pytest.mark.parametrize("name", ["p.jsonl.gz", "p.json", "p.csv", "p.parquet"])
def test_every_form_of_file_holds_every_layout(
    tmp_path: Path, split: Any, write: Any, name: str
) -> None:
    for row, prompt in LAYOUTS.values():
        if name == "p.csv":
            row = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in row.items()}
        if "parallel_tool_calls" in str(row) and name == "p.parquet":
            row = {**row, "input": {"messages": row["input"]["messages"], "tools": None}}
        ((pair,), dropped) = split(PairFile, path=str(write(tmp_path / name, [row])))
        assert (pair.prompt, pair.chosen, pair.rejected, dropped) == (prompt, "yes", "no", {})


def test_rows_of_several_layouts_may_stand_in_one_file(
    tmp_path: Path, split: Any, write: Any
) -> None:
    rows = [row for row, _ in LAYOUTS.values()]
    path = str(write(tmp_path / "p.jsonl", rows))
    pairs, dropped = split(PairFile, path=path, copies="keep")
    assert [p.prompt for p in pairs] == [prompt for _, prompt in LAYOUTS.values()]
    once, dropped = split(PairFile, path=path)
    assert len(once) == len({p.prompt for p in pairs})
    assert dropped == {"copy of an earlier pair": len(LAYOUTS) - len(once)}


# Each layout that is no pair: a row, a part of what is said of it, and of what to do.
NOT_PAIRS: dict[str, tuple[dict[str, Any], str, str]] = {
    "KTO": ({"prompt": "Hi", "completion": "yes", "label": True}, "label (KTO)", "Pair each good"),
    "KTO, conversational": ({"prompt": [HI], "completion": [YES], "label": 0}, "(KTO)", "Pair"),
    "KTO, LLaMA-Factory": ({"messages": [HI, YES], "label": False}, "(KTO)", "Pair"),
    "KTO, tag": ({"instruction": "Hi", "output": "yes", "kto_tag": True}, "(KTO)", "Pair"),
    "Capybara": ({"messages": [HI, YES]}, "one answer and no rejected one", "Pair"),
    "ShareGPT": ({"conversations": [sharegpt("human", "Hi")]}, "one answer and no", "Pair"),
    "Alpaca, SFT": ({"instruction": "Hi", "input": "", "output": "yes"}, "one answer", "Pair"),
    "prompt and completion": ({"prompt": "Hi", "completion": "yes"}, "one answer", "Pair"),
    "text": ({"text": "Hi yes"}, "one answer and no rejected one", "Pair"),
    "PKU-SafeRLHF": (
        {"prompt": "Hi", "response_0": "yes", "response_1": "no", "safer_response_id": 0},
        "the columns of PKU-SafeRLHF",
        "--source pku-saferlhf",
    ),
    "HelpSteer2": (
        {"prompt": "Hi", "response": "yes", "helpfulness": 4},
        "the columns of HelpSteer2",
        "--source helpsteer2",
    ),
    "UltraFeedback, raw": ({"instruction": "Hi", "completions": [{"x": 1}]}, "to rank", "Pair"),
    "Arena": ({"conversation_a": [HI], "conversation_b": [HI], "winner": "a"}, "to rank", "Pair"),
    "other names": (
        {"prompt": "Hi", "winner": "yes", "loser": "no"},
        "has no 'chosen'",
        "columns are loser, prompt, winner: name the prompt and the two answers prompt, chosen",
    ),
    "one side": ({"prompt": "Hi", "chosen": "yes"}, "has no 'rejected'", "columns are chosen, "),
    "TRL, implicit prompt as text": (
        {"chosen": "Hi yes", "rejected": "Hi no"},
        "has no 'prompt'",
        "Give each row a 'prompt'",
    ),
    "rendered, ChatML": (
        {
            "prompt": "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
            "chosen": "yes",
            "rejected": "no",
        },
        "'prompt' is text that a chat template rendered",
        "list of messages",
    ),
    "rendered, Llama 2": (
        {"prompt": "<s>[INST] Hi [/INST]", "chosen": "yes", "rejected": "no"},
        "'prompt' is text that a chat template rendered",
        "list of messages",
    ),
    "tools of OpenAI": (
        {
            "input": {"messages": [HI], "tools": [{"type": "function"}]},
            "preferred_output": [YES],
            "non_preferred_output": [NO],
        },
        "'input' has 'tools'",
        "leave these rows out",
    ),
    "a call of a tool": (
        {
            "conversations": [sharegpt("human", "Hi"), sharegpt("function_call", "{}")],
            "chosen": sharegpt("gpt", "yes"),
            "rejected": sharegpt("gpt", "no"),
        },
        "a message of the role 'function_call'",
        "Roles are",
    ),
    "Alpaca with history": (
        {"instruction": "Hi", "history": [["a", "b"]], "chosen": "yes", "rejected": "no"},
        "has a column 'history'",
        "'prompt'",
    ),
    "images": (
        {"prompt": "Hi", "chosen": "yes", "rejected": "no", "images": ["a.png"]},
        "has a column 'images'",
        "remove the column",
    ),
    "pandas' text of messages": (
        {"prompt": "Hi", "chosen": "[{'from': 'gpt', 'value': 'yes'}]", "rejected": "no"},
        "is a list of messages that is not written as JSON",
        "Fix or remove that row",
    ),
    "numpy's text of messages": (
        {
            "prompt": "array([{'role': 'user', 'content': 'Hi'}], dtype=object)",
            "chosen": "yes",
            "rejected": "no",
        },
        "is a list of messages that is not written as JSON",
        "Fix or remove that row",
    ),
    "an object without messages": (
        {"prompt": "Hi", "chosen": {"text": "yes"}, "rejected": {"text": "no"}},
        "'chosen' is neither text nor a list of messages",
        "Fix or remove that row",
    ),
}


@pytest.mark.parametrize("layout", NOT_PAIRS)
def test_a_row_that_holds_no_pair_says_so_and_what_to_do(layout: str) -> None:
    row, complaint, cure = NOT_PAIRS[layout]
    with pytest.raises(DataError) as error:
        columns_pair(FileRow("mine.jsonl", 3, row), "file")
    assert error.value.message.startswith("mine.jsonl, row 3: ")
    assert complaint in error.value.message
    assert cure in error.value.hint


def test_a_row_of_another_kind_in_a_file_of_pairs_is_named(
    tmp_path: Path, split: Any, write: Any
) -> None:
    pair = {"prompt": "Hi", "chosen": "yes", "rejected": "no"}
    path = write(tmp_path / "p.jsonl", [pair, {"prompt": "Hi", "completion": "y", "label": True}])
    with pytest.raises(DataError, match=r"p\.jsonl, row 2: holds one answer with a label") as error:
        split(PairFile, path=str(path))
    assert error.value.hint.endswith("use the pair before it alone with --set file.limit=1.")


@pytest.mark.parametrize(
    "text",
    ['[{"role": "user", "content": "Hi"}]', '{"role": "user", "content": "Hi"}', "<|im_start|> is"],
)
def test_text_that_only_looks_like_messages_stays_text(text: str) -> None:
    """Somebody may ask for a file of messages."""
    row = {"prompt": f"{text}?", "chosen": text, "rejected": "no"}
    pair = columns_pair(FileRow("p.jsonl", 1, row), "file")
    assert not isinstance(pair, Dropped)
    assert (pair.prompt[0].content, pair.chosen) == (f"{text}?", text)
