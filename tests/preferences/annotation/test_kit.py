"""The files annotators get."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.errors import DataError, SpecError
from vibench.preferences.annotation import Item, write_kit
from vibench.text import spreadsheet_original, spreadsheet_safe

ANNOTATORS = ("Ann", "Ben & <b>Co</b>", "@chi")


def sheet(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_kit_has_every_form_and_lists_it(tmp_path: Path, items: list[Item]) -> None:
    written = write_kit(tmp_path / "a" / "kit", "k", items, ANNOTATORS, {"empathy": "caring"})
    assert sorted(written) == sorted((tmp_path / "a" / "kit").iterdir())
    assert {path.name for path in written} == {
        "annotate.html",
        "answers-Ann.csv",
        "answers-Ben-b-Co-b-.csv",
        "answers-@chi.csv",
        "guidelines.md",
        "items.csv",
        "items.jsonl",
        "label-studio.json",
        "label-studio.xml",
    }
    guidelines = (tmp_path / "a" / "kit" / "guidelines.md").read_text(encoding="utf-8")
    assert "- **empathy**: caring" in guidelines


def test_nothing_in_the_kit_depends_on_which_label_is_the_target(
    tmp_path: Path, items: list[Item]
) -> None:
    other = [replace(i, value=next(x for x in i.labels if x != i.value), pair="?") for i in items]
    write_kit(tmp_path / "one", "k", items, ANNOTATORS, {})
    for path in write_kit(tmp_path / "two", "k", other, ANNOTATORS, {}):
        assert path.read_bytes() == (tmp_path / "one" / path.name).read_bytes()


def test_items_as_json_lines_are_exact(kit: Path, items: list[Item]) -> None:
    rows = [json.loads(x) for x in (kit / "items.jsonl").read_bytes().split(b"\n") if x]
    assert [(row["item"], tuple(row["labels"])) for row in rows] == [
        (item.id, item.labels) for item in items
    ]
    texts = [[m["content"] for m in row["messages"]] for row in rows]
    assert texts == [[m.content for m in item.messages] for item in items]


def test_no_cell_of_a_sheet_passes_for_a_formula_however_it_is_split(kit: Path) -> None:
    for path in kit.glob("*.csv"):
        for row in sheet(path):
            assert not [cell for cell in row.values() if cell[:1] in tuple("=+-@\t\r")]
        raw = path.read_text(encoding="utf-8-sig")
        assert not re.search(r"(^|[;,\t\r\n])[=+\-@]", raw)
        assert "=HYPERLINK" in raw


@given(st.text(alphabet="'=+-@\t\r\n a") | st.text())
def test_a_cell_comes_back_as_it_was(cell: str) -> None:
    assert spreadsheet_original(spreadsheet_safe(cell)) == cell
    assert spreadsheet_safe(cell)[:1] not in tuple("=+-@\t\r\n")


def test_label_studio_gets_tasks_that_fit_its_configuration(kit: Path, items: list[Item]) -> None:
    config = ET.parse(kit / "label-studio.xml").getroot()
    tasks = json.loads((kit / "label-studio.json").read_text(encoding="utf-8"))
    assert len(tasks) == len(items)
    shown, choices = config.find("Paragraphs"), config.find("Choices")
    assert shown is not None
    assert choices is not None
    for task, item in zip(tasks, items, strict=True):
        messages = task["data"][shown.attrib["value"].removeprefix("$")]
        texts = [m[shown.attrib["textKey"]] for m in messages]
        assert texts == [m.content for m in item.messages]
        offered = task["data"][choices.attrib["value"].removeprefix("$")]
        assert [o["value"] for o in offered] == [*item.labels, "None of these"]
        # Label Studio would show `html` as markup.
        assert all(o.keys() <= {"value", "hint"} for o in offered)


def test_a_form_with_answers_is_not_written_over(kit: Path, items: list[Item]) -> None:
    form = kit / "answers-Ann.csv"
    write_kit(kit, "kit-1", items, ANNOTATORS, {})
    rows = sheet(form)
    rows[0]["selected"] = "none"
    with form.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    before = form.read_bytes()
    with pytest.raises(DataError, match=r"answers-Ann\.csv is there already, with answers"):
        write_kit(kit, "kit-1", items, ANNOTATORS, {})
    assert form.read_bytes() == before


def test_names_that_share_a_file_name_get_files_of_their_own(
    tmp_path: Path, items: list[Item]
) -> None:
    names = ("a b", "a/b", "A-B", "../a b")
    forms = [p for p in write_kit(tmp_path, "k", items, names, {}) if p.stem.startswith("answers")]
    assert len({p.name.casefold() for p in forms}) == 4
    assert all(p.parent == tmp_path for p in forms)


@pytest.mark.parametrize("names", [(), ("a", "a"), ("a", " "), ("a\n",), (" a",)])
def test_annotators_need_names_of_their_own(
    tmp_path: Path, items: list[Item], names: tuple[str, ...]
) -> None:
    with pytest.raises(SpecError):
        write_kit(tmp_path, "k", items, names, {})
    assert not list(tmp_path.iterdir())


def test_a_kit_without_items_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="nothing to annotate"):
        write_kit(tmp_path, "k", [], ANNOTATORS, {})


def test_a_folder_that_cannot_be_is_named(tmp_path: Path, items: list[Item]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot be written to .*file"):
        write_kit(tmp_path / "file", "k", items, ANNOTATORS, {})
