"""`vibench.load_results`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import vibench
from vibench.errors import UnknownName, UsageError
from vibench.plan import Cell
from vibench.store.artefacts import Store

Pair = tuple[Cell, Cell]


def test_a_table_a_frame_and_sql_are_the_same_rows(pair: Pair, store: Store) -> None:
    results = vibench.load_results(store.root)
    table = results.arrow()
    assert isinstance(table, pa.Table)
    frame = results.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) == table.num_rows == sum(b.num_rows for b in results.batches())
    [counted] = results.sql("select count(*) as n from outcomes").to_pylist()
    assert counted["n"] == table.num_rows
    assert results.runs.column("run").to_pylist() == ["one"]
    assert results.cells.column("inducer").to_pylist() == ["none", "dpo"]
    rates = frame[frame.metric == "expression/empathy"].groupby("inducer").score.mean()
    assert rates.round(3).to_dict() == {"dpo": 0.667, "none": 0.333}


def test_it_can_be_narrowed(runs: Any, store: Store) -> None:
    runs.run(
        "one", [runs.cell({"1": {"m": 1.0, "n": 1.0}}), runs.cell({"1": {"m": 1.0}}, eval="e")]
    )
    runs.run("two", [runs.cell({"1": {"m": 1.0}}, seed=7)])
    assert vibench.load_results(store.root).arrow().column("run").to_pylist() == ["two"]
    one = vibench.load_results(str(store.root), run="one", evals="talk", metrics=["m"])
    assert one.arrow().select(["run", "eval", "metric"]).to_pylist() == [
        {"run": "one", "eval": "talk", "metric": "m"}
    ]
    assert vibench.load_results(store.root, run="all").arrow().num_rows == 4
    assert vibench.load_results(store.root, run=["one", "two"], metrics="m").arrow().num_rows == 3
    with pytest.raises(UnknownName, match="Did you mean talk"):
        vibench.load_results(store.root, run="all", evals="tak")
    with pytest.raises(UsageError, match="Binder Error"):
        one.sql("select nothing from outcomes")


def test_it_says_what_it_holds(runs: Any, store: Store, tmp_path: Path) -> None:
    hostile = "<script>\x1b[31mx</script>"
    runs.run("one", [runs.cell({"1": {"m": 1.0}}, model=hostile), runs.cell(None)])
    results = vibench.load_results(store.root)
    said = repr(results)
    assert "one (complete)" in said
    assert "1 of 2 have a result" in said
    assert "\x1b" not in said
    html = results._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert results.export(tmp_path / "x.csv") == 1


def test_importing_vibench_imports_nothing_of_it() -> None:
    code = (
        "import sys, vibench; heavy = {'duckdb', 'pyarrow', 'pandas', 'numpy', 'rich'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules); "
        "assert callable(vibench.load_results)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_frame_without_pandas_says_what_to_install(
    pair: Pair, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = vibench.load_results(store.root)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        results.to_pandas()
