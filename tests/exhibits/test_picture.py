"""Pictures: what is drawn is read from the SVG, where each text is a comment."""

from __future__ import annotations

import builtins
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import MissingExtra, UsageError
from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.files import write
from vibench.exhibits.picture import PICTURED, picture
from vibench.exhibits.shades import scale_of

from .conftest import HOSTILE, VALUES, changed, exhibit

STARTS = {"png": b"\x89PNG\r\n", "svg": b"<?xml", "pdf": b"%PDF-"}


@pytest.fixture
def svg() -> Callable[[Exhibit], str]:
    pytest.importorskip("matplotlib")
    return lambda drawn: picture(drawn, "svg").decode()


@pytest.fixture
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)


def texts(drawn: str) -> list[str]:
    return re.findall(r"<!-- (.*?) -->", drawn, re.DOTALL)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_numbers_make_the_same_file(
    bars: Exhibit, columns: Exhibit, differences: Exhibit, form: str
) -> None:
    pytest.importorskip("matplotlib")
    for drawn in (bars, columns, differences):
        one = picture(drawn, form)
        assert one.startswith(STARTS[form])
        assert one == picture(drawn, form)


def test_a_heatmap_has_each_number_on_the_colour_of_its_shade(
    differences: Exhibit, svg: Callable[[Exhibit], str]
) -> None:
    drawn = svg(differences)
    shown = texts(drawn)
    scale = scale_of(differences)
    for row in differences.panels[0].entries:
        for entry in row:
            number = f"{entry.value:+.1f}".replace("-", "\u2212")
            number = "0.0" if number.strip("+\u2212") == "0.0" else number
            assert number + entry.mark in shown
            shade = scale.shade(entry.value)
            assert shade
            assert f"fill: {shade.background}" in drawn or shade.background == "#ffffff"


def test_panels_of_a_heatmap_have_names_highlights_and_hatches(
    heatmap: Exhibit, svg: Callable[[Exhibit], str]
) -> None:
    drawn = svg(heatmap)
    shown = texts(drawn)
    for text in ("Figure 2: Expression (partial)", "first", "second", "Hatched: not in the store."):
        assert shown.count(text) == 1
    assert shown.count("humor-like") == 2
    assert drawn.count("fill: #d9d9d9") == 2 * len(VALUES), "behind the highlighted names"
    assert len(re.findall(r"fill: url\(#h", drawn)) == len(VALUES) * 2, "the row without numbers"


def test_numbers_that_do_not_fit_are_left_to_the_colours(
    differences: Exhibit, svg: Callable[[Exhibit], str]
) -> None:
    long = changed(replace(differences, digits=9), 0, 0, value=123456.0)
    assert not any("\u2212" in text and "." in text for text in texts(svg(long)))


def test_bars_have_numbers_marks_coverage_and_say_where_there_is_none(
    bars: Exhibit, svg: Callable[[Exhibit], str]
) -> None:
    shown = texts(svg(changed(bars, 0, 0, value=7.0, mark="†", of=5)))
    assert "+7.0† (5/8)" in shown
    assert "no data" in shown
    assert "Lines across the ends: 95 % intervals." in shown
    assert [text for text in shown if text in VALUES] == list(VALUES[:4])


def test_columns_have_a_legend_and_the_papers_number_a_diamond(
    columns: Exhibit, svg: Callable[[Exhibit], str]
) -> None:
    plain, beside = texts(svg(columns)), texts(svg(changed(columns, 0, 0, paper=50.0)))
    assert [text for text in plain if text in ("None", "Prompt", "Train", "Both")] == [
        *("None", "Prompt", "Train", "Both"),
    ]
    assert "paper" not in plain
    assert "paper" in beside


def test_more_columns_than_colours_are_drawn_in_parts(svg: Callable[[Exhibit], str]) -> None:
    many = exhibit("columns", VALUES[:3], VALUES, unit="points")
    shown = texts(svg(many))
    assert "(1 of 2)" in shown
    assert "(2 of 2)" in shown
    assert all(name in shown for name in VALUES)


