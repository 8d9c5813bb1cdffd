"""Documents in both of their forms: nothing is lost, and nothing in a text is markup."""

from __future__ import annotations

import csv
import io
import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from vibench.exhibits.document import Document, Notes, Paragraph, Points, Section
from vibench.exhibits.lists import Listing, listing_csv, listing_document, listing_json
from vibench.exhibits.markdown import as_markdown
from vibench.exhibits.table import Column, Table, TableCell, numbers, words
from vibench.exhibits.table_layout import fits, lines
from vibench.exhibits.terminal import show

from .conftest import HOSTILE

CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\u202e]")


def printed(document: Document, width: int = 80, **more: object) -> str:
    out = io.StringIO()
    show(document, Console(file=out, width=width, highlight=False, **more))  # type: ignore[arg-type]
    return out.getvalue()


def laid_out(table: Table, width: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines(table, width)]


def hostile() -> Document:
    """Text that others wrote wherever a document can have text."""
    table = Table(
        (
            words(HOSTILE[0], HOSTILE),
            Column(HOSTILE[1], tuple(map(TableCell, HOSTILE)), group="a|b"),
        ),
        title=HOSTILE[0],
    )
    blocks = (
        Paragraph(HOSTILE[0], "alarm"),
        Paragraph("To make it:", command="vibench run --value 'a|`b`\x1b[31m'"),
        Points(HOSTILE),
        table,
        Notes(tuple(map(Paragraph, HOSTILE))),
    )
    return (Section(HOSTILE[1], blocks), Section("", blocks))


@pytest.mark.parametrize("coloured", [False, True])
def test_text_of_others_is_text_on_a_terminal(coloured: bool) -> None:
    colours = {"force_terminal": True, "color_system": "truecolor"} if coloured else {}
    text = printed(hostile(), 100, **colours)
    # The escape sequences that are left are those of the document's own tones.
    own = re.sub(r"\x1b\[(0|1|2|1;31)m", "", text)
    assert not CONTROLS.search(own)
    assert "[red]x[/red]" in text


def test_text_of_others_is_text_in_markdown() -> None:
    text = as_markdown(hostile())
    bare = re.sub(r"\\.", "", text.replace("<br>", ""))
    assert not re.search(r"[<>$&`_~\x1b\u202e]", bare)
    rows = [line for line in bare.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {3}


def test_a_command_in_markdown_is_code_unless_it_would_end_it() -> None:
    command = Paragraph("To make it:", command="vibench run --set 'a.b=<1>'")
    assert as_markdown((Section("", (command,)),)) == "To make it: `vibench run --set 'a.b=<1>'`\n"
    other = Paragraph("To make it:", command="vibench run --value 'a`b'")
    assert as_markdown((Section("", (other,)),)) == "To make it: vibench run --value 'a\\`b'\n"


@given(
    st.lists(
        st.tuples(st.text("ab c", max_size=40), st.floats(-1e6, 1e6), st.text("共x ", max_size=9)),
        min_size=1,
        max_size=6,
    ),
    st.integers(20, 120),
)
def test_every_letter_of_a_table_is_there_and_no_line_is_wider(
    rows: list[tuple[str, float, str]], width: int
) -> None:
    table = Table(
        (
            words("name", [name for name, _, _ in rows]),
            numbers("number", [f"{number:.2f}" for _, number, _ in rows]),
            words("other", [other for _, _, other in rows]),
        )
    )
    text = laid_out(table, width)
    if width >= 60:
        assert max(map(cell_len, text)) <= width
    for _, number, _ in rows:
        assert any(f"{number:.2f}" in line for line in text)
    letters = sorted("".join(a + b for a, _, b in rows).replace(" ", ""))
    body = text[2:] if text[1].startswith("─") else text
    kept = sorted(letter for line in body for letter in line if letter in "abc共x")
    if table_is_whole(text):
        assert [letter for letter in kept if letter in "abc共x"] == letters


def table_is_whole(text: list[str]) -> bool:
    """Whether the table is in one part, so that no row's name is repeated."""
    return "" not in text


def test_columns_that_follow_stay_with_the_one_before_them() -> None:
    columns = [words("row", ["a"])]
    for number in range(6):
        columns.append(numbers(f"n{number}", ["12345678"]))
        columns.append(Column("paper", (TableCell("87654321"),), follows=True))
    text = laid_out(Table(tuple(columns)), 40)
    parts = "\n".join(text).split("\n\n")
    assert len(parts) > 1
    assert all(part.count("12345678") == part.count("87654321") for part in parts)
    assert all(part.splitlines()[2].startswith("a ") for part in parts), "the row's name in each"


def test_a_table_that_fits_is_neither_folded_nor_in_parts() -> None:
    table = Table((words("name", ["some words"]), numbers("n", ["1"])))
    assert fits(table, 13)
    assert not fits(table, 12)
    assert laid_out(table, 13) == ["name        n", "─────────────", "some words  1"]


def test_a_table_without_columns_of_numbers_is_drawn() -> None:
    assert laid_out(Table((words("name", ["a"]),)), 80) == ["name", "────", "a"]


LISTING = Listing(
    "Judges",
    ("name", "share", "n", "baseline", "model"),
    [("a", 0.123456, 1234, True, None), ("=b", None, 5, False, "x\x1b[31my")],
    frozenset({"share"}),
    ("A note.",),
)


def test_a_listing_is_words_on_a_terminal_and_values_elsewhere() -> None:
    assert printed(listing_document([LISTING])).splitlines() == [
        "Judges",
        "name  share      n  baseline  model",
        "───────────────────────────────────",
        "a     12.35  1,234       yes  –",
        "=b        –      5        no  xy",
        "",
        "A note.",
    ]
    whole = json.loads(listing_json(LISTING))
    assert whole["rows"][0] == {
        "name": "a",
        "share": 0.123456,
        "n": 1234,
        "baseline": True,
        "model": None,
    }
    rows = list(csv.DictReader(io.StringIO(listing_csv(LISTING))))
    assert (rows[0]["share"], rows[1]["share"], rows[1]["name"]) == ("0.123456", "", "'=b")


def test_numbers_that_json_lacks_are_null() -> None:
    odd = Listing("x", ("a", "b"), [(math.nan, math.inf)])
    assert json.loads(listing_json(odd))["rows"] == [{"a": None, "b": None}]


def test_an_empty_listing_prints_nothing() -> None:
    assert printed(listing_document([Listing("x", ("a",), [])])) == ""
