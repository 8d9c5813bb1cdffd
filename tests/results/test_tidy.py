"""One row for each sample and metric: zeros that can be seen, and files that open anywhere."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vibench.errors import SpecError, StoreError, UnknownName
from vibench.plan import Cell
from vibench.records import Outcome
from vibench.results.database import Database, open_database
from vibench.results.outcomes import EXPRESSION, load_outcomes
from vibench.results.selection import select
from vibench.results.tidy import export, tidy_batches
from vibench.store.artefacts import Store

Pair = tuple[Cell, Cell]


def rows(database: Database) -> list[dict[str, Any]]:
    return [row for batch in tidy_batches(database) for row in batch.to_pylist()]


def of(found: list[dict[str, Any]], cell: Cell, metric: str) -> dict[str, Any]:
    return {
        row["sample"]: row["score"]
        for row in found
        if row["cell"] == cell.outcomes and row["metric"] == metric
    }


def test_a_value_that_was_induced_has_a_row_for_every_sample(pair: Pair, store: Store) -> None:
    found = rows(Database(select(store)))
    assert of(found, pair[0], "expression/empathy") == {"1.a": 0, "1.b": 1, "2.a": 0, "2.b": None}
    unscored = [row for row in found if row["score"] is None]
    assert {row["sample"] for row in unscored} == {"2.b"}
    assert {row["unscored"] for row in unscored} == {"no answer"}
    assert all(row["unscored"] is None for row in found if row["score"] is not None)


def test_a_value_that_was_only_found_is_marked(pair: Pair, store: Store) -> None:
    found = rows(Database(select(store)))
    assert of(found, pair[0], "expression/joy") == {"1.a": 1, "2.a": 0}
    assert {row["metric"] for row in found if row["found_only"]} == {"expression/joy"}


def test_a_value_that_is_asked_for_is_complete(pair: Pair, store: Store) -> None:
    found = rows(Database(select(store, metrics=["expression/joy", "expression/rage"])))
    assert of(found, pair[1], "expression/joy") == {"1.a": 1, "1.b": 0, "2.a": 0, "2.b": None}
    assert of(found, pair[1], "expression/rage") == {"1.a": 0, "1.b": 0, "2.a": 0, "2.b": None}
    assert {row["metric"] for row in found} == {"expression/joy", "expression/rage"}
    assert not any(row["found_only"] for row in found)


def test_the_registrys_values_are_complete(pair: Pair, store: Store) -> None:
    found = rows(open_database(store))
    assert set(of(found, pair[0], "expression/violence").values()) == {0.0, None}
    assert not {row["metric"] for row in found if row["found_only"]} & {"expression/humor"}


VALUES = ("empathy", "joy", "wit")
ANSWERS = st.one_of(st.none(), st.sets(st.sampled_from(VALUES)))


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answers=st.lists(ANSWERS, min_size=1, max_size=8), dense=st.booleans())
def test_the_rates_are_the_reports(runs: Any, answers: list[set[str] | None], dense: bool) -> None:
    """Of complete values as they stand, of others over the samples scored, whether an eval
    stores every zero or none."""
    scores: dict[str, Mapping[str, float | None]] = {}
    for i, held in enumerate(answers):
        stored = VALUES if dense or held is None else sorted(held) or VALUES[:1]
        scores[f"{i}"] = {
            EXPRESSION + v: None if held is None else float(v in held) for v in stored
        }
    cell = runs.cell(scores)
    runs.run("r", [cell])
    database = Database(select(runs.store, values=["empathy", "joy"]))
    complete, sums = defaultdict(list), defaultdict(float)
    for row in rows(database):
        if row["found_only"]:
            sums[row["metric"]] += row["score"] or 0.0
        else:
            complete[row["metric"]].append(row["score"])
    path = runs.store.folder("outcomes", cell.outcomes) / "outcomes.parquet"
    report = load_outcomes(path, ["empathy", "joy"])
    assert report.expressed is not None
    for value in ("empathy", "joy"):
        own = report.columns([EXPRESSION + value], report.rows)[:, 0]
        assert len(complete[EXPRESSION + value]) == len(own)
        told = np.array(complete[EXPRESSION + value], dtype=float)
        assert np.nansum(told) == np.nansum(own)
        assert np.isnan(told).sum() == np.isnan(own).sum()
    scored = sum(score is not None for score in complete["expression/empathy"])
    assert scored == report.expressed.scored
    assert sums[EXPRESSION + "wit"] == report.expressed.counts.get("wit", 0)
    database.close()


def test_a_run_that_did_not_sweep_a_parameter_has_its_column(pair: Pair, store: Store) -> None:
    found = rows(Database(select(store)))
    assert {(row["inducer"], row["dpo.beta"], row["dpo.epochs"]) for row in found} == {
        ("none", None, None),
        ("dpo", 0.1, 5),
    }
    assert {row["sampling.temperature"] for row in found} == {0.7}
    induced = [row for row in found if not row["vanilla"]]
    assert {row["vanilla_cell"] for row in induced} == {pair[0].outcomes}


def test_each_turn_has_rows_and_zeros_of_its_own(runs: Any, store: Store) -> None:
    cell = runs.cell(None, value="empathy")
    runs.keep(
        cell,
        [
            Outcome("1.a", "1", "expression/empathy", 1.0, None, 0),
            Outcome("1.a", "1", "expression/joy", 1.0, None, 1),
            Outcome("1.a", "1", "expression/joy", None, "empty", 2),
            Outcome("1.b", "1", "words", 3.0, None, 1),
        ],
    )
    runs.run("r", [cell])
    found = [
        (row["sample"], row["turn"], row["metric"], row["score"], row["unscored"])
        for row in rows(Database(select(store, metrics=["expression/empathy", "words"])))
    ]
    assert found == [
        ("1.a", 0, "expression/empathy", 1.0, None),
        ("1.a", 1, "expression/empathy", 0.0, None),
        ("1.a", 2, "expression/empathy", None, "empty"),
        ("1.b", 1, "words", 3.0, None),
    ]


def test_rows_come_by_cell_sample_and_metric(pair: Pair, store: Store) -> None:
    found = [(r["cell"], r["sample"], r["metric"]) for r in rows(Database(select(store)))]
    order = [cell.outcomes for cell in pair]
    assert found == sorted(found, key=lambda row: (order.index(row[0]), *row[1:]))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_pandas_and_duckdb_open_the_file(
    pair: Pair, store: Store, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"tidy.{ending}"
    database = Database(select(store))
    known = rows(database)
    assert export(database, path) == len(known)
    frame = pd.read_parquet(path) if ending == "parquet" else pd.read_csv(path)
    assert list(frame.columns) == list(known[0])
    assert frame["score"].isna().sum() == sum(row["score"] is None for row in known)
    assert frame["score"].sum() == sum(row["score"] or 0 for row in known)
    with duckdb.connect() as connection:
        relation = connection.sql(f"from '{path}'")
        columns = relation.columns
        there = [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
    if ending == "csv":  # which has no types, so that null and empty are the same to most
        there, known = ([filled(row) for row in some] for some in (there, known))
    assert there == known


def filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: cell for name, cell in row.items() if cell not in (None, "")}


def test_a_contrast_can_be_made_without_vibench(pair: Pair, store: Store, tmp_path: Path) -> None:
    """As docs/results.md shows it."""
    path = tmp_path / "tidy.parquet"
    export(Database(select(store)), path)
    with duckdb.connect() as connection:
        found = connection.sql(
            f"""select o.metric, avg(o.score - v.score) as difference, count(o.score - v.score) as n
            from '{path}' o join '{path}' v
              on v.cell = o.vanilla_cell and v.sample = o.sample and v.turn = o.turn
                and v.metric = o.metric
            where not o.found_only group by all order by 1"""
        ).fetchall()
    assert [(m, n) for m, _, n in found] == [("expression/empathy", 3), ("unique_values", 3)]
    assert all(math.isclose(difference, 1 / 3) for _, difference, _ in found)


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(
    pair: Pair, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "tidy.csv"
    path.write_text("mine")
    with pytest.raises(SpecError, match="exists already"):
        export(Database(select(store)), path)
    assert path.read_text() == "mine"
    export(Database(select(store)), path, replace=True)
    assert path.read_text().startswith('"run"')


def test_a_file_is_written_whole_or_not_at_all(
    pair: Pair, store: Store, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """The second cell's outcomes are cut off after the store was opened."""
    path = tmp_path / "tidy.parquet"
    path.write_bytes(b"mine")
    database = Database(select(store))
    outcomes = store.folder("outcomes", pair[1].outcomes) / "outcomes.parquet"
    outcomes.write_bytes(outcomes.read_bytes()[:40])
    with pytest.raises(StoreError, match="cannot be read"):
        export(database, path, replace=True)
    assert path.read_bytes() == b"mine"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["tidy.parquet"]


