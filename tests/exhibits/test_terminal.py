"""Exhibits on a terminal: all numbers, in the width there is, with colours where there are."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.exhibit_document import exhibit_document
from vibench.exhibits.terminal import show

from .conftest import HOSTILE, VALUES

Screen = Callable[..., str]


@pytest.fixture
def screen() -> Screen:
    def printed(exhibit: Exhibit, width: int = 80, **more: object) -> str:
        out = io.StringIO()
        console = Console(file=out, width=width, highlight=False, **more)  # type: ignore[arg-type]
        show(exhibit_document(exhibit), console)
        return out.getvalue()

    return printed


def numbers_of(exhibit: Exhibit) -> list[float]:
    return [
        round(e.value, 1)
        for panel in exhibit.panels
        for row in panel.entries
        for e in row
        if e.value is not None
    ]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal(
    every: list[Exhibit], screen: Screen, width: int
) -> None:
    for exhibit in every:
        lines = screen(exhibit, width).splitlines()
        long = [line for line in lines if cell_len(line) > width]
        assert not [line for line in long if not line.startswith("To make it:")]


@pytest.mark.parametrize("width", [30, 80, 200])
def test_every_number_is_there_in_any_width(
    heatmap: Exhibit, differences: Exhibit, screen: Screen, width: int
) -> None:
    for exhibit in (heatmap, differences):
        text = screen(exhibit, width)
        found = re.findall(r"[+-]?\d+\.\d(?=[†* ]|$)", text, re.MULTILINE)
        assert sorted(map(float, found)) == sorted(numbers_of(exhibit))


def test_a_table_has_heads_groups_errors_marks_and_what_is_missing(
    table: Exhibit, screen: Screen
) -> None:
    lines = screen(table, 200).splitlines()
    assert lines[0] == "Table 5: Expression by model (partial)"
    assert lines[1] == "judge mistral; beta 0.1; in %"
    assert lines[3].split() == ["DPO", "DPO"]
    assert lines[4].split() == ["model", "None", "paper", "Train", "Both", "paper"]
    assert re.split(r" {2,}", lines[6].rstrip())[:4] == ["first", "1.4 ±0.2", "1.2 ±0.06", "-"]
    assert "1,234.5 ±0.0† (11/15)" in lines[7]
    assert "0.0 [-2.0, 1.5]*" in lines[7]
    assert "not asked" in lines[7]
    assert lines[-1] == "To make it: vibench run --model first"


def test_the_papers_column_stays_beside_its_own(table: Exhibit, screen: Screen) -> None:
    for line in screen(table, 50).splitlines():
        if "paper" in line and ":" not in line:
            assert re.search(r"(None|Both) +paper", line)


def test_numbers_stand_below_each_other(table: Exhibit, screen: Screen) -> None:
    first, second = (
        line for line in screen(table, 200).splitlines() if line.startswith(("first", "second"))
    )
    assert first.index("±") == second.index("±")


def test_heatmaps_are_shaded_only_where_there_are_colours(
    differences: Exhibit, heatmap: Exhibit, screen: Screen
) -> None:
    colour = {"force_terminal": True, "color_system": "truecolor"}
    assert "\x1b" not in screen(heatmap)
    assert not re.search(r"\x1b\[[^m]*48;", screen(heatmap, no_color=True, **colour))
    shaded = screen(differences, **colour)
    far = max(abs(e.value or 0) for row in differences.panels[0].entries for e in row)
    [end] = [number for number in numbers_of(differences) if abs(number) > far - 0.051]
    assert ("48;2;8;48;107" if end > 0 else "48;2;127;39;4") in shaded
    assert "Highlighted:" in screen(heatmap)
    assert "Highlighted:" not in screen(heatmap, **colour)


def test_what_has_no_number_is_a_dash(heatmap: Exhibit, screen: Screen) -> None:
    second = screen(heatmap, 300).split("\nsecond\n")[1]
    row = next(line for line in second.splitlines() if line.startswith("empathy "))
    assert set(row.split()[1:]) == {"-"}


def test_a_part_that_is_the_same_of_all_is_said_once(columns: Exhibit, screen: Screen) -> None:
    [panel] = columns.panels
    grid = tuple(tuple(replace(e, of=3) for e in row) for row in panel.entries)
    text = screen(replace(columns, panels=(replace(panel, entries=grid),)))
    assert "(3/8)" not in text
    assert "Each number is of 3, where a complete store has 8." in text


def test_text_is_folded_and_whole(words: Exhibit, screen: Screen) -> None:
    text = " ".join(screen(words, 60).split())
    assert all(name in text for name in VALUES[:13])


def test_names_are_text_and_nothing_else(hostile: Exhibit, screen: Screen) -> None:
    text = screen(hostile, 120)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text)
    assert "[red]x[/red]" in text
    assert HOSTILE[3] not in text
