"""Columns are those that pyarrow makes of the same values, without importing pandas."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vibench.store.columns import column

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
        "from vibench.execute import tables\n"
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
