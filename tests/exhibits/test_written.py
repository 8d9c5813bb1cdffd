"""Exhibits as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
import re

import pytest

from vibench.exhibits.exhibit import Exhibit
from vibench.exhibits.exhibit_document import exhibit_document
from vibench.exhibits.exhibit_records import FIELDS, exhibits_csv, exhibits_json
from vibench.exhibits.markdown import as_markdown
from vibench.text import spreadsheet_safe

from .conftest import HOSTILE, changed


def test_markdown_is_a_heading_a_table_and_a_list(table: Exhibit) -> None:
    assert as_markdown(exhibit_document(table)) == (
        "### Table 5: Expression by model (partial)\n"
        "\n"
        "judge mistral; beta 0.1; in %\n"
        "\n"
        "| model | DPO<br>None | paper | DPO<br>Train | Both | paper |\n"
        "| --- | ---: | ---: | --- | ---: | ---: |\n"
        "| first | 1.4 ±0.2 | 1.2 ±0.06 | - | - |  |\n"
        "| second | 1,234.5 ±0.0† (11/15) | 0.5 | not asked | 0.0 \\[-2.0, 1.5\\]\\* | n/a |\n"
        "\n"
        "- A note.\n"
        "- ±: standard error over values.\n"
        "- \\* the 95 % interval excludes 0.\n"
        "- † the 95 % interval excludes 0, also after Benjamini-Hochberg.\n"
        "- (11/15): of 11, where a complete store has 15.\n"
        "- paper: the number that the paper prints.\n"
        "- Missing: train on first; both on first.\n"
        "- To make it: `vibench run --model first`\n"
    )


def test_names_in_markdown_are_text_and_nothing_else(hostile: Exhibit) -> None:
    text = as_markdown(exhibit_document(hostile))
    bare = re.sub(r"\\.", "", text.replace("<br>", ""))
    assert not re.search(r"[<>$&`_~\x1b\u202e]", bare)
    rows = [line for line in bare.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {len(HOSTILE) + 2}
    assert len(rows) == len(HOSTILE) + 2


def test_highlighted_names_are_bold_in_markdown(heatmap: Exhibit) -> None:
    head = next(
        line
        for line in as_markdown(exhibit_document(heatmap)).splitlines()
        if line.startswith("| induced")
    )
    assert "| **humor** |" in head
    assert "| humor-like |" in head


def test_a_panel_of_markdown_has_its_name(heatmap: Exhibit) -> None:
    assert as_markdown(exhibit_document(heatmap)).count("\n**first**\n") == 1


def test_csv_has_every_entry_unrounded(heatmap: Exhibit, table: Exhibit) -> None:
    rows = list(csv.DictReader(io.StringIO(exhibits_csv([heatmap, table]))))
    assert tuple(rows[0]) == FIELDS
    assert len(rows) == 2 * 15 * 30 + 6
    first = heatmap.panels[0].entries[0][0]
    assert (float(rows[0]["value"]), float(rows[0]["low"])) == (first.value, first.low)
    assert [rows[0][name] for name in ("exhibit", "panel", "row", "column", "unit")] == [
        *("figure-2", "first", "empathy", "empathy", "%"),
    ]
    train = rows[-3]
    assert [train[name] for name in ("value", "paper", "paper_error", "wanted", "group")] == [
        *("1234.5", "0.5", "", "15", "DPO"),
    ]
    assert rows[-2]["text"] == "not asked"
    assert rows[-1]["paper_text"] == "n/a"


def test_json_has_the_same_and_what_is_said_of_it(every: list[Exhibit]) -> None:
    found = json.loads(exhibits_json(every))
    rows = list(csv.DictReader(io.StringIO(exhibits_csv(every))))
    flat = [entry for one in found for entry in one["entries"]]
    assert [
        {k: "" if v is None else str(spreadsheet_safe(v)) for k, v in entry.items()}
        for entry in flat
    ] == rows
    assert found[0]["missing"] == ["train on first", "both on first"]
    assert found[0]["settings"] == {"judge": "mistral", "beta": "0.1"}
    assert [one["partial"] for one in found] == [e.partial for e in every]


def test_what_is_not_finite_is_null(bars: Exhibit) -> None:
    odd = changed(changed(bars, 0, 0, value=math.inf), 1, 0, value=math.nan)
    values = [entry["value"] for entry in json.loads(exhibits_json([odd]))[0]["entries"]]
    assert values[:3] == [None, None, None]
    assert values[3] is not None


def test_long_names_are_whole_in_csv_and_each_is_one_line(hostile: Exhibit) -> None:
    rows = list(csv.DictReader(io.StringIO(exhibits_csv([hostile]))))
    assert HOSTILE[3] in {row["column"] for row in rows}
    assert not any(re.search(r"[\x00-\x1f]", cell) for row in rows for cell in row.values())


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_no_name_passes_for_a_formula_of_a_spreadsheet(table: Exhibit, name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(exhibits_csv([changed(table, 0, 0, text=name)]))))
    assert f"'{name}" in {row["text"] for row in rows}
