"""Columns are those that pyarrow makes of the same values, without importing pandas."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.store.columns import column, floats, read_parquet

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
FORMS: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.string(), st.none() | TEXT),
    (pa.list_(pa.string()), st.lists(TEXT, max_size=4)),
    (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    (pa.int32(), st.none() | st.integers(-(2**31), 2**31 - 1)),
    (pa.float64(), st.none() | st.floats(allow_nan=False)),
]


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_a_column_is_what_pyarrow_makes_of_it(number: int) -> None:
    form, values = FORMS[number]

    @given(st.lists(values, max_size=20))
    def equal(rows: list[Any]) -> None:
        made = column(rows, form)
        made.validate(full=True)
        assert made.type == form
        assert made.to_pylist() == rows

    equal()


def test_writing_verdicts_and_ledgers_does_not_import_pandas() -> None:
    script = (
        "import sys, tempfile, pathlib\n"
        "from vibench import Verdict\n"
        "from vibench.store import record_tables as tables\n"
        "from vibench.store.artefacts import Store\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    store = Store(folder)\n"
        "    store.ledger('l').append([('a', 1)])\n"
        "    assert store.ledger('l').rows() == {'a': 1}\n"
        "    path = pathlib.Path(folder) / 'v.parquet'\n"
        "    tables.write_verdicts(path, [('s', Verdict('values', 0, ('x',)))])\n"
        "    assert tables.read_verdicts(path)['s'][0].labels == ('x',)\n"
        "assert 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


NAMES = ["sample", "metric", "value"]


def _file(path: Path, samples: list[str], scores: list[float | None], **options: Any) -> Path:
    rows = {"sample": samples, "metric": ["m"] * len(samples), "value": scores}
    pq.write_table(pa.table(rows), path, write_page_checksum=True, **options)
    return path


def _repeated(path: Path) -> pa.Table:
    return read_parquet(path, NAMES, ["sample", "metric"], repeated=2)


def test_leading_columns_of_the_same_bytes_are_the_same_objects(tmp_path: Path) -> None:
    first = _repeated(_file(tmp_path / "a", ["s", "t"], [1.0, None]))
    second = _repeated(_file(tmp_path / "b", ["s", "t"], [0.0, 0.5]))
    assert second["sample"].chunk(0).indices.buffers()[1].address == (
        first["sample"].chunk(0).indices.buffers()[1].address
    )
    assert first["value"].to_pylist() == [1.0, None]
    assert second["value"].to_pylist() == [0.0, 0.5]


@pytest.mark.parametrize(
    "options", [{"compression": "none"}, {"use_dictionary": False}, {"row_group_size": 1}]
)
def test_leading_columns_that_differ_are_read_from_their_own_file(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    for n, samples in enumerate((["s", "t"], ["s", "u"], ["s", "t", "u"], ["s", "t"])):
        scores = [float(n)] * len(samples)
        table = _repeated(_file(tmp_path / str(n), samples, scores, **options))
        assert table.to_pydict() == {
            "sample": samples, "metric": ["m"] * len(samples), "value": scores,
        }  # fmt: skip


def test_a_damaged_leading_column_is_no_repetition(tmp_path: Path) -> None:
    whole = _file(tmp_path / "a", ["s", "t"], [1.0, None], compression="none")
    _repeated(whole)
    content = bytearray(whole.read_bytes())
    content[content.index(b"\x01\x00\x00\x00t") + 4] = ord("x")
    damaged = tmp_path / "b"
    damaged.write_bytes(content)
    with pytest.raises(OSError, match="CRC"):
        _repeated(damaged)


@given(st.lists(st.none() | st.floats(allow_nan=False), max_size=20), st.integers(0, 20))
def test_numbers_are_numpys_with_nan_for_null(numbers: list[float | None], start: int) -> None:
    whole = pa.chunked_array([pa.array(numbers, pa.float64())[start:]])
    expected = [math.nan if n is None else n for n in numbers[start:]]
    assert floats(whole).tolist() == pytest.approx(expected, nan_ok=True, rel=0, abs=0)
