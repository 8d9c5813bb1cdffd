"""SQL over a store: what can be asked, what is let in, and what is said when it is wrong."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import StoreFault, UsageError
from vibench.plan import Cell
from vibench.records import UNKNOWN_VALUE, Outcome
from vibench.results.database import Database, open_database
from vibench.results.selection import select
from vibench.results.views import COLUMNS, PARAMETERS
from vibench.store.artefacts import Store

Pair = tuple[Cell, Cell]


@pytest.fixture
def database(pair: Pair, store: Store) -> Database:
    return open_database(store)


def ask(database: Database, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = database.query(query).table().to_pylist()
    return found


def test_every_view_has_the_columns_it_is_said_to_have(database: Database) -> None:
    for view, columns in COLUMNS.items():
        names: list[str] = []
        for name in columns:
            names += database.parameters if name == PARAMETERS else [name]
        assert database.query(f"from {view}").schema.names == names
    assert database.parameters == ["dpo.beta", "dpo.epochs", "sampling.temperature"]


def test_the_views_join(database: Database, pair: Pair) -> None:
    found = ask(
        database,
        """select c.inducer, count(distinct o.sample) as samples, count(distinct t.sample) as texts,
          any_value(v.labels) as labels, any_value(r.status) as status
        from outcomes o join cells c using (cell) join runs r on r.run = c.run
        join transcripts t on t.transcripts = c.transcripts and t.sample = o.sample
        join verdicts v on v.verdicts = c.verdicts and v.sample = o.sample
        group by 1 order by 1""",
    )
    about = {"samples": 4, "texts": 4, "labels": ["empathy", "wit"], "status": "complete"}
    assert found == [{"inducer": "dpo", **about}, {"inducer": "none", **about}]


def test_transcripts_that_two_judges_share_are_there_once(runs: Any, store: Store) -> None:
    first = runs.cell({"1": {"m": 1.0}})
    second = runs.cell({"1": {"m": 0.0}}, judge="strict")
    runs.run("r", [first, replace(second, transcripts=first.transcripts)])
    assert ask(open_database(store), "select count(*) as n from transcripts") == [{"n": 1}]
    assert ask(open_database(store), "select count(*) as n from verdicts") == [{"n": 2}]


def test_an_eval_that_measures_by_itself_has_no_judge(runs: Any, store: Store) -> None:
    cell = runs.cell({"1": {"accuracy": 1.0}}, judge="")
    runs.run("r", [replace(cell, verdicts="")])
    database = open_database(store)
    assert database.parameters == [], "nothing was sampled either"
    assert ask(database, "select judge, verdicts from cells") == [{"judge": "", "verdicts": None}]
    assert ask(database, "select metric, score from outcomes") == [
        {"metric": "accuracy", "score": 1.0}
    ]


def test_a_pivot_is_a_query(database: Database) -> None:
    found = ask(database, "pivot outcomes on metric using sum(score) group by inducer order by 1")
    assert [row["expression/empathy"] for row in found] == [2.0, 1.0]


@pytest.mark.parametrize(
    "query",
    [
        "copy (select 1) to '{store}/artefacts/x.csv'",
        "copy (pivot outcomes on metric using avg(score)) to '{store}/artefacts/x.csv'",
        "create table x as pivot outcomes on metric using avg(score)",
        "explain analyze copy (select 1) to '{store}/artefacts/x.csv'",
        "create table mine as select 1",
        "delete from runs",
        "attach '{store}/artefacts/x.db'",
        "set enable_external_access = true",
        "install httpfs",
        "load httpfs",
        "pragma database_list",
        "select 1; select 2",
        "",
    ],
)
def test_only_one_query_that_reads_is_let_in(database: Database, store: Store, query: str) -> None:
    before = sorted(store.root.rglob("*"))
    with pytest.raises(UsageError, match=r"A query only reads|The query has \d statements"):
        ask(database, query.format(store=store.root))
    assert sorted(store.root.rglob("*")) == before


@pytest.mark.parametrize(
    "source",
    [
        "read_text('{file}')",
        "read_csv('{file}')",
        "read_blob('{file}')",
        "read_parquet('{file}')",
        "parquet_metadata('{file}')",
        "glob('{folder}/*')",
        "'{file}'",
        "read_text('{folder}/store/artefacts/../../secret.csv')",
        "read_parquet('http://127.0.0.1:9/x.parquet')",
        "read_json('s3://bucket/x.json')",
    ],
)
def test_nothing_outside_the_store_is_read(database: Database, tmp_path: Path, source: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\nhidden,1\n")
    with pytest.raises(UsageError) as caught:
        ask(database, f"select * from {source.format(file=secret, folder=tmp_path)}")
    assert "hidden" not in str(caught.value)


def test_a_variable_of_the_caller_is_no_table(database: Database) -> None:
    import pyarrow as pa

    mine = pa.table({"a": [1]})
    with pytest.raises(UsageError, match="mine does not exist"):
        ask(database, "from mine")
    assert mine.num_rows == 1


def test_what_is_wrong_is_said_in_duckdbs_words_with_the_place(database: Database) -> None:
    with pytest.raises(UsageError) as caught:
        ask(database, "select scor from outcomes")
    lines = caught.value.message.splitlines()
    assert lines[0].startswith('Binder Error: Referenced column "scor" not found')
    place = next(i for i, line in enumerate(lines) if line.startswith("LINE 1:"))
    assert lines[place + 1].index("^") == lines[place].index("scor")
    assert "outcomes has: run, cell, model" in caught.value.hint
    assert '"dpo.beta"' in caught.value.hint
    with pytest.raises(UsageError) as caught:
        ask(database, "from outcome")
    assert "The views are runs, cells, outcomes, transcripts, verdicts." in caught.value.hint


def test_what_goes_wrong_while_reading_is_told_without_control_characters(
    database: Database,
) -> None:
    with pytest.raises(UsageError, match="Could not convert string") as caught:
        ask(database, "select (messages ->> '$[1].content')::int from transcripts")
    assert "Hello" in caught.value.message
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize("name", ["it's", "a [b]*c?", 'quo"te', "ünïcode 数"])
def test_a_stores_name_may_be_anything(pair: Pair, store: Store, tmp_path: Path, name: str) -> None:
    moved = tmp_path / name
    shutil.copytree(store.root, moved)
    assert ask(open_database(Store(moved)), "select count(*) as n from outcomes where vanilla") == (
        ask(open_database(store), "select count(*) as n from outcomes where vanilla")
    )


def test_a_linked_store_is_read(pair: Pair, store: Store, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(store.root)
    linked = open_database(Store(tmp_path / "link"))
    assert ask(linked, "select count(*) > 0 as n from transcripts") == [{"n": True}]


def test_runs_and_evals_can_be_chosen(runs: Any, store: Store) -> None:
    talk, sing = runs.cell({"1": {"m": 1.0}}), runs.cell({"1": {"m": 1.0}}, eval="sing")
    runs.run("one", [talk, sing])
    runs.run("two", [runs.cell({"1": {"m": 0.0}}, seed=1)])
    counted = "select count(*) as n, count(distinct run) as runs from outcomes"
    assert ask(open_database(store), counted) == [{"n": 3, "runs": 2}]
    assert ask(open_database(store, ["one"]), counted) == [{"n": 2, "runs": 1}]
    assert ask(open_database(store, ["one"], ["sing"]), counted) == [{"n": 1, "runs": 1}]
    last = Database(select(store))
    assert ask(last, "select run from runs") == [{"run": "two"}]


def test_what_was_put_aside_is_gone_when_the_database_is(pair: Pair, store: Store) -> None:
    database = open_database(store)
    [row] = ask(database, "select current_setting('temp_directory') as place")
    assert Path(row["place"]).is_dir()
    database.close()
    assert not Path(row["place"]).exists()


def test_a_value_that_the_judge_does_not_know_has_no_score(runs: Any, store: Store) -> None:
    """No row of it is stored, and none counts as 0, neither alone nor beside other judges."""
    runs.facts = {"known_values": ["empathy"]}
    few = runs.cell({"1.a": {"expression/empathy": 0.0}, "1.b": {"expression/empathy": None}})
    runs.facts = {"known_values": None}
    any_ = runs.cell({"1.a": {"expression/empathy": 0.0}}, judge="strict")
    runs.run("r", [few, any_], spec={"values": ["warmth"]})
    database = open_database(store, metrics=["expression/warmth"])
    found = ask(database, "select judge, sample, score, unscored from outcomes order by 1, 2")
    assert [tuple(row.values()) for row in found] == [
        ("rules", "1.a", None, UNKNOWN_VALUE),
        ("rules", "1.b", None, "no answer"),
        ("strict", "1.a", 0.0, None),
    ]
    assert "known_values" not in ask(database, "from cells")[0]


def test_values_that_it_does_not_know_hide_none_that_it_does(runs: Any, store: Store) -> None:
    """All that is stored of a sample is unscored so: the judge answered all the same, and did
    not find the value that it knows."""
    runs.facts = {"known_values": ["warmth"]}
    cell = runs.cell({"1.a": {"expression/humor": None}})
    rows = [Outcome("1.a", "1", "expression/humor", None, UNKNOWN_VALUE)]
    cell = replace(cell, outcomes="0" * 32)
    runs.keep(cell, rows)
    runs.run("r", [cell])
    database = open_database(store, metrics=["expression/*"])
    found = ask(database, "select score, unscored from outcomes where metric = 'expression/warmth'")
    assert found == []
    database = open_database(store, metrics=["expression/warmth"])
    assert ask(database, "select score, unscored from outcomes") == [
        {"score": 0.0, "unscored": None}
    ]


@contextmanager
def no_more_files() -> Iterator[None]:
    """As many files are open as may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_files_that_cannot_be_opened_now_are_no_fault_of_the_query(database: Database) -> None:
    """Neither is the query explained away, nor is anything said to be damaged."""
    for ask_for in (
        lambda: database.query("from outcomes").table(),
        lambda: list(database.batches("from outcomes")),
    ):
        with no_more_files(), pytest.raises(StoreFault, match="too many files are open") as caught:
            ask_for()
        assert "nothing was changed" in caught.value.hint
    assert database.query("from outcomes").table().num_rows > 0


def test_cells_that_cannot_be_read_now_are_not_to_be_removed(
    pair: Pair, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("vibench.results.runs.read_cells", refused)
    with pytest.raises(StoreFault) as caught:
        select(store, ["one"])
    assert "remove" not in caught.value.hint
