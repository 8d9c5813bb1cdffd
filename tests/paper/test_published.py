"""The paper's own numbers, every one against the paper's text."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from vibench.paper.paper_numbers import MODELS, VALUES, published
from vibench.registry import load_catalogue

PAPER = Path(__file__).parents[2].parent / "shared" / "paper" / "paper.txt"

TABLES = json.loads(files("vibench.paper").joinpath("paper_tables.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def printed() -> dict[int, list[list[str]]]:
    """The rows of each table of the paper, cells apart: those above its caption."""
    if not PAPER.is_file():
        pytest.skip("the paper's text is not here (../shared/paper/paper.txt)")
    blocks: dict[int, list[list[str]]] = {}
    last: list[list[str]] = []
    for block in re.split(r"\n\s*\n", PAPER.read_text("utf-8")):
        lines = block.strip("\n").split("\n")
        caption = re.match(r"Table (\d+): ", lines[0])
        if caption:
            blocks[int(caption[1])] = last
        elif "\t" in lines[0]:
            last = [line.split("\t") for line in lines]
    return blocks


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d*\.\d+|-?\d+", text)]


@pytest.mark.parametrize("table", [5, 6, 8, 10, 11])
def test_every_number_is_as_printed(table: int, printed: dict[int, list[list[str]]]) -> None:
    there = {row[0]: [n for cell in row[1:] for n in numbers(cell)] for row in printed[table][1:]}
    kept = {}
    for row, found in TABLES[f"table_{table}"]["rows"].items():
        cells = found if isinstance(found, list) else [found]
        kept[row] = [n for cell in cells for n in (cell if isinstance(cell, list) else [cell])]
    assert kept == there
    assert sum(map(len, kept.values())) == {5: 64, 6: 60, 8: 48, 10: 3, 11: 15}[table]


def test_every_name_of_table_7_is_as_printed(printed: dict[int, list[list[str]]]) -> None:
    there = {row[0]: [cell.split(", ") for cell in row[1:]] for row in printed[7][1:]}
    assert TABLES["table_7"]["rows"] == there
    assert len(there) == 15


def test_every_table_says_where_it_stands() -> None:
    tables = {name: table for name, table in TABLES.items() if name != "spelling"}
    assert {name: table["source"] for name, table in tables.items()} == {
        f"table_{n}": f"Table {n}" for n in (5, 6, 7, 8, 10, 11)
    }


def test_names_are_the_registrys() -> None:
    catalogue = load_catalogue(())
    assert tuple(catalogue.profiles["paper"].models) == MODELS
    assert tuple(catalogue.profiles["paper"].values) == VALUES
    for table in ("table_5", "table_8"):
        names = [TABLES["spelling"]["models"].get(n, n) for n in TABLES[table]["rows"]]
        assert sorted(names) == sorted(MODELS)
    for table in ("table_6", "table_7", "table_11"):
        assert sorted(TABLES[table]["rows"]) == sorted(VALUES)


def test_they_are_found_by_those_names() -> None:
    paper = published()
    assert paper.expression("OLMo-2-Instruct", "Prompt") == (53.8, pytest.approx(7.0))
    assert paper.by_beta("empathy", 0.1) == 70.64
    assert paper.by_beta("empathy", 0.2) is None
    assert paper.frequent("engagement", "SFT, Instruct")[0] == "inclusivity"
    assert paper.benchmark("OLMo-2-Base", "truthfulqa") == (-0.62, 2.07)
    assert paper.temperature(0.4) == 0.998163
    assert paper.orpo("engagement") == 0.774707
    assert paper.expression("tiny-base", "Prompt") == (None, None)
    assert paper.frequent("patience", "Base") == ()
