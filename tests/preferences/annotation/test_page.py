"""The page, filled in by keyboard and mouse in a real browser, offline."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, combinations, cycle
from pathlib import Path
from typing import Any

from vibench.preferences.annotation import AnnotatorAnswer, Item, read_answers, score

KIT = "kit-1"
ANNOTATORS = ("Ann", "Ben & <b>Co</b>", "@chi")
SIZES = range(5)

Machine = Callable[..., Any]


def by_keyboard(screen: Any, item: Item, wanted: frozenset[str]) -> None:
    for number, label in enumerate(item.labels, start=1):
        if label in wanted:
            screen.press(str(number))
    if not wanted:
        screen.press("0")


def by_mouse(screen: Any, item: Item, wanted: frozenset[str]) -> None:
    for label in item.labels:
        if label in wanted:
            screen.page.locator("#choices label").filter(
                has=screen.page.get_by_text(label, exact=True)
            ).click()
    if not wanted:
        screen.page.get_by_role("checkbox", name="None of these").check()


def wishes(items: list[Item]) -> dict[str, list[frozenset[str]]]:
    """For each annotator a set of labels for each item: of every size, all different."""
    made: dict[str, list[frozenset[str]]] = {}
    for offset, annotator in enumerate(ANNOTATORS):
        sizes = cycle([*SIZES[offset:], *SIZES[:offset]])
        made[annotator] = [
            frozenset(list(combinations(item.labels, size))[-1])
            for item, size in zip(items, sizes, strict=False)
        ]
    return made


def test_a_whole_round_is_filled_in_and_scores_as_it_was_clicked(
    machine: Machine, items: list[Item], tmp_path: Path
) -> None:
    wanted = wishes(items)
    files = []
    for annotator, choose in zip(ANNOTATORS, (by_keyboard, by_mouse, by_keyboard), strict=True):
        screen = machine()
        screen.begin(annotator)
        for index, item in enumerate(items):
            assert screen.at == index
            assert screen.texts == [message.content for message in item.messages]
            assert screen.chosen == (frozenset(), False)
            choose(screen, item, wanted[annotator][index])
            screen.note.fill(f"- {annotator}: {index} </textarea>=1 ü")
            if index == 3:
                screen.page.reload()  # half-way: everything is where it was
                assert screen.at == 3
                labels = wanted[annotator][3]
                assert screen.chosen == (labels, not labels)
                assert screen.note.input_value() == f"- {annotator}: 3 </textarea>=1 ü"
                assert "4 of 6 answered" in screen.progress
            screen.note.focus()
            screen.press("Control+Enter")
        assert "6 of 6 answered" in screen.progress
        files.append(screen.download(tmp_path))
        assert screen.page.evaluate("window.ran") is None
    by_id = {item.id: item for item in items}
    found = [list(read_answers(path, by_id, KIT, ANNOTATORS)) for path in files]
    clicked = [
        AnnotatorAnswer(item.id, annotator, labels, f"- {annotator}: {index} </textarea>=1 ü")
        for annotator in ANNOTATORS
        for index, (item, labels) in enumerate(zip(items, wanted[annotator], strict=True))
    ]
    read = list(chain.from_iterable(found))
    assert read == clicked
    scored = score(items, read, ANNOTATORS)
    assert scored == score(items, clicked, ANNOTATORS)
    assert scored.pooled.rows == 6
    assert scored.pooled.alpha.value is not None


def test_keys_move_choose_and_take_back(machine: Machine, items: list[Item]) -> None:
    screen = machine()
    screen.begin("Ann")
    press = screen.press
    for key, index in [("j", 1), ("ArrowRight", 2), ("Enter", 3), ("k", 2), ("ArrowLeft", 1)]:
        press(key)
        assert screen.at == index
        assert screen.page.evaluate("document.activeElement.id") == "title"
    first, _, third, _ = items[1].labels
    press("1", "3")
    assert screen.chosen == ({first, third}, False)
    press("1")
    assert screen.chosen == ({third}, False)
    press("n")
    assert screen.chosen == (frozenset(), True)
    press("1")
    assert screen.chosen == ({first}, False)
    press("u")  # 2, and then round the end to 0
    assert screen.at == 2
    for _ in range(4):
        press("0", "u")
    assert screen.at == 0
    press("?")
    assert screen.page.get_by_role("dialog", name="Guidelines").is_visible()
    press("2")  # means nothing while the help is open
    press("Escape")
    assert screen.chosen == (frozenset(), False)


def test_none_is_an_answer_and_unanswered_is_not(
    machine: Machine, items: list[Item], tmp_path: Path
) -> None:
    screen = machine()
    screen.begin("Ann")
    assert screen.page.locator("#state").inner_text() == "Not answered yet"
    screen.press("0")
    assert screen.page.locator("#state").inner_text() == "Answered"
    screen.press("j", "1", "1")
    assert screen.page.locator("#state").inner_text() == "Not answered yet"
    path = screen.download(tmp_path)
    assert "5 not answered yet" in screen.page.get_by_role("status").inner_text()
    (answer,) = read_answers(path, {item.id: item for item in items}, KIT, ANNOTATORS)
    assert answer == AnnotatorAnswer(items[0].id, "Ann", frozenset(), "")


def test_keys_are_letters_while_writing_and_can_be_turned_off(
    machine: Machine, items: list[Item]
) -> None:
    screen = machine()
    screen.begin("Ann")
    screen.press("w")
    screen.page.keyboard.type("1 njk? u0")
    assert screen.note.input_value() == "1 njk? u0"
    assert (screen.at, screen.chosen) == (0, (frozenset(), False))
    screen.press("Escape")
    screen.press("2")
    assert screen.chosen == ({items[0].labels[1]}, False)
    screen.press("?")
    screen.page.get_by_label("Use these keys").uncheck()
    screen.press("Escape")
    screen.press("j")
    assert screen.at == 0


def test_two_people_at_one_machine_keep_their_answers_apart(machine: Machine) -> None:
    screen = machine()
    screen.begin("Ann")
    screen.press("1")
    screen.page.get_by_role("button", name="Change").click()
    assert "1 answered here" in screen.page.get_by_role("button", name="Ann").inner_text()
    screen.begin("@chi")
    assert screen.chosen == (frozenset(), False)
    assert "0 of 6 answered" in screen.progress


def test_what_is_answered_in_one_window_is_there_in_the_other(machine: Machine) -> None:
    screen = machine()
    screen.begin("Ann")
    other = screen.page.context.new_page()
    other.goto(screen.page.url)
    other.keyboard.press("1")
    screen.page.get_by_text("1 of 6 answered").wait_for()
    screen.press("2")
    other.get_by_text("1 of 6 answered").wait_for()
    screen.page.wait_for_function(
        "document.querySelectorAll('#choices input:checked').length === 2"
    )
