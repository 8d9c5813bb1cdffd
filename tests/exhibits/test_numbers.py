"""The same number is written the same in every form."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.exhibits.captions import above, below, title
from vibench.exhibits.exhibit import Entry, Exhibit
from vibench.exhibits.numbers import number, published, without_paper, written
from vibench.exhibits.table import TableCell


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (12.345, 1, False, "12.3"),
        (12.345, 1, True, "+12.3"),
        (-12.345, 2, True, "-12.35"),
        (-0.04, 1, False, "0.0"),
        (0.04, 1, True, "0.0"),
        (1234567.0, 0, False, "1,234,567"),
        (-0.2, 0, True, "0"),
    ],
)
def test_a_number_has_its_digits_and_a_rounded_zero_no_sign(
    value: float, digits: int, signed: bool, text: str
) -> None:
    assert number(value, digits, signed) == text


@given(st.floats(-1e9, 1e9), st.integers(0, 6), st.booleans())
def test_what_is_written_is_the_number_to_its_digits(
    value: float, digits: int, signed: bool
) -> None:
    read = float(number(value, digits, signed).replace(",", ""))
    assert abs(read - value) <= 0.5 * 10**-digits + 1e-6


def test_an_entry_is_written_with_all_that_goes_with_it(table: Exhibit) -> None:
    entry = Entry(3.14, 0.5, 2.1, 4.1, "†", 11, 15)
    assert written(entry, table).line == "3.1 ±0.5 [2.1, 4.1]† (11/15)"
    assert written(entry, table, intervals=False).line == "3.1 ±0.5† (11/15)"
    points = replace(table, unit="points")
    assert written(entry, points).line == "+3.1 ±0.5 [+2.1, +4.1]† (11/15)"


def test_what_is_missing_is_a_dash_or_its_text_without_control_characters(table: Exhibit) -> None:
    assert written(Entry(), table) == TableCell("-", words=True)
    assert written(Entry(text="a\x1b[2J\nb"), table).line == "a b"


def test_the_papers_number_has_the_digits_that_the_paper_prints(table: Exhibit) -> None:
    assert published(Entry(1, paper=68.62, paper_error=0.06), table).line == "68.62 ±0.06"
    assert published(Entry(1, paper=0.997765), table).line == "0.997765"
    assert published(Entry(1, paper=5.0), table).line == "5.0"
    assert published(Entry(1, paper_text="a, b"), table).line == "a, b"


def test_without_the_paper_nothing_of_it_is_left(table: Exhibit) -> None:
    plain = without_paper(table)
    entries = [e for row in plain.panels[0].entries for e in row]
    assert not any(published(e, plain).line for e in entries)
    assert [e.value for e in entries] == [e.value for row in table.panels[0].entries for e in row]


def test_the_captions_say_number_settings_unit_and_what_is_missing(table: Exhibit) -> None:
    assert title(table) == "Table 5: Expression by model (partial)"
    assert title(replace(table, name="matrix"), numbered=True) == "Expression by model (partial)"
    assert above(table) == "judge mistral; beta 0.1; in %"
    assert below(table) == [
        "A note.",
        "±: standard error over values.",
        "* the 95 % interval excludes 0.",
        "† the 95 % interval excludes 0, also after Benjamini-Hochberg.",
        "(11/15): of 11, where a complete store has 15.",
        "paper: the number that the paper prints.",
        "Missing: train on first; both on first.",
        "To make it: vibench run --model first",
    ]
    assert "±: standard error over values." not in below(table, errors=False)


def test_long_lists_of_what_is_missing_are_counted(table: Exhibit) -> None:
    lacking = replace(table, missing=tuple(f"cell {i}" for i in range(1006)))
    assert any(line.endswith("cell 5; and 1,000 more.") for line in below(lacking))


def test_a_mark_that_a_note_explains_is_not_explained_again(table: Exhibit) -> None:
    told = replace(table, notes=("* here, † there.",))
    assert not any("Benjamini" in line or "excludes" in line for line in below(told))
