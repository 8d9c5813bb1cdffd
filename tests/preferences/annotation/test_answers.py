"""Answers read back: the page's download, the filled-in form, a Label Studio export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import DataError
from vibench.preferences.annotation import AnnotatorAnswer, Item, read_answers

KIT = "kit-1"
ANNOTATORS = ("Ann", "Ben & <b>Co</b>", "@chi")


@pytest.fixture
def read(tmp_path: Path, items: list[Item]) -> Callable[..., list[AnnotatorAnswer]]:
    by_id = {item.id: item for item in items}

    def reading(name: str, content: str | bytes, partial: bool = False) -> list[AnnotatorAnswer]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_answers(path, by_id, KIT, ANNOTATORS, partial))

    return reading


def line(about: Item, **changed: Any) -> dict[str, Any]:
    row = {
        "kit": KIT,
        "item": about.id,
        "annotator": "Ann",
        "labels": [about.labels[0], about.labels[2]],
        "none": False,
        "justification": "- it says so",
    }
    return {**row, **changed}


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_the_download_is_read(
    read: Callable[..., list[AnnotatorAnswer]], items: list[Item]
) -> None:
    one, two = items[:2]
    text = lines(line(one), line(two, labels=[], none=True, annotator="@chi"))
    expected = [
        AnnotatorAnswer(one.id, "Ann", frozenset({one.labels[0], one.labels[2]}), "- it says so"),
        AnnotatorAnswer(two.id, "@chi", frozenset(), "- it says so"),
    ]
    assert read("a.jsonl", text) == expected
    assert read("a.jsonl", b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").encode()) == expected


def test_an_answer_given_twice_comes_once(
    read: Callable[..., list[AnnotatorAnswer]], items: list[Item]
) -> None:
    assert len(read("a.jsonl", lines(line(items[0]), line(items[0])))) == 1


def test_half_a_character_in_a_justification_does_no_harm(
    read: Callable[..., list[AnnotatorAnswer]], items: list[Item]
) -> None:
    (answer,) = read("a.jsonl", lines(line(items[0], justification="a\ud83d")))
    assert answer.justification == "a?"


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"kit": "kit-2"}, "is of the kit 'kit-2', not of 'kit-1'"),
    ({"kit": None}, "is of the kit 'None'"),
    ({"item": "nope"}, "there is no item 'nope'"),
    ({"item": ["x"]}, "there is no item"),
    ({"annotator": "Eve"}, "there is no annotator 'Eve'"),
    ({"labels": ["patience"]}, "does not offer the label 'patience'"),
    ({"labels": [1]}, "does not offer the label '1'"),
    ({"labels": [[]]}, "does not offer the label"),
    ({"none": True}, "answered with 'none' and .* together"),
    ({"labels": []}, "Ann has not answered item"),
    ({"labels": "empathy"}, "has no list 'labels'"),
    ({"none": "yes"}, "'none' is neither true nor false"),
    ({"justification": 3}, "'justification' is not text"),
]


@pytest.mark.parametrize(("changed", "complaint"), BROKEN)
def test_a_broken_row_is_named(
    read: Callable[..., list[AnnotatorAnswer]],
    items: list[Item],
    changed: dict[str, Any],
    complaint: str,
) -> None:
    with pytest.raises(DataError, match=rf"a\.jsonl, row 2: .*{complaint}") as raised:
        read("a.jsonl", lines(line(items[1]), line(items[0], **changed)))
    assert raised.value.hint


def test_what_comes_before_a_broken_row_is_kept(tmp_path: Path, items: list[Item]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(lines(line(items[0]), line(items[1], kit="other")))
    answers = read_answers(path, {i.id: i for i in items}, KIT, ANNOTATORS)
    assert next(answers).item == items[0].id
    with pytest.raises(DataError, match="row 2"):
        next(answers)


def test_two_different_answers_to_one_item_are_refused(
    read: Callable[..., list[AnnotatorAnswer]], items: list[Item]
) -> None:
    other = line(items[0], labels=[items[0].labels[1]])
    with pytest.raises(DataError, match=r"row 2: Ann answers item .* a second time, differently"):
        read("a.jsonl", lines(line(items[0]), other))
    assert len(read("a.jsonl", lines(line(items[0]), {**other, "annotator": "@chi"}))) == 2


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.jsonl", b'{"kit": "k\xff"}\n', "is not UTF-8"),
        ("a.jsonl", "{'kit'}\n", "row 1: cannot be read"),
        ("a.jsonl", "[1]\n", "row 1: is not an object"),
        ("a.json", "nothing", "cannot be read"),
        ("a.json", '{"a": 1}', "does not hold a list of rows"),
        ("a.csv", "kit;item;annotator;selected;justification\nä".encode("cp1252"), "not UTF-8"),
        ("a.csv", "", "has no column 'kit'"),
        ("a.csv", "kit,item,annotator,justification\n", "has no column 'selected'"),
        ("a.csv", "kit,item,annotator,selected,justification\na,b\n", "row 1: has 2 cells"),
        ("a.csv", 'kit,item,annotator,selected,justification\n"a', "row 1: cannot be read as CSV"),
        ("a.xlsx", "", "not read from files of this kind"),
    ],
)
def test_a_file_that_is_no_file_of_answers_is_named(
    read: Callable[..., list[AnnotatorAnswer]], name: str, content: str | bytes, complaint: str
) -> None:
    with pytest.raises(DataError, match=rf"{name}.*{complaint}"):
        read(name, content)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl", "a.json"):
        with pytest.raises(DataError, match=rf"{name}.*cannot be read"):
            list(read_answers(tmp_path / name, {}, KIT, ANNOTATORS))


def filled(form: Path, selected: list[str], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """The form with its column `selected` filled in, as a spreadsheet would save it."""
    rows = list(csv.DictReader(io.StringIO(form.read_text(encoding="utf-8-sig"), newline="")))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0], delimiter=delimiter)
    writer.writeheader()
    for row, choice in zip(rows, selected, strict=True):
        writer.writerow({**row, "selected": choice, "justification": "'=1 or so"})
    return out.getvalue().encode(encoding)


def choices(items: list[Item]) -> tuple[list[str], list[frozenset[str]]]:
    first = [item.labels[0] for item in items]
    cells = [first[0], "none", "1; 3", f"{first[3].upper()} ;4", "None of these", "2,1"]
    labels = [item.labels for item in items]
    meant = [
        {first[0]},
        set(),
        {labels[2][0], labels[2][2]},
        {first[3], labels[3][3]},
        set(),
        {labels[5][0], labels[5][1]},
    ]
    return cells, [frozenset(m) for m in meant]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_filled_in_form_is_read_as_spreadsheets_save_it(
    kit: Path,
    read: Callable[..., list[AnnotatorAnswer]],
    items: list[Item],
    delimiter: str,
    encoding: str,
) -> None:
    cells, meant = choices(items)
    for annotator, name in zip(ANNOTATORS, ("Ann", "Ben-b-Co-b-", "@chi"), strict=True):
        content = filled(kit / f"answers-{name}.csv", cells, delimiter, encoding)
        assert read("a.csv", content) == [
            AnnotatorAnswer(item.id, annotator, labels, "=1 or so")
            for item, labels in zip(items, meant, strict=True)
        ]


@pytest.mark.parametrize("cell", ["5", "13", "1.3", "patience", "0", "none; 1"])
def test_a_form_with_a_choice_that_is_none_is_named(
    kit: Path, read: Callable[..., list[AnnotatorAnswer]], cell: str
) -> None:
    content = filled(kit / "answers-Ann.csv", ["1", cell, *["none"] * 4])
    with pytest.raises(DataError, match=r"a\.csv, row 2"):
        read("a.csv", content)


def test_what_is_not_answered_is_passed_over_only_if_asked(
    kit: Path, read: Callable[..., list[AnnotatorAnswer]]
) -> None:
    content = filled(kit / "answers-Ann.csv", ["1", "", " ", "none", "2", ""])
    with pytest.raises(DataError, match="row 2: Ann has not answered item"):
        read("a.csv", content)
    assert len(read("a.csv", content, partial=True)) == 3


def exported(kit: Path, by: list[Any], chosen: list[list[str]]) -> list[dict[str, Any]]:
    """What Label Studio exports for the kit's tasks, one annotation for each of `by`."""
    tasks = json.loads((kit / "label-studio.json").read_text(encoding="utf-8"))

    def result(choices: list[str]) -> list[dict[str, Any]]:
        part = {"id": "x", "to_name": "conversation", "origin": "manual"}
        given = {"from_name": "values", "type": "choices", "value": {"choices": choices}}
        note = {"from_name": "justification", "type": "textarea", "value": {"text": ["so", "!"]}}
        return [{**part, **given}, {**part, **note}] if choices else []

    return [
        {
            "id": number,
            "data": task["data"],
            "annotations": [
                {"id": 1, "completed_by": who, "was_cancelled": False, "result": result(choices)}
                for who in by
            ],
            "predictions": [{"result": result(["anything"])}],
        }
        for number, (task, choices) in enumerate(zip(tasks, chosen, strict=True))
    ]


