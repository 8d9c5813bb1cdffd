"""Rows as text: what is null, empty, nested or no number in each form."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vibench.errors import SpecError
from vibench.results.answers import write, write_text

TABLE = pa.table(
    {
        "text": ["a | b\n`c` <img src=x>", "", None],
        "labels": pa.array([["x", "y"], [], None], pa.list_(pa.string())),
        "score": [0.5, math.nan, None],
        "raw": pa.array([b"\x00", None, None], pa.binary()),
    }
)


def text(form: str) -> str:
    out = io.StringIO()
    assert write_text(form, out, TABLE.schema, TABLE.to_batches(max_chunksize=1)) == 3
    return out.getvalue()


def test_csv_tells_null_from_empty() -> None:
    found = text("csv")
    assert found.splitlines()[-1] == ",,,"
    rows = list(csv.reader(io.StringIO(found)))
    assert rows[1][:2] == ["a | b\n`c` <img src=x>", '["x", "y"]']
    assert '"","[]"' in found


def test_json_is_json_whatever_is_in_it() -> None:
    found = json.loads(text("json"), parse_constant=lambda name: pytest.fail(name))
    assert found[0]["labels"] == ["x", "y"]
    assert [row["score"] for row in found] == [0.5, None, None]
    out = io.StringIO()
    assert write_text("json", out, TABLE.schema, []) == 0
    assert json.loads(out.getvalue()) == []


def test_markdown_shows_text_as_text() -> None:
    lines = text("markdown").splitlines()
    assert len(lines) == 5
    assert r"a \| b \`c\` \<img src=x\>" in lines[2]


def test_parquet_is_the_table(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    assert write("parquet", path, TABLE.schema, TABLE.to_batches()) == 3
    assert pq.read_table(path).drop(["score"]).equals(TABLE.drop(["score"]))


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot be written"):
        write("csv", tmp_path / ("x" * 300), TABLE.schema, TABLE.to_batches())