def test_the_same_length_is_the_same_number_in_every_panel(
    columns: Exhibit, svg: Callable[[Exhibit], str]
) -> None:
    [panel] = columns.panels
    far = changed(columns, 0, 0, value=400.0, low=399.0, high=401.0).panels[0]
    alone = texts(svg(columns))
    both = texts(svg(replace(columns, panels=(panel, far))))
    assert "400" not in alone
    assert both.count("400") == 2


def test_names_are_text_and_nothing_else(hostile: Exhibit, svg: Callable[[Exhibit], str]) -> None:
    for kind in PICTURED:
        shown = texts(svg(replace(hostile, kind=kind)))
        assert "[red]x[/red] red alert" in shown or "[red]x[/red] red alert (" in str(shown)
        assert "共情 🙂 café" in shown
        assert not any("\x1b" in text or "\u202e" in text for text in shown)
        assert not any(HOSTILE[3] in text for text in shown)


@pytest.mark.parametrize("rows", [1, 3, 15])
def test_nothing_is_cut_off_at_the_edge(rows: int) -> None:
    """The outermost pixels stay white, the names being as wide as names get."""
    pytest.importorskip("matplotlib")
    image = pytest.importorskip("matplotlib.image")
    names = [f"{i} {'W' * 60}" for i in range(rows)]
    for kind in PICTURED:
        drawn = exhibit(kind, names, names[:8], unit="points", columns="W" * 90)
        drawn = replace(drawn, title="W " * 60, rows="W" * 90, notes=("W " * 200,))
        pixels = image.imread(io.BytesIO(picture(drawn, "png")))[:, :, :3]
        for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
            assert (edge == 1).all(), kind


def test_settings_of_the_machine_do_not_reach_the_picture(bars: Exhibit) -> None:
    mpl = pytest.importorskip("matplotlib")
    plain = picture(bars, "png")
    with mpl.rc_context({"text.usetex": True, "font.size": 30}):
        assert picture(bars, "png") == plain


@pytest.mark.parametrize("form", ["png", "bmp"])
def test_a_table_and_an_unknown_form_are_no_pictures(
    table: Exhibit, bars: Exhibit, form: str
) -> None:
    with pytest.raises(UsageError, match=f"cannot be drawn as {form}"):
        picture(table if form == "png" else bars, form)


def test_a_folder_gets_every_form_and_the_same_bytes_again(
    table: Exhibit, bars: Exhibit, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    told: list[Path] = []
    write([table, bars], tmp_path / "a" / "b", told.append)
    names = [path.name for path in told]
    assert sorted(names) == sorted(
        [f"table-5.{form}" for form in ("md", "tex", "csv")]
        + [f"figure-5.{form}" for form in ("md", "tex", "csv", "png", "svg", "pdf")]
    )
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == sorted(names)
    before = [path.read_bytes() for path in told]
    write([table, bars], tmp_path / "a" / "b", told.append)
    assert [path.read_bytes() for path in told] == before * 2


def test_a_name_never_leaves_the_folder(hostile: Exhibit, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    told: list[Path] = []
    write([hostile], tmp_path / "in", told.append)
    assert {path.parent for path in told} == {tmp_path / "in"}
    assert list(tmp_path.iterdir()) == [tmp_path / "in"]


@pytest.mark.usefixtures("without_matplotlib")
def test_without_matplotlib_the_text_is_written_and_the_error_is_how_to_install_it(
    table: Exhibit, bars: Exhibit, tmp_path: Path
) -> None:
    told: list[Path] = []
    with pytest.raises(MissingExtra, match=r"figure-5.*pip install 'vibench\[figures\]'"):
        write([bars, table], tmp_path, told.append)
    assert len(told) == 6
    assert {path.suffix for path in tmp_path.iterdir()} == {".md", ".tex", ".csv"}


def test_a_folder_that_cannot_be_written_to_is_said(table: Exhibit, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match=r"file/table-5\.md cannot be written"):
        write([table], tmp_path / "file", print)
    (tmp_path / "out" / "table-5.md").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"table-5\.md cannot be written"):
        write([table], tmp_path / "out", print)
    assert not list((tmp_path / "out").glob(".*")), "nothing half written is left"