def test_a_label_studio_export_is_read(
    kit: Path, read: Callable[..., list[AnnotatorAnswer]], items: list[Item]
) -> None:
    chosen = [[i.labels[1], i.labels[2]] for i in items[:-1]] + [["None of these"]]
    by = [
        {"id": 7, "email": "a@example.org", "first_name": "Ann", "last_name": ""},
        {"id": 8, "email": "@chi", "first_name": "Chi", "last_name": "C"},
    ]
    answers = read("a.json", json.dumps(exported(kit, by, chosen)))
    assert answers == [
        AnnotatorAnswer(item.id, who, frozenset(choice) - {"None of these"}, "so\n!")
        for item, choice in zip(items, chosen, strict=True)
        for who in ("Ann", "@chi")
    ]


def test_a_label_studio_user_may_be_a_number_or_the_tasks_own_field(
    tmp_path: Path, kit: Path, read: Callable[..., list[AnnotatorAnswer]], items: list[Item]
) -> None:
    tasks = exported(kit, [7], [["None of these"]] * 6)
    with pytest.raises(DataError, match=r"a\.json, row 1: there is no annotator '7'"):
        read("a.json", json.dumps(tasks))
    found = read_answers(tmp_path / "a.json", {i.id: i for i in items}, KIT, ("7", "8"))
    assert {answer.annotator for answer in found} == {"7"}
    for task in tasks:
        task["data"]["annotator"] = "Ann"
    assert {answer.annotator for answer in read("a.json", json.dumps(tasks))} == {"Ann"}


def test_skipped_label_studio_tasks_are_no_answers(
    kit: Path, read: Callable[..., list[AnnotatorAnswer]]
) -> None:
    tasks = exported(kit, [{"username": "Ann"}], [["None of these"]] * 5 + [[]])
    tasks[1]["annotations"][0]["was_cancelled"] = True
    with pytest.raises(DataError, match="row 2: Ann has not answered"):
        read("a.json", json.dumps(tasks))
    assert len(read("a.json", json.dumps(tasks), partial=True)) == 4


@pytest.mark.parametrize(
    ("task", "complaint"),
    [
        ({"kit": KIT, "values": "empathy"}, "not a task with data and annotations"),
        ({"data": {}, "annotations": [{}]}, "annotation without a result"),
        ({"data": {}, "annotations": [{"result": [3]}]}, "result of an unknown form"),
        ({"data": {}, "annotations": [{"result": []}]}, "is of the kit 'None'"),
    ],
)
def test_what_is_no_label_studio_task_is_named(
    read: Callable[..., list[AnnotatorAnswer]], task: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(DataError, match=rf"a\.json, row 1: .*{complaint}"):
        read("a.json", json.dumps([task]))
