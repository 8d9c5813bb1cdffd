"""The generic sources: the embedded pairs, and any file with prompt, chosen and rejected."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from vibench.data import DataFiles
from vibench.errors import DataError
from vibench.interfaces import Source
from vibench.preferences import builtin, unique_pairs
from vibench.preferences.published_sets import HelpSteer2
from vibench.preferences.sources import EmbeddedPairs, PairFile
from vibench.records import Dropped, Message, PreferencePair

FORMS = ["p.jsonl", "p.jsonl.gz", "p.json", "p.csv", "p.csv.gz", "p.tsv", "p.parquet"]


def message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def user(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def test_the_embedded_pairs_need_nothing(split: Any) -> None:
    pairs, dropped = split(EmbeddedPairs)
    assert len(pairs) > 1500
    assert not dropped
    assert all(p.prompt[-1].role == "user" and p.source == "embedded" for p in pairs)
    assert split(EmbeddedPairs, limit=7) == (pairs[:7], {})


# -- forms


@pytest.mark.parametrize("name", FORMS)
def test_the_same_rows_in_any_form_are_the_same_pairs(
    tmp_path: Path, split: Any, write: Any, name: str
) -> None:
    rows = [
        {"id": "one", "prompt": "Hi, you", "chosen": "Hällo\nthere", "rejected": "No"},
        {"id": "two", "prompt": "Bye", "chosen": "Same", "rejected": "Same"},
    ]
    pairs, dropped = split(PairFile, path=str(write(tmp_path / name, rows)))
    assert pairs == [PreferencePair("file/one", user("Hi, you"), "Hällo\nthere", "No", "file")]
    assert dropped == {"identical responses": 1}


@pytest.mark.parametrize("name", FORMS)
def test_message_lists_stay_conversations_in_any_form(
    tmp_path: Path, split: Any, write: Any, name: str
) -> None:
    """In CSV they are JSON text; in Parquet lists of structs."""
    prompt = [message("system", "Be kind."), message("user", "Hi")]
    prompt += [message("assistant", "Hello."), message("user", "Say: [1, 2]")]
    rows = [
        {"prompt": prompt, "chosen": "Yes.", "rejected": "No."},
        {"prompt": prompt[1:2], "chosen": "Yes.", "rejected": "No."},
    ]
    pairs, dropped = split(PairFile, path=str(write(tmp_path / name, rows)))
    assert not dropped
    said = tuple(Message(m["role"], m["content"]) for m in prompt)  # type: ignore[arg-type]
    assert [p.prompt for p in pairs] == [said, said[1:2]]
    assert pairs[0].id == f"file/{name}:1"


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    "prompt",
    ["[1, 2] is a list. What is its sum?", "[]", "[1, 2]", '[{"a": 1}]', "[sic", '["role"]'],
)
def test_text_that_begins_with_a_bracket_stays_text(
    tmp_path: Path, split: Any, write: Any, name: str, prompt: str
) -> None:
    rows = [{"prompt": prompt, "chosen": "[yes]", "rejected": "[no"}]
    ((pair,), _) = split(PairFile, path=str(write(tmp_path / name, rows)))
    assert (pair.prompt, pair.chosen, pair.rejected) == (user(prompt), "[yes]", "[no")


def test_json_text_of_messages_is_a_list_only_where_there_are_no_lists(
    tmp_path: Path, split: Any, write: Any
) -> None:
    rows = [{"prompt": json.dumps([message("user", "Hi")]), "chosen": "y", "rejected": "n"}]
    for name, expected in (("p.csv", "Hi"), ("p.jsonl", rows[0]["prompt"])):
        ((pair,), _) = split(PairFile, path=str(write(tmp_path / name, rows)))
        assert pair.prompt == user(expected)


# -- rows that make no pair

HI, A, B = message("user", "Hi"), message("assistant", "a"), message("assistant", "b")
UNLIKE = [message("user", "Hi"), message("assistant", "Oh?"), message("user", "x"), B]


@pytest.mark.parametrize(
    ("prompt", "chosen", "rejected", "cause"),
    [
        ("Hi", "a", "a", "identical responses"),
        ("Hi", [HI, A], [HI, A], "identical responses"),
        ("Hi", "a", " \n", "empty response"),
        ("Hi", [], "b", "empty response"),
        ("Hi", [HI, message("assistant", "")], [HI, B], "empty response"),
        (" ", "a", "b", "empty prompt"),
        ([], "a", "b", "empty prompt"),
        ("Hi", [HI], [HI, B], "odd roles: does not end on the assistant"),
        ("Hi", [HI, A, message("system", "x")], "b", "odd roles: does not end on the assistant"),
        ("Hi", [HI, A], UNLIKE, "transcripts part before their last turn"),
        ([HI, HI], "a", "b", "odd roles: turns do not alternate"),
        ([HI, A], "a", "b", "odd roles: the prompt does not end on the user"),
        ([A, HI], "a", "b", "odd roles: turns do not alternate"),
        ([HI, message("system", "x")], "a", "b", "odd roles: the prompt does not end on the user"),
        ("Hi", [HI, HI, A], [HI, HI, B], "odd roles: turns do not alternate"),
        ("Oh", [HI, A], [HI, B], "a side does not continue the prompt"),
    ],
)
def test_a_row_that_makes_no_pair_says_why(
    tmp_path: Path, split: Any, write: Any, prompt: Any, chosen: Any, rejected: Any, cause: str
) -> None:
    """A file of nothing else is no error: its drops are what there is to show."""
    row = {"prompt": prompt, "chosen": chosen, "rejected": rejected}
    path = str(write(tmp_path / "p.jsonl", [row, row]))
    assert split(PairFile, path=path) == ([], {cause: 2})


def test_sides_may_be_the_whole_conversation(tmp_path: Path, split: Any, write: Any) -> None:
    earlier = [HI, A, message("user", "More ")]
    prompt = [*earlier[:2], message("user", "More")]
    row = {"prompt": prompt, "chosen": [*earlier, B], "rejected": "c"}
    row["rejected"] = [*earlier, message("assistant", "c")]
    ((pair,), _) = split(PairFile, path=str(write(tmp_path / "p.jsonl", [row])))
    assert [m.content for m in pair.prompt] == ["Hi", "a", "More"]
    assert (pair.chosen, pair.rejected) == ("b", "c")


# -- settings and identity


def test_limit_counts_usable_pairs(tmp_path: Path, made: Any, write: Any) -> None:
    def row(n: int, chosen: str) -> dict[str, Any]:
        return {"id": n, "prompt": f"p{n // 6}", "chosen": chosen, "rejected": "r"}

    rows = [row(1, "r"), row(2, "c"), row(3, "c"), row(4, "b"), row(5, "a")]
    path = str(write(tmp_path / "p.jsonl", rows))

    def told(limit: int) -> list[str]:
        items = made(PairFile, path=path, limit=limit).pairs(DataFiles(None, False, {}))
        return ["drop" if isinstance(item, Dropped) else item.id for item in items]

    assert told(0) == told(9) == ["drop", "file/2", "drop", "file/4", "file/5"]
    assert told(1) == ["drop", "file/2"]
    assert told(2) == ["drop", "file/2", "drop", "file/4"]


def test_identity_follows_content_and_not_place(tmp_path: Path, made: Any, write: Any) -> None:
    row = {"prompt": "p", "response": "r", "helpfulness": 1}
    known = []
    for name, rows in (("one", [row]), ("moved", [row]), ("other", [row, row])):
        write(tmp_path / name / "helpsteer2/train.jsonl", rows)
        known.append(made(HelpSteer2).identity(DataFiles(tmp_path / name, False, {})))
    assert known[0] == known[1] != known[2]
    hub = made(HelpSteer2, revision="abc").identity(DataFiles(None, False, {}))
    assert hub == "hub:nvidia/HelpSteer2@abc/train"


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([7, 7, 7, 8], ["file/7", "file/7:2", "file/7:3", "file/8"]),
        ([None, "", "a", 7.0], ["file/p.jsonl:1", "file/p.jsonl:2", "file/a", "file/7"]),
        ([float("nan"), 2.5, 3.0, 0], ["file/p.jsonl:1", "file/2.5", "file/3", "file/0"]),
    ],
)
def test_ids_may_be_doubled_or_missing(
    tmp_path: Path, split: Any, write: Any, ids: list[Any], expected: list[str]
) -> None:
    """The pairs of one prompt often share its id."""
    rows = [{"id": n, "prompt": "p", "chosen": f"c{i}", "rejected": "r"} for i, n in enumerate(ids)]
    pairs, _ = split(PairFile, path=str(write(tmp_path / "p.jsonl", rows)))
    assert [p.id for p in pairs] == expected


def test_a_source_that_repeats_an_id_is_refused() -> None:
    """Its own code made the ids; verdicts could not be told apart."""

    class Repeating(PairFile):
        def pairs(self, data: Any) -> Any:
            return iter([PreferencePair("x", user("p"), "c", "r")] * 2)

    with pytest.raises(DataError, match="Two preference pairs have the id 'x'"):
        list(unique_pairs(Repeating(path="p.jsonl"), DataFiles(None, False, {})))


def test_every_registered_source_is_one_and_takes_a_limit() -> None:
    found: dict[str, str] = {}
    builtin.register_sources(found.__setitem__)
    assert sorted(found) == [
        *("embedded", "file", "helpsteer2", "hh-rlhf", "own-pairs", "pku-saferlhf"),
        "ultrafeedback",
    ]
    for where in found.values():
        module, _, name = where.partition(":")
        kind = getattr(importlib.import_module(module), name)
        assert issubclass(kind, Source)
        limit = kind.parameters["properties"]["limit"]
        assert (limit["type"], limit["minimum"], limit["default"]) == ("integer", 0, 0)
        assert limit.get("x-key", True)