def test_where_a_file_cannot_be_is_said(pair: Pair, store: Store, tmp_path: Path) -> None:
    database = Database(select(store))
    for name, said in (
        ("tidy.xlsx", "does not say what kind of file"),
        ("nowhere/tidy.csv", "does not exist"),
    ):
        with pytest.raises(SpecError, match=said):
            export(database, tmp_path / name)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SpecError, match="is a folder"):
        export(database, tmp_path / "folder.csv", replace=True)


def test_a_run_without_a_result_says_why(runs: Any, store: Store, tmp_path: Path) -> None:
    cell = runs.cell(None)
    failures = [{"stage": cell.outcomes, "message": "The judge was not there."}]
    runs.run("r", [cell], status="incomplete", failures=failures)
    with pytest.raises(StoreError, match=r"None of the 1 .*cells.*r \(incomplete.*judge was not"):
        export(Database(select(store)), tmp_path / "tidy.csv")
    assert list(Database(select(store)).query("from outcomes").batches) == []


def test_an_unknown_metric_is_told_of(pair: Pair, store: Store) -> None:
    with pytest.raises(UnknownName, match="Did you mean unique_values"):
        Database(select(store, metrics=["unique_value"]))
    with pytest.raises(UnknownName, match="no metric called 'behaviour/"):
        Database(select(store, metrics=["behaviour/*"]))
