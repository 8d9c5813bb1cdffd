"""What the page downloads goes on at another machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.preferences.annotation import Item, read_answers

KIT = "kit-1"
ANNOTATORS = ("Ann", "Ben & <b>Co</b>", "@chi")

Machine = Callable[..., Any]


def test_a_download_goes_on_at_another_machine(
    machine: Machine, items: list[Item], tmp_path: Path
) -> None:
    here = machine()
    here.begin("Ann")
    for number in "123":
        here.press(number, "j")
    here.note.fill("a draft")
    path = here.download(tmp_path)
    there = machine()
    there.begin("Ann")
    there.press("0")  # another answer than in the file: asked about
    there.page.on("dialog", lambda dialog: dialog.accept())
    there.load(path)
    there.page.get_by_text("3 of 6 answered").wait_for()
    assert there.at == 3  # the first that is not answered
    assert there.note.input_value() == "a draft"
    for _ in range(3):
        there.press("Escape", "0", "j")
    by_id = {item.id: item for item in items}
    answers = list(read_answers(there.download(tmp_path / "there"), by_id, KIT, ANNOTATORS))
    assert [a.labels for a in answers] == [
        *({item.labels[number]} for number, item in enumerate(items[:3])),
        *[frozenset()] * 3,
    ]


def test_answers_that_differ_from_a_file_are_kept_if_one_says_so(
    machine: Machine, items: list[Item], tmp_path: Path
) -> None:
    here = machine()
    here.begin("Ann")
    here.press("1", "j", "2")
    path = here.download(tmp_path)
    there = machine()
    there.begin("Ann")
    there.press("0")
    asked: list[str] = []
    there.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    there.load(path)
    there.page.get_by_text("Loaded 1 answer from the file").wait_for()
    assert len(asked) == 1
    there.press("k", "k")
    assert there.chosen == (frozenset(), True)
    there.press("j")
    assert there.chosen == ({items[1].labels[1]}, False)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        (('"kit-1"', '"kit-2"'), "Line 2 is of another kit"),
        (('"Ann"', '"@chi"'), "Line 2 is an answer of @chi, and you are Ann"),
        (('"none":true', '"none":1'), "Line 2 does not fit"),
        (('"labels":[]', '"labels":["patience"]'), "Line 2 does not fit"),
        (('"labels":[]', '"labels":3'), "Line 2 does not fit"),
        (('"justification":""', '"justification":null'), "Line 2 does not fit"),
        (('{"kit"', "{kit"), "Line 2 is not JSON"),
        (('"item":"', '"item":"0'), "Line 2 is about an item that is not in this kit"),
    ],
)
def test_a_wrong_file_changes_nothing(
    machine: Machine, tmp_path: Path, changed: tuple[str, str], complaint: str
) -> None:
    here = machine()
    here.begin("Ann")
    here.press("0")
    path = here.download(tmp_path)
    line = path.read_text(encoding="utf-8")
    path.write_text(line + line.replace(*changed), encoding="utf-8")
    there = machine()
    there.begin("Ann")
    there.load(path)
    there.page.get_by_text(f"Nothing was loaded. {complaint}").wait_for()
    assert "0 of 6 answered" in there.progress
